import { describe, expect, test } from 'vitest'
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

describe('answers of PIM that are lost', () => {
  test.each(['ambiguous-before', 'ambiguous-after'] as const)(
    'an addition without an answer (%s) is settled by reading, and ends in one end',
    async (effect) => {
      const broker = await brokerByPim()
      const id = await submit(broker)
      broker.directory.setFault({ effect, on: ['add'], count: 1 })
      await settle(broker)
      await sweepUntil(broker, '12:02:00')

      expect(await requestOf(broker, id)).toMatchObject({ status: 'active', mechanism: 'pim' })
      await sweepUntil(broker, '13:01:00')
      expect(broker.directory.isHeld(keyOf())).toBe(false)
      expect(effectsOf(broker).map((each) => each.split(' ')[0])).toEqual(['add', 'remove'])
      const ended = (await eventsOf(broker)).filter(({ event }) => event === 'grant.ended')
      expect(ended).toHaveLength(1)
    },
  )

  test.each(['ambiguous-before', 'ambiguous-after'] as const)(
    'a removal without an answer (%s) is made again until it is proven',
    async (effect) => {
      const broker = await brokerByPim()
      const id = await ask(broker)
      broker.directory.setFault({ effect, on: ['remove'], count: 1 })
      await sweepUntil(broker, '13:02:00')

      expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
      expect(broker.directory.isHeld(keyOf())).toBe(false)
      const ended = (await eventsOf(broker)).filter(({ event }) => event === 'grant.ended')
      expect(ended).toHaveLength(1)
    },
  )

  test.each(['ambiguous-before', 'ambiguous-after'] as const)(
    'an end that was moved without an answer (%s) is moved once more',
    async (effect) => {
      const broker = await brokerByPim()
      await ask(broker)
      await sweepUntil(broker, '12:30:00')
      broker.directory.setFault({ effect, on: ['update'], count: 1 })
      const second = await ask(broker)
      await sweepUntil(broker, '12:31:00')

      expect(await requestOf(broker, second)).toMatchObject({ status: 'active' })
      expect(broker.directory.scheduleOf(keyOf())?.endsAt).toBe(instant('13:40:00'))
      await sweepUntil(broker, '13:31:00')
      expect(broker.directory.isHeld(keyOf())).toBe(false)
    },
  )

  test('a schedule that is gone when its end is moved is made again', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    await sweepUntil(broker, '12:30:00')
    broker.directory.removeByHand(keyOf())
    const second = await ask(broker)
    await sweepUntil(broker, '12:31:00')

    expect(await requestOf(broker, second)).toMatchObject({ status: 'active', mechanism: 'pim' })
    expect(broker.directory.scheduleOf(keyOf())?.endsAt).toBe(instant('13:40:00'))
  })
})

describe('a tenant without the licence', () => {
  test('fails the grant where the integration does not fall back', async () => {
    const broker = await brokerByPim()
    broker.directory.setPim({ isLicensed: false })
    const id = await ask(broker)

    expect(await requestOf(broker, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'unlicensed' },
    })
    expect(effectsOf(broker)).toEqual([])
  })

  test('gives plain entries where it does, and says so', async () => {
    const broker = await brokerByPim({ mechanismFallback: 'direct' })
    broker.directory.setPim({ isLicensed: false })
    const id = await ask(broker)

    expect(await requestOf(broker, id)).toMatchObject({ status: 'active', mechanism: 'direct' })
    const active = (await eventsOf(broker)).find(({ event }) => event === 'grant.active')
    expect(active?.detail).toMatchObject({ mechanism: 'direct', fallback: 'unlicensed' })
    await sweepUntil(broker, '13:00:20')
    expect(effectsOf(broker)).toEqual(['add plain 12:00:00', 'remove plain 13:00:10'])
  })

  test('that lost it while access was held still has it taken at its time', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)
    broker.directory.setPim({ isLicensed: false })
    await sweepUntil(broker, '13:00:20')

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
    expect(effectsOf(broker)).toEqual(['add 12:00:00', 'remove plain 13:00:10'])
  })

  test('that lost it refuses an extension, and leaves what is held as it is', async () => {
    const broker = await brokerByPim()
    const first = await ask(broker)
    broker.directory.setPim({ isLicensed: false })
    await sweepUntil(broker, '12:30:00')
    const second = await ask(broker)

    expect(await requestOf(broker, second)).toMatchObject({
      status: 'failed',
      problem: { code: 'unlicensed' },
    })
    expect(await requestOf(broker, first)).toMatchObject({ status: 'active' })
    expect(broker.directory.isHeld(keyOf())).toBe(true)
  })
})

