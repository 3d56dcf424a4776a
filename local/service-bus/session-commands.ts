import type { RecordChange, Stored } from './message.ts'
import type { Moves } from './moves.ts'
import type { QueueState } from './queue-state.ts'

/** What receivers do with the sessions of one queue. */
export interface SessionCommands {
  /** Claims the named session, or the one whose message waits longest, if it is free. */
  take(holder: string, now: number, session?: string): Claim | undefined
  /** The new end of the claim, or undefined when it is lost. */
  renew(session: string, holder: string, now: number): number | undefined
  isHeldBy(session: string, holder: string, now: number): boolean
  /** Gives the session back; what its holder left unsettled is in line again, not counted. */
  release(session: string, holder: string, now: number): void
  lockedUntil(session: string): number | undefined
  state(session: string): Uint8Array | undefined
  setState(session: string, state: Uint8Array | undefined): void
  /** Ends the claims whose time is over; what they left unsettled counts as delivered in vain. */
  advance(now: number): void
  dueAt(): number | undefined
}

interface Claim {
  readonly session: string
  readonly until: number
}

interface SessionParts {
  readonly state: QueueState
  readonly moves: Moves
  readonly change: RecordChange
  readonly lockMilliseconds: number
}

/** Sessions hold the locks of their messages: who holds the session may settle them. */
export function createSessionCommands(parts: SessionParts): SessionCommands {
  const { state, moves, change, lockMilliseconds } = parts
  const { sessions } = state

  const lockedIn = (session: string) =>
    [...state.messages.values()].filter(
      (stored) => stored.state === 'locked' && stored.message.sessionId === session,
    )

  function advance(now: number): void {
    for (let end = sessions.firstToEnd(); end !== undefined && end.until <= now; ) {
      sessions.release(end.session)
      for (const stored of lockedIn(end.session)) moves.giveBack(stored)
      end = sessions.firstToEnd()
    }
  }

  function nextFree(): string | undefined {
    let longest: Stored | undefined
    for (const session of state.readySessions()) {
      const first = sessions.isTaken(session) ? undefined : state.firstReady(session)
      if (first && (longest === undefined || first.sequence < longest.sequence)) longest = first
    }
    return longest?.message.sessionId
  }

  return {
    take(holder, now, named) {
      advance(now)
      const session = named ?? nextFree()
      if (session === undefined || sessions.isTaken(session)) return undefined
      const until = now + lockMilliseconds
      sessions.take(session, holder, until)
      return { session, until }
    },
    renew(session, holder, now) {
      advance(now)
      if (!sessions.holds(session, holder)) return undefined
      const until = now + lockMilliseconds
      sessions.take(session, holder, until)
      return until
    },
    isHeldBy(session, holder, now) {
      advance(now)
      return sessions.holds(session, holder)
    },
    release(session, holder, now) {
      advance(now)
      if (!sessions.holds(session, holder)) return
      sessions.release(session)
      for (const stored of lockedIn(session)) moves.putBack(stored)
    },
    lockedUntil: (session) => sessions.until(session),
    state: (session) => sessions.state(session),
    setState(session, value) {
      change({ kind: 'session-state', session, ...(value === undefined ? {} : { state: value }) })
    },
    advance,
    dueAt: () => sessions.firstToEnd()?.until,
  }
}
