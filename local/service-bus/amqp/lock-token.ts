/** Delivery tags carry the lock token with its first three groups the other way round. */
const tagOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

/** The 16 bytes of a token as they travel in a delivery tag. */
export function tagOfToken(token: string): Buffer {
  return reordered(bytesOfToken(token))
}

/** The token a delivery tag carries. */
export function tokenOfTag(tag: Buffer): string {
  return tokenOfBytes(reordered(tag))
}

export function bytesOfToken(token: string): Buffer {
  return Buffer.from(token.replaceAll('-', ''), 'hex')
}

export function tokenOfBytes(bytes: Buffer): string {
  const digits = bytes.toString('hex')
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-')
}

function reordered(bytes: Buffer): Buffer {
  return Buffer.from(tagOrder.map((place) => bytes.readUInt8(place)))
}