describe('rules of the tenant', () => {
  test('fail a grant that would be longer than they allow', async () => {
    const broker = await brokerByPim()
    broker.directory.setPim({ longestMilliseconds: 30 * 60_000 })
    const id = await ask(broker)

    expect(await requestOf(broker, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'policy' },
    })
  })

  test('fail an extension beyond them, once, and the first window stays', async () => {
    const broker = await brokerByPim()
    broker.directory.setPim({ longestMilliseconds: 75 * 60_000 })
    const first = await ask(broker)
    await sweepUntil(broker, '12:30:00')
    const second = await ask(broker)
    await sweepUntil(broker, '12:40:00')

    expect(await requestOf(broker, second)).toMatchObject({ status: 'failed' })
    expect(await requestOf(broker, first)).toMatchObject({ status: 'active' })
    expect(broker.directory.writes.filter(({ operation }) => operation === 'update')).toHaveLength(
      1,
    )
  })
})

describe('standing access beside PIM', () => {
  test('for good is found and never taken', async () => {
    const broker = await brokerByPim()
    broker.directory.addByHand(keyOf())
    const id = await ask(broker)
    await sweepUntil(broker, '13:01:00')

    expect(await requestOf(broker, id)).toMatchObject({
      status: 'ended',
      mechanism: 'already-held',
    })
    expect(broker.directory.isHeld(keyOf())).toBe(true)
    expect(effectsOf(broker)).toEqual([])
  })

  test.each(['assigned', 'activated'] as const)(
    'that is %s and ends first is followed by a grant for the rest of the window',
    async (by) => {
      const broker = await brokerByPim()
      broker.directory.addByHand(keyOf(), { by, endsAt: instant('12:20:00') })
      const id = await ask(broker)
      expect(await requestOf(broker, id)).toMatchObject({ mechanism: 'already-held' })
      await sweepUntil(broker, '12:20:10')

      expect(broker.directory.scheduleOf(keyOf())).toMatchObject({ endsAt: instant('13:10:00') })
      expect(await requestOf(broker, id)).toMatchObject({ status: 'active', mechanism: 'pim' })
      await sweepUntil(broker, '13:01:00')
      expect(broker.directory.isHeld(keyOf())).toBe(false)
      expect(effectsOf(broker)).toEqual(['add 12:20:10', 'remove 13:00:10'])
    },
  )

  test('that ends after the window is left to end by itself', async () => {
    const broker = await brokerByPim()
    broker.directory.addByHand(keyOf(), { by: 'activated', endsAt: instant('15:00:00') })
    await ask(broker)
    await sweepUntil(broker, '13:01:00')

    expect(broker.directory.isHeld(keyOf())).toBe(true)
    expect(effectsOf(broker)).toEqual([])
  })

  test('that others made of ours is not taken: not the schedule we recorded', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)
    await sweepUntil(broker, '12:30:00')
    broker.directory.removeByHand(keyOf())
    broker.directory.addByHand(keyOf())
    await sweepUntil(broker, '13:01:00')

    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
    expect((await eventsOf(broker)).at(-1)?.detail).toMatchObject({
      proof: { kind: 'standing-kept' },
    })
    expect(broker.directory.isHeld(keyOf())).toBe(true)
  })
})
