/*
 * Over 300 lines on purpose: what every difference between ledger and directory means, in one place.
 */
import { system } from './events.ts'
import { asOurs, withoutSchedule } from './giving.ts'
import { amend, append, type Draft, draftOf, note, touch } from './life-cycle.ts'
import {
  type EndReason,
  type Limits,
  later,
  mechanismOf,
  type Pair,
  type Problem,
  type Reason,
  type RequestStatus,
  unsureOfOurs,
  type Watch,
} from './pair.ts'
import { requestEnd } from './requests.ts'
import { type FoundSchedule, isOwn } from './schedule.ts'

/** Whether access that others took away is only told, or added again; unknown while unreadable. */
export type DriftMode = 'report' | 'enforce' | 'unknown'

/** What one look at the directory saw of a pair, and when it began. */
export interface Sighting {
  readonly readAt: Date
  readonly present: boolean
  /** The direct role assignment, where there is one. */
  readonly assignmentId?: string
  /** The schedule behind it, where that was looked at. */
  readonly schedule?: FoundSchedule
  /** `disabled` or `gone`: the person has left. */
  readonly person: 'enabled' | 'disabled' | 'gone'
  readonly isResourceGone: boolean
}

/** After so many repairs of one stretch of access, others have the last word. */
export const mostRepairs = 3

const dayMilliseconds = 24 * 3_600_000
/** Deleted objects can be restored for thirty days. */
const watchDays = 31

/**
 * Weighs a look at the directory against what the ledger knows, and records what others did.
 *
 * A look that began while a write of ours could still be under way says nothing. Access that others
 * took away is reported, and then its end needs no write, or added again; this goes for access that
 * was standing as well, since the window was promised either way. Access that appears where it was
 * seen to be absent, and that no attempt of ours added, is standing: it is never taken away.
 */
export function weighSighting(
  pair: Pair,
  seen: Sighting,
  { now, limits, mode }: { readonly now: Date; readonly limits: Limits; readonly mode: DriftMode },
): Draft {
  const draft = draftOf(pair)
  if (seen.person === 'disabled') return endAll(pair, 'person-left', now)
  if (!isTelling(pair, seen, limits)) return draft
  if (seen.person === 'gone') return endAll(pair, 'person-left', now)
  if (seen.isResourceGone) return endAll(pair, 'resource-gone', now)
  if (!pair.reasons.some(isActive)) return draft
  const until = seen.schedule?.endsAt
  switch (pair.held) {
    case 'ours':
      if (!seen.present) return lose(draft, 'removed-by-others', mode, now)
      return isAnother(pair, seen) ? appear(draft, 'replaced-by-others', now, until) : draft
    case 'standing':
      return seen.present ? draft : lose(draft, 'standing-removed', mode, now)
    case 'none':
      return seen.present ? appear(draft, 'added-by-others', now, until) : draft
    case 'unsure':
      return draft
  }
}

/** Whether a look can be believed: no write of ours was under way, or too recent for a replica. */
function isTelling(pair: Pair, { readAt }: Sighting, { replicationTime }: Limits): boolean {
  if (pair.attempt !== undefined) return false
  return (
    pair.lastWriteAt === undefined ||
    Date.parse(pair.lastWriteAt) + replicationTime <= readAt.getTime()
  )
}

/** Ends what has begun and cancels what has not. */
function endAll(pair: Pair, endReason: EndReason, now: Date): Draft {
  let draft = draftOf(pair)
  for (const { id } of pair.reasons) {
    const wish = { requestId: id, actor: system, endReason, now }
    const outcome = requestEnd(draft.pair, wish)
    if ('draft' in outcome) draft = append(draft, outcome.draft)
  }
  return draft
}

function lose(draft: Draft, kind: string, mode: DriftMode, now: Date): Draft {
  if (mode === 'unknown') return draft
  const repairs = draft.pair.drift?.repairs ?? 0
  const repairing = mode === 'enforce' && repairs < mostRepairs
  const lost = amend(draft, ({ assignmentId: _, before: __, ...pair }) => ({
    ...withoutSchedule(pair),
    held: 'none',
    drift: {
      lostAt: now.toISOString(),
      repairs: repairing ? repairs + 1 : repairs,
      ...(repairing ? { repairing } : {}),
    },
  }))
  return tell(lost, 'drift.found', now, { kind, follows: repairing ? 'repair' : 'report' })
}

