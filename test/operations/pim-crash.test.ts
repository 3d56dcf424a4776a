import { describe, expect, test } from 'vitest'
import { endRequest } from '../../shared/operations/end-request.ts'
import { Crash, type InMemory, mia } from './broker-in-memory.ts'
import { ask, brokerByPim, eventsOf, keyOf, settle } from './pim-in-memory.ts'

/** What the orchestrations would do, step by step; a crash anywhere stops it for good. */
type Story = (broker: InMemory) => Promise<void>

const settleAt = async (broker: InMemory, time: string) => {
  broker.advance(Date.parse(`2026-01-05T${time}Z`) - broker.now().getTime())
  await settle(broker)
}

const stories: Readonly<Record<string, Story>> = {
  'a grant that runs out': async (broker) => {
    await ask(broker)
    await settleAt(broker, '13:00:00')
  },
  'a grant that is extended': async (broker) => {
    await ask(broker)
    await settleAt(broker, '12:30:00')
    await ask(broker)
    await settleAt(broker, '13:00:00')
    await settleAt(broker, '13:30:00')
  },
  'a grant that is given back too early': async (broker) => {
    const requestId = await ask(broker)
    await settleAt(broker, '12:01:00')
    const actor = { id: mia, type: 'user' } as const
    await endRequest(broker.needs, { requestId, actor, endReason: 'given-back' }, broker.clockwork)
    await settle(broker)
    await settleAt(broker, '12:05:00')
  },
}

const caught = async (run: () => Promise<unknown>) => {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof Crash)) throw error
  }
}

const run = async (story: Story, broker: InMemory) => {
  await caught(() => story(broker))
  for (let tick = 0; tick < 200; tick++) {
    broker.advance(30_000)
    await caught(() => broker.sweep())
  }
}

const check = async (broker: InMemory) => {
  expect(broker.directory.isHeld(keyOf())).toBe(false)
  const effects = broker.directory.writes.filter(({ applied }) => applied)
  expect(effects.every(({ isSchedule }) => isSchedule)).toBe(true)
  const adds = effects.filter(({ operation }) => operation === 'add')
  const removals = effects.filter(({ operation }) => operation === 'remove')
  expect(adds.length).toBeLessThanOrEqual(1)
  expect(removals).toHaveLength(adds.length)
  const events = await eventsOf(broker)
  for (const requestId of new Set(events.map((event) => event.requestId))) {
    const own = events.filter((event) => event.requestId === requestId).map(({ event }) => event)
    expect(own.filter((name) => name === 'grant.ended' || name === 'grant.failed')).toHaveLength(1)
    expect(new Set(own).size).toBe(own.length)
  }
  return events.map(({ event }) => event)
}

const countCalls = async (story: Story): Promise<number> => {
  const broker = await brokerByPim()
  const before = broker.calls()
  await story(broker)
  return broker.calls() - before
}

describe.each(Object.entries(stories))('by PIM, %s', (_, story) => {
  test('comes to its end when nothing goes wrong', async () => {
    const broker = await brokerByPim()
    await run(story, broker)

    expect((await check(broker)).filter((event) => event === 'grant.ended')).not.toEqual([])
  })

  test.each(['before', 'after'] as const)(
    'is brought to its end by the sweep after a crash %s any single call',
    async (when) => {
      const calls = await countCalls(story)
      for (let call = 1; call <= calls; call++) {
        const broker = await brokerByPim()
        broker.crashAt(call, when)
        await run(story, broker)

        await expect(check(broker), `crash ${when} call ${call}`).resolves.toBeDefined()
      }
    },
    120_000,
  )
})
