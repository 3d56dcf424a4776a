import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'

const pauseMilliseconds = 1_000
const waitMilliseconds = 60_000

/** Receives batch after batch until closed. */
export function receiveBatches(
  receiver: ServiceBusReceiver,
  { maxMessageBatchSize }: { readonly maxMessageBatchSize: number },
  onError: (args: { error: Error }) => Promise<void>,
  process: (messages: ServiceBusReceivedMessage[]) => Promise<void>,
): { close(): Promise<void> } {
  const closing = new AbortController()
  const options = { maxWaitTimeInMs: waitMilliseconds, abortSignal: closing.signal }

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const messages = await receiver.receiveMessages(maxMessageBatchSize, options)
        if (messages.length > 0) await process(messages)
      } catch (error) {
        if (closing.signal.aborted) return
        await onError({ error: error instanceof Error ? error : new Error(String(error)) })
        await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
      }
    }
  }

  const done = loop()
  return {
    async close() {
      closing.abort()
      await done
    },
  }
}
