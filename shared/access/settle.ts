/*
 * Over 300 lines on purpose: the only place that decides what is written to the directory, with
 * starts judged before ends; split up, that order could no longer be seen.
 */
import { isRepairing, outlast, watchStep } from './drift.ts'
import { overdueAt } from './due.ts'
import { earliestEnd, isEndedByEntra, wantedMove, withoutSchedule } from './giving.ts'
import { amend, type Draft, draftOf, move, touch } from './life-cycle.ts'
import {
  type Attempt,
  beginOf,
  endDueAt,
  fenceOf,
  instantsOf,
  type Limits,
  later,
  lookAt,
  mayHaveEnded,
  mechanismOf,
  type Pair,
  type Reason,
} from './pair.ts'
import { carryApprovalsOn } from './pending.ts'

/** What the policy says of a scheduled request whose start has come. */
export type StartVerdict =
  | { readonly eligible: true }
  | { readonly eligible: false; readonly code: string; readonly detail: string }
  | { readonly eligible: 'unknown' }

/** What settling needs to know besides the pair. Absent means not asked yet. */
export interface SettleInputs {
  readonly now: Date
  readonly limits: Limits
  readonly emergencyStop?: 'off' | 'on' | 'unknown'
  readonly verdicts?: ReadonlyMap<string, StartVerdict>
}

/** What has to happen next, after the draft was committed (or with it, for `add` and `remove`). */
export type NextStep =
  /** There are grants to make, and the emergency stop has not been read. */
  | { readonly do: 'ask-stop' }
  /** Scheduled starts are due, and the policy has not been asked again. */
  | { readonly do: 'judge'; readonly requests: readonly string[] }
  | { readonly do: 'add' }
  /** Move the end of the schedule by which it is given. */
  | { readonly do: 'reschedule' }
  | { readonly do: 'remove' }
  /** Read the directory: has it ended the access at its time? */
  | { readonly do: 'confirm' }
  /** Read the directory: is it really gone? */
  | { readonly do: 'look' }
  /** Read the directory: has a deleted object come back, and our access with it? */
  | { readonly do: 'watch' }
  /** There is open work that must not be done before this time. */
  | { readonly do: 'wait'; readonly until: Date }
  | { readonly do: 'rest' }

export interface Settled extends Draft {
  readonly next: NextStep
}

/**
 * What should be held now, what is recorded, what to do: the one function behind `grant` and `end`.
 *
 * Starts that are due are judged before ends, so that touching windows are one stretch. The
 * directory is written only where wanted and recorded differ. Policy and emergency stop can hold up
 * grants; nothing here ever holds up an end.
 */
export function settle(pair: Pair, inputs: SettleInputs): Settled {
  const { now, limits } = inputs
  const outlasting = outlast(pair, now)
  const starting = pair.reasons.filter((reason) => startIsDue(reason, now))
  const granting = pair.reasons.filter(isBeingGranted)
  const isAdding = starting.length + granting.length > 0 || isRepairing(outlasting.pair)
  if (isAdding && inputs.emergencyStop === undefined) {
    return { ...draftOf(pair), next: { do: 'ask-stop' } }
  }
  const unjudged = starting.filter((reason) => !inputs.verdicts?.has(reason.id))
  if (unjudged.length > 0 && inputs.emergencyStop === 'off') {
    return { ...draftOf(pair), next: { do: 'judge', requests: unjudged.map(({ id }) => id) } }
  }

  let draft = carryApprovalsOn(outlasting, now)
  draft = refuseStarts(draft, inputs)
  draft = giveUpGrants(draft, inputs)
  draft = beginEnds(draft, now)
  draft = markOverdue(draft, now, limits)

  const candidates = candidatesOf(draft.pair, inputs)
  const wanted =
    candidates.length > 0 || draft.pair.reasons.some((reason) => reason.status === 'active')
  const { attempt } = draft.pair
  if (attempt !== undefined) {
    const fence = fenceOf(attempt, wanted)
    if (fence > now.getTime()) return { ...draft, next: { do: 'wait', until: new Date(fence) } }
    draft = amend(draft, (each) => withoutAnswer(each, attempt))
  }
  return wanted ? settleWanted(draft, candidates, inputs) : settleUnwanted(draft, inputs)
}

/** The reasons that ask for access right now and do not have it recorded yet. */
export function candidatesOf(pair: Pair, inputs: SettleInputs): readonly Reason[] {
  if (inputs.emergencyStop !== 'off') return []
  return pair.reasons.filter(
    (reason) =>
      isBeingGranted(reason) ||
      (startIsDue(reason, inputs.now) && inputs.verdicts?.get(reason.id)?.eligible === true),
  )
}

