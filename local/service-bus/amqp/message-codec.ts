import { randomUUID } from 'node:crypto'
import rhea from 'rhea'
import type { Message, Properties, PropertyValue, Stored } from '../message.ts'
import { sectionCode, splitSections } from './sections.ts'

/** A message off the wire, and when its sender wants it in line. */
export interface Arrival {
  readonly message: Message
  readonly scheduledFor?: number
}

/** Format of a transfer whose data sections are messages of their own. */
export const batchFormat = 0x80013700

const scheduledTime = 'x-opt-scheduled-enqueue-time'

/** The messages of a transfer in the batch format. */
export function decodeBatch(transfer: Buffer): readonly Arrival[] {
  const { body } = rhea.message.decode(transfer)
  const parts: readonly Buffer[] = body.multiple ? body.content : [body.content]
  return parts.map((part) => decodeMessage(part))
}

/** Reads what the broker's rules need; the rest stays encoded. */
export function decodeMessage(encoded: Buffer): Arrival {
  const decoded = rhea.message.decode(encoded)
  const id = decoded.message_id
  // The service gives an id to messages that come without one, and receivers count on it.
  const named =
    id === undefined || id === ''
      ? { ...decoded, message_id: randomUUID().replaceAll('-', '') }
      : decoded
  const bytes = named === decoded ? encoded : rhea.message.encode(named)
  const annotations = annotationsOf(decoded.message_annotations)
  const at = annotations[scheduledTime]
  return {
    message: {
      id: String(named.message_id),
      ...(typeof decoded.group_id === 'string' ? { sessionId: decoded.group_id } : {}),
      ...(typeof decoded.ttl === 'number' && decoded.ttl > 0 ? { timeToLive: decoded.ttl } : {}),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      content: contentOf(bytes),
    },
    ...(at === undefined || at === null ? {} : { scheduledFor: Number(at) }),
  }
}

function contentOf(encoded: Buffer): Buffer {
  const kept = splitSections(encoded).filter(({ code }) => code >= sectionCode.properties)
  return Buffer.concat(kept.map(({ bytes }) => bytes))
}

function annotationsOf(given: unknown): Properties {
  const known: Record<string, PropertyValue> = {}
  for (const [name, value] of Object.entries(given ?? {})) {
    if (isPropertyValue(value) && value !== null) known[name] = value
  }
  return known
}

/** Properties a receiver set on a message; what AMQP knows beyond plain values is left out. */
export function propertiesOf(given: unknown): Properties {
  const known: Record<string, PropertyValue> = {}
  for (const [name, value] of Object.entries(given ?? {})) {
    if (isPropertyValue(value)) known[name] = value
  }
  return known
}

function isPropertyValue(value: unknown): value is PropertyValue {
  return (
    value === null ||
    value instanceof Date ||
    ['string', 'number', 'boolean'].includes(typeof value)
  )
}

const messageState = { ready: 0, locked: 0, deferred: 1, scheduled: 2 }
const longestTimeToLive = 0xffffffff

/** Encodes a message as the service hands it out. */
export function encodeMessage(stored: Stored, lockedUntil: number | undefined): Buffer {
  const { message, sequence, enqueuedSequence, enqueuedAt, deliveryCount } = stored
  const { wrap_long, wrap_timestamp, wrap_int } = rhea.types
  const front = rhea.message.encode({
    durable: true,
    delivery_count: deliveryCount,
    ...(message.timeToLive === undefined
      ? {}
      : { ttl: Math.min(message.timeToLive, longestTimeToLive) }),
    message_annotations: {
      ...message.annotations,
      'x-opt-sequence-number': wrap_long(sequence),
      'x-opt-enqueue-sequence-number': wrap_long(enqueuedSequence),
      'x-opt-enqueued-time': wrap_timestamp(enqueuedAt),
      'x-opt-message-state': wrap_int(messageState[stored.state]),
      ...(lockedUntil === undefined ? {} : { 'x-opt-locked-until': wrap_timestamp(lockedUntil) }),
    },
  })
  const head = splitSections(front).filter(({ code }) => code < sectionCode.properties)
  return Buffer.concat([...head.map(({ bytes }) => bytes), ...contentWith(stored)])
}

function contentWith({ message, properties }: Stored): readonly Uint8Array[] {
  if (properties === undefined) return [message.content]
  const sections = splitSections(Buffer.from(message.content))
  const isOwn = (code: number) => code === sectionCode.applicationProperties
  const own = sections.find(({ code }) => isOwn(code))
  const sent = own === undefined ? {} : rhea.message.decode(own.bytes).application_properties
  const merged = rhea.message.encode({ application_properties: { ...sent, ...properties } })
  const laidOver = splitSections(merged).filter(({ code }) => isOwn(code))
  // Sections travel in the order of their codes.
  return [
    ...sections.filter(({ code }) => code < sectionCode.applicationProperties),
    ...laidOver,
    ...sections.filter(({ code }) => code > sectionCode.applicationProperties),
  ].map(({ bytes }) => bytes)
}
