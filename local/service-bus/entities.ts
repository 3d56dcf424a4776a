/** Rules of a queue or a subscription. Times are in seconds. */
export interface QueueRules {
  /** How long a receiver may take to settle a message, or hold a session. Default 300. */
  readonly lockSeconds?: number
  /** Longest life of a message, whatever its sender wished. Default 14 days. */
  readonly timeToLiveSeconds?: number
  /** What outlived its time goes to the dead letters; default: it is dropped. */
  readonly deadLetterOnExpiry?: boolean
  /** Deliveries without success after which a message is dead-lettered. Default 10. */
  readonly maximumDeliveries?: number
  /** Messages must name a session and are received session by session. */
  readonly requiresSession?: boolean
  /** Above this the oldest message in line is dropped; default: no limit. */
  readonly maximumMessages?: number
}

interface DuplicateRules {
  /** A message id seen within this time is accepted and dropped; default: not looked at. */
  readonly duplicateWindowSeconds?: number
}

export interface QueueDeclaration extends QueueRules, DuplicateRules {
  readonly kind: 'queue'
  readonly name: string
}

export interface TopicDeclaration extends DuplicateRules {
  readonly kind: 'topic'
  readonly name: string
  /** Each gets every message: filters are not offered. */
  readonly subscriptions: readonly (QueueRules & { readonly name: string })[]
}

/** What exists in the namespace: entities are declared, never made over the wire. */
export type EntityDeclaration = QueueDeclaration | TopicDeclaration

const day = 86_400

/** The entities of entra-jit, as the infrastructure makes them in Azure. */
export const accessEntities: readonly EntityDeclaration[] = [
  {
    kind: 'queue',
    name: 'access-requests',
    lockSeconds: 300,
    timeToLiveSeconds: 14 * day,
    deadLetterOnExpiry: true,
    // The service's maximum: an outage of days must not dead-letter a request.
    maximumDeliveries: 2_000,
  },
  {
    kind: 'topic',
    name: 'access-events',
    subscriptions: [
      // Nobody may be reading on a laptop, so the backlog has an end.
      { name: 'all', timeToLiveSeconds: 14 * day, maximumMessages: 50_000 },
    ],
  },
]

export const ruleDefaults = {
  lockSeconds: 300,
  timeToLiveSeconds: 14 * day,
  deadLetterOnExpiry: false,
  maximumDeliveries: 10,
  requiresSession: false,
} as const