function settleWanted(
  draft: Draft,
  candidates: readonly Reason[],
  { now, emergencyStop }: SettleInputs,
): Settled {
  const { held, retry, lastOwnEndAt } = draft.pair
  const isMissing = candidates.length > 0 || (isRepairing(draft.pair) && emergencyStop === 'off')
  if (isMissing && (held === 'none' || held === 'unsure')) {
    // Where nothing was added there is nothing to take: no end waits for the grant of another.
    const open = held === 'none' ? closeEnds(draft, now, proofOfNone(draft.pair)) : draft
    // A removal that may still be under way would take what is added now.
    const until = Math.max(...instantsOf(retry?.at, lastOwnEndAt))
    if (until > now.getTime()) {
      return { ...open, next: { do: 'wait', until: new Date(until) } }
    }
    return { ...open, next: { do: 'add' } }
  }
  if (wantedMove(draft.pair, candidates, now) !== undefined) {
    const kept = closeKept(draft, now)
    const until = retry === undefined ? undefined : new Date(retry.at)
    return until !== undefined && until > now
      ? { ...kept, next: { do: 'wait', until } }
      : { ...kept, next: { do: 'reschedule' } }
  }
  let settled = draft
  for (const reason of candidates) settled = activate(settled, reason, now)
  return { ...closeKept(settled, now), next: { do: 'rest' } }
}

/** Ends what others still hold the access for; while nobody does, nothing is known to be kept. */
function closeKept(draft: Draft, now: Date): Draft {
  const keeping = draft.pair.reasons
    .filter((reason) => reason.status === 'active')
    .map((reason) => reason.id)
  if (keeping.length === 0) return draft
  return closeEnds(draft, now, { kind: 'other-reason', requests: keeping })
}

function settleUnwanted(draft: Draft, { now, limits }: SettleInputs): Settled {
  const { held, before, retry, absentSince } = draft.pair
  const closing = draft.pair.reasons.some(isClosing) || draft.pair.watch?.isBack === true
  if (!closing) return { ...draft, next: watchStep(draft.pair, now) }
  if (held === 'standing' || (held === 'unsure' && before === 'present')) {
    const closed = closeEnds(draft, now, { kind: 'standing-kept' })
    return { ...amend(closed, forgetDirectory), next: { do: 'rest' } }
  }
  if (held === 'none') {
    const closed = closeEnds(draft, now, proofOfNone(draft.pair))
    return { ...amend(closed, forgetDirectory), next: { do: 'rest' } }
  }
  if (retry !== undefined && Date.parse(retry.at) > now.getTime()) {
    return { ...draft, next: { do: 'wait', until: new Date(retry.at) } }
  }
  if (absentSince !== undefined) {
    const look = lookAt(draft.pair, limits)
    return look > now.getTime()
      ? { ...draft, next: { do: 'wait', until: new Date(look) } }
      : { ...draft, next: { do: 'look' } }
  }
  if (isEndedByEntra(draft.pair, now)) return { ...draft, next: { do: 'confirm' } }
  const earliest = earliestEnd(draft.pair)
  return earliest > now.getTime()
    ? { ...draft, next: { do: 'wait', until: new Date(earliest) } }
    : { ...draft, next: { do: 'remove' } }
}

/** How the absence of an access, or the right to leave it, was established. */
export type Proof =
  | { readonly kind: 'removed'; readonly graphRequestId?: string }
  | { readonly kind: 'not-there'; readonly graphRequestId?: string }
  | { readonly kind: 'absent-twice' }
  | { readonly kind: 'object-deleted'; readonly missing: string }
  | { readonly kind: 'ended-by-entra' }
  | { readonly kind: 'never-added' }
  | { readonly kind: 'removed-by-others'; readonly seenAt: string }
  | { readonly kind: 'standing-kept' }
  | { readonly kind: 'other-reason'; readonly requests: readonly string[] }

/** Why there is nothing to take where nothing is held. */
function proofOfNone({ drift }: Pair): Proof {
  return drift?.lostAt === undefined
    ? { kind: 'never-added' }
    : { kind: 'removed-by-others', seenAt: drift.lostAt }
}

/** Ends everything that waits for its end, with the proof; given-up grants fail with the same. */
export function closeEnds(draft: Draft, now: Date, proof: Proof): Draft {
  let closed = draft
  const graphRequestId = 'graphRequestId' in proof ? proof.graphRequestId : undefined
  for (const reason of draft.pair.reasons.filter(isClosing)) {
    closed = move(closed, reason, {
      to: reason.status === 'granting' ? 'failed' : 'ended',
      at: now,
      change: {
        endedAt: now.toISOString(),
        ...(reason.givenUp === undefined ? {} : { problem: reason.givenUp }),
      },
      detail: { proof, ...(reason.givenUp === undefined ? {} : { problem: reason.givenUp }) },
      ...(graphRequestId === undefined ? {} : { graphRequestId }),
    })
  }
  return closed
}

/** Fixes the window of a reason that has none yet: the instant before the first effect. */
export function markAttempted(draft: Draft, reason: Reason, now: Date): Draft {
  if (reason.attemptedAt !== undefined) return draft
  const start = reason.startsAt === undefined ? now.getTime() : Date.parse(reason.startsAt)
  return move(draft, reason, {
    to: 'granting',
    at: now,
    change: {
      attemptedAt: now.toISOString(),
      endsAt: new Date(start + reason.durationMilliseconds).toISOString(),
    },
  })
}

