import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../local/host/virtual-clock.ts'

const start = new Date('2026-01-05T12:00:00Z')

describe('a virtual clock', () => {
  test('runs wake-ups in the order of their times, and equal times in the order asked', async () => {
    const clock = createVirtualClock(start)
    const seen: string[] = []
    const at = (milliseconds: number, name: string) =>
      clock.at(Number(start) + milliseconds, () =>
        seen.push(`${name} ${clock.now() - Number(start)}`),
      )
    at(20, 'c')
    at(10, 'a')
    at(10, 'b')
    at(31, 'late')

    await clock.advanceTo(Number(start) + 30)

    expect(seen).toEqual(['a 10', 'b 10', 'c 20'])
    expect(clock.now()).toBe(Number(start) + 30)
  })

  test('runs what a wake-up asks for, also across promises and turns of the loop', async () => {
    const clock = createVirtualClock(start)
    const times: number[] = []
    const again = async () => {
      times.push(clock.now() - Number(start))
      await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      clock.at(clock.now() + 86_400_000, () => void again())
    }
    clock.at(Number(start), () => void again())

    await clock.advanceTo(Number(start) + 90 * 86_400_000)

    expect(times).toHaveLength(91)
  })

  test('does not move while work is held', async () => {
    const clock = createVirtualClock(start)
    const seen: string[] = []
    clock.at(Number(start), async () => {
      const release = clock.hold()
      await new Promise((resolve) => setTimeout(resolve, 20))
      seen.push('slow')
      release()
    })
    clock.at(Number(start) + 1, () => seen.push('next'))

    await clock.runUntilIdle()

    expect(seen).toEqual(['slow', 'next'])
  })

  test('forgets what was cancelled', async () => {
    const clock = createVirtualClock(start)
    const seen: string[] = []
    clock.at(Number(start) + 1, () => seen.push('cancelled')).cancel()

    await clock.runUntilIdle()

    expect(seen).toEqual([])
    expect(clock.now()).toBe(Number(start))
  })
})
