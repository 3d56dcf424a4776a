import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts'
import type { SimulatedTenant, SimulatedUser } from '../tenant.ts'
import { createAuthorizationCodes } from './authorization-codes.ts'
import { apiScope, audienceOf, clientOf, credentialsOf, isKnown, knownClient } from './clients.ts'
import { createDeviceCodes, deviceCodeSeconds, pollSeconds } from './device-codes.ts'
import { devicePage } from './device-page.ts'
import { OAuthRefusal, oauthErrorAnswer } from './oauth-error.ts'
import { openIdConfiguration } from './openid-configuration.ts'
import { sessionCookie, sessionOf } from './session-cookie.ts'
import { errorPage, signInPage } from './sign-in-page.ts'
import { openSigningKey } from './signing-key.ts'
import { createTokens, graphAudience, signInUser, tokenSeconds } from './tokens.ts'

interface Needs {
  readonly tenant: () => SimulatedTenant
  readonly now: () => Date
  /** Where the authority is reached: the issuer of its tokens begins with it. */
  readonly origin: string
  readonly stateDirectory?: string
}

/** The half of Entra where people and applications sign in. */
export interface Authority {
  /** Undefined where the address is none of its own. */
  handle(request: SimulatorRequest): Promise<SimulatorAnswer | undefined>
  /** Application permissions of a good token for Graph. */
  checkGraphToken(
    authorization: string | undefined,
  ): Promise<{ readonly roles: readonly string[]; readonly clientId: string } | undefined>
}

/** Password of every sample person: this authority lives on one machine. */
const password = 'local'

const tenantAliases = ['common', 'organizations']

export async function createAuthority(needs: Needs): Promise<Authority> {
  const { tenant, now, origin } = needs
  const base = `${origin}/${tenant().tenantId}`
  const issuer = `${base}/v2.0`
  const key = await openSigningKey(needs.stateDirectory)
  const tokens = createTokens({ key, issuer, tenant, now })
  const codes = createAuthorizationCodes(now)

  const deviceCodes = createDeviceCodes(now)

  async function token(form: URLSearchParams, authorization = ''): Promise<SimulatorAnswer> {
    const field = fieldsOf(form)
    switch (form.get('grant_type')) {
      case 'client_credentials': {
        const client = clientOf(tenant(), credentialsOf(form, authorization))
        const audience = audienceOf(field('scope'), tenant(), origin)
        return tokenAnswer({ access_token: await tokens.forClient(client, audience) })
      }
      case 'password': {
        const client = field('client_id')
        knownClient(tenant(), client)
        apiScope(field('scope'), tenant())
        const user = signInUser(tenant(), field('username'))
        if (field('password') !== password) {
          const text = 'Error validating credentials due to invalid username or password.'
          throw new OAuthRefusal('invalid_grant', 50126, text)
        }
        return forUser(user, client, field('scope'))
      }
      case 'authorization_code': {
        const code = codes.redeem(field('code'), field('code_verifier'), field('redirect_uri'))
        if (field('client_id') !== code.clientId) {
          throw new OAuthRefusal('invalid_grant', 700005, 'The code was issued to another client.')
        }
        return forUser(signInUser(tenant(), code.userId), code.clientId, code.scope, code.nonce)
      }
      case 'urn:ietf:params:oauth:grant-type:device_code': {
        const client = field('client_id')
        const { userId, scope } = deviceCodes.redeem(field('device_code'), client)
        return forUser(signInUser(tenant(), userId), client, scope)
      }
      default:
        throw new OAuthRefusal(
          'unsupported_grant_type',
          70003,
          `The app requested an unsupported grant type '${form.get('grant_type') ?? ''}'.`,
        )
    }
  }

  async function forUser(user: SimulatedUser, client: string, scope: string, nonce?: string) {
    const isOpenId = scope.split(' ').includes('openid')
    return tokenAnswer({
      scope,
      access_token: await tokens.forUser(user, client),
      ...(isOpenId ? { id_token: await tokens.idToken(user, client, nonce) } : {}),
    })
  }

  function deviceCode(form: URLSearchParams): SimulatorAnswer {
    const field = fieldsOf(form)
    const [clientId, scope] = [field('client_id'), field('scope')]
    knownClient(tenant(), clientId)
    apiScope(scope, tenant())
    const issued = deviceCodes.issue({ clientId, scope })
    const page = `${base}/device`
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        user_code: issued.userCode,
        device_code: issued.deviceCode,
        verification_uri: page,
        expires_in: deviceCodeSeconds,
        interval: pollSeconds,
        message: `To sign in, use a web browser to open the page ${page} and enter the code ${issued.userCode} to authenticate.`,
      },
    }
  }

  function authorize({ url, headers: sent }: SimulatorRequest): SimulatorAnswer {
    const query = url.searchParams
    const clientId = query.get('client_id') ?? ''
    const redirectUri = query.get('redirect_uri') ?? ''
    const redirect = URL.parse(redirectUri)
    if (!isKnown(tenant(), clientId)) return errorPage(`There is no application ${clientId} here.`)
    if (redirect === null || !isLoopback(redirect)) {
      return errorPage('The redirect URI is not on this machine.')
    }
    const back = (
      values: Readonly<Record<string, string>>,
      headers: Readonly<Record<string, string>> = {},
    ): SimulatorAnswer => {
      const target = new URL(redirect)
      const state = query.get('state')
      const all = { ...values, ...(state === null ? {} : { state }) }
      if (query.get('response_mode') === 'fragment') {
        target.hash = new URLSearchParams(all).toString()
      } else {
        for (const [name, value] of Object.entries(all)) target.searchParams.set(name, value)
      }
      const location = { location: target.href, 'referrer-policy': 'no-referrer' }
      return { status: 302, headers: { ...location, ...headers } }
    }
    const refuse = (error: string, description: string) =>
      back({ error, error_description: description })

    if (query.get('response_type') !== 'code') {
      return refuse('unsupported_response_type', 'Only the response type "code" is offered.')
    }
    const codeChallenge = query.get('code_challenge') ?? ''
    if (query.get('code_challenge_method') !== 'S256' || codeChallenge === '') {
      return refuse('invalid_request', 'AADSTS501481: PKCE with S256 is required.')
    }
    const asks = ['login', 'select_account'].includes(query.get('prompt') ?? '')
    const picked =
      query.get('user') ?? query.get('login_hint') ?? (asks ? null : sessionOf(sent['cookie']))
    const users = tenant().users.filter(({ accountEnabled }) => accountEnabled)
    const user = users.find(({ id, userPrincipalName }) =>
      [id, userPrincipalName.toLowerCase()].includes(picked?.toLowerCase() ?? ''),
    )
    if (user === undefined) {
      if (query.get('prompt') === 'none') {
        return refuse(
          'login_required',
          'AADSTS50058: A silent sign-in request was sent but no user is signed in.',
        )
      }
      const hidden = new URLSearchParams(query)
      hidden.delete('search')
      return signInPage(users, query.get('search') ?? '', hidden, ({ id }) => {
        const address = new URLSearchParams(hidden)
        address.set('user', id)
        return `${url.pathname}?${address}`
      })
    }
    const code = codes.issue({
      ...{ clientId, redirectUri, codeChallenge },
      userId: user.id,
      scope: query.get('scope') ?? '',
      nonce: query.get('nonce') ?? undefined,
    })
    return back({ code }, { 'set-cookie': sessionCookie(tenant(), user.id) })
  }

  async function route(request: SimulatorRequest): Promise<SimulatorAnswer | undefined> {
    const [first = '', ...rest] = request.url.pathname.slice(1).split('/')
    if (![tenant().tenantId, ...tenantAliases].includes(first.toLowerCase())) return undefined
    switch (`${request.method} ${rest.join('/')}`) {
      case 'GET v2.0/.well-known/openid-configuration':
        return { status: 200, body: openIdConfiguration(base, issuer) }
      case 'GET discovery/v2.0/keys':
        return { status: 200, body: { keys: [{ ...key.publicJwk, issuer }] } }
      case 'POST oauth2/v2.0/token':
        return token(new URLSearchParams(request.body), request.headers['authorization'])
      case 'POST oauth2/v2.0/devicecode':
        return deviceCode(new URLSearchParams(request.body))
      case 'GET device':
        return devicePage(request, deviceCodes, tenant())
      case 'GET oauth2/v2.0/authorize':
        return authorize(request)
      case 'GET oauth2/v2.0/logout':
        return logout(request, tenant())
      default:
        return undefined
    }
  }

  return {
    async handle(request) {
      const cors = corsHeaders(request.headers['origin'])
      if (request.method === 'OPTIONS') return { status: 204, headers: cors }
      try {
        const answer = await route(request)
        return answer && { ...answer, headers: { ...cors, ...answer.headers } }
      } catch (error) {
        if (!(error instanceof OAuthRefusal)) throw error
        return { ...oauthErrorAnswer(error, now()), headers: cors }
      }
    },
    async checkGraphToken(authorization) {
      const value = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
      const claims = value === undefined ? undefined : await tokens.read(value, graphAudience)
      if (claims === undefined) return undefined
      const roles = Array.isArray(claims['roles']) ? claims['roles'].map(String) : []
      return { roles, clientId: String(claims['azp'] ?? '') }
    },
  }
}

