import { durationText } from '../access/duration.ts'
import type { StoredRequest } from '../ledger/pair-ledger.ts'
import { type ApprovalView, approvalView } from './approval-view.ts'

/** A request as the API shows it (contract, "Request"). */
export interface RequestView {
  readonly id: string
  readonly status: string
  readonly integration: string
  readonly resource: {
    readonly type: string
    readonly id: string
    readonly scope?: string
    readonly name: string
  }
  readonly permission: string
  readonly requester: string
  readonly requesterName: string
  readonly grantee: string
  readonly granteeName: string
  readonly accessFlow: { readonly name: string; readonly version: number }
  readonly duration: string
  readonly intake: string
  readonly approval: ApprovalView
  readonly createdAt: string
  readonly decidedAt?: string
  readonly startsAt?: string
  readonly grantedAt?: string
  readonly endsAt?: string
  readonly endedAt?: string
  readonly endReason?: string
  readonly mechanism?: string
  readonly justification?: string
  readonly ticket?: string
  readonly extends?: string
  readonly accessDetails?: string
  readonly problem?: { readonly code: string; readonly detail: string }
}

const dayMilliseconds = 24 * 3_600_000

/**
 * Shows a request. `accessDetails` are the integration's instructions for who holds the access:
 * shown while it is active and for a day after.
 */
export function viewOf(
  { key, submission, reason }: StoredRequest,
  now: Date,
  accessDetails?: string,
): RequestView {
  const showsDetails =
    accessDetails !== undefined &&
    (reason.status === 'active' ||
      (reason.grantedAt !== undefined &&
        reason.endedAt !== undefined &&
        now.getTime() - Date.parse(reason.endedAt) < dayMilliseconds))
  const problem = reason.problem ?? reason.givenUp
  return {
    id: reason.id,
    status: reason.status,
    integration: reason.integration,
    resource: { ...key.resource, name: reason.resourceName },
    permission: key.permission,
    requester: submission.requester.id,
    requesterName: submission.requester.name,
    grantee: submission.grantee.id,
    granteeName: submission.grantee.name,
    accessFlow: reason.accessFlow,
    duration: durationText(reason.durationMilliseconds),
    intake: submission.intake,
    approval: approvalView(submission, reason),
    createdAt: submission.createdAt,
    ...optional('decidedAt', decidedAt(reason)),
    ...optional('startsAt', reason.startsAt),
    ...optional('grantedAt', reason.grantedAt),
    ...optional('endsAt', reason.endsAt),
    ...optional('endedAt', reason.endedAt),
    ...optional('endReason', reason.endReason),
    ...optional('mechanism', reason.mechanism),
    ...optional('justification', submission.justification),
    ...optional('ticket', submission.ticket),
    ...optional('extends', submission.extends),
    ...(showsDetails ? { accessDetails } : {}),
    ...(problem === undefined ? {} : { problem }),
  }
}

/** When it was decided: approved, denied, or not at all. */
function decidedAt({ status, approvedAt, endedAt }: StoredRequest['reason']): string | undefined {
  return status === 'denied' ? endedAt : approvedAt
}

function optional<Name extends string>(name: Name, value: string | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: string }
}
