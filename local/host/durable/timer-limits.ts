import type { TimerLimits } from './number-tasks.ts'

const day = 24 * 60 * 60 * 1000

/** Timers further away than six days go in hops of three, on both sides of the wire. */
export const timerLimits: TimerLimits = { longestMilliseconds: 6 * day, hopMilliseconds: 3 * day }

export const durationsForWorker = {
  longRunningTimerIntervalDuration: '3.00:00:00',
  maximumShortTimerDuration: '6.00:00:00',
}
