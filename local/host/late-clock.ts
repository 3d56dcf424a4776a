import type { Clock } from './seams.ts'

/** A clock whose wake-ups come up to so many milliseconds late, as those of a busy host do. */
export function createLateClock(
  clock: Clock,
  maximumMilliseconds: number,
  random: () => number,
): Clock {
  return {
    ...clock,
    at: (time, run) => clock.at(time + Math.floor(random() * (maximumMilliseconds + 1)), run),
  }
}
