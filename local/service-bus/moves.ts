import type { QueueRules } from './entities.ts'
import type { Lock, Message, Properties, RecordChange, Stored } from './message.ts'
import type { QueueState } from './queue-state.ts'

/** How messages are handed out: kept until settled, or gone at once. */
export type ReceiveMode = 'peek-lock' | 'receive-and-delete'

/** What can happen to a single message, each move recorded as it is made. */
export interface Moves {
  put(message: Message, now: number, enqueuedSequence?: number): void
  /** Keeps it back until `at`, even when that is over: the next look at the clock brings it on. */
  keepBack(message: Message, at: number, now: number): number
  /** Whether the id was seen lately; if not, it is from now on. */
  isDuplicate(message: Message, now: number): boolean
  /** Takes a number that no message gets. */
  skipNumber(): number
  handOut(stored: Stored, mode: ReceiveMode, token: string, now: number): Stored
  renew(stored: Stored, token: string, now: number): number
  drop(stored: Stored): void
  bury(stored: Stored, properties: Properties): void
  /** A delivery ended without success: the message is in line again, unless that was the last. */
  giveBack(stored: Stored, properties?: Properties): void
  defer(stored: Stored, properties?: Properties): void
  /** In line again, as if it had not been handed out. */
  putBack(stored: Stored): void
  /** A message's time is over: its lock, its wait or its life. */
  endTime(stored: Stored, now: number): void
}

interface MoveParts {
  readonly rules: QueueRules & Required<Omit<QueueRules, 'maximumMessages'>>
  readonly looksForDuplicates: boolean
  readonly state: QueueState
  readonly change: RecordChange
  /** Absent for dead letters and topics: nothing is buried there. */
  readonly admitDeadLetter?: (stored: Stored) => void
  /** What a topic does instead of keeping a message. */
  readonly forward?: (message: Message, sequence: number, now: number) => void
}

const expired = {
  DeadLetterReason: 'TTLExpiredException',
  DeadLetterErrorDescription: 'The message expired and was dead lettered.',
}

const exhausted = (deliveries: number) => ({
  DeadLetterReason: 'MaxDeliveryCountExceeded',
  DeadLetterErrorDescription: `Message could not be consumed after ${deliveries} delivery attempts.`,
})

/** The moves of one queue under its rules. */
export function createMoves(parts: MoveParts): Moves {
  const { rules, state, change, admitDeadLetter, forward } = parts

  function put(message: Message, now: number, enqueuedSequence?: number): void {
    if (forward !== undefined) {
      forward(message, skipNumber(), now)
      return
    }
    makeRoom()
    const sequence = state.lastSequence + 1
    const stored: Stored = {
      sequence,
      enqueuedSequence: enqueuedSequence ?? sequence,
      message,
      enqueuedAt: now,
      state: 'ready',
      deliveryCount: 0,
    }
    change({ kind: 'put', stored })
  }

  function makeRoom(): void {
    if (rules.maximumMessages === undefined || state.messages.size < rules.maximumMessages) return
    for (const stored of state.messages.values()) {
      if (stored.state !== 'ready') continue
      drop(stored)
      return
    }
  }

  function skipNumber(): number {
    const sequence = state.lastSequence + 1
    change({ kind: 'last-sequence', sequence })
    return sequence
  }

  function drop({ sequence }: Stored): void {
    change({ kind: 'gone', sequence })
  }

  function bury(stored: Stored, properties: Properties): void {
    const { lock, wasDeferred, ...rest } = stored
    drop(stored)
    const all = { ...stored.properties, ...properties }
    admitDeadLetter?.({ ...rest, state: 'ready', properties: all })
  }

  function giveBack(stored: Stored, properties?: Properties): void {
    const deliveryCount = stored.deliveryCount + 1
    const all = { ...stored.properties, ...properties }
    if (admitDeadLetter !== undefined && deliveryCount >= rules.maximumDeliveries) {
      bury({ ...stored, deliveryCount, properties: all }, exhausted(deliveryCount))
    } else {
      returnTo(stored.wasDeferred ? 'deferred' : 'ready', { ...stored, deliveryCount }, all)
    }
  }

  function returnTo(
    place: 'ready' | 'deferred',
    { sequence, deliveryCount }: Stored,
    properties: Properties = {},
  ): void {
    const some = Object.keys(properties).length === 0 ? {} : { properties }
    change({ kind: 'returned', sequence, state: place, deliveryCount, ...some })
  }

  return {
    put,
    keepBack(message, at, now) {
      const sequence = state.lastSequence + 1
      const stored: Stored = {
        sequence,
        enqueuedSequence: sequence,
        message,
        enqueuedAt: now,
        state: 'scheduled',
        scheduledFor: at,
        deliveryCount: 0,
      }
      change({ kind: 'put', stored })
      return sequence
    },
    isDuplicate({ id }, now) {
      if (!parts.looksForDuplicates) return false
      if (state.seen.has(id, now)) return true
      change({ kind: 'seen', id, at: now })
      return false
    },
    skipNumber,
    handOut(stored, mode, token, now) {
      if (mode === 'receive-and-delete') {
        drop(stored)
        return stored
      }
      const until = now + rules.lockSeconds * 1_000
      const lock: Lock = rules.requiresSession ? { token } : { token, until }
      change({ kind: 'locked', sequence: stored.sequence, lock })
      return state.messages.get(stored.sequence) ?? stored
    },
    renew({ sequence }, token, now) {
      const until = now + rules.lockSeconds * 1_000
      // No delivery begins, so there is nothing to keep.
      state.apply({ kind: 'locked', sequence, lock: { token, until } })
      return until
    },
    drop,
    bury,
    giveBack,
    defer: (stored, properties) =>
      returnTo('deferred', stored, { ...stored.properties, ...properties }),
    putBack: (stored) =>
      returnTo(stored.wasDeferred ? 'deferred' : 'ready', stored, stored.properties),
    endTime(stored, now) {
      if (stored.state === 'locked') giveBack(stored)
      else if (stored.state === 'scheduled') {
        drop(stored)
        put(stored.message, now, stored.sequence)
      } else if (rules.deadLetterOnExpiry) bury(stored, expired)
      else drop(stored)
    },
  }
}
