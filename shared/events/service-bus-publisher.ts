import type { ServiceBusClient } from '@azure/service-bus'
import type { LedgerEvent } from '../ledger/ledger-event.ts'
import { cloudEventContentType, cloudEventOf, type Publisher } from './publisher.ts'

/** Longest wait for the topic; what did not arrive stays in the outbox and is sent again. */
const sendMilliseconds = 10_000

/** Publishes CloudEvents on a Service Bus topic, one message an event, as many sends as it takes. */
export function createServiceBusPublisher(
  client: ServiceBusClient,
  topic: string,
  source: string,
): Publisher {
  const sender = client.createSender(topic)
  // Connects ahead of the first event; when it cannot, the first event finds out and is told.
  void sender.createMessageBatch().catch(() => undefined)
  return {
    async publish(events) {
      const options = { abortSignal: AbortSignal.timeout(sendMilliseconds) }
      let batch = await sender.createMessageBatch(options)
      for (const event of events) {
        const message = messageOf(event, source)
        if (batch.tryAddMessage(message)) continue
        await sender.sendMessages(batch, options)
        batch = await sender.createMessageBatch(options)
        if (!batch.tryAddMessage(message)) {
          throw new Error(`Cannot publish ${message.messageId}: it is too large for a message`)
        }
      }
      await sender.sendMessages(batch, options)
    },
  }
}

function messageOf(event: LedgerEvent, source: string) {
  const body = cloudEventOf(event, source)
  const correlationId = event.correlationId ?? event.requestId
  return {
    body,
    messageId: body.id,
    contentType: cloudEventContentType,
    subject: body.type,
    ...(correlationId === undefined ? {} : { correlationId }),
  }
}
