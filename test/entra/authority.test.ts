import { createHash, randomBytes } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiClientId, robotClientId, tenantId } from '../../local/seed/ids.ts'
import { person } from '../../local/seed/people.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { type Answer, type Simulator, startSimulator } from './start-simulator.ts'

const redirectUri = 'http://localhost:7071/portal'
const hostileName = '<img src=x onerror="alert(1)">'
const apiScope = `api://${apiClientId}/Access.Use`

let simulator: Simulator

beforeAll(async () => {
  const [first, ...others] = seedTenant.users
  if (first === undefined) throw new Error('Cannot test: the sample company is empty')
  const users = [
    first,
    { ...first, id: person('zoe').replace(/.$/, 'f'), displayName: hostileName },
  ]
  simulator = await startSimulator({ tenant: { ...seedTenant, users: [...users, ...others] } })
})

afterAll(() => simulator.stop())

const errorOf = ({ status, body }: Answer) => [status, body.error, body.error_codes?.[0]]

const asRobot = {
  grant_type: 'client_credentials',
  client_id: robotClientId,
  client_secret: 'local',
  scope: `api://${apiClientId}/.default`,
}

const asMia = {
  grant_type: 'password',
  client_id: apiClientId,
  username: 'mia@contoso.example',
  password: 'local',
  scope: apiScope,
}

describe('the token endpoint', () => {
  test('gives an application a token that its published keys prove, with its roles', async () => {
    const { status, body, headers } = await simulator.token(asRobot)
    const address = `/${tenantId}/v2.0/.well-known/openid-configuration`
    const configuration = JSON.parse(await (await simulator.fetch(address)).text())
    const keys = createRemoteJWKSet(new URL(configuration.jwks_uri))
    const { payload } = await jwtVerify(body.access_token, keys, {
      issuer: configuration.issuer,
      audience: apiClientId,
      currentDate: simulator.now(),
    })

    expect([status, body.token_type, body.expires_in]).toEqual([200, 'Bearer', 3599])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(payload).toMatchObject({
      tid: tenantId,
      idtyp: 'app',
      azp: robotClientId,
      roles: ['Access.RequestOnBehalf'],
    })
  })

  test('gives a person a token with the roles that groups bring', async () => {
    const { body } = await simulator.token({ ...asMia, username: 'ada@contoso.example' })

    expect(decodeJwt(body.access_token)).toMatchObject({
      oid: person('ada'),
      tid: tenantId,
      scp: 'Access.Use',
      roles: ['Access.Admin'],
    })
  })

  test('takes the credentials of an application in the header too', async () => {
    const response = await simulator.fetch(`/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${robotClientId}:local`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: asRobot.scope }),
    })

    expect(response.status).toBe(200)
  })

  test.each([
    {
      what: 'a wrong secret',
      form: { ...asRobot, client_secret: 'other' },
      status: 401,
      error: 'invalid_client',
      number: 7000215,
    },
    {
      what: 'an unknown application',
      form: { ...asRobot, client_id: 'x' },
      status: 400,
      error: 'unauthorized_client',
      number: 700016,
    },
    {
      what: 'a foreign scope',
      form: { ...asRobot, scope: 'https://example.org/.default' },
      status: 400,
      error: 'invalid_scope',
      number: 70011,
    },
    {
      what: 'no scope',
      form: { ...asRobot, scope: '' },
      status: 400,
      error: 'invalid_request',
      number: 900144,
    },
    {
      what: 'another grant type',
      form: { ...asRobot, grant_type: 'magic' },
      status: 400,
      error: 'unsupported_grant_type',
      number: 70003,
    },
    {
      what: 'a wrong password',
      form: { ...asMia, password: 'guess' },
      status: 400,
      error: 'invalid_grant',
      number: 50126,
    },
    {
      what: 'an unknown person',
      form: { ...asMia, username: 'who@contoso.example' },
      status: 400,
      error: 'invalid_grant',
      number: 50034,
    },
    {
      what: 'a disabled account',
      form: { ...asMia, username: 'lars@contoso.example' },
      status: 400,
      error: 'invalid_grant',
      number: 50057,
    },
    {
      what: 'a person for Graph',
      form: { ...asMia, scope: 'https://graph.microsoft.com/.default' },
      status: 400,
      error: 'invalid_scope',
      number: 70011,
    },
  ])('refuses $what with AADSTS$number', async ({ form, status, error, number }) => {
    const answer = await simulator.token(form)

    expect(errorOf(answer)).toEqual([status, error, number])
    expect(answer.body.error_description).toMatch(new RegExp(`^AADSTS${number}: `))
  })
})

