import { createRandom, type Random } from './random.ts'
import { callFaults, type Fault, type Spell, type Step, type Story, spells } from './story.ts'

/** Few people and few things, so that stories collide with themselves. */
const grantees = ['mia', 'ben'] as const
const resources = ['readers', 'writers'] as const
const approvers = ['petra', 'zoe', 'mia', 'ben'] as const

const weights: Readonly<Record<Step['do'] | 'touch', number>> = {
  ask: 30,
  touch: 6,
  extend: 12,
  decide: 14,
  end: 12,
  'end-all': 3,
  stop: 4,
  'hand-add': 7,
  'hand-remove': 5,
  activate: 3,
  disable: 3,
  enable: 2,
  delete: 2,
  restore: 2,
  join: 0,
  leave: 0,
  crowd: 0,
  confirm: 0,
  'switch-flow': 0,
  'drop-orchestration': 4,
  'lose-rows': 2,
  'clock-step': 3,
  reconcile: 1,
}

/** Where a team has access by itself, people come and go, and the flow is changed now and then. */
const weightsWithTeam: typeof weights = {
  ...weights,
  join: 24,
  leave: 12,
  crowd: 0.4,
  'switch-flow': 4,
}

/** Draws the story of a seed. About one in three has no trouble at all: those have the strict bound. */
export function drawStory(seed: number): Story {
  const random = createRandom(seed)
  const steps = drawSteps(random)
  const last = Math.max(...steps.flatMap((step) => (step.do === 'restore' ? [] : [step.at])))
  const isCalm = random.chance(0.3)
  return {
    seed,
    steps: isCalm ? steps.filter((step) => !isTrouble(step)) : steps,
    faults: isCalm ? [] : drawFaults(random, steps.length),
    spells: isCalm ? [] : withoutKnownGap(drawSpells(random, last)),
    // No two clocks are the same; so far apart they may be.
    ...(random.chance(0.4)
      ? { clocks: [random.between(-1_000, 1_000), random.between(-1_000, 1_000)] as const }
      : {}),
  }
}

function isTrouble(step: Step): boolean {
  return step.do === 'drop-orchestration' || step.do === 'lose-rows' || step.do === 'clock-step'
}

function drawSteps(random: Random): readonly Step[] {
  const steps: Step[] = []
  const keys: string[] = []
  const isSmall = random.chance(0.6)
  const hasTeam = random.chance(0.35)
  const count = random.between(2, 14)
  let at = 0
  // Standing access from the start, for those who ask for what they have.
  if (random.chance(0.15)) steps.push({ at, do: 'hand-add', who: 'mia', resource: 'readers' })
  for (let index = 0; index < count; index++) {
    at += gap(random)
    const step = drawStep(random, { at, keys, isSmall, hasTeam })
    if (step.do === 'ask' || step.do === 'extend') keys.push(step.key)
    steps.push(step)
    // Whoever is asked for an approval mostly answers.
    if (step.do === 'ask' && step.flow === 'asked' && random.chance(0.8)) {
      at += random.pick([0, 20, 5_000, 30_000, 70_000])
      steps.push(decideOn(random, at, step.key))
    }
    // What is deleted can be restored within a month.
    if (step.do === 'delete' && random.chance(0.6)) {
      const after = random.pick([60_000, 3_600_000, 2 * 86_400_000, 20 * 86_400_000])
      steps.push({ at: at + after, do: 'restore', what: step.what })
    }
    // Some change their mind at once, while everything is still under way.
    if (step.do === 'ask' && random.chance(0.12)) {
      at += random.pick([100, 400, 1_000, 2_000])
      steps.push({ at, do: 'end', of: step.key, how: 'given-back' })
    }
  }
  return steps
}

function gap(random: Random): number {
  return random.pick([
    0, 0, 50, 400, 2_000, 10_000, 30_000, 30_000, 60_000, 60_000, 300_000, 1_200_000,
  ])
}

interface SoFar {
  readonly at: number
  readonly keys: readonly string[]
  readonly isSmall: boolean
  readonly hasTeam: boolean
}

