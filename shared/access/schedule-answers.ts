import {
  closeAttempt,
  forgetRetry,
  gone,
  type Look,
  newAttempt,
  refuse,
  retryLater,
  type WriteAnswer,
} from './directory-answers.ts'
import { appear } from './drift.ts'
import { asOurs, wantedMove } from './giving.ts'
import { amend, type Draft, draftOf } from './life-cycle.ts'
import { type Limits, later, type Pair, type Reason, unsureOfOurs } from './pair.ts'
import { isBeingGranted, markAttempted } from './settle.ts'

/** Opens an attempt to move the end of our schedule, and fixes the windows of those it is for. */
export function attemptUpdate(
  draft: Draft,
  candidates: readonly Reason[],
  attemptId: string,
  now: Date,
): Draft {
  let attempted = draft
  for (const reason of candidates) attempted = markAttempted(attempted, reason, now)
  const endsAt = wantedMove(attempted.pair, candidates, now)
  return amend(attempted, (pair) => ({
    ...pair,
    attempt: {
      ...newAttempt(attemptId, 'update', now),
      ...(endsAt === undefined ? {} : { endsAt }),
    },
  }))
}

/** Closes the attempt to move the end of our schedule with the directory's answer. */
export function afterUpdate(pair: Pair, answer: WriteAnswer, now: Date, limits: Limits): Draft {
  const open = draftOf(closeAttempt(pair))
  const granting = pair.reasons.filter(isBeingGranted)
  const { graphRequestId } = answer
  switch (answer.kind) {
    case 'done':
      return amend(open, (each) => ({
        ...forgetRetry(each),
        lastWriteAt: later(each.lastWriteAt, now.toISOString()),
        ...(answer.schedule === undefined
          ? {}
          : { schedule: asOurs(each.schedule, answer.schedule) }),
      }))
    case 'already': {
      const { found: others, missing } = answer
      if (others !== undefined) {
        const asked = amend(open, forgetRetry)
        return appear(asked, 'replaced-by-others', now, others.endsAt, graphRequestId)
      }
      // Ours is gone: who still needs it has it added again.
      return missing === undefined
        ? amend(open, (each) => unsureOfOurs(forgetRetry(each)))
        : amend(open, (each) => retryLater(each, now, limits))
    }
    case 'refused': {
      const problem = { code: answer.reason, detail: answer.detail }
      const { endsAt } = pair.attempt ?? {}
      const kept = amend(open, (each) => ({
        ...forgetRetry(each),
        ...(each.schedule === undefined || endsAt === undefined
          ? {}
          : { schedule: { ...each.schedule, refusedEnd: endsAt } }),
      }))
      return refuse(kept, granting, problem, now, graphRequestId)
    }
    case 'not-applied':
      return amend(open, (each) => retryLater(each, now, limits, answer.retryAfterSeconds))
    case 'too-early':
      return amend(open, (each) => retryLater(each, now, limits))
    case 'ambiguous':
      return amend(open, (each) => ({
        ...retryLater(each, now, limits),
        lastWriteAt: later(pair.lastWriteAt, pair.attempt?.deadline ?? now.toISOString()),
      }))
  }
}

/**
 * Weighs a look for the end that is left to the directory. An absence so soon after a write of ours
 * may be told by a replica that does not know of it.
 */
export function afterConfirm(pair: Pair, look: Look, now: Date, limits: Limits): Draft {
  const draft = draftOf(pair)
  if (look.present) return amend(draft, (each) => retryLater(each, now, limits))
  const since = Date.parse(pair.lastWriteAt ?? '') + limits.replicationTime
  return since > look.readAt.getTime()
    ? amend(draft, (each) => ({ ...each, retry: { count: 0, at: new Date(since).toISOString() } }))
    : gone(draft, now, { kind: 'ended-by-entra' })
}
