import type { Limits } from '../access/pair.ts'
import type { Directory } from '../directory/directory.ts'
import type { Publisher } from '../events/publisher.ts'
import type { StreamNeeds } from '../ledger/stream.ts'

/** A line for the operator: what happened, with facts and without personal data. */
export type Log = (
  level: 'debug' | 'information' | 'warning' | 'error',
  message: string,
  facts?: Readonly<Record<string, unknown>>,
) => void

/** Everything the use cases take from outside. Built once, in the composition root. */
export interface Needs extends StreamNeeds {
  readonly directory: Directory
  readonly publisher: Publisher
  readonly log: Log
  readonly tenantId: string
  readonly limits: Limits
  readonly rules: Rules
}

/** Settings that decisions depend on, in milliseconds where they are times. */
export interface Rules {
  readonly minimumDuration: number
  /** How long a request waits for approval when its flow does not say. */
  readonly requestTimeout: number
  readonly maximumPending: number
  readonly sweepGrace: number
  /** How many people who have left a reconcile believes in. */
  readonly mostPeopleLeft?: MostPeopleLeft
}

/** Up to so many people are ended in any case, and beyond them up to this part of all open access. */
export interface MostPeopleLeft {
  readonly people: number
  readonly percent: number
}

/** What a new life cycle waits for first; nothing for a request that is granted at once. */
export interface Wait {
  readonly startsAt?: string
  /** When time alone changes a pending approval: the next tier, or the time-out. */
  readonly decideBy?: string
}

/** Durable Functions as the use cases need it: the clock and the retry engine. */
export interface Clockwork {
  /** Starts the orchestration of a request; starting it again is harmless. */
  start(requestId: string, wait: Wait, projectedTo: number | undefined): Promise<void>
  /** Tells it that the ledger has changed; a lost call costs time only. */
  nudge(requestId: string): Promise<void>
}

/** Durable Functions as reconcile needs it. */
export interface Revival {
  /** Starts the orchestration of a request where none is under way; true when it did. */
  revive(requestId: string, wait: Wait): Promise<boolean>
}
