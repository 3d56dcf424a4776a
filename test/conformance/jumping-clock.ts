import type { Clock } from '../../local/host/seams.ts'

/** A clock that goes as the machine's does, and can jump to the next wake-up. */
export interface JumpingClock extends Clock {
  hold(): () => void
  /** Jumps when nothing is under way; false when something is, or nothing is awaited. */
  jump(): boolean
}

interface WakeUp {
  readonly time: number
  readonly run: () => void
}

export function createJumpingClock(): JumpingClock {
  const wakeUps = new Set<WakeUp>()
  let offset = 0
  let holds = 0
  const now = () => Date.now() + offset
  const runDue = () => {
    for (const wakeUp of [...wakeUps].toSorted((one, other) => one.time - other.time)) {
      if (wakeUp.time > now() || !wakeUps.delete(wakeUp)) continue
      wakeUp.run()
    }
  }
  return {
    now,
    at(time, run) {
      const wakeUp = { time, run }
      wakeUps.add(wakeUp)
      const timeout = setTimeout(runDue, Math.min(Math.max(0, time - now()), 2_000_000_000))
      timeout.unref()
      return {
        cancel: () => {
          wakeUps.delete(wakeUp)
          clearTimeout(timeout)
        },
      }
    },
    hold() {
      let isHeld = true
      holds += 1
      return () => {
        if (isHeld) holds -= 1
        isHeld = false
      }
    },
    jump() {
      const times = [...wakeUps].map(({ time }) => time)
      if (holds > 0 || times.length === 0) return false
      offset += Math.max(0, Math.min(...times) - now())
      runDue()
      return true
    },
  }
}
