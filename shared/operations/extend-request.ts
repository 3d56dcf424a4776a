import type { StoredRequest } from '../ledger/pair-ledger.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import type { Clockwork } from './needs.ts'
import { refused } from './refusal.ts'
import type { SubmitOutcome, SubmitRequest } from './submit-request.ts'

/**
 * Extends a request: a new request for the same pair that starts now and overlaps. The access ends
 * with the last of its reasons, so nothing is moved and nothing can be forgotten.
 */
export async function extendRequest(
  submitRequest: SubmitRequest,
  { key, reason }: StoredRequest,
  caller: CallerFacts,
  wish: { readonly duration: string; readonly justification?: string | undefined },
  clockwork: Clockwork,
  idempotency: { readonly key: string; readonly body: unknown } | undefined,
): Promise<SubmitOutcome> {
  if (reason.status !== 'active') {
    return refused(
      'conflict',
      'not-active',
      `Only active access can be extended: the request is ${reason.status}.`,
    )
  }
  return submitRequest(
    {
      body: {
        resource: key.resource,
        permission: key.permission,
        duration: wish.duration,
        integration: reason.integration,
        accessFlow: reason.accessFlow.name,
        ...(wish.justification === undefined ? {} : { justification: wish.justification }),
      },
      intake: 'http',
      requester: caller.id,
      requesterIsApplication: false,
      actor: actorOf(caller),
      extends: reason.id,
      ...(idempotency === undefined
        ? {}
        : {
            claim: {
              owner: `${caller.tenantId}/${caller.id}`,
              key: `extend/${reason.id}/${idempotency.key}`,
              body: idempotency.body,
            },
          }),
    },
    clockwork,
  )
}
