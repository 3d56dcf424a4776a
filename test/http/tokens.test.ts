import { exportSPKI, importJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, newKey, noon, signed } from '../identity/fake-authority.ts'
import { tenantId } from '../operations/broker-in-memory.ts'
import { type Api, callers, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

const seconds = noon.getTime() / 1000
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const unsigned = () => `Bearer ${encoded({ alg: 'none' })}.${encoded(claimsOf({ tid: tenantId }))}.`

const signedWithThePublicKey = async () => {
  const { kid, publicJwk } = api.key
  const publicKey = await importJWK(publicJwk, 'RS256', { extractable: true })
  if (publicKey instanceof Uint8Array) throw new Error('Cannot export the key: it is a secret')
  const token = new SignJWT(claimsOf({ tid: tenantId })).setProtectedHeader({ alg: 'HS256', kid })
  return `Bearer ${await token.sign(new TextEncoder().encode(await exportSPKI(publicKey)))}`
}

const refused: Readonly<Record<string, () => Promise<string> | string>> = {
  'of two parts only': () => 'Bearer abc.def',
  'of nonsense': () => 'Bearer aaa.bbb.ccc',
  'under another scheme': async () => (await api.sign({})).replace('Bearer', 'Basic'),
  'that has expired': () => api.sign({ exp: seconds - 61 }),
  'for another tenant': () => api.sign({ tid: '10000000-0000-4000-8000-000000000002' }),
  'of another issuer': () => api.sign({ iss: 'https://sts.windows.net/elsewhere/' }),
  'for another audience': () => api.sign({ aud: 'https://graph.microsoft.com' }),
  'without the scope of this API': () => api.sign({ scp: 'User.Read' }),
  'without signature (alg none)': unsigned,
  'signed with the public key as a secret (HS256)': signedWithThePublicKey,
  'signed by another key of the same name': async () =>
    signed({ ...(await newKey('other')), kid: api.key.kid }, claimsOf({ tid: tenantId })),
  'of an application without a role': () => api.sign(callers.thing),
}

describe('a token', () => {
  test('of the tenant, for this API, lets its person in', async () => {
    const { status, body } = await api.call('mia', 'GET', '/me')
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: callers.mia.oid, name: 'Mia' })
  })

  test.each(Object.entries(refused))(
    '%s is refused, without a word of why',
    async (_what, make) => {
      const authorization = await make()
      const { status, headers, body } = await api.send('GET', '/me', { headers: { authorization } })
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toContain('Bearer')
      expect(headers.get('content-type')).toContain('application/problem+json')
      expect(body).toMatchObject({ type: '/problems/unauthenticated', status: 401 })
      expect(body.detail).toBe('The call needs an access token of the tenant for this API.')
    },
  )

  test('cannot be judged while the keys of the tenant are not to be had, and later it can', async () => {
    const fresh = await startApi()
    fresh.authority.isDown = true
    const { status, headers } = await fresh.call('mia', 'GET', '/me')
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
    fresh.authority.isDown = false
    expect((await fresh.call('mia', 'GET', '/me')).status).toBe(200)
    await fresh.stop()
  })

  test('that is missing is refused in the same way', async () => {
    expect((await api.send('GET', '/me')).status).toBe(401)
  })
})

/** What the platform's own sign-in would send, made up by a caller. */
const forged = {
  'x-ms-client-principal': btoa(
    JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 'roles', val: 'Access.Admin' }] }),
  ),
  'x-ms-client-principal-id': callers.ada.oid,
  'x-ms-client-principal-name': 'ada@local',
  'x-ms-client-principal-idp': 'aad',
  'x-ms-token-aad-access-token': 'forged',
}

describe('forged headers of the platform', () => {
  test('do not stand for a token', async () => {
    expect((await api.send('GET', '/audit', { headers: forged })).status).toBe(401)
  })

  test('change nothing about who a token speaks for', async () => {
    const me = await api.call('mia', 'GET', '/me', { headers: forged })
    expect(me.body).toMatchObject({ id: callers.mia.oid, roles: [] })
    expect((await api.call('mia', 'GET', '/audit', { headers: forged })).status).toBe(403)
  })
})
