import { ServiceBusClient } from '@azure/service-bus'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EntityDeclaration } from '../../local/service-bus/entities.ts'
import { type ServiceBus, startServiceBus } from '../../local/service-bus/service-bus.ts'
import { type Sample, startSample } from './start-sample.ts'

const entities: readonly EntityDeclaration[] = [
  { kind: 'queue', name: 'requests', maximumDeliveries: 3 },
  { kind: 'queue', name: 'sessions', requiresSession: true },
  { kind: 'topic', name: 'events', subscriptions: [{ name: 'all' }] },
]

let bus: ServiceBus
let client: ServiceBusClient
let host: Sample

beforeEach(async () => {
  bus = await startServiceBus({ port: 0, entities })
  client = new ServiceBusClient(bus.connectionString)
  host = await startSample('service-bus', {
    settings: { BUS: bus.connectionString, QUEUE: 'requests' },
  })
})

afterEach(async () => {
  await host.stop()
  await client.close()
  await bus.stop()
})

function logged(name: string): { message?: unknown; messages?: unknown; metadata?: unknown }[] {
  const prefix = `information Function.${name}.User: `
  const lines = host.lines.filter((line) => line.startsWith(prefix))
  return lines.map((line) => JSON.parse(line.slice(prefix.length)))
}

async function leftIn(queue: string): Promise<number> {
  const receiver = client.createReceiver(queue)
  const messages = await receiver.peekMessages(10)
  await receiver.close()
  return messages.length
}

describe('a function on a queue', () => {
  test('receives a message with its metadata, and completes it', async () => {
    await client.createSender('requests').sendMessages({
      body: { kind: 'grant' },
      messageId: 'm1',
      correlationId: 'c1',
      applicationProperties: { Tenant: 'local' },
    })

    await vi.waitFor(() => expect(logged('fromQueue')).toHaveLength(1), 10_000)

    expect(logged('fromQueue')).toMatchObject([
      {
        message: { kind: 'grant' },
        metadata: {
          messageId: 'm1',
          correlationId: 'c1',
          deliveryCount: 1,
          kind: 'grant',
          applicationProperties: { tenant: 'local' },
        },
      },
    ])
    await vi.waitFor(async () => expect(await leftIn('requests')).toBe(0), 10_000)
  })

  test('gets a message again, counted, after it failed on it', async () => {
    await client.createSender('requests').sendMessages({ body: { fail: true } })

    await vi.waitFor(() => expect(logged('fromQueue')).toHaveLength(2), 10_000)

    expect(logged('fromQueue').map(({ metadata }) => metadata)).toMatchObject([
      { deliveryCount: 1 },
      { deliveryCount: 2 },
    ])
    await vi.waitFor(async () => expect(await leftIn('requests')).toBe(0), 10_000)
  })

  test('goes on receiving after the bus was away', async () => {
    const { port } = bus
    await bus.stop()
    bus = await startServiceBus({ port, entities })
    const other = new ServiceBusClient(bus.connectionString)

    await other.createSender('requests').sendMessages({ body: 'after' })
    await vi.waitFor(() => expect(logged('fromQueue')).toHaveLength(1), 25_000)
    await other.close()

    expect(logged('fromQueue')).toMatchObject([{ message: 'after' }])
  }, 40_000)
})

test('a host waits for a bus that is not up yet, and stops while it is away', async () => {
  const early = await startServiceBus({ port: 0, entities })
  await early.stop()
  const settings = { BUS: early.connectionString, QUEUE: 'requests' }
  const waiting = await startSample('service-bus', { settings })
  await vi.waitFor(() => {
    const lines = waiting.lines.filter((line) => line.includes('cannot receive, and tries again'))
    expect(lines.length).toBeGreaterThan(0)
  }, 20_000)

  const late = await startServiceBus({ port: early.port, entities })
  const sender = new ServiceBusClient(late.connectionString)
  await sender.createSender('requests').sendMessages({ body: 'late' })
  await vi.waitFor(() => {
    expect(waiting.lines.join('\n')).toContain('"message":"late"')
  }, 20_000)
  await sender.close()
  await late.stop()
  await waiting.stop()
}, 60_000)

test('a function with cardinality many receives several messages of a subscription', async () => {
  await client.createSender('events').sendMessages([
    { body: 'a', messageId: 'm1' },
    { body: 'b', messageId: 'm2' },
  ])

  await vi.waitFor(() => {
    expect(logged('fromTopic').flatMap(({ messages }) => messages)).toEqual(['a', 'b'])
  }, 10_000)
})

test('a host says that it offers no sessions', () => {
  expect(host.lines).toContain(
    'error Host.Startup: Cannot start inSessions: it asks for sessions, which this host does not offer',
  )
})
