import { type Agenda, createAgenda } from './agenda.ts'
import { createDuplicateWindow, type DuplicateWindow } from './duplicates.ts'
import type { Change, Stored } from './message.ts'
import { createSessions, type Sessions } from './sessions.ts'

/** What an entity holds, changed by nothing but changes. */
export interface QueueState {
  readonly messages: ReadonlyMap<number, Stored>
  readonly lastSequence: number
  readonly sessions: Sessions
  readonly seen: DuplicateWindow
  apply(change: Change): void
  withToken(token: string): Stored | undefined
  /** First in line; with a session, first in line of that session. */
  firstReady(session?: string): Stored | undefined
  /** The message something happens to next: its lock or its life ends, or its time comes. */
  firstDue(): { readonly sequence: number; readonly at: number } | undefined
  readySessions(): Iterable<string>
  /** The changes that give this state when applied to an empty one. */
  snapshot(): Iterable<Change>
}

interface StateParts {
  readonly bySession: boolean
  readonly duplicateMilliseconds: number
  /** When the message's life ends; undefined where messages live for ever. */
  readonly expiresAt: (stored: Stored) => number | undefined
}

const withoutSession = ''

/** Starts empty; {@link QueueState.apply} brings back what a journal holds. */
export function createQueueState(parts: StateParts): QueueState {
  const messages = new Map<number, Stored>()
  const tokens = new Map<string, number>()
  const lines = new Map<string, Agenda>()
  const due = createAgenda()
  const sessions = createSessions()
  const seen = createDuplicateWindow(parts.duplicateMilliseconds)
  let lastSequence = 0

  const lineOf = (stored: Stored) =>
    parts.bySession ? (stored.message.sessionId ?? withoutSession) : withoutSession

  function remove(sequence: number): void {
    const stored = messages.get(sequence)
    if (stored === undefined) return
    messages.delete(sequence)
    leave(stored)
  }

  function leave(stored: Stored): void {
    due.delete(stored.sequence)
    if (stored.lock !== undefined) tokens.delete(stored.lock.token)
    if (stored.state !== 'ready') return
    const name = lineOf(stored)
    const line = lines.get(name)
    line?.delete(stored.sequence)
    if (line?.size === 0) lines.delete(name)
  }

  function place(stored: Stored): void {
    const before = messages.get(stored.sequence)
    if (before !== undefined) leave(before)
    messages.set(stored.sequence, stored)
    const at = dueAt(stored)
    if (at !== undefined) due.set(stored.sequence, at)
    if (stored.lock !== undefined) tokens.set(stored.lock.token, stored.sequence)
    if (stored.state === 'ready') {
      const name = lineOf(stored)
      const line = lines.get(name) ?? createAgenda()
      lines.set(name, line)
      line.set(stored.sequence, stored.sequence)
    }
  }

  function dueAt(stored: Stored): number | undefined {
    if (stored.state === 'locked') return stored.lock?.until
    return stored.state === 'scheduled' ? stored.scheduledFor : parts.expiresAt(stored)
  }

  function apply(change: Change): void {
    switch (change.kind) {
      case 'last-sequence':
        lastSequence = Math.max(lastSequence, change.sequence)
        break
      case 'put':
        lastSequence = Math.max(lastSequence, change.stored.sequence)
        place(change.stored)
        break
      case 'gone':
        remove(change.sequence)
        break
      case 'session-state':
        sessions.setState(change.session, change.state)
        break
      case 'seen':
        seen.add(change.id, change.at)
        break
      case 'locked':
      case 'returned': {
        const stored = messages.get(change.sequence)
        if (stored !== undefined) place(moved(stored, change))
        break
      }
      default:
        change satisfies never
    }
  }

  return {
    messages,
    get lastSequence() {
      return lastSequence
    },
    sessions,
    seen,
    apply,
    withToken(token) {
      const sequence = tokens.get(token)
      return sequence === undefined ? undefined : messages.get(sequence)
    },
    firstReady(session = withoutSession) {
      const first = lines.get(session)?.first()
      return first === undefined ? undefined : messages.get(first.key)
    },
    firstDue() {
      const first = due.first()
      return first === undefined ? undefined : { sequence: first.key, at: first.at }
    },
    readySessions: () => lines.keys(),
    *snapshot() {
      yield { kind: 'last-sequence', sequence: lastSequence }
      for (const stored of messages.values()) yield { kind: 'put', stored }
      for (const [session, state] of sessions.states()) {
        yield { kind: 'session-state', session, state }
      }
      for (const [id, at] of seen.entries()) yield { kind: 'seen', id, at }
    },
  }
}

function moved(stored: Stored, change: Change & { kind: 'locked' | 'returned' }): Stored {
  const { lock, wasDeferred, ...rest } = stored
  if (change.kind === 'returned') {
    return {
      ...rest,
      state: change.state,
      deliveryCount: change.deliveryCount,
      ...(change.properties === undefined ? {} : { properties: change.properties }),
    }
  }
  // A renewed lock is a lock once more: where the message came from stays as it was.
  const fromDeferred =
    stored.state === 'locked' ? wasDeferred === true : stored.state === 'deferred'
  return {
    ...rest,
    state: 'locked',
    wasDeferred: fromDeferred,
    ...(change.lock === undefined ? {} : { lock: change.lock }),
  }
}