/** Records that a reason has its access; attempts it first where that was not recorded. */
export function activate(
  draft: Draft,
  reason: Reason,
  now: Date,
  detail: Readonly<Record<string, unknown>> = {},
  graphRequestId?: string,
): Draft {
  const attempted = amend(markAttempted(draft, reason, now), ({ watch: _, ...pair }) => pair)
  const { fallback } = attempted.pair
  return move(attempted, attempted.touched.get(reason.id) ?? reason, {
    to: 'active',
    at: now,
    change: {
      grantedAt: now.toISOString(),
      mechanism: mechanismOf(attempted.pair),
    },
    detail: { ...detail, ...(fallback === undefined ? {} : { fallback }) },
    ...(graphRequestId === undefined ? {} : { graphRequestId }),
  })
}

/** An attempt that nobody closed in time is one without a clear answer. */
function withoutAnswer({ attempt: _, ...pair }: Pair, { kind, deadline }: Attempt): Pair {
  if (kind === 'remove') return mayHaveEnded(pair, deadline)
  // Whatever became of the update, it may be made again.
  if (kind === 'update') return { ...pair, lastWriteAt: later(pair.lastWriteAt, deadline) }
  return {
    ...pair,
    held: pair.held === 'none' ? 'unsure' : pair.held,
    lastWriteAt: later(pair.lastWriteAt, deadline),
  }
}

function refuseStarts(draft: Draft, { now, emergencyStop, verdicts }: SettleInputs): Draft {
  let refused = draft
  for (const reason of draft.pair.reasons.filter((each) => startIsDue(each, now))) {
    const verdict = verdicts?.get(reason.id)
    const problem =
      emergencyStop === 'on'
        ? stopped
        : verdict?.eligible === false
          ? { code: verdict.code, detail: verdict.detail }
          : startGivenUp(reason, now)
    if (problem === undefined) continue
    refused = move(refused, reason, {
      to: 'failed',
      at: now,
      change: { problem, endedAt: now.toISOString() },
      detail: { problem },
    })
  }
  return refused
}

const stopped = {
  code: 'emergency-stop',
  detail: 'The emergency stop is on: no new access is granted.',
}

/** A start that could not be judged before its whole window had passed. */
function startGivenUp(reason: Reason, now: Date): { code: string; detail: string } | undefined {
  if (now.getTime() < beginOf(reason) + reason.durationMilliseconds) return undefined
  return { code: 'window-passed', detail: 'Its whole window passed before it could be granted.' }
}

function giveUpGrants(draft: Draft, { now, limits, emergencyStop }: SettleInputs): Draft {
  let given = draft
  for (const reason of draft.pair.reasons.filter(isBeingGranted)) {
    const latest = Math.min(beginOf(reason) + limits.giveUpAfter, endDueAt(reason))
    const late = now.getTime() >= latest
    if (emergencyStop !== 'on' && !late) continue
    const problem = emergencyStop === 'on' ? stopped : gaveUp
    // Without an attempt, and with nothing under way, there is nothing to take back or to prove.
    given =
      reason.attemptedAt === undefined
        ? move(given, reason, {
            to: 'failed',
            at: now,
            change: { problem, endedAt: now.toISOString() },
            detail: { problem, proof: { kind: 'never-added' } },
          })
        : touch(given, reason, { givenUp: problem })
  }
  return given
}

const gaveUp = {
  code: 'directory-unavailable',
  detail: 'The directory could not be made to grant it in time.',
}

function beginEnds(draft: Draft, now: Date): Draft {
  let ending = draft
  for (const reason of draft.pair.reasons) {
    if (reason.status !== 'active' || endDueAt(reason) > now.getTime()) continue
    ending = move(ending, reason, { to: 'ending', at: now, change: { endReason: 'expired' } })
  }
  return ending
}

function markOverdue(draft: Draft, now: Date, limits: Limits): Draft {
  let marked = draft
  for (const reason of draft.pair.reasons) {
    if (reason.status !== 'ending') continue
    if (overdueAt(draft.pair, reason, limits) > now.getTime()) continue
    marked = move(marked, reason, { to: 'overdue', at: now })
  }
  return marked
}

function forgetDirectory(pair: Pair): Pair {
  const { assignmentId: _, before: __, absentSince: ___, drift: ____, ...rest } = pair
  return { ...withoutSchedule(rest), held: 'none' }
}

function startIsDue(reason: Reason, now: Date): boolean {
  return reason.status === 'scheduled' && beginOf(reason) <= now.getTime()
}

/** Whether a reason still waits for its access. */
export function isBeingGranted(reason: Reason): boolean {
  return reason.status === 'granting' && reason.givenUp === undefined
}

function isClosing(reason: Reason): boolean {
  return (
    reason.status === 'ending' ||
    reason.status === 'overdue' ||
    (reason.status === 'granting' && reason.givenUp !== undefined)
  )
}
