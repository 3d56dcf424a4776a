import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { isRecord } from './host-json.ts'
import type { RpcData } from './seams.ts'

/** What a Service Bus function receives: its argument, and metadata under the host's names. */
export interface TriggerInput {
  readonly data: RpcData
  readonly metadata: Readonly<Record<string, RpcData>>
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** One message, for a function with cardinality one. */
export function readMessage(message: ServiceBusReceivedMessage, binary: boolean): TriggerInput {
  const metadata = readMetadata(message)
  if (binary) return { data: { bytes: bytesOf(message) }, metadata }
  const text = textOf(message)
  return { data: { string: text }, metadata: addBodyProperties(metadata, text) }
}

/** Several messages, for a function with cardinality many. */
export function readMessages(messages: readonly ServiceBusReceivedMessage[]): TriggerInput {
  const each = messages.map(readMetadata)
  const names = [...new Set(each.flatMap((metadata) => Object.keys(metadata)))]
  const metadata: Record<string, RpcData> = {}
  for (const name of names) {
    const values = each.map((one) => plainValue(one[name]))
    metadata[`${name}Array`] = { json: JSON.stringify(values) }
  }
  return { data: { collectionString: { string: messages.map(textOf) } }, metadata }
}

function bytesOf({ body }: ServiceBusReceivedMessage): Uint8Array {
  if (body instanceof Uint8Array) return body
  return Buffer.from(stringBody(body))
}

function textOf({ body }: ServiceBusReceivedMessage): string {
  return body instanceof Uint8Array ? utf8.decode(body) : stringBody(body)
}

function stringBody(body: unknown): string {
  if (typeof body === 'string') return body
  throw new Error('Cannot read the message: its AMQP body is neither bytes nor a text')
}

function readMetadata(message: ServiceBusReceivedMessage): Record<string, RpcData> {
  const properties = { json: JSON.stringify(message.applicationProperties ?? {}) }
  const values: Record<string, RpcData | undefined> = {
    // The library counts earlier deliveries, the host this one too.
    DeliveryCount: { json: String((message.deliveryCount ?? 0) + 1) },
    DeadLetterSource: text(message.deadLetterSource),
    LockToken: text(message.lockToken),
    ExpiresAtUtc: time(message.expiresAtUtc),
    ExpiresAt: time(message.expiresAtUtc),
    EnqueuedTimeUtc: time(message.enqueuedTimeUtc),
    EnqueuedTime: time(message.enqueuedTimeUtc),
    MessageId: text(message.messageId),
    ContentType: text(message.contentType),
    ReplyTo: text(message.replyTo),
    SequenceNumber:
      message.sequenceNumber === undefined ? undefined : { json: String(message.sequenceNumber) },
    To: text(message.to),
    Subject: text(message.subject),
    Label: text(message.subject),
    CorrelationId: text(message.correlationId),
    ApplicationProperties: properties,
    UserProperties: properties,
    SessionId: text(message.sessionId),
    ReplyToSessionId: text(message.replyToSessionId),
    PartitionKey: text(message.partitionKey),
    TransactionPartitionKey: undefined,
  }
  const metadata: Record<string, RpcData> = {}
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) metadata[name] = value
  }
  return metadata
}

function text(value: unknown): RpcData | undefined {
  return value === undefined || value === null ? undefined : { string: String(value) }
}

/** The last time that .NET knows stands for a message that never expires. */
const lastTime = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

function time(value: Date | undefined): RpcData | undefined {
  if (value === undefined || Number.isNaN(value.getTime())) return undefined
  return { json: JSON.stringify(new Date(Math.min(value.getTime(), lastTime))) }
}

/** The host adds the properties of a JSON body, and lets them replace its own of the same name. */
function addBodyProperties(
  metadata: Readonly<Record<string, RpcData>>,
  body: string,
): Record<string, RpcData> {
  const merged = { ...metadata }
  for (const [name, value] of Object.entries(parseObject(body))) {
    if (Array.isArray(value) || value === null) continue
    const known = Object.keys(merged).find((key) => key.toLowerCase() === name.toLowerCase())
    merged[known ?? name] =
      typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) }
  }
  return merged
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body)
    return isRecord(parsed) ? parsed : {}
  } catch {
    // A text that is no JSON is an ordinary body.
    return {}
  }
}

function plainValue(data: RpcData | undefined): unknown {
  if (data === undefined) return null
  if ('string' in data) return data.string
  return 'json' in data ? JSON.parse(data.json) : null
}
