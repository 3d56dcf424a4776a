/** A random number generator of its own: the same seed tells the same year. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Why an account must not be touched, while it lasts. */
export const traits = [
  'other-group',
  'role',
  'eligible',
  'role-group-member',
  'role-group-owner',
  'synchronised',
  'restricted',
  'protected',
  'administrator',
  'approver',
  'converted',
  'application-role',
  'has-reports',
  'disabled-by-others',
] as const
export type Trait = (typeof traits)[number]

/** What happens to one person in a year; days count from its beginning. */
export interface Story {
  readonly id: string
  readonly userType: 'guest' | 'member'
  /** Days on which access is asked for, and through which integration. */
  readonly accesses: readonly { readonly day: number; readonly integration: 'A' | 'B' }[]
  readonly trait?: { readonly what: Trait; readonly from: number; readonly to: number }
  readonly signIns: readonly number[]
  /** A sponsor says on every plan before the last of these days that the account is kept until it. */
  readonly keepUntil?: number
  readonly keepForGood: boolean
  readonly hasSponsor: boolean
}

/**
 * Nothing that begins or ends the waiting happens so late that the year ends in the middle of it:
 * then everybody's outcome is certain.
 */
const lastAccess = 240
const lateAccess = 320
const lastChange = 320

export function drawPeople(random: () => number, guests: number, staff: number): readonly Story[] {
  const whole = (below: number) => Math.floor(random() * below)
  const draw = (number: number, userType: Story['userType']): Story => {
    const kind = userType === 'guest' ? '1' : '2'
    const id = `2${kind}000000-0000-4000-8000-${String(number).padStart(12, '0')}`
    const count = 1 + whole(3)
    const accesses = Array.from({ length: count }, () => ({
      day: random() < 0.1 ? lateAccess + whole(30) : whole(lastAccess),
      integration: random() < 0.5 ? ('A' as const) : ('B' as const),
    }))
    const from = random() < 0.5 ? 0 : whole(lastChange)
    const trait =
      random() < 0.45
        ? {
            what: fitting(traits[whole(traits.length)] ?? 'role', userType, accesses),
            from,
            to: random() < 0.6 ? Number.POSITIVE_INFINITY : from + whole(lastChange - from),
          }
        : undefined
    const keeps = random()
    return {
      id,
      userType,
      accesses: accesses.sort((a, b) => a.day - b.day),
      ...(trait === undefined ? {} : { trait }),
      signIns:
        random() < 0.3
          ? [whole(lastChange - 40), whole(lastChange - 40)].sort((a, b) => a - b)
          : [],
      ...(keeps < 0.1 ? { keepUntil: 150 + whole(170) } : {}),
      keepForGood: keeps > 0.95,
      hasSponsor: random() > 0.05,
    }
  }
  return [
    ...Array.from({ length: guests }, (_, index) => draw(index, 'guest')),
    ...Array.from({ length: staff }, (_, index) => draw(index, 'member')),
  ]
}

/** Two of them speak for those alone whom nothing but A may touch: guests, by disabling. */
function fitting(trait: Trait, userType: Story['userType'], accesses: Story['accesses']): Trait {
  if (trait !== 'converted' && trait !== 'disabled-by-others') return trait
  const isOfA = userType === 'guest' && accesses.every(({ integration }) => integration === 'A')
  return isOfA ? trait : 'role'
}
