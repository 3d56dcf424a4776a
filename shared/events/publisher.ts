import type { LedgerEvent } from '../ledger/ledger-event.ts'

/** Carries events out of the broker. At least once: receivers drop what they know by `id`. */
export interface Publisher {
  publish(events: readonly LedgerEvent[]): Promise<void>
}

/** A CloudEvents 1.0 event in structured JSON mode. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject?: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly data: Readonly<Record<string, unknown>>
}

export const cloudEventContentType = 'application/cloudevents+json'

/**
 * An audit event as a CloudEvent. The id is its place in its stream, so every delivery of the same
 * event carries the same one. Free text of people and the chain stay inside.
 */
export function cloudEventOf(event: LedgerEvent, source: string): CloudEvent {
  const { stream, sequence, actor, hash: _, previousHash: __, txId: ___, ...rest } = event
  const { reason: ____, salt: _____, ...data } = rest
  return {
    specversion: '1.0',
    id: `${stream}:${sequence}`,
    source,
    type: `entra-jit.${event.event}`,
    ...(event.requestId === undefined ? {} : { subject: event.requestId }),
    time: event.at,
    datacontenttype: 'application/json',
    data: { ...data, actor: actor.id, actorType: actor.type, stream, sequence },
  }
}