/** It is there by the hand of others: standing from now on, or for as long as they have said. */
export function appear(
  draft: Draft,
  kind: string,
  now: Date,
  until: string | undefined,
  graphRequestId?: string,
): Draft {
  const standing = amend(draft, ({ assignmentId: _, before: __, drift: ___, ...pair }) => ({
    ...withoutSchedule(pair),
    held: 'standing',
    ...(until === undefined ? {} : { standingUntil: until }),
  }))
  return tell(standing, 'standing.found', now, { kind }, graphRequestId)
}

/**
 * Standing access whose own end comes before that of a reason: from then on it is ours to give. The
 * window was promised either way, so this asks for no mode.
 */
export function outlast(pair: Pair, now: Date): Draft {
  const draft = draftOf(pair)
  const { held, standingUntil, attempt } = pair
  if (held !== 'standing' || standingUntil === undefined || attempt !== undefined) return draft
  const isOver = Date.parse(standingUntil) <= now.getTime()
  const goesOn = pair.reasons.some(
    (reason) => isActive(reason) && Date.parse(reason.endsAt ?? '') > now.getTime(),
  )
  return isOver && goesOn ? lose(draft, 'standing-ended', 'enforce', now) : draft
}

/** Whether access that others took away has to be added again now. */
export function isRepairing({ drift, reasons }: Pair): boolean {
  return drift?.repairing === true && reasons.some(isActive)
}

/** What an answer to an addition means for a repair, if it was one. */
export function afterRepair(draft: Draft, now: Date, graphRequestId?: string): Draft {
  const { drift, held } = draft.pair
  if (drift === undefined) return draft
  if (held === 'standing') {
    return appear(draft, 'added-by-others', now, draft.pair.standingUntil, graphRequestId)
  }
  let repaired = amend(draft, (pair) => ({ ...pair, drift: { repairs: drift.repairs } }))
  if (drift.repairing !== true) return repaired
  for (const reason of repaired.pair.reasons.filter(isActive)) {
    repaired = touch(repaired, reason, { mechanism: mechanismOf(repaired.pair) })
  }
  return tell(repaired, 'drift.repaired', now, { repairs: drift.repairs }, graphRequestId)
}

/** The directory does not let it be added again: others have the last word. */
export function refuseRepair(
  draft: Draft,
  problem: Problem,
  now: Date,
  graphRequestId?: string,
): Draft {
  const { drift } = draft.pair
  if (drift?.repairing !== true) return draft
  const { repairing: _, ...rest } = drift
  const refused = amend(draft, (pair) => ({ ...pair, drift: rest }))
  const detail = { kind: 'repair-refused', follows: 'report', problem }
  return tell(refused, 'drift.found', now, detail, graphRequestId)
}

/** Lays a watch over an end that a missing object proves, or goes on with the one that is laid. */
export function keepWatch(ended: Draft, now: Date): Draft {
  const { watch, assignmentId, schedule } = ended.pair
  const reason = watch?.reason ?? [...ended.touched.values()].at(-1)
  if (reason === undefined) return ended
  const until = now.getTime() + watchDays * dayMilliseconds
  const next: Watch = {
    nextAt: new Date(now.getTime() + dayMilliseconds).toISOString(),
    until: new Date(until).toISOString(),
    reason,
    ...(assignmentId === undefined ? {} : { assignmentId }),
    ...(schedule === undefined ? {} : { schedule }),
  }
  return amend(ended, (pair) => ({ ...pair, watch: next }))
}

/** Our access is gone by a removal: what had come back with a restored object is repaired. */
export function forgetWatch(ended: Draft, now: Date, proof: { readonly kind: string }): Draft {
  const { watch } = ended.pair
  if (watch === undefined) return ended
  const forgotten = amend(ended, withoutWatch)
  if (watch.isBack !== true) return forgotten
  const detail = { kind: 'returned', proof }
  return note(forgotten, watch.reason, 'drift.repaired', { at: now, detail })
}

/** What an addition made. */
export interface Added {
  readonly assignmentId?: string
  readonly schedule?: FoundSchedule
}

/**
 * An addition took effect although its attempt had been given up: a clock that is wrong ends a fence
 * too early. Where nobody would take it any more it is taken like what comes back with a restored
 * object, in the name of a request that it was made for.
 */
