/** Codes of the sections an AMQP message is made of. */
export const sectionCode = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
} as const

export interface Section {
  readonly code: number
  readonly bytes: Buffer
}

/**
 * Cuts an encoded message into its sections without decoding them, so that the body leaves as it
 * came, byte for byte. (AMQP 1.0, part 1.2: what follows a format code depends on its high digit.)
 */
export function splitSections(message: Buffer): readonly Section[] {
  const sections: Section[] = []
  for (let start = 0; start < message.length; ) {
    const end = endOfValue(message, start)
    sections.push({ code: descriptorOf(message, start), bytes: message.subarray(start, end) })
    start = end
  }
  return sections
}

const describedType = 0x00
const smallUnsignedLong = 0x53
const unsignedLong = 0x80

function descriptorOf(buffer: Buffer, start: number): number {
  const code = buffer.readUInt8(start + 1)
  if (buffer[start] === describedType && code === smallUnsignedLong)
    return buffer.readUInt8(start + 2)
  if (buffer[start] === describedType && code === unsignedLong) return buffer.readUInt8(start + 9)
  throw new Error('Cannot read the message: a section has no numeric descriptor')
}

const fixedWidths: Readonly<Record<number, number>> = {
  4: 0,
  5: 1,
  6: 2,
  7: 4,
  8: 8,
  9: 16,
}

function endOfValue(buffer: Buffer, start: number): number {
  const code = buffer.readUInt8(start)
  if (code === describedType) return endOfValue(buffer, endOfValue(buffer, start + 1))
  const digit = code >> 4
  const width = fixedWidths[digit]
  if (width !== undefined) return start + 1 + width
  // Codes 0xA, 0xC and 0xE carry a length of one byte, 0xB, 0xD and 0xF one of four.
  return digit % 2 === 0
    ? start + 2 + buffer.readUInt8(start + 1)
    : start + 5 + buffer.readUInt32BE(start + 1)
}
