import type { Clock } from './seams.ts'

/** `setTimeout` fires at once when asked for more than this. */
const longestTimeout = 2_147_483_647

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at(time, run) {
    let timeout: NodeJS.Timeout
    const arm = () => {
      const wait = Math.max(0, time - Date.now())
      timeout = setTimeout(fire, Math.min(wait, longestTimeout))
    }
    // Timeouts may come a millisecond early, and far ones come in hops.
    const fire = () => (Date.now() < time ? arm() : run())
    arm()
    return { cancel: () => clearTimeout(timeout) }
  },
}
