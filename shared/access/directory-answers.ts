/*
 * Over 300 lines on purpose: what every answer to an addition or a removal means, in one place.
 */
import { afterRepair, forgetWatch, keepWatch, refuseRepair } from './drift.ts'
import { asOurs, holdersOf, scheduleToAdd, withoutSchedule } from './giving.ts'
import { amend, type Draft, draftOf, move, touch } from './life-cycle.ts'
import {
  type Attempt,
  attemptMilliseconds,
  firstRetryMilliseconds,
  type Limits,
  later,
  lookAt,
  mayHaveEnded,
  type Pair,
  type Problem,
  type Reason,
  unsureOfOurs,
} from './pair.ts'
import { type FoundSchedule, isOwn } from './schedule.ts'
import { activate, closeEnds, isBeingGranted, markAttempted, type Proof } from './settle.ts'

interface Told {
  readonly graphRequestId?: string
}

/** An answer of the directory to a write, as the life cycle reads it. */
export type WriteAnswer =
  | (Told & {
      readonly kind: 'done'
      readonly assignmentId?: string
      readonly schedule?: FoundSchedule
    })
  | (Told & {
      readonly kind: 'already'
      readonly missing?: 'grantee' | 'resource'
      readonly found?: FoundSchedule
    })
  | (Told & { readonly kind: 'too-early'; readonly until: string })
  | (Told & { readonly kind: 'refused'; readonly reason: string; readonly detail: string })
  | (Told & {
      readonly kind: 'not-applied'
      readonly detail: string
      readonly retryAfterSeconds?: number
    })
  | (Told & { readonly kind: 'ambiguous'; readonly detail: string })

/**
 * Opens an attempt to add, and with it fixes the windows of the reasons it is for. Committed before
 * the call: no effect on the directory without an earlier recorded intent (invariant I9).
 */
export function attemptAdd(
  draft: Draft,
  candidates: readonly Reason[],
  attemptId: string,
  before: 'absent' | 'present',
  now: Date,
): Draft {
  let attempted = draft
  for (const reason of candidates) attempted = markAttempted(attempted, reason, now)
  return amend(attempted, ({ absentSince: _, ...pair }) => ({
    ...pair,
    ...scheduleToAdd(pair, candidates, now),
    attempt: newAttempt(attemptId, 'add', now),
    // What was seen before the first unclear attempt decides whose access it is.
    before: pair.held === 'unsure' && pair.before !== undefined ? pair.before : before,
  }))
}

/** Opens an attempt to remove what we added. */
export function attemptRemove(draft: Draft, attemptId: string, now: Date): Draft {
  return amend(draft, (pair) => ({ ...pair, attempt: newAttempt(attemptId, 'remove', now) }))
}

/** A write that is about to be made. */
export function newAttempt(id: string, kind: Attempt['kind'], now: Date): Attempt {
  return {
    id,
    kind,
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + attemptMilliseconds).toISOString(),
  }
}

/** Closes the attempt to add with the directory's answer. */
export function afterAdd(pair: Pair, answer: WriteAnswer, now: Date, limits: Limits): Draft {
  const open = draftOf(closeAttempt(pair))
  const granting = pair.reasons.filter(isBeingGranted)
  const written = { lastWriteAt: later(pair.lastWriteAt, now.toISOString()) }
  switch (answer.kind) {
    case 'done': {
      const held = amend(open, (each) => ({
        ...forgetRetry(each),
        ...written,
        held: 'ours',
        ...(answer.assignmentId === undefined ? {} : { assignmentId: answer.assignmentId }),
        ...(answer.schedule === undefined
          ? {}
          : { schedule: asOurs(each.schedule, answer.schedule) }),
      }))
      const again = afterRepair(held, now, answer.graphRequestId)
      return activateAll(again, granting, now, {}, answer.graphRequestId)
    }
    case 'already':
      return found(open, granting, answer, now, limits)
    case 'refused':
      return refuseAddition(open, granting, answer, now)
    case 'not-applied':
      return amend(open, (each) => retryLater(each, now, limits, answer.retryAfterSeconds))
    case 'too-early':
      // Said of removals only; whatever it meant here, nothing was changed.
      return amend(open, (each) => retryLater(each, now, limits))
    case 'ambiguous':
      return amend(open, (each) => ({
        ...retryLater(each, now, limits),
        held: 'unsure',
        lastWriteAt: later(pair.lastWriteAt, pair.attempt?.deadline ?? now.toISOString()),
      }))
  }
}

