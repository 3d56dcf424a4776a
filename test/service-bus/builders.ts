import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus'
import { onTestFinished } from 'vitest'
import type { VirtualClock } from '../../local/host/virtual-clock.ts'
import { createVirtualClock } from '../../local/host/virtual-clock.ts'
import type { QueueDeclaration } from '../../local/service-bus/entities.ts'
import type { Message } from '../../local/service-bus/message.ts'
import {
  type ServiceBus,
  type ServiceBusOptions,
  startServiceBus,
} from '../../local/service-bus/service-bus.ts'

export const minute = 60_000

/** For receivers that are expected to get nothing. */
export const soon = { maxWaitTimeInMs: 200 }

export const bodies = (messages: readonly ServiceBusReceivedMessage[]) =>
  messages.map(({ body }) => body)

export function only<Item>(items: readonly Item[]): Item {
  const [first, ...others] = items
  if (first === undefined || others.length > 0) throw new Error(`Expected one, got ${items.length}`)
  return first
}

export function numberOf(message: ServiceBusReceivedMessage | undefined) {
  if (message?.sequenceNumber === undefined) throw new Error('Expected a sequence number')
  return message.sequenceNumber
}

/** A running stand-in, its clock and the unmodified client; all gone when the test is over. */
export interface Bench {
  readonly bus: ServiceBus
  readonly client: ServiceBusClient
  readonly clock: VirtualClock
  /** One more client on a connection of its own. */
  connect(): ServiceBusClient
}

export async function startBench(options: Partial<ServiceBusOptions> = {}): Promise<Bench> {
  // The client compares times of the service with its own clock, so both start together.
  const clock = createVirtualClock(Date.now())
  const bus = await startServiceBus({ port: 0, clock, ...options })
  const clients: ServiceBusClient[] = []
  const connect = () => {
    const client = new ServiceBusClient(bus.connectionString, {
      retryOptions: { maxRetries: 0, timeoutInMs: 10_000 },
    })
    clients.push(client)
    return client
  }
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await bus.stop()
  })
  return { bus, client: connect(), clock, connect }
}

export function aQueue(overrides: Partial<QueueDeclaration> = {}): QueueDeclaration {
  return { kind: 'queue', name: 'orders', ...overrides }
}

export function aMessage(overrides: Partial<Message> = {}): Message {
  return { id: 'm-1', content: new Uint8Array(), ...overrides }
}
