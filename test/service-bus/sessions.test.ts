import { describe, expect, test, vi } from 'vitest'
import { aQueue, bodies, minute, numberOf, only, soon, startBench } from './builders.ts'

const entities = [aQueue({ requiresSession: true, lockSeconds: 60 })]
const noRenewal = { maxAutoLockRenewalDurationInMs: 0 }

describe('sessions of the stand-in', () => {
  test('give a receiver the messages of its session only, in order', async () => {
    const { client } = await startBench({ entities })
    await client.createSender('orders').sendMessages([
      { body: 1, sessionId: 'a' },
      { body: 2, sessionId: 'b' },
      { body: 3, sessionId: 'a' },
    ])

    const receiver = await client.acceptSession('orders', 'a')
    const received = await receiver.receiveMessages(3, { maxWaitTimeInMs: 300 })

    expect(bodies(received)).toEqual([1, 3])
    expect(received[0]?.sessionId).toBe('a')
    expect(bodies(await receiver.peekMessages(9))).toEqual([1, 3])
    for (const message of received) await receiver.completeMessage(message)
    expect(await receiver.peekMessages(9, { fromSequenceNumber: numberOf(received[0]) })).toEqual(
      [],
    )
  })

  test('are handed out one by one to those who ask for the next, the longest waiting first', async () => {
    const { client } = await startBench({ entities })
    await client.createSender('orders').sendMessages([
      { body: 1, sessionId: 'b' },
      { body: 2, sessionId: 'a' },
    ])

    const first = await client.acceptNextSession('orders')
    const second = await client.acceptNextSession('orders')

    expect([first.sessionId, second.sessionId]).toEqual(['b', 'a'])
  })

  test('let a receiver wait for the next session until there is one', async () => {
    const { client } = await startBench({ entities })

    const waiting = client.acceptNextSession('orders')
    await client.createSender('orders').sendMessages({ body: 1, sessionId: 'late' })

    expect((await waiting).sessionId).toBe('late')
  })

  test('are refused while another receiver holds them, and free once it closes', async () => {
    const { client } = await startBench({ entities })
    await client.createSender('orders').sendMessages({ body: 1, sessionId: 'a' })
    const holder = await client.acceptSession('orders', 'a')
    only(await holder.receiveMessages(1))

    await expect(client.acceptSession('orders', 'a')).rejects.toMatchObject({
      code: 'SessionCannotBeLocked',
    })
    await holder.close()

    const next = await client.acceptSession('orders', 'a')
    expect(only(await next.receiveMessages(1))).toMatchObject({ body: 1, deliveryCount: 0 })
  })

  test('keep a state across receivers', async () => {
    const { client } = await startBench({ entities })
    const first = await client.acceptSession('orders', 'a')
    expect(await first.getSessionState()).toBeFalsy()
    await first.setSessionState({ step: 2 })
    await first.close()

    const second = await client.acceptSession('orders', 'a')

    expect(await second.getSessionState()).toEqual({ step: 2 })
    await second.setSessionState(null)
    expect(await second.getSessionState()).toBeNull()
  })

  test('stay with a receiver that renews, and are lost by one that does not', async () => {
    const { client, clock } = await startBench({ entities })
    await client.createSender('orders').sendMessages({ body: 1, sessionId: 'a' })
    const holder = await client.acceptSession('orders', 'a', noRenewal)
    const message = only(await holder.receiveMessages(1))
    const start = clock.now()
    expect(holder.sessionLockedUntilUtc.getTime()).toBe(start + minute)

    await clock.advanceTo(start + 0.9 * minute)
    expect(await holder.renewSessionLock()).toEqual(new Date(start + 1.9 * minute))
    await clock.advanceTo(start + 1.8 * minute)
    expect(holder.isClosed).toBe(false)
    await clock.advanceTo(start + 1.9 * minute)
    await vi.waitFor(() => expect(holder.isClosed).toBe(true))

    await expect(holder.completeMessage(message)).rejects.toMatchObject({ code: 'SessionLockLost' })
    const next = await client.acceptNextSession('orders')
    expect(only(await next.receiveMessages(1))).toMatchObject({ body: 1, deliveryCount: 1 })
  })

  test('defer messages within the session', async () => {
    const { client } = await startBench({ entities })
    await client.createSender('orders').sendMessages({ body: 1, sessionId: 'a' })
    const receiver = await client.acceptSession('orders', 'a')
    const message = only(await receiver.receiveMessages(1))

    await receiver.deferMessage(message)
    const again = only(await receiver.receiveDeferredMessages(numberOf(message)))
    await receiver.completeMessage(again)

    expect(await receiver.peekMessages(1, { fromSequenceNumber: numberOf(message) })).toEqual([])
  })

  test('are asked for where they are needed, and only there', async () => {
    const { client } = await startBench({ entities: [...entities, aQueue({ name: 'plain' })] })

    await expect(client.createSender('orders').sendMessages({ body: 1 })).rejects.toThrow(
      'The SessionId was not set on a message',
    )
    await expect(client.createReceiver('orders').receiveMessages(1, soon)).rejects.toThrow(
      'requires sessions',
    )
    await expect(client.acceptSession('plain', 'a')).rejects.toThrow('does not require sessions')
  })
})
