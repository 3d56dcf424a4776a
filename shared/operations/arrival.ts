import type { Permission, ResourceRef } from '../access/access.ts'
import type { Actor } from '../access/events.ts'
import type { Intake } from '../access/flow.ts'
import type { CallerFacts } from './callers.ts'

/** A request body after validation by its schema. */
export interface RequestBody {
  readonly resource: {
    readonly type: ResourceRef['type']
    readonly id: string
    readonly scope?: string | undefined
  }
  readonly duration: string
  readonly permission?: Permission | undefined
  readonly integration?: string | undefined
  readonly justification?: string | undefined
  readonly ticket?: string | undefined
  readonly startsAt?: string | undefined
  readonly accessFlow?: string | undefined
  readonly requestFor?: string | undefined
}

/** A submission as it arrives at the one door behind HTTP and queue. */
export interface Arrival {
  readonly body: RequestBody
  readonly intake: Intake
  /** Who asks: object id, or user principal name where a producer names people. */
  readonly requester: string
  readonly requesterIsApplication: boolean
  /** The caller as the audit names him; a producer behind the queue is known as its requester. */
  readonly actor?: Actor
  /** Idempotency: whose key, and the key. */
  readonly claim?: { readonly owner: string; readonly key: string; readonly body: unknown }
  readonly correlationId?: string
  /** The request that is extended. */
  readonly extends?: string
}

/** The person behind an HTTP call as the door of `submit` knows it. */
export function arrivalOf(
  caller: CallerFacts,
  body: { readonly requester?: string | undefined },
): Pick<Arrival, 'requester' | 'requesterIsApplication' | 'actor'> {
  return {
    requester: body.requester ?? caller.id,
    requesterIsApplication: caller.kind === 'application' && body.requester === undefined,
    actor: { id: caller.id, type: caller.kind },
  }
}
