/** Stable codes. Callers branch on these, never on message text. */
export type BrokerErrorCode =
  | 'DIRECTORY_UNAVAILABLE'
  | 'LEDGER_UNAVAILABLE'
  | 'LEDGER_CONFLICT'
  | 'SETTINGS_INVALID'
  | 'TOKEN_INVALID'
  | 'IDENTITY_UNAVAILABLE'

/** Base of every error thrown on purpose. Anything else that escapes is a bug. */
export abstract class BrokerError extends Error {
  abstract readonly code: BrokerErrorCode
  /** Whether the same call may succeed later with nothing changed. */
  abstract readonly retryable: boolean
}

/** A read of the directory did not answer; nothing can be said about what it holds. */
export class DirectoryUnavailableError extends BrokerError {
  override readonly name = 'DirectoryUnavailableError'
  readonly code = 'DIRECTORY_UNAVAILABLE'
  readonly retryable = true
  readonly retryAfterSeconds: number | undefined

  constructor(action: string, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(`Cannot ${action}: the directory did not answer`, options)
    this.retryAfterSeconds = options?.retryAfterSeconds
  }
}
