import type { ServiceBusClient } from '@azure/service-bus'
import { cloudEventContentType, cloudEventOf, type Publisher } from './publisher.ts'

/** Longest wait for the topic; what did not arrive stays in the outbox and is sent again. */
const sendMilliseconds = 10_000

/** Publishes CloudEvents on a Service Bus topic, one message an event. */
export function createServiceBusPublisher(
  client: ServiceBusClient,
  topic: string,
  source: string,
): Publisher {
  const sender = client.createSender(topic)
  return {
    async publish(events) {
      const messages = events.map((event) => {
        const body = cloudEventOf(event, source)
        return {
          body,
          messageId: body.id,
          contentType: cloudEventContentType,
          subject: body.type,
          ...(event.correlationId === undefined && event.requestId === undefined
            ? {}
            : { correlationId: event.correlationId ?? event.requestId ?? '' }),
        }
      })
      await sender.sendMessages(messages, { abortSignal: AbortSignal.timeout(sendMilliseconds) })
    },
  }
}
