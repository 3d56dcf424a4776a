import { expect, test } from 'vitest'
import { createLateClock } from '../../local/host/late-clock.ts'
import { createVirtualClock } from '../../local/host/virtual-clock.ts'

test.each([
  [0, 0],
  [0.5, 500],
  [0.999_999, 1_000],
])('a late clock wakes with luck %d after %i further milliseconds', async (luck, late) => {
  const clock = createVirtualClock(0)
  const times: number[] = []
  createLateClock(clock, 1_000, () => luck).at(60_000, () => times.push(clock.now()))

  await clock.runUntilIdle()

  expect(times).toEqual([60_000 + late])
})
