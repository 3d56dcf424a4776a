import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import { IdentityUnavailableError } from './identity-errors.ts'

/** The issuer of a tenant's tokens and the keys that sign them, as read at one time. */
export interface SigningKeys {
  readonly issuer: string
  readonly key: JWTVerifyGetKey
  readonly readAt: Date
}

/** Keys are read once, kept for a day, and read again when a token names one that is not there. */
export interface SigningKeySource {
  current(): Promise<SigningKeys>
  /** Newer keys than `seen`, or `seen` itself where it is too early to ask again. */
  afterMiss(seen: SigningKeys): Promise<SigningKeys>
}

interface Needs {
  readonly authority: string
  readonly tenantId: string
  readonly now: () => Date
  readonly fetch: typeof fetch
}

const maximumAgeMilliseconds = 24 * 60 * 60_000
/** Bounds what strangers with made-up keys can make us ask. */
const cooldownMilliseconds = 30_000
const timeoutMilliseconds = 10_000

const configurationShape = z.object({ issuer: z.string().min(1), jwks_uri: z.url() })
const keysShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/** Reads issuer and keys from the tenant's OpenID configuration. */
export function createSigningKeySource(needs: Needs): SigningKeySource {
  let latest: SigningKeys | undefined
  let reading: Promise<SigningKeys> | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  const readAgain = (): Promise<SigningKeys> => {
    askedAt = needs.now().getTime()
    reading ??= readKeys(needs)
      .then((keys) => {
        latest = keys
        return keys
      })
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  return {
    current: async () => {
      const isFresh =
        latest !== undefined &&
        needs.now().getTime() - latest.readAt.getTime() < maximumAgeMilliseconds
      return isFresh && latest !== undefined ? latest : readAgain()
    },

    afterMiss: async (seen) => {
      if (latest !== undefined && latest !== seen) return latest
      const isTooEarly = needs.now().getTime() - askedAt < cooldownMilliseconds
      return isTooEarly && reading === undefined ? seen : readAgain()
    },
  }
}

async function readKeys({ authority, tenantId, now, fetch }: Needs): Promise<SigningKeys> {
  const readAt = now()
  try {
    const root = `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenantId)}`
    const address = `${root}/v2.0/.well-known/openid-configuration`
    const configuration = configurationShape.parse(await readJson(fetch, address))
    // Keys over an open line would let anyone on it sign tokens.
    if (authority.startsWith('https:') && !configuration.jwks_uri.startsWith('https:')) {
      throw new Error('Cannot read the signing keys: their address is not https')
    }
    const keys = keysShape.parse(await readJson(fetch, configuration.jwks_uri))
    return { issuer: configuration.issuer, key: createLocalJWKSet(keys), readAt }
  } catch (error) {
    throw new IdentityUnavailableError({ cause: error })
  }
}

async function readJson(send: typeof fetch, address: string): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMilliseconds)
  const response = await send(address, { signal, redirect: 'error' })
  if (!response.ok) throw new Error(`Cannot read ${address}: the answer was ${response.status}`)
  return response.json()
}
