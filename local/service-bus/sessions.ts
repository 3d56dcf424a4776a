/** Who holds which session, and what holders left behind as its state. */
export interface Sessions {
  /** The holder's claim ends at `until`, unless renewed. */
  take(session: string, holder: string, until: number): void
  holds(session: string, holder: string): boolean
  until(session: string): number | undefined
  isTaken(session: string): boolean
  release(session: string): void
  /** The next session whose claim ends, if any is held. */
  firstToEnd(): { readonly session: string; readonly until: number } | undefined
  state(session: string): Uint8Array | undefined
  setState(session: string, state: Uint8Array | undefined): void
  states(): Iterable<readonly [session: string, state: Uint8Array]>
}

/** Sessions are few at a time, so the next end is simply looked for. */
export function createSessions(): Sessions {
  const claims = new Map<string, { readonly holder: string; readonly until: number }>()
  const states = new Map<string, Uint8Array>()

  return {
    take(session, holder, until) {
      claims.set(session, { holder, until })
    },
    holds: (session, holder) => claims.get(session)?.holder === holder,
    until: (session) => claims.get(session)?.until,
    isTaken: (session) => claims.has(session),
    release(session) {
      claims.delete(session)
    },
    firstToEnd() {
      let first: { session: string; until: number } | undefined
      for (const [session, { until }] of claims) {
        if (first === undefined || until < first.until) first = { session, until }
      }
      return first
    },
    state: (session) => states.get(session),
    setState(session, state) {
      if (state === undefined) states.delete(session)
      else states.set(session, state)
    },
    states: () => states,
  }
}
