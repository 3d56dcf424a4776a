import { createHash, randomBytes } from 'node:crypto'
import { OAuthRefusal } from './oauth-error.ts'

/** What a person agreed to when he signed in. */
export interface Authorization {
  readonly userId: string
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: string
  readonly codeChallenge: string
  readonly nonce: string | undefined
}

const lifeMilliseconds = 5 * 60_000
const mostCodes = 1_000

export interface AuthorizationCodes {
  issue(authorization: Authorization): string
  /** Takes a code in; it is good once, for whoever has the verifier. */
  redeem(code: string, verifier: string, redirectUri: string): Authorization
}

/** One-time codes with PKCE (RFC 7636, S256). */
export function createAuthorizationCodes(now: () => Date): AuthorizationCodes {
  const codes = new Map<string, { authorization: Authorization; until: number }>()
  return {
    issue(authorization) {
      const code = randomBytes(32).toString('base64url')
      const [oldest] = codes.keys()
      if (codes.size >= mostCodes && oldest !== undefined) codes.delete(oldest)
      codes.set(code, { authorization, until: now().getTime() + lifeMilliseconds })
      return code
    },
    redeem(code, verifier, redirectUri) {
      const found = codes.get(code)
      codes.delete(code)
      if (found === undefined || found.until < now().getTime()) {
        throw new OAuthRefusal(
          'invalid_grant',
          70008,
          'The provided authorization code or refresh token has expired or was used before.',
        )
      }
      const { authorization } = found
      if (authorization.redirectUri !== redirectUri) {
        throw new OAuthRefusal(
          'invalid_grant',
          50011,
          'The redirect URI is not that of the sign-in.',
        )
      }
      const challenge = createHash('sha256').update(verifier).digest('base64url')
      if (challenge !== authorization.codeChallenge) {
        throw new OAuthRefusal(
          'invalid_grant',
          501481,
          'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
        )
      }
      return authorization
    },
  }
}
