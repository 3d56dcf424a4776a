import {
  type ProcessErrorArgs,
  RetryMode,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus'
import { atMost } from './at-most.ts'
import type { HostJson } from './host-json.ts'
import { receiveBatches } from './receive-batches.ts'
import type { Log, RegisteredFunction, Worker } from './seams.ts'
import { readServiceBusLimits, type ServiceBusLimits } from './service-bus-limits.ts'
import { readMessage, readMessages, type TriggerInput } from './service-bus-message.ts'
import { readConnection, type Settings } from './settings.ts'

interface Needs {
  readonly worker: Worker
  readonly settings: Settings
  readonly hostJson: HostJson
  readonly log: Log
}

/** How long a stopping host waits for functions, and then for the bus. */
const graceMilliseconds = 5_000

/** The host's own, with a shorter ceiling: a local bus that went away is soon back. */
const retryOptions = {
  mode: RetryMode.Exponential,
  maxRetries: 3,
  retryDelayInMs: 800,
  maxRetryDelayInMs: 5_000,
}

/** Receivers that feed functions. */
interface Receivers {
  /** Takes no more messages and waits for the functions under way. */
  stop(): Promise<void>
}

/** Lets queues and subscriptions call their functions. */
export function startServiceBusTriggers(needs: Needs): Receivers {
  const { worker, log } = needs
  const receivers: Receivers[] = []
  for (const fn of worker.functions.values()) {
    if (fn.trigger.type.toLowerCase() !== 'servicebustrigger') continue
    try {
      receivers.push(startReceiver(fn, needs))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log('error', 'Host.Startup', `Cannot start ${fn.name}: ${reason}`)
    }
  }
  return {
    async stop() {
      await Promise.all(receivers.map((receiver) => receiver.stop()))
    },
  }
}

function startReceiver(fn: RegisteredFunction, needs: Needs): Receivers {
  const { worker, log } = needs
  const { name, trigger } = fn
  const limits = readServiceBusLimits(fn, needs.hostJson)
  const client = new ServiceBusClient(connectionString(fn, needs.settings), { retryOptions })
  const receiver = createReceiver(client, fn, limits)
  const underWay = new Set<Promise<void>>()
  let lastError: string | undefined

  async function process(
    messages: readonly ServiceBusReceivedMessage[],
    input: () => TriggerInput,
  ) {
    lastError = undefined
    let settle: 'completeMessage' | 'abandonMessage' = 'completeMessage'
    try {
      const { data, metadata } = input()
      await worker.invoke(name, data, metadata)
      if (!limits.autoCompleteMessages) return
    } catch (error) {
      log('warning', 'Host.Triggers', `${name} gives its message back: ${String(error)}`)
      settle = 'abandonMessage'
    }
    for (const message of messages) {
      try {
        await receiver[settle](message)
      } catch (error) {
        // The message comes again once its lock has run out.
        log('warning', 'Host.Triggers', `${name} cannot settle its message: ${String(error)}`)
      }
    }
  }

  function track(work: Promise<void>): Promise<void> {
    underWay.add(work)
    return work.finally(() => underWay.delete(work))
  }

  const onError = async ({ error }: Pick<ProcessErrorArgs, 'error'>) => {
    // A bus that is away fails every attempt in the same way; one line is enough.
    if (error.message === lastError) return
    lastError = error.message
    log('warning', 'Host.Triggers', `${name} cannot receive, and tries again: ${error.message}`)
  }
  const listening =
    String(trigger['cardinality'] ?? 'one').toLowerCase() === 'many'
      ? receiveBatches(receiver, limits, onError, (messages) =>
          track(process(messages, () => readMessages(messages))),
        )
      : receiver.subscribe(
          {
            processMessage: (message) =>
              track(process([message], () => readMessage(message, isBinary(fn)))),
            processError: onError,
          },
          { autoCompleteMessages: false, maxConcurrentCalls: limits.maxConcurrentCalls },
        )

  async function finish(): Promise<void> {
    await listening.close()
    await Promise.all(underWay)
  }

  return {
    async stop() {
      await atMost(graceMilliseconds, finish())
      // The library waits a minute for the farewell of a bus that has gone.
      await atMost(graceMilliseconds, client.close())
    },
  }
}

function createReceiver(
  client: ServiceBusClient,
  { trigger }: RegisteredFunction,
  { maxAutoLockRenewalDurationInMs }: ServiceBusLimits,
): ServiceBusReceiver {
  // The host hands the text on as it came; whether it is JSON is for the app's library to find.
  const options = { skipParsingBodyAsJson: true, maxAutoLockRenewalDurationInMs }
  const { queueName, topicName, subscriptionName } = trigger
  if (typeof queueName === 'string') return client.createReceiver(queueName, options)
  if (typeof topicName !== 'string' || typeof subscriptionName !== 'string') {
    throw new Error('its trigger names neither a queue nor a topic with a subscription')
  }
  return client.createReceiver(topicName, subscriptionName, options)
}

function connectionString({ trigger }: RegisteredFunction, settings: Settings): string {
  if (trigger['isSessionsEnabled'] === true) {
    throw new Error('it asks for sessions, which this host does not offer')
  }
  const name = String(trigger['connection'] ?? 'ServiceBus')
  const found = readConnection(settings, name)
  if (found === undefined) {
    throw new Error(`the setting ${name} is missing (this host takes a connection string only)`)
  }
  return found
}

function isBinary({ trigger }: RegisteredFunction): boolean {
  return String(trigger['dataType'] ?? '').toLowerCase() === 'binary'
}
