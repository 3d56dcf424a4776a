import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oauth from 'oauth4webapi'
import * as z from 'zod'
import type { Account } from './accounts.ts'
import { findLocalStack, isLoopback } from './address.ts'
import { CliError } from './cli-error.ts'
import type { World } from './world.ts'

const signInSchema = z.object({
  authority: z.string(),
  tenantId: z.string(),
  clientId: z.string(),
  scope: z.string(),
})

type SignInFacts = z.infer<typeof signInSchema>

const waitMilliseconds = 5 * 60_000
/** A token is left alone a little before its end: the way to the broker takes time, too. */
const earlySeconds = 60

/** The authority that a broker trusts, ready to be asked. */
interface Authority {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly scope: string
  readonly options: oauth.TokenEndpointRequestOptions
}

/** Signs somebody in with a browser: authorization code with PKCE, answered on this machine. */
export async function signInByBrowser(
  world: World,
  address: string,
  opensBrowser: boolean,
): Promise<Account> {
  const authority = await discover(world, await readFacts(address))
  const { server, client } = authority
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const challenge = await oauth.calculatePKCECodeChallenge(verifier)
  const callback = await listenForCallback(state)
  try {
    const page = new URL(server.authorization_endpoint ?? '')
    page.search = new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: callback.redirectUri,
      scope: authority.scope,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state,
      nonce,
      prompt: 'select_account',
    }).toString()
    world.err.write(`Sign in on this page:\n\n  ${page.href}\n\n`)
    if (opensBrowser) await world.openBrowser(page.href)
    const parameters = oauth.validateAuthResponse(server, client, await callback.arrived, state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      callback.redirectUri,
      verifier,
      authority.options,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    })
    return accountOf(tokens, world.now())
  } catch (error) {
    throw refusalOf(error)
  } finally {
    callback.close()
  }
}

/** Signs in as one of the sample people: only where the authority is on this machine, too. */
export async function signInAs(world: World, address: string, who: string): Promise<Account> {
  const facts = await readFacts(address)
  if (!isLoopback(facts.authority)) {
    throw new CliError(`Cannot be ${who}: the broker's authority is not on this machine`, {
      hint: 'Sign in with: entra-jit login',
    })
  }
  const authority = await discover(world, facts)
  const { server, client } = authority
  const parameters = { username: nameOf(world, who), password: 'local', scope: authority.scope }
  try {
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      oauth.None(),
      'password',
      parameters,
      authority.options,
    )
    return accountOf(
      await oauth.processGenericTokenEndpointResponse(server, client, response),
      world.now(),
    )
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Takes a new token for an old sign-in; undefined where somebody has to sign in again. */
export async function refresh(
  world: World,
  address: string,
  account: Account,
): Promise<Account | undefined> {
  const { refreshToken } = account
  if (refreshToken === undefined) return undefined
  const { server, client, options } = await discover(world, await readFacts(address))
  try {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken,
      options,
    )
    const tokens = await oauth.processRefreshTokenResponse(server, client, response)
    return { ...account, ...accountOf(tokens, world.now()) }
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) return undefined
    throw refusalOf(error)
  }
}

async function discover(world: World, facts: SignInFacts): Promise<Authority> {
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

async function readFacts(address: string): Promise<SignInFacts> {
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

function accountOf(tokens: oauth.TokenEndpointResponse, now: Date): Account {
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

/** A sample person by first name, or anybody by principal name or object id. */
function nameOf(world: World, who: string): string {
  if (who.includes('@') || /^[0-9a-f-]{36}$/i.test(who)) return who
  const person = findLocalStack(world)?.people.find(({ name }) => name === who.toLowerCase())
  return person?.userPrincipalName ?? `${who}@contoso.example`
}

function refusalOf(error: unknown): CliError {
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

interface Callback {
  readonly redirectUri: string
  /** The address with which the browser came back. */
  readonly arrived: Promise<URL>
  close(): void
}

/** Waits on this machine for the browser to come back once; anything else is answered 404. */
async function listenForCallback(state: string): Promise<Callback> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const redirectUri = `http://localhost:${port}`
  const arrived = new Promise<URL>((resolve, reject) => {
    const late = new CliError('Cannot sign in: nobody came back from the page within five minutes')
    const timer = setTimeout(() => reject(late), waitMilliseconds)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const url = new URL(request.url ?? '/', redirectUri)
      if (url.pathname !== '/' || url.searchParams.get('state') !== state) {
        response.writeHead(404).end()
        return
      }
      clearTimeout(timer)
      const isRefused = url.searchParams.has('error')
      response.writeHead(200, pageHeaders).end(isRefused ? refusedPage : donePage)
      resolve(url)
    })
    server.on('close', () => clearTimeout(timer))
  })
  // Whoever gives up before has nothing to do with it any more.
  arrived.catch(() => undefined)
  return {
    redirectUri,
    arrived,
    close() {
      server.close()
      server.closeIdleConnections()
    },
  }
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  connection: 'close',
}

const page = (text: string) =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>entra-jit</title></head><body><p>${text}</p></body></html>\n`

const donePage = page('You are signed in. This page can be closed; go on in the terminal.')
const refusedPage = page('The sign-in was refused. The terminal says why; this page can be closed.')
