import { describe, expect, test } from 'vitest'
import { requestEnd } from '../../shared/access/requests.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { commitPair, openPair } from '../../shared/ledger/pair-ledger.ts'
import type { InMemory } from './broker-in-memory.ts'
import { mia } from './broker-in-memory.ts'
import {
  ask,
  brokerByPim,
  effectsOf,
  eventsOf,
  keyOf,
  requestOf,
  settle,
  submit,
  sweepUntil,
} from './pim-in-memory.ts'

const instant = (time: string) => `2026-01-05T${time}.000Z`

const giveBack = async (broker: InMemory, requestId: string) => {
  const stream = await openPair(broker.needs.tables, pairIdOf(keyOf()))
  if (stream.state === undefined) throw new Error('Cannot give back: there is nothing')
  const now = broker.now()
  const wish = {
    requestId,
    actor: { id: mia, type: 'user' },
    endReason: 'given-back',
    now,
  } as const
  const outcome = requestEnd(stream.state.pair, wish)
  if (!('draft' in outcome)) throw new Error(`Cannot give back: ${outcome.kind}`)
  await commitPair(broker.needs, stream, outcome.draft, now)
  await settle(broker)
}

describe('access by PIM', () => {
  test.each(['group', 'directory-role'] as const)(
    'of a %s is a schedule with a margin, taken by the broker at its time',
    async (type) => {
      const broker = await brokerByPim()
      const id = await ask(broker, { type })

      expect(broker.directory.scheduleOf(keyOf(type))).toMatchObject({
        startedAt: instant('12:00:00'),
        endsAt: instant('13:10:00'),
      })
      expect(await requestOf(broker, id)).toMatchObject({
        status: 'active',
        mechanism: 'pim',
        endsAt: instant('13:00:00'),
      })
      await sweepUntil(broker, '13:00:20')

      expect(broker.directory.isHeld(keyOf(type))).toBe(false)
      expect(effectsOf(broker)).toEqual(['add 12:00:00', 'remove 13:00:10'])
      const events = await eventsOf(broker, type)
      expect(events.map(({ event }) => event)).toEqual([
        'request.created',
        'request.approved',
        'grant.attempted',
        'grant.active',
        'grant.ending',
        'grant.ended',
      ])
      expect(events.at(-1)?.detail).toMatchObject({ mechanism: 'pim', proof: { kind: 'removed' } })
    },
  )

  test('ends in the directory when this product is gone, and its end is told when it is back', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)

    broker.advance(70 * 60_000 - 1_000)
    expect(broker.directory.isHeld(keyOf())).toBe(true)
    broker.advance(1_000)
    expect(broker.directory.isHeld(keyOf())).toBe(false)

    broker.advance(24 * 3_600_000)
    await broker.sweep()
    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended', endReason: 'expired' })
    expect((await eventsOf(broker)).at(-1)?.detail).toMatchObject({ proof: { kind: 'not-there' } })
    expect(effectsOf(broker)).toEqual(['add 12:00:00'])
  })

  test('is extended by moving the end of its schedule, and ends with the last reason', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    await sweepUntil(broker, '12:30:00')
    const second = await ask(broker)

    expect(broker.directory.scheduleOf(keyOf())?.endsAt).toBe(instant('13:40:00'))
    expect(await requestOf(broker, second)).toMatchObject({ status: 'active', mechanism: 'pim' })
    await sweepUntil(broker, '13:20:00')
    expect(broker.directory.isHeld(keyOf())).toBe(true)
    await sweepUntil(broker, '13:31:00')

    expect(effectsOf(broker)).toEqual(['add 12:00:00', 'update 12:30:00', 'remove 13:30:10'])
  })

  test('needs no write for a second reason that ends before the first', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    await ask(broker, { duration: 'PT30M' })
    await sweepUntil(broker, '13:01:00')

    expect(effectsOf(broker)).toEqual(['add 12:00:00', 'remove 13:00:10'])
  })

  test('goes on without a gap where two windows touch', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    const second = await submit(broker, { startsAt: instant('13:00:00') })
    await sweepUntil(broker, '12:59:55', 5)
    while (broker.now() < new Date(instant('13:05:00'))) {
      broker.advance(1_000)
      await broker.sweep()
      expect(broker.directory.isHeld(keyOf())).toBe(true)
    }
    expect(await requestOf(broker, second)).toMatchObject({ status: 'active' })
    await sweepUntil(broker, '14:01:00')

    expect(effectsOf(broker).map((effect) => effect.split(' ')[0])).toEqual([
      'add',
      'update',
      'remove',
    ])
  })

  test('given back in its first five minutes is ending until the directory lets it be taken', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)
    await sweepUntil(broker, '12:01:00')
    await giveBack(broker, id)
    await sweepUntil(broker, '12:04:50')

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ending' })
    expect(broker.directory.writes).toHaveLength(1)
    await sweepUntil(broker, '12:05:20')

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended', endReason: 'given-back' })
    expect(effectsOf(broker)).toEqual(['add 12:00:00', 'remove 12:05:10'])
    const ending = (await eventsOf(broker)).find(({ event }) => event === 'grant.ending')
    expect(ending?.detail).toMatchObject({ notBefore: instant('12:05:00') })
    const overdue = (await eventsOf(broker)).filter(({ event }) => event === 'grant.overdue')
    expect(overdue).toEqual([])
  })

  test('that its person asks for again while it cannot be taken yet is kept, without a write', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)
    await giveBack(broker, id)
    const second = await ask(broker, { duration: 'PT30M' })

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
    expect(await requestOf(broker, second)).toMatchObject({ status: 'active', mechanism: 'pim' })
    expect(effectsOf(broker)).toEqual(['add 12:00:00'])
  })

  test('of less than six minutes is refused, with the reason', async () => {
    const broker = await brokerByPim()

    await expect(submit(broker, { duration: 'PT5M59S' })).rejects.toThrow('too-short-for-pim')
    await expect(submit(broker, { duration: 'PT6M' })).resolves.toEqual(expect.any(String))
  })
})