describe('the sign-in with a code', () => {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = (over: Readonly<Record<string, string>> = {}) =>
    new URLSearchParams({
      client_id: apiClientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: `openid ${apiScope}`,
      state: 's1',
      nonce: 'n1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...over,
    })
  const authorize = (over: Readonly<Record<string, string>> = {}) =>
    simulator.fetch(`/${tenantId}/oauth2/v2.0/authorize?${query(over)}`, { redirect: 'manual' })
  const targetOf = (response: Response) => new URL(response.headers.get('location') ?? '')
  const newCode = async () => {
    const target = targetOf(await authorize({ user: person('mia') }))
    return target.searchParams.get('code') ?? ''
  }
  const redeem = (code: string, over: Readonly<Record<string, string>> = {}) =>
    simulator.token({
      grant_type: 'authorization_code',
      client_id: apiClientId,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      code,
      ...over,
    })

  test('leads back with a code, which the verifier turns into tokens', async () => {
    const target = targetOf(await authorize({ user: person('mia') }))
    const { status, body } = await redeem(target.searchParams.get('code') ?? '')

    expect(`${target.origin}${target.pathname}`).toBe(redirectUri)
    expect(target.searchParams.get('state')).toBe('s1')
    expect(status).toBe(200)
    expect(decodeJwt(body.access_token)).toMatchObject({ oid: person('mia'), aud: apiClientId })
    expect(decodeJwt(body.id_token)).toMatchObject({ nonce: 'n1', name: 'Mia Tanaka' })
  })

  test.each([
    { what: 'a wrong verifier', over: { code_verifier: 'x'.repeat(43) }, number: 501481 },
    { what: 'another redirect URI', over: { redirect_uri: 'http://localhost:1/' }, number: 50011 },
    { what: 'another application', over: { client_id: robotClientId }, number: 700005 },
    { what: 'an unknown code', over: { code: 'x' }, number: 70008 },
  ])('refuses $what with AADSTS$number', async ({ over, number }) => {
    expect(errorOf(await redeem(await newCode(), over))).toEqual([400, 'invalid_grant', number])
  })

  test('takes a code once, and for five minutes', async () => {
    const used = await newCode()
    await redeem(used)
    expect(errorOf(await redeem(used))[2]).toBe(70008)
    const late = await newCode()
    simulator.advance(5.1)
    expect(errorOf(await redeem(late))[2]).toBe(70008)
  })

  test('without PKCE leads back with an error', async () => {
    const target = targetOf(await authorize({ code_challenge_method: 'plain' }))

    expect(target.searchParams.get('error')).toBe('invalid_request')
    expect(target.searchParams.get('state')).toBe('s1')
  })

  test('in silence leads back with login_required', async () => {
    const target = targetOf(await authorize({ prompt: 'none' }))

    expect(target.searchParams.get('error')).toBe('login_required')
  })

  test.each([
    { what: 'a foreign redirect URI', over: { redirect_uri: 'https://example.org/' } },
    { what: 'an unknown application', over: { client_id: 'x' } },
  ])('is refused on a page of its own for $what, never by a redirect', async ({ over }) => {
    const response = await authorize(over)

    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
  })

  test('shows everybody who may sign in, with names and searches escaped', async () => {
    const response = await authorize()
    const page = await response.text()
    const searched = await (await authorize({ search: '"><script>' })).text()

    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page).toContain('Mia Tanaka')
    expect(page).not.toContain('Lars Holm')
    expect(page).toContain('&#60;img src=x onerror=&#34;alert(1)&#34;&#62;')
    expect(page).not.toContain('<img')
    expect(searched).not.toContain('<script')
    expect(searched).toContain('0 people')
  })
})

describe('Graph', () => {
  test.each([
    { what: 'no token', token: async () => undefined },
    {
      what: 'a token for the API',
      token: async () => (await simulator.token(asRobot)).body.access_token,
    },
    { what: 'an unsigned token', token: async () => `${btoa('{"alg":"none"}')}.e30.` },
  ])('answers 401 to $what', async ({ token }) => {
    const value = await token()
    const headers = value === undefined ? undefined : { authorization: `Bearer ${value}` }
    const response = await simulator.fetch('/v1.0/users', headers === undefined ? {} : { headers })

    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } })
  })

  test('answers 401 to a token whose hour is over', async () => {
    const authorization = `Bearer ${await simulator.graphToken()}`
    simulator.advance(61)

    expect((await simulator.fetch('/v1.0/users', { headers: { authorization } })).status).toBe(401)
  })
})
