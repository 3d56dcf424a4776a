import * as oauth from 'oauth4webapi'
import { learnServerTime, serverNow } from '../api/server-clock.ts'
import * as pending from './pending-sign-in.ts'

/** What the broker says about signing in: `GET /api/sign-in`. */
interface Facts {
  readonly authority: string
  readonly tenantId: string
  readonly clientId: string
  readonly scope: string
  readonly endSession: string
}

/** What a sign-in leads to. Kept in memory and nowhere else. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** By this machine's clock, from the life that the authority named. */
  readonly expiresAt: number
}

/** Words of the authority, or of this page, why nobody is signed in. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'
  readonly code: string

  constructor(code: string, words: string) {
    super(words)
    this.code = code
  }
}

interface Authority {
  readonly facts: Facts
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly options: { readonly [oauth.allowInsecureRequests]: boolean }
}

let known: Promise<Authority> | undefined

/** Leaves for the authority, which comes back to the path that was left. */
export async function leaveToSignIn(prompt?: 'none' | 'select_account'): Promise<never> {
  const { facts, server, client } = await authority()
  if (server.authorization_endpoint === undefined) throw noAuthority
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  pending.keep(state, {
    verifier,
    nonce,
    path: pending.pathOf(location),
    isSilent: prompt === 'none',
  })
  const target = new URL(server.authorization_endpoint)
  const parameters = {
    client_id: client.client_id,
    response_type: 'code',
    // Behind the hash, so that the code is in no log of a server.
    response_mode: 'fragment',
    redirect_uri: redirectUri(),
    scope: facts.scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(prompt === undefined ? {} : { prompt }),
  }
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value)
  location.replace(target)
  return new Promise<never>(() => {})
}

/** The parameters with which the authority came back; undefined where it did not. */
export function callbackOf({ hash }: Pick<Location, 'hash'>): URLSearchParams | undefined {
  const parameters = new URLSearchParams(hash.slice(1))
  const isCallback = parameters.has('state') && (parameters.has('code') || parameters.has('error'))
  return isCallback ? parameters : undefined
}

/** Takes the code in. The address is again the one that was left, also where the sign-in failed. */
export async function takeCallback(parameters: URLSearchParams): Promise<Tokens> {
  const state = parameters.get('state') ?? ''
  const left = pending.take(state)
  if (left === undefined) {
    history.replaceState(null, '', '/')
    throw new SignInRefused('unknown-state', wordsOf(parameters) ?? strange)
  }
  history.replaceState(null, '', left.path)
  if (parameters.has('error') && left.isSilent && mustAsk.has(parameters.get('error') ?? '')) {
    return leaveToSignIn()
  }
  try {
    const { server, client, options } = await authority()
    const checked = oauth.validateAuthResponse(server, client, parameters, state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      checked,
      redirectUri(),
      left.verifier,
      options,
    )
    const grant = { expectedNonce: left.nonce, requireIdToken: true }
    return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response, grant))
  } catch (error) {
    throw refusalOf(error)
  }
}

/** New tokens without leaving the page; undefined where the authority wants to see the person. */
export async function refreshTokens(refreshToken: string): Promise<Tokens | undefined> {
  try {
    const { server, client, options } = await authority()
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken,
      options,
    )
    return tokensOf(await oauth.processRefreshTokenResponse(server, client, response))
  } catch {
    // Whatever is wrong with it: signing in again tells.
    return undefined
  }
}

/** Signs out of the authority too, which comes back to the page that says so. */
export async function leaveToSignOut(): Promise<void> {
  const { facts } = await authority()
  const target = new URL(facts.endSession)
  target.searchParams.set('post_logout_redirect_uri', `${location.origin}/signed-out`)
  location.replace(target)
}

/** The authority asks for the person where a silent sign-in will not do. */
const mustAsk = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
])

const strange = 'This sign-in was not begun in this tab, or it was finished before.'
const noAuthority = new SignInRefused('no-authority', 'The place to sign in does not answer.')

function authority(): Promise<Authority> {
  known ??= discover().catch((error: unknown) => {
    known = undefined
    throw error
  })
  return known
}

async function discover(): Promise<Authority> {
  const facts = await readFacts()
  const issuer = new URL(`${facts.authority.replace(/\/$/, '')}/${facts.tenantId}/v2.0`)
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(issuer.hostname)
  const options = { [oauth.allowInsecureRequests]: isLocal }
  try {
    const response = await oauth.discoveryRequest(issuer, options)
    const server = await oauth.processDiscoveryResponse(issuer, response)
    // Tokens are judged by the service's clock: that of this machine may be wrong by a day.
    const ahead = Math.round((serverNow() - Date.now()) / 1_000)
    const clock = { [oauth.clockSkew]: ahead, [oauth.clockTolerance]: 60 }
    return { facts, server, client: { client_id: facts.clientId, ...clock }, options }
  } catch {
    throw noAuthority
  }
}

async function readFacts(): Promise<Facts> {
  const sentAt = Date.now()
  // Past the cache: its date says what time it is.
  const response = await fetch('/api/sign-in', { cache: 'no-store' }).catch(() => undefined)
  learnServerTime(response?.headers.get('date') ?? null, sentAt, Date.now())
  if (response?.ok !== true) {
    throw new SignInRefused('no-api', 'The service does not answer at the moment.')
  }
  return (await response.json()) as Facts
}

function redirectUri(): string {
  return `${location.origin}/`
}

function tokensOf(answer: oauth.TokenEndpointResponse): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresAt: Date.now() + (answer.expires_in ?? 300) * 1_000,
  }
}

function wordsOf(parameters: URLSearchParams): string | undefined {
  return parameters.get('error_description') ?? parameters.get('error') ?? undefined
}

function refusalOf(error: unknown): SignInRefused {
  if (error instanceof SignInRefused) return error
  if (error instanceof oauth.AuthorizationResponseError) {
    return new SignInRefused(error.error, wordsOf(error.cause) ?? error.error)
  }
  if (error instanceof oauth.ResponseBodyError) {
    return new SignInRefused(error.error, error.error_description ?? error.error)
  }
  return new SignInRefused('failed', error instanceof Error ? error.message : String(error))
}
