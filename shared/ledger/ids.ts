import { createHash } from 'node:crypto'
import type { AccessKey } from '../access/access.ts'

/** Crockford's alphabet, lower case: routes are case-insensitive and ids must survive that. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Where ids take their randomness from: fills 10 bytes. */
export type RandomBytes = (count: number) => Uint8Array

function base32(bytes: Uint8Array, characters: number): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (let index = 0; index < characters; index++) {
    text = alphabet[Number(value & 31n)] + text
    value >>= 5n
  }
  return text
}

/** A lower-case ULID: 10 characters of time, 16 of randomness; sorts by time. */
export function newUlid(now: Date, random: RandomBytes): string {
  const bytes = new Uint8Array(16)
  let time = now.getTime()
  for (let index = 5; index >= 0; index--) {
    bytes[index] = time % 256
    time = Math.floor(time / 256)
  }
  bytes.set(random(10), 6)
  return base32(bytes, 26)
}

/**
 * The 26 characters that name a pair: SHA-256/128 of tenant, grantee, resource and permission.
 * Integration, flow and mechanism are no part of it: all reasons for one access meet in one place.
 */
export function pairIdOf(key: AccessKey): string {
  const parts = [
    key.tenantId,
    key.grantee,
    key.resource.type,
    key.resource.id,
    key.resource.scope ?? '',
    key.permission,
  ]
  const digest = createHash('sha256').update(JSON.stringify(parts).toLowerCase(), 'utf8').digest()
  return base32(digest.subarray(0, 16), 26)
}

/** Stream names: `pair:<26>`, `user:<oid>`, `bus:<hash>`, `system`. */
export function pairStream(pairId: string): string {
  return `pair:${pairId}`
}

export function pairPartition(pairId: string): string {
  return `p-${pairId}`
}

/** The partition of a stream, by its name. */
export function partitionOfStream(name: string): string {
  return name
    .replace(/^pair:/, 'p-')
    .replace(/^user:/, 'u-')
    .replace(':', '-')
}

/** A request id carries its pair, so that the request is found without a look-up row. */
export function newRequestId(pairId: string, now: Date, random: RandomBytes): string {
  return `${pairId}-${newUlid(now, random)}`
}

const requestIdPattern = /^([0-9a-hjkmnp-tv-z]{26})-([0-9a-hjkmnp-tv-z]{26})$/

/** The pair of a request id; undefined when the text is no request id. */
export function pairOfRequest(requestId: string): string | undefined {
  return requestIdPattern.exec(requestId)?.[1]
}

/** When a request was made, by its id; undefined when the text is no request id. */
export function requestTime(requestId: string): number | undefined {
  const ulid = requestIdPattern.exec(requestId)?.[2]
  if (ulid === undefined) return undefined
  return [...ulid.slice(0, 10)].reduce((time, sign) => time * 32 + alphabet.indexOf(sign), 0)
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
