import { type ApprovalState, type Decision, nextTierAt } from '../access/approval.ts'
import { stagesOf } from '../access/approval-stages.ts'
import { durationText } from '../access/duration.ts'
import type { AskedApprover, StoredRequest } from '../ledger/pair-ledger.ts'

/** How far an approval is, as the API shows it. */
export interface ApprovalView {
  /** No person is asked: the flow itself allows it. */
  readonly automatic: boolean
  readonly mode?: 'any-of' | 'all-of'
  /** The request times out here. */
  readonly deadline?: string
  /** When the approvers were last reminded. */
  readonly remindedAt?: string
  readonly steps: readonly ApprovalStepView[]
}

export interface ApprovalStepView {
  /** Steps of one stage stand beside each other: any of them may pass it. */
  readonly stage: number
  readonly state: 'open' | 'waiting' | 'passed' | 'closed'
  /** Who may decide, as named when the request was made; checked again when somebody decides. */
  readonly approvers: readonly AskedApprover[]
  readonly opensAt?: string
  readonly decisions: readonly {
    readonly approver: string
    readonly name?: string
    readonly decision: 'approve' | 'deny'
    readonly at: string
    readonly duration?: string
    readonly reason?: string
  }[]
}

/** Shows the steps of an approval in order. */
export function approvalView(
  { approval }: StoredRequest['submission'],
  reason: StoredRequest['reason'],
): ApprovalView {
  const state = reason.approval
  if (approval === undefined || state === undefined) return { automatic: true, steps: [] }
  const isPending = reason.status === 'pending-approval'
  const steps = stagesOf(approval.rule).flatMap((tiers, stage) =>
    tiers.map((_, tier): ApprovalStepView => {
      const isCurrent = isPending && stage === state.stage
      const opensAt =
        isCurrent && tier === state.opened.length ? nextTierAt(state)?.toISOString() : undefined
      const words = state.decisions.filter(
        (each) =>
          each.stage === stage && each.entries.some((entry) => entry.startsWith(`${tier}.`)),
      )
      return {
        stage,
        state: stepState(state, { isPending, stage, tier, words }),
        approvers: approval.asked[stage]?.[tier] ?? [],
        ...(opensAt === undefined ? {} : { opensAt }),
        decisions: words.map(decisionView),
      }
    }),
  )
  const { mode, deadline, remindedAt } = state
  const reminded = remindedAt === undefined ? {} : { remindedAt }
  return { automatic: false, mode, deadline, ...reminded, steps }
}

/** A stage that is behind was passed by those of its steps that somebody has approved. */
function stepState(
  { stage: current, opened }: ApprovalState,
  {
    isPending,
    stage,
    tier,
    words,
  }: { isPending: boolean; stage: number; tier: number; words: readonly Decision[] },
): ApprovalStepView['state'] {
  if (isPending && stage >= current) {
    return stage === current && tier < opened.length ? 'open' : 'waiting'
  }
  return words.some(({ verdict }) => verdict === 'approve') ? 'passed' : 'closed'
}

function decisionView({
  approver,
  approverName,
  verdict,
  at,
  comment,
  durationMilliseconds,
}: Decision): ApprovalStepView['decisions'][number] {
  return {
    approver,
    ...(approverName === undefined ? {} : { name: approverName }),
    decision: verdict,
    at,
    ...(durationMilliseconds === undefined ? {} : { duration: durationText(durationMilliseconds) }),
    ...(comment === undefined ? {} : { reason: comment }),
  }
}
