import type { StoredRequest } from '../ledger/pair-ledger.ts'
import type { Asked } from './decide-request.ts'

/** The question a stored request once was, to be put again: held to the flow it was allowed by. */
export function askedAgain({ key, submission, reason }: StoredRequest, now: Date): Asked {
  const { justification, ticket } = submission
  return {
    requester: submission.requester.id,
    grantee: key.grantee,
    requesterIsApplication: submission.requester.type === 'application',
    resource: key.resource,
    permission: key.permission,
    durationMilliseconds: reason.durationMilliseconds,
    startsAt: reason.startsAt === undefined ? now : new Date(reason.startsAt),
    intake: submission.intake,
    isExtension: submission.extends !== undefined,
    integration: reason.integration,
    accessFlow: reason.accessFlow.name,
    ...(justification === undefined ? {} : { justification }),
    ...(ticket === undefined ? {} : { ticket }),
  }
}
