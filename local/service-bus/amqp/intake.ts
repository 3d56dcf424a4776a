import rhea, { type EventContext, type Receiver } from 'rhea'
import type { Broker, Entity } from '../broker.ts'
import { type Arrival, batchFormat, decodeBatch, decodeMessage } from './message-codec.ts'
import { type Refusal, refusals } from './refusal.ts'

/** What the service takes on its standard tier, batches included. */
export const maximumMessageBytes = 256 * 1_024

/** Takes the messages a client sends to an entity; acknowledged ones are safe. */
export function openIntake(broker: Broker, entity: Entity, link: Receiver): void {
  link.set_source(link.source)
  link.set_target(link.target)
  link.on('message', (context: EventContext) => {
    const { delivery } = context
    if (delivery === undefined) return
    const refusal = take(broker, entity, context)
    if (refusal === undefined) delivery.accept()
    else delivery.reject({ condition: refusal.condition, description: refusal.description })
  })
}

function take(broker: Broker, entity: Entity, context: EventContext): Refusal | undefined {
  const isBatch = context.delivery?.format === batchFormat
  const transfer = isBatch ? asBuffer(context.message) : rhea.message.encode(context.message)
  if (transfer.length > maximumMessageBytes) {
    return refusals.tooLarge(transfer.length, maximumMessageBytes)
  }
  const arrivals = isBatch ? decodeBatch(transfer) : [decodeMessage(transfer)]
  return enqueueAll(broker, entity, arrivals)
}

/** With a batch format rhea hands over the bytes where its typings promise a message. */
function asBuffer(message: unknown): Buffer {
  if (Buffer.isBuffer(message)) return message
  throw new Error('Cannot read the batch: it is no bytes')
}

/** Puts all messages in line or none. */
function enqueueAll(
  broker: Broker,
  entity: Entity,
  arrivals: readonly Arrival[],
): Refusal | undefined {
  const refusal = findRefusal(entity, arrivals)
  if (refusal !== undefined) return refusal
  broker.run((now) => {
    for (const { message, scheduledFor } of arrivals) {
      if (scheduledFor === undefined) entity.queue.enqueue(message, now)
      else entity.queue.schedule(message, scheduledFor, now)
    }
  })
  return undefined
}

/** Why the entity takes none of these messages, if it does not. */
export function findRefusal(entity: Entity, arrivals: readonly Arrival[]): Refusal | undefined {
  const needsSession = entity.queue.requiresSession
  if (!needsSession || arrivals.every(({ message }) => message.sessionId !== undefined)) {
    return undefined
  }
  return refusals.notAllowed(
    'The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.',
  )
}
