import { type QueueRules, ruleDefaults } from './entities.ts'
import type { Message, Properties, RecordChange, Stored } from './message.ts'
import { createMoves, type ReceiveMode } from './moves.ts'
import { createQueueState, type QueueState } from './queue-state.ts'
import { createSessionCommands, type SessionCommands } from './session-commands.ts'

/** How a receiver is done with a message it holds. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon' | 'defer'; readonly properties?: Properties }
  | { readonly kind: 'dead-letter'; readonly properties?: Properties }

interface Receive {
  readonly now: number
  readonly mode: ReceiveMode
  /** What the receiver will settle it with. */
  readonly token: string
  readonly session?: string
}

/**
 * The rules of one queue, subscription, topic or dead-letter queue: what each command does to the
 * messages, given the time. No I/O, no clock, no randomness; every change is recorded as it is made.
 */
export interface Queue {
  readonly requiresSession: boolean
  readonly sessions: SessionCommands
  readonly state: Pick<QueueState, 'apply' | 'snapshot' | 'messages'>
  /** Puts a message in line, or drops it when its id was seen lately. */
  enqueue(message: Message, now: number, enqueuedSequence?: number): void
  /** Keeps a message back until `at`; the number it returns takes the message back. */
  schedule(message: Message, at: number, now: number): number
  /** Takes scheduled messages back: all of them, or none when one is not to be found. */
  cancel(sequences: readonly number[], now: number): boolean
  /** Takes in a message of the entity these dead letters belong to; it keeps its number. */
  admit(stored: Stored): void
  receive(request: Receive): Stored | undefined
  /** Hands out deferred messages: all of them, or none when one is not to be found. */
  receiveDeferred(
    sequences: readonly number[],
    mode: ReceiveMode,
    newToken: () => string,
    now: number,
  ): readonly Stored[] | undefined
  settle(
    token: string,
    settlement: Settlement,
    now: number,
  ): 'settled' | 'lock-lost' | 'not-allowed'
  /** The new end of the lock, or undefined when it is lost. */
  renew(token: string, now: number): number | undefined
  peek(from: number, count: number, session?: string): readonly Stored[]
  /** Ends locks and lives that are over, and brings scheduled messages in line. */
  advance(now: number): void
  /** When {@link Queue.advance} has something to do next. */
  dueAt(): number | undefined
  /** Treats all locks as ended: after a restart nobody holds one. */
  forgetLocks(now: number): void
}

interface QueueParts {
  readonly rules: QueueRules & { readonly duplicateWindowSeconds?: number }
  readonly record: RecordChange
  /** Where messages go that cannot be delivered; those of dead letters and topics live for ever. */
  readonly deadLetters?: Queue
  /** What a topic does instead of keeping a message. */
  readonly forward?: (message: Message, sequence: number, now: number) => void
}

/** Builds an empty queue. */
export function createQueue({ rules: given, record, deadLetters, forward }: QueueParts): Queue {
  const rules = { ...ruleDefaults, ...given }
  const longestLife = rules.timeToLiveSeconds * 1_000
  const state = createQueueState({
    bySession: rules.requiresSession,
    duplicateMilliseconds: (rules.duplicateWindowSeconds ?? 0) * 1_000,
    expiresAt: ({ message, enqueuedAt }) =>
      deadLetters && enqueuedAt + Math.min(message.timeToLive ?? longestLife, longestLife),
  })
  const change: RecordChange = (made) => {
    state.apply(made)
    record(made)
  }
  const moves = createMoves({
    rules,
    looksForDuplicates: rules.duplicateWindowSeconds !== undefined,
    state,
    change,
    ...(deadLetters === undefined ? {} : { admitDeadLetter: deadLetters.admit }),
    ...(forward === undefined ? {} : { forward }),
  })
  const lockMilliseconds = rules.lockSeconds * 1_000
  const sessions = createSessionCommands({ state, moves, change, lockMilliseconds })

  function advance(now: number): void {
    for (let due = state.firstDue(); due !== undefined && due.at <= now; due = state.firstDue()) {
      const stored = state.messages.get(due.sequence)
      if (stored !== undefined) moves.endTime(stored, now)
    }
    sessions.advance(now)
  }

  return {
    requiresSession: rules.requiresSession,
    sessions,
    state,
    advance,
    enqueue(message, now, enqueuedSequence) {
      advance(now)
      if (!moves.isDuplicate(message, now)) moves.put(message, now, enqueuedSequence)
    },
    schedule(message, at, now) {
      advance(now)
      if (moves.isDuplicate(message, now)) return moves.skipNumber()
      const sequence = moves.keepBack(message, at, now)
      advance(now)
      return sequence
    },
    cancel(sequences, now) {
      advance(now)
      const found = withState('scheduled', sequences)
      for (const stored of found ?? []) moves.drop(stored)
      return found !== undefined
    },
    admit: (stored) => change({ kind: 'put', stored }),
    receive({ now, mode, token, session }) {
      advance(now)
      const stored = state.firstReady(session)
      return stored && moves.handOut(stored, mode, token, now)
    },
    receiveDeferred(sequences, mode, newToken, now) {
      advance(now)
      return withState('deferred', sequences)?.map((stored) =>
        moves.handOut(stored, mode, newToken(), now),
      )
    },
    settle(token, settlement, now) {
      advance(now)
      const stored = state.withToken(token)
      if (stored === undefined) return 'lock-lost'
      if (settlement.kind === 'dead-letter' && deadLetters === undefined) return 'not-allowed'
      settleStored(stored, settlement)
      return 'settled'
    },
    renew(token, now) {
      advance(now)
      const stored = state.withToken(token)
      return stored?.lock?.until === undefined ? undefined : moves.renew(stored, token, now)
    },
    peek(from, count, session) {
      return [...state.messages.values()]
        .filter(({ sequence, message }) => {
          return sequence >= from && (session === undefined || message.sessionId === session)
        })
        .sort((one, other) => one.sequence - other.sequence)
        .slice(0, count)
    },
    dueAt() {
      const message = state.firstDue()?.at ?? Number.POSITIVE_INFINITY
      const first = Math.min(message, sessions.dueAt() ?? Number.POSITIVE_INFINITY)
      return first === Number.POSITIVE_INFINITY ? undefined : first
    },
    forgetLocks(now) {
      for (const stored of state.messages.values()) {
        if (stored.state === 'locked') moves.giveBack(stored)
      }
      advance(now)
    },
  }

  function settleStored(stored: Stored, settlement: Settlement): void {
    switch (settlement.kind) {
      case 'complete':
        moves.drop(stored)
        break
      case 'abandon':
        moves.giveBack(stored, settlement.properties)
        break
      case 'defer':
        moves.defer(stored, settlement.properties)
        break
      case 'dead-letter':
        moves.bury(stored, settlement.properties ?? {})
        break
      default:
        settlement satisfies never
    }
  }

  /** All of these messages, or undefined when one is missing, named twice or elsewhere. */
  function withState(
    wanted: Stored['state'],
    sequences: readonly number[],
  ): readonly Stored[] | undefined {
    const found = [...new Set(sequences)].flatMap((one) => state.messages.get(one) ?? [])
    const isAll = found.length === sequences.length
    return isAll && found.every((stored) => stored.state === wanted) ? found : undefined
  }
}
