import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as oauth from 'oauth4webapi'
import type { Account } from './accounts.ts'
import { findLocalStack, isLoopback } from './address.ts'
import { accountOf, authorityOf, discover, readFacts, refusalOf } from './authority.ts'
import { CliError } from './cli-error.ts'
import type { World } from './world.ts'

const waitMilliseconds = 5 * 60_000
/** Signs somebody in with a browser: authorization code with PKCE, answered on this machine. */
export async function signInByBrowser(
  world: World,
  address: string,
  opensBrowser: boolean,
): Promise<Account> {
  const authority = await authorityOf(world, address)
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
  const { server, client, options } = await authorityOf(world, address)
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

/** A sample person by first name, or anybody by principal name or object id. */
function nameOf(world: World, who: string): string {
  if (who.includes('@') || /^[0-9a-f-]{36}$/i.test(who)) return who
  const person = findLocalStack(world)?.people.find(({ name }) => name === who.toLowerCase())
  return person?.userPrincipalName ?? `${who}@contoso.example`
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
