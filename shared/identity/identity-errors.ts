import { BrokerError } from '../access/errors.ts'

/** What was wrong with a token, for logs. A stranger learns only that it was refused. */
export type TokenFault =
  | 'missing'
  | 'malformed'
  | 'oversized'
  | 'algorithm'
  | 'signature'
  | 'unknown-key'
  | 'expired'
  | 'not-yet-valid'
  | 'issuer'
  | 'audience'
  | 'tenant'
  | 'claims'
  | 'scope'
  | 'roles'

/** Nobody that the broker knows: no token, or one that does not prove who calls. */
export class TokenInvalidError extends BrokerError {
  override readonly name = 'TokenInvalidError'
  readonly code = 'TOKEN_INVALID'
  readonly retryable = false
  readonly reason: TokenFault

  constructor(reason: TokenFault, options?: { cause?: unknown }) {
    super(`Cannot accept the token: ${reason}`, options)
    this.reason = reason
  }
}

/** The keys that prove tokens cannot be had, so nobody can be told from anybody. */
export class IdentityUnavailableError extends BrokerError {
  override readonly name = 'IdentityUnavailableError'
  readonly code = 'IDENTITY_UNAVAILABLE'
  readonly retryable = true

  constructor(options?: { cause?: unknown }) {
    super('Cannot tell who calls: the signing keys of the tenant did not come', options)
  }
}
