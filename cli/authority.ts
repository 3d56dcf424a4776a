import * as oauth from 'oauth4webapi'
import * as z from 'zod'
import type { Account } from './accounts.ts'
import { isLoopback } from './address.ts'
import { CliError } from './cli-error.ts'
import type { World } from './world.ts'

const signInSchema = z.object({
  authority: z.string(),
  tenantId: z.string(),
  clientId: z.string(),
  scope: z.string(),
})

/** What a broker says about signing in. */
type SignInFacts = z.infer<typeof signInSchema>

/** A token is left alone a little before its end: the way to the broker takes time, too. */
const earlySeconds = 60

/** The authority that a broker trusts, ready to be asked. */
export interface Authority {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly scope: string
  readonly options: oauth.TokenEndpointRequestOptions
}

/** The authority of the broker at this address. */
export async function authorityOf(world: World, address: string): Promise<Authority> {
  return discover(world, await readFacts(address))
}

/** Asks the authority that a broker names where its endpoints are. */
export async function discover(world: World, facts: SignInFacts): Promise<Authority> {
  const isLocal = isLoopback(facts.authority)
  if (!isLocal && !facts.authority.startsWith('https://')) {
    throw new CliError(`Cannot sign in: the broker names an authority without https`)
  }
  const options = { [oauth.allowInsecureRequests]: isLocal }
  const issuer = new URL(`${facts.authority.replace(/\/$/, '')}/${facts.tenantId}/v2.0`)
  try {
    const response = await oauth.discoveryRequest(issuer, options)
    const server = await oauth.processDiscoveryResponse(issuer, response)
    const client = { client_id: world.env['ENTRA_JIT_CLIENT_ID'] ?? facts.clientId }
    return { server, client, scope: facts.scope, options }
  } catch (cause) {
    throw new CliError(`Cannot sign in: ${issuer.origin} does not answer as an authority`, {
      cause,
    })
  }
}

/** What the broker at this address says about signing in. */
export async function readFacts(address: string): Promise<SignInFacts> {
  let response: Response
  try {
    response = await fetch(`${address}/api/sign-in`)
  } catch (cause) {
    throw new CliError(`Cannot sign in: nothing answers at ${address}`, {
      hint: 'Is the broker running there? Another address: --url, or ENTRA_JIT_URL.',
      cause,
    })
  }
  const facts = signInSchema.safeParse(response.ok ? await response.json() : undefined)
  if (!facts.success) {
    throw new CliError(`Cannot sign in: what answers at ${address} is no broker`)
  }
  return facts.data
}

/** What is kept of the tokens that somebody got. */
export function accountOf(tokens: oauth.TokenEndpointResponse, now: Date): Account {
  const seconds = Math.max(0, (tokens.expires_in ?? 3_600) - earlySeconds)
  const claims = oauth.getValidatedIdTokenClaims(tokens)
  const name = claims?.['preferred_username'] ?? claims?.['name']
  return {
    accessToken: tokens.access_token,
    expiresAt: new Date(now.getTime() + seconds * 1_000).toISOString(),
    ...(tokens.refresh_token === undefined ? {} : { refreshToken: tokens.refresh_token }),
    ...(typeof name === 'string' ? { name } : {}),
  }
}

/** Says in one line why nobody was signed in. */
export function refusalOf(error: unknown): CliError {
  if (error instanceof CliError) return error
  const isRefusal =
    error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError
  const reason = isRefusal
    ? (error.error_description ?? error.error)
    : error instanceof Error
      ? error.message
      : String(error)
  return new CliError(`Cannot sign in: ${firstLine(reason)}`, { cause: error })
}

/** Entra adds trace ids and time on lines of their own. */
function firstLine(text: string): string {
  return text.split(/[\r\n]/)[0]?.replace(/ Trace ID: .*$/, '') ?? ''
}
