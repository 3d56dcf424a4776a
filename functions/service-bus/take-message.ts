import type { InvocationContext } from '@azure/functions'
import * as durable from 'durable-functions'
import type { Clockwork, Needs } from '../../shared/operations/needs.ts'
import type { MessageOutcome, QueueMessage } from '../../shared/operations/take-message.ts'
import { createClockwork } from '../durable/clockwork.ts'

/** The queue trigger: a message in, a request or a refusal out. Throwing hands it back. */
export function takeMessageHandler(
  needs: Needs,
  takeMessage: (message: QueueMessage, clockwork: Clockwork) => Promise<MessageOutcome>,
): (body: unknown, context: InvocationContext) => Promise<void> {
  return async (body, context) => {
    const metadata = context.triggerMetadata ?? {}
    const { messageId } = metadata
    const enqueued = metadata['enqueuedTimeUtc']
    await takeMessage(
      {
        body,
        // Numeric ids arrive as numbers: the host parses whatever looks like JSON.
        ...(messageId === undefined || messageId === null ? {} : { messageId: String(messageId) }),
        enqueuedAt: enqueued === undefined ? needs.now() : new Date(String(enqueued)),
      },
      createClockwork(durable.getClient(context), needs.limits.retryMaximum),
    )
  }
}
