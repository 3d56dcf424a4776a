import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'

/** The connector's credential; it can be told that a token was refused. */
export interface ConnectorCredential extends TokenCredential {
  /** Makes the next call ask for a new token. */
  forget?(): void
}

/** A token is used no longer than until five minutes before its end. */
const spareMilliseconds = 5 * 60_000

/** Keeps the last token of each scope, and asks once where many ask at the same time. */
export function cacheTokens(credential: TokenCredential, now: () => Date): ConnectorCredential {
  const tokens = new Map<string, AccessToken>()
  const asking = new Map<string, Promise<AccessToken | null>>()

  const ask = async (scope: string): Promise<AccessToken | null> => {
    try {
      const token = await credential.getToken(scope)
      if (token !== null) tokens.set(scope, token)
      return token
    } finally {
      asking.delete(scope)
    }
  }

  return {
    async getToken(scopes: string | string[], _options?: GetTokenOptions) {
      const scope = typeof scopes === 'string' ? scopes : scopes.join(' ')
      const kept = tokens.get(scope)
      if (kept !== undefined && kept.expiresOnTimestamp - spareMilliseconds > now().getTime()) {
        return kept
      }
      // Shared by all who wait for it, so nobody's own time limit may end it.
      const asked = asking.get(scope) ?? ask(scope)
      asking.set(scope, asked)
      return asked
    },

    forget: () => tokens.clear(),
  }
}
