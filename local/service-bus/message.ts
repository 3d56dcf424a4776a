/** What a property of a message may hold. */
export type PropertyValue = string | number | boolean | Date | null

export type Properties = Readonly<Record<string, PropertyValue>>

/** A message as its sender handed it over. */
export interface Message {
  readonly id: string
  readonly sessionId?: string
  /** The sender's wish, in milliseconds; the entity's own limit may be shorter. */
  readonly timeToLive?: number
  /** The sender's annotations, such as the partition key. */
  readonly annotations?: Properties
  /** Properties and body as they travel; the broker's rules never look inside. */
  readonly content: Uint8Array
}

/** Who may settle a message, and for how long. */
export interface Lock {
  readonly token: string
  /** Absent where the lock of the session decides. */
  readonly until?: number
}

/** A message inside an entity. */
export interface Stored {
  readonly sequence: number
  /** The number it was first given: differs after scheduling, fan-out and dead-lettering. */
  readonly enqueuedSequence: number
  readonly message: Message
  readonly enqueuedAt: number
  readonly state: 'ready' | 'locked' | 'deferred' | 'scheduled'
  /** Deliveries that ended without settling it. */
  readonly deliveryCount: number
  /** Set or changed by receivers; laid over the sender's application properties. */
  readonly properties?: Properties
  readonly lock?: Lock
  /** A locked message that goes back among the deferred ones, not in line. */
  readonly wasDeferred?: boolean
  readonly scheduledFor?: number
}

/**
 * What changed in one entity. The changes of one command make one line of the journal; played back
 * in order they give the same entity again, except that nobody holds a lock any more.
 */
export type Change =
  | { readonly kind: 'last-sequence'; readonly sequence: number }
  | { readonly kind: 'put'; readonly stored: Stored }
  /** The lock itself is forgotten with the process that gave it. */
  | { readonly kind: 'locked'; readonly sequence: number; readonly lock?: Lock }
  | {
      readonly kind: 'returned'
      readonly sequence: number
      readonly state: 'ready' | 'deferred'
      readonly deliveryCount: number
      readonly properties?: Properties
    }
  | { readonly kind: 'gone'; readonly sequence: number }
  | { readonly kind: 'session-state'; readonly session: string; readonly state?: Uint8Array }
  | { readonly kind: 'seen'; readonly id: string; readonly at: number }

/** Takes note of a change at the moment it is made. */
export type RecordChange = (change: Change) => void
