/** What happens, in order; instants are milliseconds from the beginning of the story. */
export type Step = { readonly at: number } & (
  | {
      readonly do: 'ask'
      readonly key: string
      readonly who: string
      readonly resource: string
      readonly flow: string
      readonly seconds: number
      /** Starts so many milliseconds after the beginning of the story; absent: at once. */
      readonly startsAt?: number
      readonly by: 'http' | 'queue'
      /** Deliveries of a message, or tries of an impatient caller, under the same key. */
      readonly times: number
      /** The message waits so many milliseconds in the queue, and others overtake it. */
      readonly late?: number
    }
  | { readonly do: 'extend'; readonly of: string; readonly key: string; readonly seconds: number }
  | {
      readonly do: 'decide'
      readonly of: string
      readonly by: string
      readonly verdict: 'approve' | 'deny'
      readonly seconds?: number
    }
  | { readonly do: 'end'; readonly of: string; readonly how: 'given-back' | 'revoked' | 'cancel' }
  | { readonly do: 'end-all'; readonly who?: string; readonly resource?: string }
  | { readonly do: 'stop'; readonly active: boolean }
  | { readonly do: 'hand-add' | 'hand-remove'; readonly who: string; readonly resource: string }
  /** The person, who is eligible, activates it by himself for a while. */
  | {
      readonly do: 'activate'
      readonly who: string
      readonly resource: string
      readonly seconds: number
    }
  | { readonly do: 'disable' | 'enable'; readonly who: string }
  | { readonly do: 'delete' | 'restore'; readonly what: string }
  /** Into the team whose members an automatic flow gives access to, or out of it. */
  | { readonly do: 'join' | 'leave'; readonly who: string }
  /** So many join the team or leave it that the flow has to be confirmed. */
  | { readonly do: 'crowd'; readonly joins: boolean }
  /** An administrator confirms the number of people of the automatic flow. */
  | { readonly do: 'confirm' }
  | { readonly do: 'switch-flow'; readonly active: boolean }
  | { readonly do: 'drop-orchestration'; readonly of: string }
  | { readonly do: 'lose-rows'; readonly rows: 'due' | 'views' }
  | { readonly do: 'clock-step'; readonly seconds: number }
  | { readonly do: 'reconcile' }
)

/** What calls to the outside are about. */
export const abouts = ['tables', 'read', 'write', 'publisher', 'clockwork'] as const
export type About = (typeof abouts)[number]

/**
 * What goes wrong with one call to the outside, counted from the beginning of the story. A conflict of
 * one's own: the write was applied, and its repetition by the client met what it had written.
 */
export const callFaults = [
  'crash-before',
  'crash-after',
  'reply-lost',
  'not-done-unclear',
  'unavailable',
  'slow',
  'own-conflict',
] as const
export type CallFault = (typeof callFaults)[number]

/** What goes wrong for a while; half of the calls that it is about are struck, by chance. */
export const spells = [
  'storage-outage',
  'storage-unclear',
  'storage-conflicts',
  'directory-throttled',
  'directory-down',
  'directory-unclear',
  'directory-slow',
  'stale-reads',
  'stale-writes',
  'publisher-down',
  'orchestrations-down',
  'duplicate-steps',
  'failing-steps',
  'late-nudges',
  'clock-ahead',
  'clock-behind',
] as const
export type SpellKind = (typeof spells)[number]

export interface Fault {
  readonly call: number
  /** The kind of calls that are counted; absent: all. */
  readonly about?: About
  readonly kind: CallFault
}

export interface Spell {
  readonly from: number
  readonly to: number
  readonly kind: SpellKind
}

/** Everything a run depends on: the same story always runs the same way. */
export interface Story {
  readonly seed: number
  readonly steps: readonly Step[]
  readonly faults: readonly Fault[]
  readonly spells: readonly Spell[]
  /** By how many milliseconds the clocks of the two workers are wrong. */
  readonly clocks?: readonly [number, number]
}

