import { describe, expect, test } from 'vitest'
import type { TopicDeclaration } from '../../local/service-bus/entities.ts'
import { bodies, minute, only, soon, startBench } from './builders.ts'

function aTopic(overrides: Partial<TopicDeclaration> = {}): TopicDeclaration {
  return {
    kind: 'topic',
    name: 'news',
    subscriptions: [{ name: 'all' }, { name: 'audit' }],
    ...overrides,
  }
}

describe('topics of the stand-in', () => {
  test('give every subscription its own copy of every message', async () => {
    const { client } = await startBench({ entities: [aTopic()] })
    await client.createSender('news').sendMessages([{ body: 1, messageId: 'm-1' }, { body: 2 }])
    const all = client.createReceiver('news', 'all')
    const audit = client.createReceiver('news', 'audit')

    for (const message of await all.receiveMessages(2, { maxWaitTimeInMs: 1_000 })) {
      await all.completeMessage(message)
    }

    expect(await all.peekMessages(9)).toEqual([])
    const kept = await audit.receiveMessages(2, { maxWaitTimeInMs: 1_000 })
    expect(bodies(kept)).toEqual([1, 2])
    expect(kept[0]).toMatchObject({ messageId: 'm-1', deliveryCount: 0 })
  })

  test('keep the dead letters of each subscription apart', async () => {
    const { client } = await startBench({ entities: [aTopic()] })
    await client.createSender('news').sendMessages({ body: 1 })
    const all = client.createReceiver('news', 'all')
    await all.deadLetterMessage(only(await all.receiveMessages(1)))

    const dead = (name: string) =>
      client.createReceiver('news', name, { subQueueType: 'deadLetter' })
    expect(bodies(await dead('all').peekMessages(9))).toEqual([1])
    expect(await dead('audit').peekMessages(9)).toEqual([])
  })

  test('publish a scheduled message when its time has come, unless it is cancelled', async () => {
    const { client, clock } = await startBench({ entities: [aTopic()] })
    const sender = client.createSender('news')
    const at = new Date(clock.now() + minute)
    await sender.scheduleMessages({ body: 'kept' }, at)
    await sender.cancelScheduledMessages(await sender.scheduleMessages({ body: 'gone' }, at))
    const all = client.createReceiver('news', 'all')
    expect(await all.receiveMessages(1, soon)).toEqual([])

    await clock.advanceTo(at)

    expect(bodies(await all.receiveMessages(9, soon))).toEqual(['kept'])
  })

  test('drop a repeated message id before it reaches any subscription', async () => {
    const { client } = await startBench({ entities: [aTopic({ duplicateWindowSeconds: 60 })] })
    const sender = client.createSender('news')

    await sender.sendMessages({ body: 1, messageId: 'same' })
    await sender.sendMessages({ body: 2, messageId: 'same' })

    expect(bodies(await client.createReceiver('news', 'audit').peekMessages(9))).toEqual([1])
  })

  test('do not pile up for a subscription nobody reads: time and number have limits', async () => {
    const { client, clock } = await startBench({
      entities: [
        aTopic({
          subscriptions: [
            { name: 'short', timeToLiveSeconds: 60 },
            { name: 'small', maximumMessages: 3 },
          ],
        }),
      ],
    })
    const sender = client.createSender('news')
    for (const body of [1, 2, 3, 4, 5]) await sender.sendMessages({ body })

    expect(bodies(await client.createReceiver('news', 'small').peekMessages(9))).toEqual([3, 4, 5])
    await clock.advanceTo(clock.now() + minute)
    expect(await client.createReceiver('news', 'short').peekMessages(9)).toEqual([])
  })

  test('are not received from, and subscriptions are not sent to', async () => {
    const { client } = await startBench({ entities: [aTopic()] })

    await expect(client.createReceiver('news').receiveMessages(1)).rejects.toThrow('it is a topic')
    await expect(
      client.createSender('news/Subscriptions/all').sendMessages({ body: 1 }),
    ).rejects.toThrow('it is no queue or topic')
  })

  test('refuse rules, for every subscription gets everything', async () => {
    const { client } = await startBench({ entities: [aTopic()] })
    const rules = client.createRuleManager('news', 'all')

    await expect(rules.createRule('only-a', { subject: 'a' })).rejects.toThrow(
      'each subscription of the stand-in gets every message',
    )
  })
})
