import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'

export const authority = 'https://login.microsoftonline.com'
export const tenantId = '10000000-0000-0000-0000-000000000000'
export const clientId = '60000000-0000-0000-0000-00000000000e'
export const mia = '20000000-0000-0000-0000-00000000000A'
const issuer = `${authority}/${tenantId}/v2.0`
export const noon = new Date('2026-01-05T12:00:00Z')

export interface FakeKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function newKey(kid: string): Promise<FakeKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const publicJwk = { ...(await exportJWK(publicKey)), kid, use: 'sig' }
  return { kid, privateKey, publicJwk }
}

/** The claims of a person's access token, as the tenant issues it. */
export function claimsOf(overrides: Readonly<Record<string, unknown>> = {}): JWTPayload {
  const seconds = noon.getTime() / 1000
  return {
    iss: issuer,
    aud: clientId,
    tid: tenantId,
    oid: mia,
    sub: 'pairwise',
    name: 'Mia',
    preferred_username: 'mia@local',
    scp: 'Access.Use',
    ver: '2.0',
    iat: seconds,
    nbf: seconds,
    exp: seconds + 3_600,
    ...overrides,
  }
}

export async function signed(
  key: FakeKey,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header })
  return `Bearer ${await token.sign(key.privateKey)}`
}

/** An authority that serves its configuration and the keys that it has at the time. */
export function fakeAuthority(keys: readonly FakeKey[]) {
  const state = { keys, isDown: false, jwksUri: `${authority}/${tenantId}/discovery/v2.0/keys` }
  const asked: string[] = []
  const answer = (address: string): unknown =>
    address.endsWith('/v2.0/.well-known/openid-configuration')
      ? { issuer, jwks_uri: state.jwksUri }
      : { keys: state.keys.map(({ publicJwk }) => publicJwk) }
  const fakeFetch: typeof fetch = async (input) => {
    const address = String(input)
    asked.push(address)
    if (state.isDown) return new Response('<html>down</html>', { status: 503 })
    return Response.json(answer(address))
  }
  return { state, asked, fetch: fakeFetch }
}
