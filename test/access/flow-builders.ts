import type { Condition, ConditionTree, PeopleFacts } from '../../shared/access/conditions.ts'
import {
  evaluate,
  type Policy,
  type Question,
  type Verdict,
  type VersionedFlow,
} from '../../shared/access/evaluate.ts'
import type { ApprovalRule } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'

export const mia = '20000000-0000-4000-8000-00000000000a'
export const ben = '20000000-0000-4000-8000-00000000000b'
export const ines = '20000000-0000-4000-8000-00000000000c'
export const engineers = '30000000-0000-4000-8000-00000000000e'

export const anyOf = (...conditions: ConditionTree['conditions']): ConditionTree => ({
  operator: 'or',
  conditions,
})
export const allOf = (...conditions: ConditionTree['conditions']): ConditionTree => ({
  operator: 'and',
  conditions,
})
export const everybody = allOf()
export const nobody = anyOf()

export const attribute = (
  name: string,
  match: NonNullable<Condition['match']>,
  ...values: readonly string[]
): Condition => ({ type: 'attribute', attribute: name, match, values })

/** What the directory knows, person by person. */
export interface Known {
  readonly groups?: readonly string[]
  readonly manager?: string
  readonly attributes?: Readonly<Record<string, string>>
}

export const people = (known: Readonly<Record<string, Known>> = {}): PeopleFacts => ({
  isMember: (person, group) => known[person]?.groups?.includes(group) ?? false,
  managerOf: (person) => known[person]?.manager,
  attributeOf: (person, name) => known[person]?.attributes?.[name],
})

/** A flow that allows everybody to ask for himself, at once, for up to eight hours. */
export const aFlow = (over: Partial<VersionedFlow> = {}): VersionedFlow => ({
  name: 'oncall',
  version: 1,
  requesters: everybody,
  targets: [{ integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'] }],
  duration: { maximum: 'PT8H' },
  ...over,
})

/** Steps in order, each with so many approvers. */
export const anApproval = (
  mode: ApprovalRule['mode'],
  ...sizes: readonly number[]
): ApprovalRule => ({
  mode,
  steps: sizes.map((size) => ({
    approvers: [ben, ines, mia].slice(0, size).map((id) => ({ type: 'user', id })),
  })),
})

/** Noon of a Monday. */
export const noon = new Date('2026-01-05T12:00:00Z')

export const aQuestion = (over: Partial<Question> = {}): Question => ({
  requesterId: mia,
  granteeId: mia,
  resource: {
    ref: { type: 'group', id: '40000000-0000-4000-8000-00000000000d' },
    name: 'Production Readers',
  },
  permission: 'member',
  durationMilliseconds: 3_600_000,
  startsAt: noon,
  intake: 'http',
  ...over,
})

export const contoso: Integration = { name: 'ContosoEntra', resourceTypes: ['group'] }

export const aPolicy = (...flows: readonly VersionedFlow[]): Policy => ({
  integrations: [contoso],
  flows,
})

/** What is compared with a timeframe: half past five on a Friday in Berlin. */
export const friday = new Date('2026-01-09T16:30:00Z')
export const officeHours = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '17:00',
  timeZone: 'Europe/Berlin',
}

/** What becomes of Mia's request, whom Ben manages in Sales. */
export const judge = (flows: readonly VersionedFlow[], over: Partial<Question> = {}): Verdict => {
  const facts = people({ [mia]: { manager: ben, attributes: { department: 'Sales' } } })
  return evaluate(aQuestion(over), aPolicy(...flows), facts)
}

export const refusal = (
  flows: readonly VersionedFlow[],
  over: Partial<Question> = {},
): Extract<Verdict, { kind: 'refused' }> => {
  const verdict = judge(flows, over)
  if (verdict.kind === 'allowed') throw new Error('Cannot explain: it was allowed')
  return verdict
}