/**
 * "It exists." Where a removal of ours is so recent that the answer may be about what it took, it is
 * asked again. After an unclear attempt it is ours if it was absent before; on a first clear answer
 * it is standing access.
 */
function found(
  draft: Draft,
  granting: readonly Reason[],
  { graphRequestId, found: seen }: WriteAnswer & { kind: 'already' },
  now: Date,
  limits: Limits,
): Draft {
  const asking = askLater(draft.pair, now, limits)
  if (asking !== undefined) return amend(draft, () => asking)
  const { held, before, watch, schedule } = draft.pair
  // A schedule shows whose it is, and what was there before does not matter then.
  const isOthers = seen !== undefined && schedule !== undefined && !isOwn(seen, schedule)
  // What comes back with a restored object is what this broker had added.
  if (((held === 'unsure' && before === 'absent') || watch !== undefined) && !isOthers) {
    const added = amend(draft, (each) => ({
      ...forgetRetry(each),
      held: 'ours',
      ...(seen === undefined || schedule === undefined ? {} : { schedule: asOurs(schedule, seen) }),
    }))
    const ours = afterRepair(added, now, graphRequestId)
    return activateAll(ours, granting, now, { uncertain: true }, graphRequestId)
  }
  const until = seen?.endsAt
  const there = amend(draft, (each) => ({
    ...withoutSchedule(forgetRetry(each)),
    held: 'standing',
    ...(until === undefined ? {} : { standingUntil: until }),
  }))
  const standing = afterRepair(there, now, graphRequestId)
  return activateAll(standing, granting, now, { standing: true }, graphRequestId)
}

/**
 * "It is there", so soon after a removal of ours, may come from a replica that does not know of it:
 * the pair that asks again when that is over; undefined when it is.
 */
export function askLater(pair: Pair, now: Date, limits: Limits): Pair | undefined {
  if (pair.lastOwnEndAt === undefined) return undefined
  const at = new Date(Date.parse(pair.lastOwnEndAt) + limits.replicationTime)
  return now < at ? { ...pair, retry: { count: 0, at: at.toISOString() } } : undefined
}

/**
 * A tenant without the licence for schedules gets plain entries where all who wait for one allow that;
 * those who do not allow it are refused like everybody whom the directory refuses.
 */
function refuseAddition(
  draft: Draft,
  granting: readonly Reason[],
  { reason, detail, graphRequestId }: WriteAnswer & { kind: 'refused' },
  now: Date,
): Draft {
  const open = amend(draft, forgetRetry)
  const problem = { code: reason, detail }
  const isLicence = reason === 'unlicensed' && draft.pair.fallback === undefined
  const fallsBack = ({ giving }: Reason) => giving === undefined || giving.fallback === 'direct'
  const others = isLicence ? granting.filter((each) => !fallsBack(each)) : granting
  const refused = refuse(open, others, problem, now, graphRequestId)
  const holders = holdersOf(refused.pair, granting)
  if (isLicence && holders.length > 0 && holders.every(fallsBack)) {
    return amend(refused, ({ schedule: _, ...pair }) => ({ ...pair, fallback: 'unlicensed' }))
  }
  const unrepaired = refuseRepair(refused, problem, now, graphRequestId)
  return unrepaired.pair.held === 'unsure' ? unrepaired : amend(unrepaired, withoutSchedule)
}

/** Fails those that wait for an addition, or for an end to be moved. */
export function refuse(
  draft: Draft,
  granting: readonly Reason[],
  problem: Problem,
  now: Date,
  graphRequestId: string | undefined,
): Draft {
  const { held } = draft.pair
  let refused = draft
  for (const reason of granting) {
    refused =
      held === 'unsure'
        ? // An earlier attempt may have worked: removal with proof comes before the failure.
          touch(refused, reason, { givenUp: problem })
        : move(refused, reason, {
            to: 'failed',
            at: now,
            change: { problem, endedAt: now.toISOString() },
            detail: { problem, proof: { kind: 'never-added' } },
            ...(graphRequestId === undefined ? {} : { graphRequestId }),
          })
  }
  return refused
}