/** The story in plain words. */
export function tell({ seed, steps, faults, spells: all, clocks = [0, 0] }: Story): string {
  const lines = [
    ...steps.map((step) => [step.at, `${clock(step.at)}  ${tellStep(step)}`] as const),
    ...all.map(
      ({ from, to, kind }) =>
        [from, `${clock(from)}  trouble until ${clock(to)}: ${kind.replaceAll('-', ' ')}`] as const,
    ),
  ]
  const told = lines.sort(([a], [b]) => a - b).map(([, line]) => line)
  const struck = faults.map(
    ({ call, about, kind }) => `call ${call} to ${target(about)}: ${kind.replaceAll('-', ' ')}`,
  )
  const wrong = clocks.flatMap((by, index) =>
    by === 0 ? [] : [`the clock of worker ${index === 0 ? 'A' : 'B'} is wrong by ${by} ms`],
  )
  return [`Story of seed ${seed}`, ...told, ...struck, ...wrong].join('\n  ')
}

function target(about: About | undefined): string {
  if (about === 'read' || about === 'write') return `the directory that is a ${about}`
  return about === undefined ? 'the outside' : `the ${about}`
}

function clock(milliseconds: number): string {
  const seconds = milliseconds / 1000
  const days = Math.floor(seconds / 86_400)
  const time = new Date(milliseconds % 86_400_000).toISOString().slice(11, 23)
  return days === 0 ? time : `day ${days} ${time}`
}

function tellStep(step: Step): string {
  switch (step.do) {
    case 'ask': {
      const start = step.startsAt === undefined ? '' : ` from ${clock(step.startsAt)}`
      const times = step.times === 1 ? '' : `, ${step.times} times under one key`
      const door = step.by === 'queue' ? 'a message asks' : 'asks'
      const late = step.late === undefined ? '' : `, delivered ${step.late} ms later`
      return `${step.who} ${door} for ${step.resource} (${step.key}, flow ${step.flow}) for ${step.seconds} s${start}${times}${late}`
    }
    case 'extend':
      return `${step.of} is extended by ${step.seconds} s (${step.key})`
    case 'decide':
      return `${step.by} says ${step.verdict} to ${step.of}${step.seconds === undefined ? '' : `, for ${step.seconds} s only`}`
    case 'end':
      return `${step.of} is ${step.how === 'cancel' ? 'cancelled' : step.how.replace('-', ' ')}`
    case 'end-all':
      return `all access of ${step.who ?? 'anybody'} to ${step.resource ?? 'anything'} is ended`
    case 'stop':
      return `the emergency stop is switched ${step.active ? 'on' : 'off'}`
    case 'hand-add':
      return `an administrator adds ${step.who} to ${step.resource} by hand`
    case 'hand-remove':
      return `an administrator takes ${step.who} out of ${step.resource} by hand`
    case 'activate':
      return `${step.who} activates ${step.resource} by himself for ${step.seconds} s`
    case 'disable':
    case 'enable':
      return `the account of ${step.who} is ${step.do}d`
    case 'delete':
    case 'restore':
      return `${step.what} is ${step.do}d`
    case 'join':
      return `${step.who} joins the team`
    case 'leave':
      return `${step.who} leaves the team`
    case 'crowd':
      return `hundreds ${step.joins ? 'join' : 'leave'} the team`
    case 'confirm':
      return 'an administrator confirms how many the automatic flow covers'
    case 'switch-flow':
      return `the automatic flow is switched ${step.active ? 'on' : 'off'}`
    case 'drop-orchestration':
      return `the orchestration of ${step.of} is lost`
    case 'lose-rows':
      return `all rows of ${step.rows === 'due' ? 'due work' : 'views'} are lost`
    case 'clock-step':
      return `everything stands still for ${step.seconds} s`
    case 'reconcile':
      return 'a reconcile runs'
  }
}
