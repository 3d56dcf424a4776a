import { stagesOf } from './approval-stages.ts'
import { durationOf } from './duration.ts'
import type { ApprovalRule, ApprovalStep } from './flow.ts'

/** One approver's word, as it counts. */
export interface Decision {
  readonly approver: string
  readonly approverName?: string
  readonly verdict: 'approve' | 'deny'
  readonly stage: number
  /** What the approver stood for then: entries of the open tiers of the stage, as `tier.entry`. */
  readonly entries: readonly string[]
  readonly at: string
  readonly durationMilliseconds?: number
  /** The beginning of what was said; the whole text is in the event. */
  readonly comment?: string
}

/** Where the approval of a pending request stands. Instants are ISO 8601 text in UTC. */
export interface ApprovalState {
  readonly mode: ApprovalRule['mode']
  /** Stages in order; of each, its tiers: how many entries, and after how long the next one opens. */
  readonly stages: readonly (readonly ApprovalTier[])[]
  /** The stage that is under way. */
  readonly stage: number
  /** When each tier of that stage opened. */
  readonly opened: readonly string[]
  /** The request times out here. */
  readonly deadline: string
  readonly decisions: readonly Decision[]
  /** When the approvers were last reminded. */
  readonly remindedAt?: string
}

interface ApprovalTier {
  readonly entries: number
  readonly escalateAfter?: number
}

/** Begins the approval of a request: its first tier is open from now on. */
export function beginApproval(rule: ApprovalRule, now: Date, deadline: Date): ApprovalState {
  return {
    mode: rule.mode,
    stages: stagesOf(rule).map((stage) => stage.map(tierOf)),
    stage: 0,
    opened: [now.toISOString()],
    deadline: deadline.toISOString(),
    decisions: [],
  }
}

function tierOf({ approvers, escalateAfter }: ApprovalStep): ApprovalTier {
  const after = escalateAfter === undefined ? undefined : durationOf(escalateAfter)
  return { entries: approvers.length, ...(after === undefined ? {} : { escalateAfter: after }) }
}

/** When the next tier opens; undefined when none follows in this stage. */
export function nextTierAt({ stages, stage, opened }: ApprovalState): Date | undefined {
  const last = opened.at(-1)
  const [tier, next] = stages[stage]?.slice(opened.length - 1) ?? []
  if (last === undefined || tier?.escalateAfter === undefined || next === undefined)
    return undefined
  return new Date(Date.parse(last) + tier.escalateAfter)
}

/** Opens every tier whose time has come; undefined when there is none. */
export function escalate(state: ApprovalState, now: Date): ApprovalState | undefined {
  let escalated = state
  for (let next = nextTierAt(escalated); next !== undefined && next <= now; ) {
    escalated = { ...escalated, opened: [...escalated.opened, next.toISOString()] }
    next = nextTierAt(escalated)
  }
  return escalated === state ? undefined : escalated
}

/** When somebody has to look at a pending request again. */
export function approvalDueAt(state: ApprovalState): Date {
  const next = nextTierAt(state)
  const deadline = new Date(state.deadline)
  return next !== undefined && next < deadline ? next : deadline
}

/** A word about a pending request, from somebody who stands for these entries now. */
export interface Word {
  readonly approver: string
  readonly approverName?: string
  readonly verdict: 'approve' | 'deny'
  /** Entries as `tier.entry`, of open tiers only. */
  readonly entries: readonly string[]
  readonly durationMilliseconds?: number
  readonly comment?: string
}

export type Progress =
  /** It counts, and more is needed. */
  | { readonly kind: 'recorded'; readonly state: ApprovalState }
  | { readonly kind: 'approved'; readonly state: ApprovalState }
  | { readonly kind: 'denied'; readonly state: ApprovalState }
  /** The same person has said the same in this stage. */
  | { readonly kind: 'unchanged' }
  /** The same person has approved in this stage, and now denies. */
  | { readonly kind: 'contradicts' }
  /** Stands for nothing that is open. */
  | { readonly kind: 'no-approver' }

const shownComment = 100

/** Counts one word. One denial ends the request; the last stage that passes approves it. */
export function decide(state: ApprovalState, word: Word, now: Date): Progress {
  if (word.entries.length === 0) return { kind: 'no-approver' }
  const former = state.decisions.find(
    ({ approver, stage }) => approver === word.approver && stage === state.stage,
  )
  if (former !== undefined && former.verdict !== word.verdict) return { kind: 'contradicts' }
  // Somebody who stands for more than before, such as a tier opened since, may say so again.
  const isNew = word.entries.some((entry) => former?.entries.includes(entry) !== true)
  if (!isNew) return { kind: 'unchanged' }
  const { comment, ...facts } = word
  const decision: Decision = {
    ...facts,
    stage: state.stage,
    at: now.toISOString(),
    ...(comment === undefined ? {} : { comment: comment.slice(0, shownComment) }),
  }
  const decided = {
    ...state,
    decisions: [...state.decisions.filter((each) => each !== former), decision],
  }
  if (word.verdict === 'deny') return { kind: 'denied', state: decided }
  if (!passes(decided)) return { kind: 'recorded', state: decided }
  if (decided.stage + 1 === decided.stages.length) return { kind: 'approved', state: decided }
  const opened = [now.toISOString()]
  return { kind: 'recorded', state: { ...decided, stage: decided.stage + 1, opened } }
}

/** Whether any open tier of the stage has what it needs. */
function passes({ mode, stages, stage, opened, decisions }: ApprovalState): boolean {
  const said = new Set(
    decisions
      .filter((each) => each.stage === stage && each.verdict === 'approve')
      .flatMap(({ entries }) => entries),
  )
  return (stages[stage] ?? []).slice(0, opened.length).some(({ entries }, tier) => {
    const needed = Array.from({ length: entries }, (_, entry) => `${tier}.${entry}`)
    return mode === 'any-of'
      ? needed.some((entry) => said.has(entry))
      : needed.every((entry) => said.has(entry))
  })
}

/** The duration that every approver agreed to: the shortest that was said. */
export function agreedDuration(state: ApprovalState, asked: number): number {
  return Math.min(
    asked,
    ...state.decisions.flatMap(({ durationMilliseconds }) =>
      durationMilliseconds === undefined ? [] : [durationMilliseconds],
    ),
  )
}