/** The fields of a form that must be there. */
function fieldsOf(form: URLSearchParams) {
  return (name: string): string => {
    const value = form.get(name)
    if (value === null || value === '') {
      const text = `The request body must contain the following parameter: '${name}'.`
      throw new OAuthRefusal('invalid_request', 900144, text)
    }
    return value
  }
}

function tokenAnswer(tokens: Readonly<Record<string, string>>): SimulatorAnswer {
  const life = { expires_in: tokenSeconds, ext_expires_in: tokenSeconds }
  return {
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    body: { token_type: 'Bearer', ...life, ...tokens },
  }
}

function logout({ url }: SimulatorRequest, tenant: SimulatedTenant): SimulatorAnswer {
  const target = URL.parse(url.searchParams.get('post_logout_redirect_uri') ?? '')
  const over = { 'set-cookie': `${sessionCookie(tenant, '')}; Max-Age=0` }
  if (target !== null && isLoopback(target)) {
    return { status: 302, headers: { ...over, location: target.href } }
  }
  const headers = { ...over, 'content-type': 'text/plain' }
  return { status: 200, headers, body: 'Signed out.\n' }
}

function isLoopback({ protocol, hostname }: URL): boolean {
  const isHttp = protocol === 'http:' || protocol === 'https:'
  return isHttp && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** A page of this machine may ask for tokens, no other one. */
function corsHeaders(origin: string | undefined): Record<string, string> {
  const url = URL.parse(origin ?? '')
  if (url === null || !isLoopback(url)) return {}
  return {
    'access-control-allow-origin': url.origin,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type, authorization',
    vary: 'origin',
  }
}