describe('an end that is left to Entra', () => {
  test.each(['group', 'directory-role'] as const)(
    'is made by it at the very time, told within two minutes, with no removal: %s',
    async (type) => {
      const broker = await brokerByPim({ endBy: 'entra' })
      const id = await ask(broker, { type })
      expect(broker.directory.scheduleOf(keyOf(type))?.endsAt).toBe(instant('13:00:00'))
      await sweepUntil(broker, '13:00:20')

      expect(await requestOf(broker, id)).toMatchObject({ status: 'ended', endReason: 'expired' })
      expect((await eventsOf(broker, type)).at(-1)?.detail).toMatchObject({
        proof: { kind: 'ended-by-entra' },
      })
      expect(broker.directory.writes).toHaveLength(1)
    },
  )

  test('is made by the broker where Entra has not made it in two minutes', async () => {
    const broker = await brokerByPim({ endBy: 'entra' })
    const id = await ask(broker)
    broker.directory.addByHand(keyOf(), {
      ...broker.directory.scheduleOf(keyOf()),
      endsAt: instant('18:00:00'),
    })
    await sweepUntil(broker, '13:01:30')
    expect(await requestOf(broker, id)).toMatchObject({ status: 'ending' })
    await sweepUntil(broker, '13:03:00')

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
    expect(broker.directory.isHeld(keyOf())).toBe(false)
  })

  test('is moved back where the longer of two reasons is given back', async () => {
    const broker = await brokerByPim({ endBy: 'entra' })
    await ask(broker)
    const second = await ask(broker, { duration: 'PT2H' })
    expect(broker.directory.scheduleOf(keyOf())?.endsAt).toBe(instant('14:00:00'))
    await sweepUntil(broker, '12:30:00')
    await giveBack(broker, second)

    expect(broker.directory.scheduleOf(keyOf())?.endsAt).toBe(instant('13:00:00'))
    await sweepUntil(broker, '13:00:30')
    expect(effectsOf(broker).map((each) => each.split(' ')[0])).toEqual(['add', 'update', 'update'])
    expect(broker.directory.isHeld(keyOf())).toBe(false)
  })

  test('waits for a window that touches, so that there is no gap', async () => {
    const broker = await brokerByPim({ endBy: 'entra' })
    await ask(broker)
    const second = await submit(broker, { startsAt: instant('13:00:00') })
    await sweepUntil(broker, '12:59:50')
    while (broker.now() < new Date(instant('13:01:00'))) {
      broker.advance(1_000)
      await broker.sweep()
      expect(broker.directory.isHeld(keyOf())).toBe(true)
    }
    await sweepUntil(broker, '14:00:20')

    expect(await requestOf(broker, second)).toMatchObject({ status: 'ended' })
    expect(effectsOf(broker).map((each) => each.split(' ')[0])).not.toContain('remove')
  })

  test('is still made early, by the broker, where access is given back', async () => {
    const broker = await brokerByPim({ endBy: 'entra' })
    const id = await ask(broker)
    await sweepUntil(broker, '12:30:00')
    await giveBack(broker, id)

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
    expect(effectsOf(broker)).toEqual(['add 12:00:00', 'remove 12:30:00'])
  })
})