function drawStep(random: Random, { at, keys, isSmall, hasTeam }: SoFar): Step {
  const who = isSmall ? 'mia' : random.pick(grantees)
  const resource = isSmall && random.chance(0.8) ? 'readers' : random.pick(resources)
  const [first, ...others] = keys
  const of = first === undefined ? 'k0' : random.pick([first, ...others])
  const key = `k${keys.length + 1}`
  const kind = first === undefined ? 'ask' : random.weighted(hasTeam ? weightsWithTeam : weights)
  switch (kind) {
    case 'ask':
      return drawAsk(random, { at, key, who, resource })
    case 'touch':
      // A window that begins just where another one may end.
      return {
        ...drawAsk(random, { at, key, who, resource }),
        flow: 'oncall',
        startsAt: at + random.pick([30_000, 60_000, 90_000]),
      }
    case 'extend':
      return { at, do: 'extend', of, key, seconds: random.pick([30, 60, 90, 600]) }
    case 'decide':
      return decideOn(random, at, of)
    case 'end':
      return { at, do: 'end', of, how: random.pick(['given-back', 'revoked', 'cancel']) }
    case 'end-all':
      return { at, do: 'end-all', ...(random.chance(0.5) ? { who } : { resource }) }
    case 'stop':
      return { at, do: 'stop', active: random.chance(0.55) }
    case 'hand-add':
    case 'hand-remove':
      return random.chance(0.15)
        ? { at, do: kind, who: 'zoe', resource: 'approvers' }
        : { at, do: kind, who, resource }
    case 'activate':
      return { at, do: 'activate', who, resource, seconds: random.pick([60, 300, 600, 3_600]) }
    case 'disable':
    case 'enable':
      return { at, do: kind, who: random.pick(['mia', 'ben', 'petra', 'zoe']) }
    case 'delete':
    case 'restore':
      return { at, do: kind, what: random.pick([who, who, resource, resource, 'team']) }
    case 'join':
    case 'leave':
      return { at, do: kind, who }
    case 'crowd':
      return { at, do: 'crowd', joins: random.chance(0.7) }
    case 'confirm':
      return { at, do: 'confirm' }
    case 'switch-flow':
      return { at, do: 'switch-flow', active: random.chance(0.6) }
    case 'drop-orchestration':
      return { at, do: 'drop-orchestration', of }
    case 'lose-rows':
      return { at, do: 'lose-rows', rows: random.pick(['due', 'views']) }
    case 'clock-step':
      return { at, do: 'clock-step', seconds: random.pick([1, 15, 40, 300]) }
    case 'reconcile':
      return { at, do: 'reconcile' }
  }
}

function drawAsk(
  random: Random,
  step: {
    readonly at: number
    readonly key: string
    readonly who: string
    readonly resource: string
  },
): Extract<Step, { do: 'ask' }> {
  const flow = random.weighted({
    ...{ oncall: 30, guarded: 15, asked: 30, project: 10 },
    ...{ scheduled: 14, leased: 8 },
  })
  const isByPim = flow === 'scheduled' || flow === 'leased'
  const seconds = isByPim
    ? random.pick([360, 360, 420, 600, 3_600])
    : flow === 'project'
      ? random.pick([86_400, 30 * 86_400, 90 * 86_400])
      : random.pick([30, 60, 60, 60, 90, 300, 3_600, 7_200])
  const waits = random.chance(0.2)
    ? { startsAt: step.at + random.pick([5_000, 60_000, 300_000]) }
    : {}
  return {
    ...step,
    ...waits,
    do: 'ask',
    flow,
    seconds,
    ...(random.chance(0.3)
      ? {
          by: 'queue',
          ...(random.chance(0.4) ? { late: random.pick([2_000, 60_000, 600_000]) } : {}),
        }
      : { by: 'http' }),
    times: random.pick([1, 1, 1, 2, 3]),
  }
}

function decideOn(random: Random, at: number, of: string): Extract<Step, { do: 'decide' }> {
  const verdict = random.chance(0.8) ? 'approve' : 'deny'
  const isShorter = verdict === 'approve' && random.chance(0.2)
  return {
    at,
    do: 'decide',
    of,
    by: random.pick(approvers),
    verdict,
    ...(isShorter ? { seconds: 30 } : {}),
  }
}

function drawFaults(random: Random, steps: number): readonly Fault[] {
  return Array.from({ length: random.between(0, 5) }, (): Fault => {
    const kind = random.pick(callFaults)
    // Few calls are about the directory, and most depends on them.
    const about = random.pick([undefined, 'write', 'write', 'read', 'clockwork'] as const)
    const most = about === undefined ? 30 + steps * 25 : 2 + steps
    return { call: random.between(1, most), kind, ...(about === undefined ? {} : { about }) }
  })
}

/** A lag of replicas is judged by clocks: told in docs/simulation.md. */
function withoutKnownGap(drawn: readonly Spell[]): readonly Spell[] {
  if (!drawn.some(({ kind }) => kind.startsWith('clock-'))) return drawn
  return drawn.filter(({ kind }) => !kind.startsWith('stale-'))
}

function drawSpells(random: Random, last: number): readonly Spell[] {
  return Array.from({ length: random.pick([0, 0, 1, 1, 2, 3]) }, (): Spell => {
    const kind = random.pick(spells)
    // Some last for the whole story: nothing in it is safe from them.
    if (random.chance(0.3)) return { from: 0, to: last + 120_000, kind }
    const from = random.between(0, last + 60_000)
    return { from, to: from + random.pick([3_000, 20_000, 60_000, 300_000, 1_200_000]), kind }
  })
}
