import { nextTierAt } from '../access/approval.ts'
import { stagesOf } from '../access/approval-stages.ts'
import type { AskedApprover, StoredRequest } from '../ledger/pair-ledger.ts'

/** How far an approval is, as the API shows it. */
export interface ApprovalView {
  /** No person is asked: the flow itself allows it. */
  readonly automatic: boolean
  readonly mode?: 'any-of' | 'all-of'
  /** The request times out here. */
  readonly deadline?: string
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
      const isOpen = stage === state.stage && tier < state.opened.length
      const isNext = stage === state.stage && tier === state.opened.length
      const opensAt = isPending && isNext ? nextTierAt(state)?.toISOString() : undefined
      return {
        stage,
        state: stepState(
          isPending,
          isOpen,
          stage < state.stage || reason.approvedAt !== undefined,
          stage > state.stage,
        ),
        approvers: approval.asked[stage]?.[tier] ?? [],
        ...(opensAt === undefined ? {} : { opensAt }),
        decisions: state.decisions
          .filter(
            (each) =>
              each.stage === stage && each.entries.some((entry) => entry.startsWith(`${tier}.`)),
          )
          .map(({ approver, approverName, verdict, at, comment, durationMilliseconds }) => ({
            approver,
            ...(approverName === undefined ? {} : { name: approverName }),
            decision: verdict,
            at,
            ...(durationMilliseconds === undefined
              ? {}
              : { duration: `PT${Math.floor(durationMilliseconds / 1000)}S` }),
            ...(comment === undefined ? {} : { reason: comment }),
          })),
      }
    }),
  )
  return { automatic: false, mode: state.mode, deadline: state.deadline, steps }
}

function stepState(
  isPending: boolean,
  isOpen: boolean,
  isPassed: boolean,
  isAhead: boolean,
): ApprovalStepView['state'] {
  if (isPassed && !isAhead) return 'passed'
  if (!isPending) return 'closed'
  return isOpen ? 'open' : 'waiting'
}
