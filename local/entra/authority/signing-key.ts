import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'

/** The key that signs this authority's tokens, and its public half. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JWK
}

/** The key kept in the folder, or a new one: tokens outlive a restart. */
export async function openSigningKey(folder: string | undefined): Promise<SigningKey> {
  const file = folder === undefined ? undefined : join(folder, 'signing-key.json')
  const stored = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const jwk = stored === undefined ? await newKey() : (JSON.parse(stored) as JWK)
  if (file !== undefined && folder !== undefined && stored === undefined) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 })
  }
  const { kty, n, e } = jwk
  const kid = await calculateJwkThumbprint(jwk)
  const publicJwk: JWK = { kty, n, e, kid, use: 'sig', alg: 'RS256' } as JWK
  return {
    kid,
    privateKey: (await importJWK(jwk, 'RS256')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'RS256')) as CryptoKey,
    publicJwk,
  }
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return exportJWK(privateKey)
}
