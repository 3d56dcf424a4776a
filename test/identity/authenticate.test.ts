/*
 * Over 300 lines on purpose: one table of forged and broken tokens.
 */
import { exportSPKI, importJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthenticate } from '../../shared/identity/authenticate.ts'
import {
  IdentityUnavailableError,
  TokenInvalidError,
} from '../../shared/identity/identity-errors.ts'
import {
  authority,
  claimsOf,
  clientId,
  type FakeKey,
  fakeAuthority,
  mia,
  newKey,
  noon,
  signed,
  tenantId,
} from './fake-authority.ts'

let key: FakeKey
let otherKey: FakeKey

beforeAll(async () => {
  key = await newKey('key-1')
  otherKey = await newKey('key-2')
})

function setUp(keys: readonly FakeKey[] = [key]) {
  const source = fakeAuthority(keys)
  const clock = { now: noon.getTime() }
  const authenticate = createAuthenticate({
    authority,
    tenantId,
    audience: clientId,
    now: () => new Date(clock.now),
    fetch: source.fetch,
  })
  const reasonFor = async (authorization: string | null) => {
    const error = await authenticate(authorization).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TokenInvalidError)
    return error instanceof TokenInvalidError ? error.reason : undefined
  }
  return { ...source, clock, authenticate, reasonFor }
}

describe('authenticate()', () => {
  test('knows a person by an access token of the tenant', async () => {
    const { authenticate } = setUp()

    const caller = await authenticate(await signed(key, claimsOf({ roles: ['Access.Admin'] })))

    expect(caller).toEqual({
      id: mia.toLowerCase(),
      tenantId,
      name: 'Mia',
      userPrincipalName: 'mia@local',
      kind: 'user',
      roles: ['Access.Admin'],
      scopes: ['Access.Use'],
    })
  })

  test.each([
    { what: 'its type', claims: { idtyp: 'app', sub: 'anything' } },
    { what: 'being its own subject', claims: { sub: mia } },
  ])('knows an application by $what', async ({ claims }) => {
    const { authenticate } = setUp()
    const application = { scp: undefined, roles: ['Access.RequestOnBehalf'], ...claims }

    const caller = await authenticate(await signed(key, claimsOf(application)))

    expect(caller).toMatchObject({ kind: 'application', scopes: [] })
  })

  test('takes the audience as client id or as application id URI', async () => {
    const { authenticate } = setUp()

    const caller = await authenticate(await signed(key, claimsOf({ aud: `api://${clientId}` })))

    expect(caller.kind).toBe('user')
  })

  test.each([
    { why: 'nothing', authorization: null, reason: 'missing' },
    { why: 'an empty header', authorization: '', reason: 'missing' },
    { why: 'another scheme', authorization: 'Basic bWlhOmxvY2Fs', reason: 'malformed' },
    { why: 'a token without a scheme', authorization: 'aaa.bbb.ccc', reason: 'malformed' },
    { why: 'no token', authorization: 'Bearer ', reason: 'malformed' },
    { why: 'two parts', authorization: 'Bearer aaa.bbb', reason: 'malformed' },
    { why: 'three parts of nonsense', authorization: 'Bearer aaa.bbb.ccc', reason: 'malformed' },
    { why: 'an encrypted token', authorization: 'Bearer a.b.c.d.e', reason: 'malformed' },
    { why: 'two tokens', authorization: 'Bearer a.b.c, Bearer a.b.c', reason: 'malformed' },
    { why: 'too much', authorization: `Bearer a.${'b'.repeat(20_000)}.c`, reason: 'oversized' },
  ])('refuses $why', async ({ authorization, reason }) => {
    const { reasonFor } = setUp()

    expect(await reasonFor(authorization)).toBe(reason)
  })

  const seconds = noon.getTime() / 1000
  test.each<{ why: string; claims: Record<string, unknown>; reason: string }>([
    { why: 'an expired one', claims: { exp: seconds - 61 }, reason: 'expired' },
    { why: 'one without an end', claims: { exp: undefined }, reason: 'claims' },
    { why: 'one for later', claims: { nbf: seconds + 61 }, reason: 'not-yet-valid' },
    { why: 'another tenant', claims: { tid: clientId }, reason: 'tenant' },
    { why: 'no tenant', claims: { tid: undefined }, reason: 'claims' },
    {
      why: 'another issuer',
      claims: { iss: `https://sts.windows.net/${tenantId}/` },
      reason: 'issuer',
    },
    { why: 'another audience', claims: { aud: tenantId }, reason: 'audience' },
    {
      why: 'the audience of Graph',
      claims: { aud: 'https://graph.microsoft.com' },
      reason: 'audience',
    },
    { why: 'no audience', claims: { aud: undefined }, reason: 'audience' },
    { why: 'nobody', claims: { oid: undefined }, reason: 'claims' },
    { why: 'roles that are no list', claims: { roles: 'Access.Admin' }, reason: 'claims' },
    { why: 'a person without the scope', claims: { scp: 'User.Read' }, reason: 'scope' },
    { why: 'a scope that only begins alike', claims: { scp: 'Access.Used' }, reason: 'scope' },
    {
      why: "a person's id token, roles or not",
      claims: { scp: undefined, roles: ['Access.Admin'], nonce: 'x' },
      reason: 'scope',
    },
    {
      why: 'an application without roles',
      claims: { idtyp: 'app', scp: undefined },
      reason: 'roles',
    },
    {
      why: 'an application with a scope only',
      claims: { idtyp: 'app', scp: 'Access.Use' },
      reason: 'roles',
    },
  ])('refuses a token for $why', async ({ claims, reason }) => {
    const { reasonFor } = setUp()

    expect(await reasonFor(await signed(key, claimsOf(claims)))).toBe(reason)
  })

  test.each([
    { what: 'expired a minute ago', claims: { exp: seconds - 59 } },
    { what: 'begins within a minute', claims: { nbf: seconds + 60 } },
  ])('lets clocks differ: a token that $what is good', async ({ claims }) => {
    const { authenticate } = setUp()

    expect(await authenticate(await signed(key, claimsOf(claims)))).toHaveProperty('id')
  })

  test('refuses a token that nobody signed', async () => {
    const { reasonFor } = setUp()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

    expect(await reasonFor(`Bearer ${part({ alg: 'none' })}.${part(claimsOf())}.`)).toBe(
      'algorithm',
    )
  })

  test('refuses a token signed with the public key as a secret', async () => {
    const { reasonFor } = setUp()
    const publicKey = await importJWK(key.publicJwk, 'RS256', { extractable: true })
    if (publicKey instanceof Uint8Array) throw new Error('Cannot export the key: it is a secret')
    const secret = new TextEncoder().encode(await exportSPKI(publicKey))

    const token = await new SignJWT(claimsOf())
      .setProtectedHeader({ alg: 'HS256', kid: key.kid })
      .sign(secret)

    expect(await reasonFor(`Bearer ${token}`)).toBe('algorithm')
  })

  test('refuses a token signed by another key of the same name', async () => {
    const { reasonFor } = setUp()

    expect(await reasonFor(await signed({ ...otherKey, kid: key.kid }, claimsOf()))).toBe(
      'signature',
    )
  })

  test('refuses a token whose claims were changed', async () => {
    const { reasonFor } = setUp()
    const [header, , signature] = (await signed(key, claimsOf())).split('.')
    const claims = Buffer.from(JSON.stringify(claimsOf({ roles: ['Access.Admin'] })))

    const forged = `${header}.${claims.toString('base64url')}.${signature}`

    expect(await reasonFor(forged)).toBe('signature')
  })

  test('tells logs the reason, and no part of the token', async () => {
    const { authenticate } = setUp()
    const authorization = await signed(key, claimsOf({ aud: 'elsewhere' }))

    const error = await authenticate(authorization).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({
      code: 'TOKEN_INVALID',
      retryable: false,
      message: 'Cannot accept the token: audience',
    })
  })
})

