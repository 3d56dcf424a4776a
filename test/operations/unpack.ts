import { crc32 } from 'node:zlib'

export type Unpacked = Readonly<Record<string, string>>

/** Reads a zip by its directory, as any tool does, and checks what the directory says. */
export function unpacked(zip: Buffer): Unpacked {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const count = zip.readUInt16LE(end + 10)
  let place = zip.readUInt32LE(end + 16)
  const files: Record<string, string> = {}
  for (let each = 0; each < count; each++) {
    const [sum, size] = [zip.readUInt32LE(place + 16), zip.readUInt32LE(place + 24)]
    const length = zip.readUInt16LE(place + 28)
    const name = zip.toString('utf8', place + 46, place + 46 + length)
    const body = zip.readUInt32LE(place + 42)
    const start = body + 30 + zip.readUInt16LE(body + 26) + zip.readUInt16LE(body + 28)
    const content = zip.subarray(start, start + size)
    if (crc32(content) !== sum) throw new Error(`Cannot unpack ${name}: its checksum is wrong`)
    files[name] = content.toString('utf8')
    place += 46 + length
  }
  return files
}
