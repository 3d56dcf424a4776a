import { crc32 } from 'node:zlib'

export interface ZipFile {
  readonly name: string
  readonly text: string
}

/** The first day that the format knows: what is packed twice has to be the same bytes. */
const day = 0x0021
const version = 20
const utf8Names = 0x0800

/** A zip of small text files, stored as they are; the same files always make the same bytes. */
export function zipOf(files: readonly ZipFile[]): Buffer {
  const bodies: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const { name, text } of files) {
    const [title, content] = [Buffer.from(name, 'utf8'), Buffer.from(text, 'utf8')]
    // Version, flags, method (stored), time, day, checksum, both sizes, length of the name, no extras.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(version, 0)
    common.writeUInt16LE(utf8Names, 2)
    common.writeUInt16LE(day, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(content.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(title.length, 22)
    const body = Buffer.concat([signature(0x04034b50), common, title, content])
    // Comment, disk and attributes are nothing; then comes where the body begins.
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    const madeBy = Buffer.from([version, 0])
    entries.push(Buffer.concat([signature(0x02014b50), madeBy, common, place, title]))
    bodies.push(body)
    offset += body.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(files.length, 4)
  end.writeUInt16LE(files.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...bodies, directory, signature(0x06054b50), end])
}

function signature(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}
