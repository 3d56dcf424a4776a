/** One call as `/_simulator/log` tells it. */
export interface LoggedCall {
  readonly at: string
  readonly method: string
  readonly path: string
  /** Absent where the caller got no answer at all. */
  readonly status: number | null
  readonly requestId: string
  readonly clientRequestId?: string
  /** Whether a write changed the tenant, whatever was answered. */
  readonly applied?: boolean
  /** Nothing is simulated at this address. */
  readonly unknown?: true
}

const mostCalls = 20_000

export interface CallLog {
  add(call: LoggedCall): void
  all(): readonly LoggedCall[]
  clear(): void
}

/** The latest calls, oldest first. */
export function createCallLog(): CallLog {
  let calls: LoggedCall[] = []
  return {
    add(call) {
      calls.push(call)
      // Cut rarely: shifting one by one would cost the length of the list each time.
      if (calls.length > mostCalls * 1.5) calls = calls.slice(-mostCalls)
    },
    all: () => calls.slice(-mostCalls),
    clear() {
      calls = []
    },
  }
}
