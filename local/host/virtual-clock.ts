import type { Clock } from './seams.ts'

/** Turns of the event loop without news after which everything is taken to have settled. */
const quietTurns = 4

interface WakeUp {
  readonly time: number
  readonly run: () => void
}

/** A clock that stands still until it is told to move, and then skips from wake-up to wake-up. */
export interface VirtualClock extends Clock {
  hold(): () => void
  /** Runs every wake-up up to `time`, letting work settle after each, and stops at `time`. */
  advanceTo(time: number | Date): Promise<void>
  /** Lets time pass at once, in the middle of held work; what comes due meanwhile runs late. */
  skip(milliseconds: number): void
  /** Runs wake-ups until none is left before `latest`, and stops at the last one that ran. */
  runUntilIdle(latest?: number | Date): Promise<void>
}

/** Starts a virtual clock at the given instant. */
export function createVirtualClock(start: number | Date): VirtualClock {
  let now = Number(start)
  let holds = 0
  let changes = 0
  let whenFree: (() => void) | undefined
  const wakeUps = new Set<WakeUp>()

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns; ) {
      const before = changes
      if (holds > 0) {
        await new Promise<void>((resolve) => {
          whenFree = resolve
        })
      }
      await new Promise((resolve) => setImmediate(resolve))
      quiet = holds === 0 && changes === before ? quiet + 1 : 0
    }
  }

  async function runUpTo(latest: number): Promise<void> {
    for (;;) {
      await settle()
      const next = earliest(wakeUps)
      if (next === undefined || next.time > latest) return
      wakeUps.delete(next)
      now = Math.max(now, next.time)
      next.run()
    }
  }

  return {
    now: () => now,
    at(time, run) {
      changes += 1
      // What is due already needs no move of the clock, so that it also runs while work is held.
      if (time <= now) {
        const immediate = setImmediate(run)
        return { cancel: () => clearImmediate(immediate) }
      }
      const wakeUp = { time, run }
      wakeUps.add(wakeUp)
      return { cancel: () => wakeUps.delete(wakeUp) }
    },
    hold() {
      let held = true
      holds += 1
      changes += 1
      return () => {
        if (!held) return
        held = false
        holds -= 1
        if (holds === 0) whenFree?.()
      }
    },
    skip(milliseconds) {
      now += Math.max(0, milliseconds)
    },
    async advanceTo(time) {
      await runUpTo(Number(time))
      now = Math.max(now, Number(time))
    },
    async runUntilIdle(latest = Number.POSITIVE_INFINITY) {
      await runUpTo(Number(latest))
    },
  }
}

/** Equal times run in the order in which they were asked for. */
function earliest(wakeUps: Iterable<WakeUp>): WakeUp | undefined {
  let first: WakeUp | undefined
  for (const wakeUp of wakeUps) {
    if (first === undefined || wakeUp.time < first.time) first = wakeUp
  }
  return first
}
