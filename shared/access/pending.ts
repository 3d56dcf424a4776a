import {
  type ApprovalState,
  agreedDuration,
  decide,
  escalate,
  type Progress,
  type Word,
} from './approval.ts'
import type { Actor } from './events.ts'
import { type Draft, draftOf, move, note } from './life-cycle.ts'
import type { Pair, Problem } from './pair.ts'

/** What time alone does to pending approvals: the next tier opens, or nobody decided in time. */
export function carryApprovalsOn(draft: Draft, now: Date): Draft {
  let carried = draft
  for (const reason of draft.pair.reasons) {
    const { approval } = reason
    if (reason.status !== 'pending-approval' || approval === undefined) continue
    if (Date.parse(approval.deadline) <= now.getTime()) {
      carried = move(carried, reason, {
        to: 'timed-out',
        at: now,
        change: { endedAt: now.toISOString() },
        detail: { deadline: approval.deadline },
      })
      continue
    }
    const escalated = escalate(approval, now)
    if (escalated === undefined) continue
    carried = note(carried, reason, 'request.escalated', {
      at: now,
      change: { approval: escalated },
      detail: { stage: escalated.stage, tiers: escalated.opened.length },
    })
  }
  return carried
}

export type DecisionOutcome =
  | {
      readonly kind: 'recorded' | 'approved' | 'denied'
      readonly draft: Draft
    }
  | { readonly kind: Exclude<Progress['kind'], 'recorded' | 'approved' | 'denied'> }
  /** It is not pending (any more). */
  | { readonly kind: 'not-pending' }

/** Counts the word of somebody who stands for these entries now, and records what follows from it. */
export function takeDecision(
  pair: Pair,
  requestId: string,
  wordOn: (approval: ApprovalState) => Word,
  { now, actor, comment }: { readonly now: Date; readonly actor: Actor; readonly comment?: string },
): DecisionOutcome {
  const draft = carryApprovalsOn(draftOf(pair), now)
  const reason = draft.pair.reasons.find((each) => each.id === requestId)
  if (reason?.status !== 'pending-approval' || reason.approval === undefined) {
    return { kind: 'not-pending' }
  }
  const word = wordOn(reason.approval)
  const progress = decide(reason.approval, word, now)
  const step = { at: now, actor, ...(comment === undefined ? {} : { comment }) }
  const detail = {
    entries: word.entries,
    stage: reason.approval.stage,
    ...(word.durationMilliseconds === undefined
      ? {}
      : { durationSeconds: word.durationMilliseconds / 1000 }),
  }
  const at = now.toISOString()
  switch (progress.kind) {
    case 'recorded': {
      const recorded = { ...step, change: { approval: progress.state }, detail }
      return {
        kind: 'recorded',
        draft: note(draft, reason, 'request.approval-recorded', recorded),
      }
    }
    case 'approved': {
      const durationMilliseconds = agreedDuration(progress.state, reason.durationMilliseconds)
      const approved = move(draft, reason, {
        ...step,
        to: reason.startsAt === undefined ? 'granting' : 'scheduled',
        change: { approval: progress.state, approvedAt: at, durationMilliseconds },
        detail: { ...detail, by: 'approvers', durationSeconds: durationMilliseconds / 1000 },
      })
      return { kind: 'approved', draft: approved }
    }
    case 'denied': {
      const denied = move(draft, reason, {
        ...step,
        to: 'denied',
        change: { approval: progress.state, endedAt: at },
        detail,
      })
      return { kind: 'denied', draft: denied }
    }
    default:
      return progress
  }
}

/** Approvers are reminded of one request so often at most. */
const reminderMilliseconds = 3_600_000

export type ReminderOutcome =
  | { readonly kind: 'reminded'; readonly draft: Draft }
  | { readonly kind: 'too-early'; readonly nextAt: number }
  | { readonly kind: 'not-pending' }

/** Reminds whoever may decide now: those asked in the open tiers of the stage. */
export function remind(
  pair: Pair,
  requestId: string,
  {
    now,
    actor,
    asked,
  }: {
    readonly now: Date
    readonly actor: Actor
    /** By stage and tier. */
    readonly asked: readonly (readonly (readonly string[])[])[]
  },
): ReminderOutcome {
  const draft = carryApprovalsOn(draftOf(pair), now)
  const reason = draft.pair.reasons.find((each) => each.id === requestId)
  const approval = reason?.approval
  if (reason?.status !== 'pending-approval' || approval === undefined) {
    return { kind: 'not-pending' }
  }
  const { remindedAt, stage, opened } = approval
  const nextAt = remindedAt === undefined ? 0 : Date.parse(remindedAt) + reminderMilliseconds
  if (nextAt > now.getTime()) return { kind: 'too-early', nextAt }
  const approvers = [...new Set((asked[stage] ?? []).slice(0, opened.length).flat())]
  const reminded = note(draft, reason, 'request.reminded', {
    at: now,
    actor,
    change: { approval: { ...approval, remindedAt: now.toISOString() } },
    detail: { stage, tiers: opened.length, approvers },
  })
  return { kind: 'reminded', draft: reminded }
}

/** Ends a pending request that policy no longer allows: whoever decides, nothing would come of it. */
export function failPending(
  pair: Pair,
  requestId: string,
  problem: Problem,
  now: Date,
): Draft | undefined {
  const reason = pair.reasons.find((each) => each.id === requestId)
  if (reason?.status !== 'pending-approval') return undefined
  return move(draftOf(pair), reason, {
    to: 'failed',
    at: now,
    change: { problem, endedAt: now.toISOString() },
    detail: { problem },
  })
}
