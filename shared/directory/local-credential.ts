import type { AccessToken, TokenCredential } from '@azure/identity'
import * as z from 'zod'
import { isLoopback } from './loopback.ts'

interface Needs {
  /** The local stand-in's address; anything that is not on this machine is refused. */
  readonly authority: string
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly now: () => Date
  readonly fetch: typeof fetch
}

const answerShape = z.object({ access_token: z.string().min(1), expires_in: z.number() })
const timeoutMilliseconds = 10_000

/** Client credentials at the local stand-in for Entra. Azure's own credentials insist on https. */
export function createLocalCredential(needs: Needs): TokenCredential {
  const authority = URL.parse(needs.authority)
  if (authority === null || !isLoopback(authority)) {
    throw new Error(
      `Cannot use the local credential at ${needs.authority}: the authority is not on this machine`,
    )
  }
  const address = new URL(`/${needs.tenantId}/oauth2/v2.0/token`, authority)

  return {
    async getToken(scopes): Promise<AccessToken> {
      const asked = needs.now().getTime()
      const answer = await needs.fetch(address, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMilliseconds),
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: needs.clientId,
          client_secret: needs.clientSecret,
          scope: typeof scopes === 'string' ? scopes : scopes.join(' '),
        }),
      })
      if (!answer.ok) throw new Error(`Cannot get a local token: the answer was ${answer.status}`)
      const token = answerShape.parse(await answer.json())
      return { token: token.access_token, expiresOnTimestamp: asked + token.expires_in * 1000 }
    },
  }
}
