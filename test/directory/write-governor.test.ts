import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../local/host/virtual-clock.ts'
import { createWriteGovernor, shareOf } from '../../shared/directory/write-governor.ts'

const start = Date.parse('2026-01-05T12:00:00Z')

const governed = (perSecond = 20) => {
  const clock = createVirtualClock(start)
  const governor = createWriteGovernor({
    perSecond,
    now: () => new Date(clock.now()),
    wait: (milliseconds) =>
      new Promise((resolve) => {
        clock.at(clock.now() + milliseconds, () => resolve(undefined))
      }),
  })
  const turns: { operation: 'add' | 'remove'; at: number; answer: string }[] = []
  const ask = (operation: 'add' | 'remove', count = 1) => {
    for (let each = 0; each < count; each++) {
      void governor.takeTurn(operation).then((turn) => {
        const answer = turn.kind === 'now' ? 'now' : `in ${turn.retryAfterSeconds} s`
        turns.push({ operation, at: (clock.now() - start) / 1000, answer })
      })
    }
  }
  const made = (operation?: 'add' | 'remove') =>
    turns.filter(
      ({ answer, ...turn }) =>
        answer === 'now' && (operation === undefined || turn.operation === operation),
    )
  return { clock, governor, turns, ask, made }
}

describe('the governor of writes', () => {
  test('lets a few writes pass at once, and then keeps the pace', async () => {
    const { clock, ask, made } = governed(20)
    ask('remove', 65)
    await clock.runUntilIdle()
    expect(made().filter(({ at }) => at === 0)).toHaveLength(5)
    expect(made()).toHaveLength(65)
    expect(made().at(-1)?.at).toBe(3)
  })

  test('never lets more pass in any second than the quota and its small reserve', async () => {
    const { clock, ask, made } = governed(20)
    for (const second of [0, 1.5, 2, 5]) {
      await clock.advanceTo(start + second * 1000)
      ask('remove', 30)
      ask('add', 30)
    }
    await clock.runUntilIdle()
    const times = made().map(({ at }) => at)
    for (const from of times) {
      expect(times.filter((at) => at >= from && at < from + 1).length).toBeLessThanOrEqual(25)
    }
  })

  test('lets ends pass before grants that came earlier', async () => {
    const { clock, ask, made } = governed(10)
    ask('add', 20)
    ask('remove', 20)
    await clock.runUntilIdle()
    const lastEnd = made('remove').at(-1)?.at ?? Number.POSITIVE_INFINITY
    expect(made('add').filter(({ at }) => at > 0 && at < lastEnd)).toEqual([])
    expect(made('remove')).toHaveLength(20)
  })

  test('keeps a fifth of the quota for ends, however many grants there are', async () => {
    const { clock, ask, made } = governed(20)
    ask('add', 160)
    await clock.advanceTo(start + 5_000)
    const { length } = made('add')
    expect(length).toBeGreaterThanOrEqual(80)
    expect(length).toBeLessThanOrEqual(84)
  })

  test('lets grants use their share beside a few ends', async () => {
    const { clock, ask, made } = governed(20)
    for (let second = 0; second < 5; second++) {
      ask('add', 20)
      ask('remove', 4)
      await clock.advanceTo(start + (second + 1) * 1000)
    }
    expect(made('remove')).toHaveLength(20)
    expect(made('add').length).toBeGreaterThanOrEqual(80)
  })

  test('lets ends use the share of grants', async () => {
    const { clock, ask, made } = governed(20)
    ask('remove', 200)
    await clock.advanceTo(start + 5_000)
    expect(made('remove')).toHaveLength(105)
  })

  test('tells at once when to come back where the wait would be long', async () => {
    const { clock, ask, turns } = governed(2)
    ask('remove', 40)
    await clock.advanceTo(start + 1)
    expect(turns.filter(({ answer }) => answer === 'in 11 s')).not.toEqual([])
    await clock.runUntilIdle()
    expect(turns).toHaveLength(40)
  })

  test('does not forget grants that ends overtake for too long', async () => {
    const { clock, ask, turns } = governed(2)
    ask('add', 3)
    for (let second = 0; second < 12; second++) {
      ask('remove', 2)
      await clock.advanceTo(start + (second + 1) * 1000)
    }
    await clock.runUntilIdle()
    expect(turns.filter(({ operation }) => operation === 'add')).toHaveLength(3)
    expect(
      turns.filter(({ operation, answer }) => operation === 'add' && answer !== 'now'),
    ).not.toEqual([])
  })

  test('pauses as long as the directory says', async () => {
    const { clock, governor, ask, made, turns } = governed(20)
    governor.pause(4)
    ask('remove', 10)
    await clock.runUntilIdle()
    expect(made()[0]?.at).toBe(4)
    governor.pause(60)
    ask('remove')
    await clock.advanceTo(start + 10_000)
    expect(turns.at(-1)?.answer).toBe('in 61 s')
  })

  test.each<[share: number, withinASecond: number]>([
    [0.5, 25],
    [0.8, 15],
    [1.6, 10],
    [Number.NaN, 25],
  ])('slows down when the directory says that %d of its limit is used', async (share, most) => {
    const { clock, governor, ask, made } = governed(20)
    governor.heed(share)
    ask('remove', 40)
    await clock.advanceTo(start + 1_000)
    expect(made()).toHaveLength(most)
  })

  test('shares the quota between instances', () => {
    expect(shareOf(20, 1)).toBe(20)
    expect(shareOf(21, 3)).toBe(7)
  })
})