describe("authenticate(), with the authority's keys", () => {
  test('reads configuration and keys once for many calls', async () => {
    const { authenticate, asked } = setUp()
    const authorization = await signed(key, claimsOf())

    await Promise.all([authenticate(authorization), authenticate(authorization)])
    await authenticate(authorization)

    expect(asked).toEqual([
      `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
      `${authority}/${tenantId}/discovery/v2.0/keys`,
    ])
  })

  test('asks for no keys when there is no token to verify', async () => {
    const { reasonFor, asked } = setUp()

    await reasonFor(null)
    await reasonFor('Bearer nonsense')

    expect(asked).toEqual([])
  })

  test('learns of a rotated key when a token names it', async () => {
    const { authenticate, state, clock } = setUp()
    await authenticate(await signed(key, claimsOf()))

    state.keys = [otherKey]
    clock.now += 30_000

    expect(await authenticate(await signed(otherKey, claimsOf()))).toHaveProperty('id')
  })

  test('refuses a key that was taken back, once it has read again', async () => {
    const { authenticate, reasonFor, state, clock } = setUp()
    await authenticate(await signed(key, claimsOf()))
    state.keys = [otherKey]
    clock.now += 30_000
    await authenticate(await signed(otherKey, claimsOf()))

    expect(await reasonFor(await signed(key, claimsOf()))).toBe('unknown-key')
  })

  test('asks once, not for each token, when strangers name keys that do not exist', async () => {
    const { reasonFor, asked, clock } = setUp()
    const stranger = await signed({ ...otherKey, kid: 'made-up' }, claimsOf())
    await reasonFor(stranger)
    const before = asked.length

    clock.now += 30_000
    await Promise.all([reasonFor(stranger), reasonFor(stranger)])
    await reasonFor(stranger)

    expect(before).toBe(2)
    expect(asked).toHaveLength(4)
  })

  test('reads the keys anew after a day', async () => {
    const { authenticate, asked, clock } = setUp()
    await authenticate(await signed(key, claimsOf()))
    const tomorrow = noon.getTime() + 24 * 3_600_000

    clock.now = tomorrow
    await authenticate(await signed(key, claimsOf({ exp: tomorrow / 1000 + 60 })))

    expect(asked).toHaveLength(4)
  })

  test('cannot tell who calls while the authority is down, and can when it is back', async () => {
    const { authenticate, state } = setUp()
    const authorization = await signed(key, claimsOf())
    state.isDown = true

    const error = await authenticate(authorization).catch((thrown: unknown) => thrown)
    state.isDown = false

    expect(error).toBeInstanceOf(IdentityUnavailableError)
    expect(error).toMatchObject({ code: 'IDENTITY_UNAVAILABLE', retryable: true })
    expect(await authenticate(authorization)).toHaveProperty('id')
  })

  test('does not take keys over an open line', async () => {
    const { authenticate, state } = setUp()
    state.jwksUri = 'http://login.microsoftonline.com/keys'

    await expect(authenticate(await signed(key, claimsOf()))).rejects.toThrow(
      IdentityUnavailableError,
    )
  })

  test.each(['http://login.microsoftonline.com', 'ftp://127.0.0.1', 'nonsense'])(
    'is not built upon the authority %s',
    (each) => {
      const needs = { authority: each, tenantId, audience: clientId, now: () => noon }

      expect(() => createAuthenticate(needs)).toThrow('Cannot trust the authority')
    },
  )
})
