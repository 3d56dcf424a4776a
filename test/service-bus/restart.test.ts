import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceBusClient } from '@azure/service-bus'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ServiceBus, startServiceBus } from '../../local/service-bus/service-bus.ts'
import { aQueue, bodies, only } from './builders.ts'

const main = new URL('../../local/service-bus/main.ts', import.meta.url)
const entities = [
  aQueue({ requiresSession: false }),
  aQueue({ name: 'talks', requiresSession: true }),
]

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'service-bus-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

function connect({ connectionString }: { readonly connectionString: string }): ServiceBusClient {
  const client = new ServiceBusClient(connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 10_000 },
  })
  onTestFinished(() => client.close())
  return client
}

/** Runs what follows against one life of the stand-in, then stops it. */
async function life(
  stateDirectory: string,
  during: (client: ServiceBusClient, bus: ServiceBus) => Promise<void>,
): Promise<void> {
  const bus = await startServiceBus({ port: 0, stateDirectory, entities })
  const client = connect(bus)
  try {
    await during(client, bus)
  } finally {
    await client.close()
    await bus.stop()
  }
}

interface Ready {
  readonly port: number
  readonly connectionString: string
}

async function startProcess(...flags: string[]): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = fork(main, flags, { silent: true })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const [message] = (await once(child, 'message')) as [{ ready: Ready }]
  return { child, ready: message.ready }
}

describe('a restart of the stand-in', () => {
  test('keeps what was sent, deferred, scheduled, dead-lettered and remembered', async () => {
    const directory = aDirectory()
    const later = new Date(Date.now() + 3_600_000)
    await life(directory, async (client) => {
      const sender = client.createSender('orders')
      const receiver = client.createReceiver('orders')
      await sender.sendMessages(['defer', 'bury', 'abandon'].map((body) => ({ body })))
      const received = await receiver.receiveMessages(3, { maxWaitTimeInMs: 1_000 })
      for (const message of received) {
        if (message.body === 'defer') await receiver.deferMessage(message)
        if (message.body === 'bury') await receiver.deadLetterMessage(message)
        if (message.body === 'abandon') {
          await receiver.abandonMessage(message, { at: new Date(1_000) })
        }
      }
      await sender.scheduleMessages({ body: 'schedule' }, later)
      await client.createSender('talks').sendMessages({ body: 'talk', sessionId: 'a' })
      await (await client.acceptSession('talks', 'a')).setSessionState({ step: 1 })
    })

    await life(directory, async (client) => {
      const receiver = client.createReceiver('orders')
      const kept = await receiver.peekMessages(9)
      expect(kept.map(({ body, state, deliveryCount }) => [body, state, deliveryCount])).toEqual([
        ['defer', 'deferred', 0],
        ['abandon', 'active', 1],
        ['schedule', 'scheduled', 0],
      ])
      expect(kept[1]?.applicationProperties).toEqual({ at: 1_000 })
      expect(kept[2]?.scheduledEnqueueTimeUtc).toEqual(later)
      const dead = client.createReceiver('orders', { subQueueType: 'deadLetter' })
      expect(bodies(await dead.peekMessages(9))).toEqual(['bury'])
      expect(await (await client.acceptSession('talks', 'a')).getSessionState()).toEqual({
        step: 1,
      })
    })
  })

  test('forgets locks: the message is back, counted, and what was completed stays away', async () => {
    const directory = aDirectory()
    await life(directory, async (client) => {
      const receiver = client.createReceiver('orders')
      await client.createSender('orders').sendMessages([{ body: 'done' }, { body: 'held' }])
      const [done] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 })
      if (done !== undefined) await receiver.completeMessage(done)
    })

    await life(directory, async (client) => {
      const message = only(await client.createReceiver('orders').receiveMessages(1))
      expect(message).toMatchObject({ body: 'held', deliveryCount: 1 })
    })
  })

  test('leaves out a command whose line was torn, and writes on behind it', async () => {
    const directory = aDirectory()
    const file = join(directory, 'service-bus.ndjson')
    await life(directory, async (client) => {
      await client.createSender('orders').sendMessages({ body: 'whole' })
    })
    const line = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? ''
    appendFileSync(file, line.slice(0, line.length / 2))

    await life(directory, async (client) => {
      await client.createSender('orders').sendMessages({ body: 'after' })
    })

    await life(directory, async (client) => {
      expect(bodies(await client.createReceiver('orders').peekMessages(9))).toEqual([
        'whole',
        'after',
      ])
    })
  })

  test('starts the journal over, so that finished messages leave no trace', async () => {
    const directory = aDirectory()
    const file = join(directory, 'service-bus.ndjson')
    await life(directory, async () => undefined)
    const empty = statSync(file).size

    await life(directory, async (client) => {
      const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' })
      await client.createSender('orders').sendMessages([{ body: 'x'.repeat(10_000) }])
      await receiver.receiveMessages(1)
    })
    expect(statSync(file).size).toBeGreaterThan(10_000)
    await life(directory, async () => undefined)

    expect(statSync(file).size).toBeLessThan(empty + 10)
  })

  test('after kill -9 in the midst of sending finds every acknowledged message once', async () => {
    const directory = aDirectory()
    const first = await startProcess('--port', '0', '--state', directory)
    const client = connect(first.ready)
    const sender = client.createSender('access-requests')
    const acknowledged: number[] = []
    const dying = once(first.child, 'exit')
    const sending = (async () => {
      for (let body = 0; ; body += 1) {
        await sender.sendMessages({ body })
        acknowledged.push(body)
        if (body === 50) first.child.kill('SIGKILL')
      }
    })()

    await expect(sending).rejects.toThrow()
    await dying
    const second = await startProcess('--port', '0', '--state', directory)
    const found = bodies(
      await connect(second.ready).createReceiver('access-requests').peekMessages(1_000),
    )

    expect(acknowledged.length).toBeGreaterThan(50)
    expect(found.slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(new Set(found).size).toBe(found.length)
  })
})

describe('local/service-bus/main.ts', () => {
  test('says when it is ready, and exits with 0 when asked to stop', async () => {
    const { child, ready } = await startProcess('--port', '0')

    await connect(ready).createSender('access-events').sendMessages({ body: 1 })
    child.kill('SIGTERM')

    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('exits when its parent is gone', async () => {
    const { child } = await startProcess('--port', '0')

    child.disconnect()

    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('names a taken port and the flag to change it', async () => {
    const { ready } = await startProcess('--port', '0')

    const child = fork(main, ['--port', String(ready.port)], { silent: true })
    const texts: string[] = []
    child.stderr?.on('data', (text) => texts.push(String(text)))

    expect(await once(child, 'close')).toEqual([1, null])
    expect(texts.join('')).toBe(
      `Cannot listen on port ${ready.port}: it is taken; choose another with --port\n`,
    )
  })
})