export function afterLateAddition(
  pair: Pair,
  reason: Reason,
  { assignmentId, schedule }: Added,
  now: Date,
): Draft {
  const { absentSince: _, retry: __, ...known } = pair
  const written: Pair = {
    ...known,
    lastWriteAt: later(pair.lastWriteAt, now.toISOString()),
    ...(assignmentId === undefined ? {} : { assignmentId }),
    ...(schedule === undefined ? {} : { schedule: asOurs(pair.schedule, schedule) }),
  }
  if (pair.held === 'ours' || pair.held === 'standing') return draftOf(written)
  const unsure = draftOf(unsureOfOurs(written))
  if (pair.reasons.some(({ status }) => isNeedingAccess.has(status))) return unsure
  const at = now.toISOString()
  const watch = { until: at, reason, ...pair.watch, nextAt: at, isBack: true }
  const watched = amend(unsure, (each) => ({ ...each, watch }))
  const detail = { kind: 'added-late', follows: 'repair' }
  return note(watched, reason, 'drift.found', { at: now, detail })
}

/** Requests whose end takes away what there is. */
const isNeedingAccess: ReadonlySet<RequestStatus> = new Set<RequestStatus>([
  'granting',
  'active',
  'ending',
  'overdue',
])

/** What to do about the watch, where nothing else is to be done. */
export function watchStep({ watch, retry }: Pair, now: Date): WatchStep {
  if (watch === undefined || Date.parse(watch.nextAt) > now.getTime()) return { do: 'rest' }
  const until = new Date(retry?.at ?? now)
  return until > now ? { do: 'wait', until } : { do: 'watch' }
}

type WatchStep =
  | { readonly do: 'watch' }
  | { readonly do: 'wait'; readonly until: Date }
  | { readonly do: 'rest' }

/**
 * Weighs a look at a pair that is watched. The first look at a restored object decides: a link that
 * is there has come back with it, and one that is made later is of others.
 */
export function afterWatch(pair: Pair, seen: Sighting, now: Date): Draft {
  const { watch, retry: _, ...answered } = pair
  const draft = draftOf({ ...answered, ...(watch === undefined ? {} : { watch }) })
  if (watch === undefined || watch.isBack === true) return draft
  if (seen.person === 'gone' || seen.isResourceGone) {
    const next = now.getTime() + dayMilliseconds
    return next > Date.parse(watch.until)
      ? amend(draft, withoutWatch)
      : amend(draft, (each) => ({
          ...each,
          watch: { ...watch, nextAt: new Date(next).toISOString() },
        }))
  }
  if (!seen.present || isAnother(watch, seen)) return amend(draft, withoutWatch)
  const back = amend(draft, (each) => ({
    ...each,
    held: 'ours',
    watch: { ...watch, isBack: true },
    ...(watch.schedule === undefined ? {} : { schedule: watch.schedule }),
    ...(seen.assignmentId === undefined ? {} : { assignmentId: seen.assignmentId }),
  }))
  const detail = { kind: 'returned', follows: 'repair' }
  return note(back, watch.reason, 'drift.found', { at: now, detail })
}

function withoutWatch({ watch: _, ...pair }: Pair): Pair {
  return pair
}

function isAnother(
  ours: Pick<Pair, 'assignmentId' | 'schedule'>,
  { assignmentId, schedule }: Sighting,
): boolean {
  if (ours.schedule !== undefined) return schedule !== undefined && !isOwn(schedule, ours.schedule)
  return (
    ours.assignmentId !== undefined &&
    assignmentId !== undefined &&
    ours.assignmentId !== assignmentId
  )
}

/** Tells it in the name of a reason that it concerns; the others are named in the detail. */
function tell(
  draft: Draft,
  event: 'standing.found' | 'drift.found' | 'drift.repaired',
  now: Date,
  detail: Readonly<Record<string, unknown>>,
  graphRequestId?: string,
): Draft {
  const concerned = draft.pair.reasons.filter(isActive)
  const reason = concerned[0] ?? draft.pair.reasons[0]
  if (reason === undefined) return draft
  return note(draft, reason, event, {
    at: now,
    detail: { ...detail, requests: concerned.map(({ id }) => id) },
    ...(graphRequestId === undefined ? {} : { graphRequestId }),
  })
}

function isActive({ status }: Reason): boolean {
  return status === 'active'
}