/** Closes the attempt to remove with the directory's answer. */
export function afterRemove(pair: Pair, answer: WriteAnswer, now: Date, limits: Limits): Draft {
  const open = draftOf(closeAttempt(pair))
  const id = answer.graphRequestId
  const request = id === undefined ? {} : { graphRequestId: id }
  switch (answer.kind) {
    case 'done':
      return gone(open, now, { kind: 'removed', ...request })
    case 'already':
      if (answer.missing !== undefined) {
        return gone(open, now, { kind: 'object-deleted', missing: answer.missing })
      }
      // A schedule of others is there: ours is not, and theirs stays.
      if (answer.found !== undefined) return gone(open, now, { kind: 'standing-kept' })
      // A lagging replica says the same of an access that was written a moment ago.
      return pair.lastWriteAt === undefined ||
        Date.parse(pair.lastWriteAt) + limits.replicationTime <= now.getTime()
        ? gone(open, now, { kind: 'not-there', ...request })
        : amend(open, (each) => ({
            ...unsureOfOurs(forgetRetry(each)),
            absentSince: now.toISOString(),
          }))
    case 'refused':
      if (answer.reason === 'grantee-gone' || answer.reason === 'resource-gone') {
        const missing = answer.reason === 'grantee-gone' ? 'grantee' : 'resource'
        return gone(open, now, { kind: 'object-deleted', missing })
      }
      // Schedules can no longer be taken here, but the entry behind ours can: an end is owed.
      if (answer.reason === 'unlicensed') {
        return amend(open, ({ schedule: _, ...each }) => ({
          ...forgetRetry(each),
          fallback: 'unlicensed',
        }))
      }
      return amend(open, (each) => retryLater(each, now, limits))
    case 'not-applied':
      return amend(open, (each) => retryLater(each, now, limits, answer.retryAfterSeconds))
    case 'too-early':
      return amend(open, (each) => ({ ...each, retry: { count: 0, at: answer.until } }))
    case 'ambiguous':
      return amend(open, (each) => mayHaveEnded(retryLater(each, now, limits), now.toISOString()))
  }
}

/** What a read of the directory saw, and when it began. */
export interface Look {
  readonly present: boolean
  readonly readAt: Date
}

/**
 * Weighs a read of the directory while absence is being proven. What counts is when it began: one
 * that took its time says nothing about what was added meanwhile.
 */
export function afterLook(pair: Pair, look: Look, now: Date, limits: Limits): Draft {
  const draft = draftOf(pair)
  if (look.present) return amend(draft, ({ absentSince: _, retry: __, ...each }) => each)
  const isProof = look.readAt.getTime() >= lookAt(pair, limits)
  return isProof ? gone(draft, now, { kind: 'absent-twice' }) : draft
}

/** Our access is proven gone: everything that waited for it has its end. */
export function gone(draft: Draft, now: Date, proof: Proof): Draft {
  const ended = closeEnds(draft, now, proof)
  const closed =
    proof.kind === 'object-deleted' ? keepWatch(ended, now) : forgetWatch(ended, now, proof)
  const {
    assignmentId: _,
    before: __,
    absentSince: ___,
    drift: ____,
    ...pair
  } = withoutSchedule(forgetRetry(closed.pair))
  const at = now.toISOString()
  return {
    ...closed,
    pair: {
      ...pair,
      held: 'none',
      lastOwnEndAt: later(pair.lastOwnEndAt, at),
      lastWriteAt: later(pair.lastWriteAt, at),
    },
  }
}

function activateAll(
  draft: Draft,
  reasons: readonly Reason[],
  now: Date,
  detail: Readonly<Record<string, unknown>>,
  graphRequestId: string | undefined,
): Draft {
  let active = draft
  for (const reason of reasons) active = activate(active, reason, now, detail, graphRequestId)
  return active
}

/** The pair whose write has been answered. */
export function closeAttempt({ attempt: _, ...pair }: Pair): Pair {
  return pair
}

/** The pair whose next step waits for nothing. */
export function forgetRetry({ retry: _, ...pair }: Pair): Pair {
  return pair
}

/** Exponential from one second up to the maximum; the directory's own wish counts where longer. */
export function retryLater(pair: Pair, now: Date, limits: Limits, retryAfterSeconds = 0): Pair {
  const count = (pair.retry?.count ?? 0) + 1
  const backOff = Math.min(firstRetryMilliseconds * 2 ** (count - 1), limits.retryMaximum)
  const wait = Math.max(backOff, retryAfterSeconds * 1000)
  return { ...pair, retry: { count, at: new Date(now.getTime() + wait).toISOString() } }
}
