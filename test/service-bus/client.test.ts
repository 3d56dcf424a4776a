/*
 * Over 300 lines on purpose: one test for each thing that the official client can do.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ServiceBusClient } from '@azure/service-bus'
import { describe, expect, test } from 'vitest'
import { aQueue, bodies, minute, numberOf, only, soon, startBench } from './builders.ts'

describe('the unmodified client', () => {
  test('sends one, several and a batch, and receives them in order with all they carry', async () => {
    const { client } = await startBench()
    const sender = client.createSender('access-requests')
    const receiver = client.createReceiver('access-requests')

    await sender.sendMessages({
      body: { flow: 'on-call' },
      messageId: 'm-1',
      correlationId: 'c-1',
      subject: 'request',
      contentType: 'application/json',
      replyTo: 'answers',
      partitionKey: 'p-1',
      timeToLive: minute,
      applicationProperties: { count: 5, share: 1.5, name: 'é', yes: true },
    })
    await sender.sendMessages([{ body: 'two' }, { body: ['three'] }])
    const batch = await sender.createMessageBatch()
    expect(batch.tryAddMessage({ body: Buffer.from('four') })).toBe(true)
    await sender.sendMessages(batch)

    const received = await receiver.receiveMessages(4, { maxWaitTimeInMs: 1_000 })
    expect(bodies(received)).toEqual([{ flow: 'on-call' }, 'two', ['three'], Buffer.from('four')])
    expect(received[0]).toMatchObject({
      messageId: 'm-1',
      correlationId: 'c-1',
      subject: 'request',
      contentType: 'application/json',
      replyTo: 'answers',
      partitionKey: 'p-1',
      timeToLive: minute,
      deliveryCount: 0,
      applicationProperties: { count: 5, share: 1.5, name: 'é', yes: true },
    })
    expect(received.map(({ sequenceNumber }) => sequenceNumber?.toNumber())).toEqual([1, 2, 3, 4])
    expect(received[1]?.messageId).toMatch(/^[0-9a-f]{32}$/)
  })

  test('reaches the stand-in by the name localhost as well', async () => {
    const { bus } = await startBench()
    const client = new ServiceBusClient(bus.connectionString.replace('127.0.0.1', 'localhost'))

    await client.createSender('access-requests').sendMessages({ body: 1 })

    expect(bodies(await client.createReceiver('ACCESS-requests').receiveMessages(1))).toEqual([1])
    await client.close()
  })

  test('completes a message, which never comes back', async () => {
    const { client, clock } = await startBench()
    const receiver = client.createReceiver('access-requests')
    await client.createSender('access-requests').sendMessages({ body: 1 })

    await receiver.completeMessage(only(await receiver.receiveMessages(1)))

    await clock.advanceTo(clock.now() + 60 * minute)
    expect(await receiver.receiveMessages(1, soon)).toEqual([])
    expect(await receiver.peekMessages(1)).toEqual([])
  })

  test('abandons a message with changed properties and gets it again, counted', async () => {
    const { client } = await startBench()
    const receiver = client.createReceiver('access-requests')
    await client
      .createSender('access-requests')
      .sendMessages({ body: 1, applicationProperties: { kept: 1, changed: 'no' } })

    const at = new Date('2026-01-05T12:00:00Z')
    await receiver.abandonMessage(only(await receiver.receiveMessages(1)), {
      changed: 'yes',
      at,
    })

    expect(only(await receiver.receiveMessages(1))).toMatchObject({
      body: 1,
      deliveryCount: 1,
      applicationProperties: { kept: 1, changed: 'yes', at: at.getTime() },
    })
  })

  test('dead-letters a message with reason and description, and reads it there', async () => {
    const { client } = await startBench()
    const receiver = client.createReceiver('access-requests')
    await client.createSender('access-requests').sendMessages({ body: 'bad', messageId: 'm-1' })

    await receiver.deadLetterMessage(only(await receiver.receiveMessages(1)), {
      deadLetterReason: 'unreadable',
      deadLetterErrorDescription: 'No JSON',
      seenBy: 'test',
    })

    const dead = client.createReceiver('access-requests', { subQueueType: 'deadLetter' })
    const message = only(await dead.receiveMessages(1))
    expect(message).toMatchObject({
      body: 'bad',
      messageId: 'm-1',
      deadLetterReason: 'unreadable',
      deadLetterErrorDescription: 'No JSON',
      applicationProperties: { seenBy: 'test' },
    })
    await expect(dead.deadLetterMessage(message)).rejects.toThrow('cannot be dead-lettered')
    expect(bodies(await dead.peekMessages(1))).toEqual(['bad'])
  })

  test('has a message dead-lettered once it was delivered in vain too often', async () => {
    const { client } = await startBench({ entities: [aQueue({ maximumDeliveries: 2 })] })
    const receiver = client.createReceiver('orders')
    await client.createSender('orders').sendMessages({ body: 'poison' })

    for (const deliveryCount of [0, 1]) {
      const message = only(await receiver.receiveMessages(1))
      expect(message.deliveryCount).toBe(deliveryCount)
      await receiver.abandonMessage(message)
    }

    expect(await receiver.receiveMessages(1, soon)).toEqual([])
    const dead = client.createReceiver('orders', { subQueueType: 'deadLetter' })
    expect(only(await dead.receiveMessages(1))).toMatchObject({
      body: 'poison',
      deliveryCount: 2,
      deadLetterReason: 'MaxDeliveryCountExceeded',
    })
  })

  test('receives and deletes in one step', async () => {
    const { client, clock } = await startBench()
    const receiver = client.createReceiver('access-requests', { receiveMode: 'receiveAndDelete' })
    await client.createSender('access-requests').sendMessages([{ body: 1 }, { body: 2 }])

    expect(bodies(await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 }))).toEqual([1, 2])

    await clock.advanceTo(clock.now() + 60 * minute)
    expect(await client.createReceiver('access-requests').peekMessages(1)).toEqual([])
  })

  test('defers a message and receives it by its number', async () => {
    const { client } = await startBench()
    const receiver = client.createReceiver('access-requests')
    await client.createSender('access-requests').sendMessages({ body: 'later' })
    const message = only(await receiver.receiveMessages(1))
    const number = numberOf(message)

    await receiver.deferMessage(message, { step: 1 })
    expect(await receiver.receiveMessages(1, soon)).toEqual([])
    expect(only(await receiver.peekMessages(1)).state).toBe('deferred')
    const again = only(await receiver.receiveDeferredMessages(number))
    expect(again).toMatchObject({ body: 'later', applicationProperties: { step: 1 } })
    await receiver.completeMessage(again)

    await expect(receiver.receiveDeferredMessages(number)).rejects.toMatchObject({
      code: 'MessageNotFound',
    })
  })

  test.each(['abandon', 'defer', 'deadLetter'] as const)(
    'settles a deferred message by %s over the management link',
    async (settlement) => {
      const { client } = await startBench()
      const receiver = client.createReceiver('access-requests')
      await client.createSender('access-requests').sendMessages({ body: 'later' })
      const message = only(await receiver.receiveMessages(1))
      await receiver.deferMessage(message)
      const number = numberOf(message)

      const again = only(await receiver.receiveDeferredMessages(number))
      await receiver[`${settlement}Message`](again)

      const dead = client.createReceiver('access-requests', { subQueueType: 'deadLetter' })
      const isDead = settlement === 'deadLetter'
      expect(bodies(await dead.peekMessages(1))).toEqual(isDead ? ['later'] : [])
      expect(
        (await receiver.peekMessages(1, { fromSequenceNumber: number })).map(({ state }) => state),
      ).toEqual(isDead ? [] : ['deferred'])
    },
  )

  test('peeks from a sequence number on without locking', async () => {
    const { client } = await startBench()
    const receiver = client.createReceiver('access-requests')
    await client
      .createSender('access-requests')
      .sendMessages([1, 2, 3, 4].map((body) => ({ body })))

    const first = await receiver.peekMessages(2)
    const next = await receiver.peekMessages(9)
    const from = await receiver.peekMessages(9, {
      fromSequenceNumber: numberOf(first[1]),
    })

    expect([first, next, from].map(bodies)).toEqual([
      [1, 2],
      [3, 4],
      [2, 3, 4],
    ])
    expect(await receiver.receiveMessages(4, { maxWaitTimeInMs: 1_000 })).toHaveLength(4)
  })

  test('gets a message again, counted, when its lock is over, and cannot settle the old one', async () => {
    const { client, clock } = await startBench()
    const receiver = client.createReceiver('access-requests', { maxAutoLockRenewalDurationInMs: 0 })
    await client.createSender('access-requests').sendMessages({ body: 1 })
    const late = only(await receiver.receiveMessages(1))

    await clock.advanceTo(clock.now() + 5 * minute)

    const again = only(await receiver.receiveMessages(1))
    expect(again).toMatchObject({ body: 1, deliveryCount: 1 })
    await expect(receiver.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' })
    await receiver.completeMessage(again)
  })

  test('keeps a message by renewing its lock', async () => {
    const { client, clock } = await startBench()
    const receiver = client.createReceiver('access-requests', { maxAutoLockRenewalDurationInMs: 0 })
    await client.createSender('access-requests').sendMessages({ body: 1 })
    const message = only(await receiver.receiveMessages(1))
    const start = clock.now()

    await clock.advanceTo(start + 4 * minute)
    const until = await receiver.renewMessageLock(message)
    await clock.advanceTo(start + 8 * minute)

    expect(until).toEqual(new Date(start + 9 * minute))
    await receiver.completeMessage(message)
    await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({
      code: 'MessageLockLost',
    })
  })

  test('settles over the management link when the link it received on is closed', async () => {
    const { client } = await startBench()
    const receiver = client.createReceiver('access-requests')
    await client.createSender('access-requests').sendMessages({ body: 1 })
    const message = only(await receiver.receiveMessages(1))
    await receiver.close()

    const other = client.createReceiver('access-requests')
    await other.completeMessage(message)

    expect(await other.peekMessages(1)).toEqual([])
  })

  test('schedules messages both ways and cancels one', async () => {
    const { client, clock } = await startBench()
    const sender = client.createSender('access-requests')
    const receiver = client.createReceiver('access-requests')
    const at = new Date(clock.now() + 10 * minute)

    const numbers = await sender.scheduleMessages([{ body: 'a' }, { body: 'b' }], at)
    await sender.sendMessages({ body: 'c', scheduledEnqueueTimeUtc: at })
    await sender.cancelScheduledMessages(numbers[0] ?? [])
    expect((await receiver.peekMessages(9)).map(({ state }) => state)).toEqual([
      'scheduled',
      'scheduled',
    ])
    expect(await receiver.receiveMessages(9, soon)).toEqual([])

    await clock.advanceTo(at)

    const received = await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 })
    expect(bodies(received)).toEqual(['b', 'c'])
    expect(received[0]?.enqueuedTimeUtc).toEqual(at)
    await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({
      code: 'MessageNotFound',
    })
  })

  test('finds an expired message among the dead letters, or nowhere', async () => {
    const { client, clock } = await startBench({
      entities: [
        aQueue({ name: 'kept', deadLetterOnExpiry: true }),
        aQueue({ name: 'dropped', timeToLiveSeconds: 60 }),
      ],
    })
    await client.createSender('kept').sendMessages({ body: 1, timeToLive: minute })
    await client.createSender('dropped').sendMessages({ body: 2, timeToLive: 9 * minute })

    await clock.advanceTo(clock.now() + minute)

    const dead = client.createReceiver('kept', { subQueueType: 'deadLetter' })
    expect(only(await dead.peekMessages(9))).toMatchObject({
      body: 1,
      deadLetterReason: 'TTLExpiredException',
    })
    const other = client.createReceiver('dropped', { subQueueType: 'deadLetter' })
    expect(await other.peekMessages(9)).toEqual([])
    expect(await client.createReceiver('dropped').peekMessages(9)).toEqual([])
  })

  test('has a repeated message id dropped within the window of the queue, and only there', async () => {
    const { client, clock } = await startBench({
      entities: [aQueue({ duplicateWindowSeconds: 60 }), aQueue({ name: 'plain' })],
    })
    const sender = client.createSender('orders')
    const plain = client.createSender('plain')

    await sender.sendMessages({ body: 1, messageId: 'same' })
    await sender.sendMessages([{ body: 2, messageId: 'same' }, { body: 3 }])
    await plain.sendMessages({ body: 1, messageId: 'same' })
    await plain.sendMessages({ body: 2, messageId: 'same' })
    await clock.advanceTo(clock.now() + minute)
    await sender.sendMessages({ body: 4, messageId: 'same' })

    expect(bodies(await client.createReceiver('orders').peekMessages(9))).toEqual([1, 3, 4])
    expect(bodies(await client.createReceiver('plain').peekMessages(9))).toEqual([1, 2])
  })

  test('subscribes: what the handler takes is completed, what it throws on is dead-lettered in the end', async () => {
    const { client } = await startBench({ entities: [aQueue({ maximumDeliveries: 3 })] })
    const receiver = client.createReceiver('orders')
    const calls: string[] = []
    const errors: unknown[] = []
    await client.createSender('orders').sendMessages([{ body: 'good' }, { body: 'poison' }])

    receiver.subscribe({
      async processMessage({ body }) {
        calls.push(body)
        if (body === 'poison') throw new Error('Cannot digest it')
      },
      async processError({ error }) {
        errors.push(error)
      },
    })
    const dead = client.createReceiver('orders', { subQueueType: 'deadLetter' })
    expect(bodies(await dead.receiveMessages(1))).toEqual(['poison'])
    await receiver.close()

    expect(calls).toEqual(['good', 'poison', 'poison', 'poison'])
    expect(errors).toHaveLength(3)
    expect(await client.createReceiver('orders').peekMessages(9)).toEqual([])
  })

  test('is told which entity does not exist', async () => {
    const { client } = await startBench()

    const attempts = [
      client.createSender('nowhere').sendMessages({ body: 1 }),
      client.createReceiver('nowhere').receiveMessages(1),
      client.createReceiver('access-events', 'nobody').receiveMessages(1),
      client.createReceiver('nowhere').peekMessages(1),
    ]

    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({ code: 'MessagingEntityNotFound' })
    }
  })

  test('is refused a message above the size limit, and goes on', async () => {
    const { client } = await startBench()
    const sender = client.createSender('access-requests')

    await expect(sender.sendMessages({ body: 'x'.repeat(300_000) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    })

    const large = 'y'.repeat(200_000)
    await sender.sendMessages({ body: large })
    expect(bodies(await client.createReceiver('access-requests').receiveMessages(1))).toEqual([
      large,
    ])
  })

  test('shares a queue between receivers, each message going to one of them', async () => {
    const { client, connect } = await startBench()
    const numbers = Array.from({ length: 100 }, (_, number) => number)
    const receivers = [client, connect()].map((one) => one.createReceiver('access-requests'))
    const seen: number[] = []
    let finish: (() => void) | undefined
    const all = new Promise<void>((resolve) => {
      finish = resolve
    })
    for (const receiver of receivers) {
      receiver.subscribe({
        async processMessage({ body }) {
          await nextTurn()
          seen.push(body)
          if (seen.length === numbers.length) finish?.()
        },
        async processError({ error }) {
          throw error
        },
      })
    }

    await client.createSender('access-requests').sendMessages(numbers.map((body) => ({ body })))
    await all

    expect(seen.sort((one, other) => one - other)).toEqual(numbers)
  })
})
