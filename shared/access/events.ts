/** Every kind of audit event, as named in the contract. */
export type EventName =
  | 'request.created'
  | 'request.refused'
  | 'request.approval-recorded'
  | 'request.escalated'
  | 'request.reminded'
  | 'request.approved'
  | 'request.denied'
  | 'request.cancelled'
  | 'request.timed-out'
  | 'grant.attempted'
  | 'grant.active'
  | 'grant.renewed'
  | 'grant.failed'
  | 'grant.ending'
  | 'grant.overdue'
  | 'grant.ended'
  | 'standing.found'
  | 'drift.found'
  | 'drift.repaired'
  | 'emergency-stop.changed'
  | 'integration.changed'
  | 'access-flow.changed'
  | 'bundle.changed'
  /** Several documents at once, as a set. */
  | 'configuration.changed'
  | 'discovery.finished'
  | 'authorization.refused'
  | 'checkpoint.written'
  | 'cleanup.planned'
  | 'cleanup.kept'
  | 'cleanup.done'
  | 'cleanup.refused'
  | 'cleanup.restored'

export type ActorType = 'user' | 'application' | 'system'

export interface Actor {
  /** Object id, or `system`. */
  readonly id: string
  readonly type: ActorType
}

export const system: Actor = { id: 'system', type: 'system' }

/** An event before the ledger gives it its place in a stream. */
export interface EventDraft {
  readonly event: EventName
  readonly at: string
  readonly actor: Actor
  readonly requestId?: string
  readonly correlationId?: string
  readonly grantee?: string
  readonly integration?: string
  readonly resourceType?: string
  readonly resourceId?: string
  /** Shown, not hashed: names change and may have to be blanked. */
  readonly resourceName?: string
  readonly scope?: string
  readonly permission?: string
  readonly accessFlow?: string
  /** Free text of a person; enters the hash by its salted digest only. */
  readonly reason?: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly graphRequestId?: string
}
