import type { ResourceType } from './access.ts'
import type { Integration } from './integration.ts'
import { beginOf, type Giving, type Pair, type Reason } from './pair.ts'
import { type OwnSchedule, youngestMilliseconds } from './schedule.ts'

/** So much longer than its window a schedule lasts: the directory ends what nobody else has ended. */
const marginMilliseconds = 10 * 60_000
/** No window by a schedule is shorter: the directory takes none back that is not five minutes old. */
const shortestByPim = 'PT6M'
export const shortestReason =
  'Here access is given by Privileged Identity Management, and Entra takes none back in its first five minutes: the shortest duration is 6 minutes.'
/** An end that is left to the directory is looked for so long before it is done by hand. */
const endByEntraMilliseconds = 2 * 60_000

/** How an integration wants access to its resources of a type to be given; absent is `direct`. */
export function givingOf(
  { mechanism, mechanismFallback, endBy }: Integration,
  type: ResourceType,
): Giving | undefined {
  if (mechanism?.[type] !== 'pim') return undefined
  return {
    mechanism: 'pim',
    ...(mechanismFallback === 'direct' ? { fallback: 'direct' } : {}),
    ...(endBy === 'entra' ? { endBy: 'entra' } : {}),
  }
}

/** How long a schedule for a window of this length lasts. */
export function longestSchedule({ endBy }: Giving, milliseconds: number): number {
  return endBy === 'entra' ? milliseconds : milliseconds + marginMilliseconds
}

/** The shortest window that can be given so; undefined where any can. */
export function minimumOf(giving: Giving | undefined): string | undefined {
  return giving === undefined ? undefined : shortestByPim
}

/**
 * Whether access for these reasons is added by a schedule: as soon as one of them asks for it, and for
 * as long as it lasts. What was begun as a plain entry goes on as one.
 */
export function isByPim(pair: Pair, reasons: readonly Reason[]): boolean {
  if (pair.schedule !== undefined) return true
  if (pair.fallback !== undefined || pair.held === 'unsure') return false
  return reasons.some(({ giving }) => giving?.mechanism === 'pim')
}

/** The reasons that the access is held for, or is about to be. */
export function holdersOf({ reasons }: Pair, candidates: readonly Reason[]): readonly Reason[] {
  const asking = new Set(candidates.map(({ id }) => id))
  return reasons.filter(({ id, status }) => status === 'active' || asking.has(id))
}

/**
 * When a schedule for these reasons has to end: with the last of them and a margin. Without one where
 * all of them leave their end to the directory, and no other window touches theirs.
 */
export function scheduleEnd(pair: Pair, holders: readonly Reason[], now: Date): string | undefined {
  if (holders.length === 0) return undefined
  const last = Math.max(...holders.map((reason) => endOf(reason, now)))
  const goesOn = pair.reasons.some(
    (reason) => reason.status === 'scheduled' && beginOf(reason) <= last,
  )
  const isExact = !goesOn && holders.every(({ giving }) => giving?.endBy === 'entra')
  return new Date(isExact ? last : last + marginMilliseconds).toISOString()
}

/** The schedule that an addition asks for, where the access is given by one. */
export function scheduleToAdd(
  pair: Pair,
  candidates: readonly Reason[],
  now: Date,
): Pick<Pair, 'schedule'> {
  const holders = holdersOf(pair, candidates)
  const endsAt = scheduleEnd(pair, holders, now)
  if (endsAt === undefined || !isByPim(pair, holders)) return {}
  // An earlier request without an answer may have been granted: it is known by its end.
  const isUnknown = pair.schedule !== undefined && pair.schedule.id === undefined
  const isOpen = isUnknown && Date.parse(pair.schedule?.endsAt ?? '') > now.getTime()
  return isOpen ? {} : { schedule: { endsAt } }
}

/**
 * The end to which our schedule has to be moved; undefined where it is right as it is. One that lasts
 * longer than needed is shortened only where the directory is to end it at its very time.
 */
export function wantedMove(
  pair: Pair,
  candidates: readonly Reason[],
  now: Date,
): string | undefined {
  const { schedule, held } = pair
  if (schedule === undefined || held !== 'ours') return undefined
  const holders = holdersOf(pair, candidates)
  const wanted = scheduleEnd(pair, holders, now)
  if (wanted === undefined || wanted === schedule.endsAt || wanted === schedule.refusedEnd) {
    return undefined
  }
  const isLeft = holders.some(({ giving }) => giving?.endBy === 'entra')
  return wanted > schedule.endsAt || isLeft ? wanted : undefined
}

/** Before this time the directory does not let our access be taken, in milliseconds. */
export function earliestEnd({ schedule }: Pair): number {
  if (schedule?.startedAt === undefined) return Number.NEGATIVE_INFINITY
  return Date.parse(schedule.startedAt) + youngestMilliseconds
}

/** Whether the directory should have ended our access by itself a moment ago. */
export function isEndedByEntra({ schedule, held }: Pair, now: Date): boolean {
  if (schedule === undefined || held !== 'ours') return false
  const since = now.getTime() - Date.parse(schedule.endsAt)
  return since >= 0 && since < endByEntraMilliseconds
}

/** A pair without what only its present access has. */
export function withoutSchedule(pair: Pair): Pair {
  const { schedule: _, fallback: __, standingUntil: ___, ...rest } = pair
  return rest
}

/** The schedule that an answer shows, as ours. */
export function asOurs(
  former: OwnSchedule | undefined,
  shown: { readonly id: string; readonly startedAt?: string; readonly endsAt?: string },
): OwnSchedule {
  const startedAt = shown.startedAt ?? former?.startedAt
  return {
    id: shown.id,
    endsAt: shown.endsAt ?? former?.endsAt ?? '',
    ...(startedAt === undefined ? {} : { startedAt }),
  }
}

/** When a reason ends; for one whose window is not fixed yet, when it would if it began now. */
function endOf(reason: Reason, now: Date): number {
  if (reason.endsAt !== undefined) return Date.parse(reason.endsAt)
  const start = reason.startsAt === undefined ? now.getTime() : Date.parse(reason.startsAt)
  return start + reason.durationMilliseconds
}
