import type { Turn } from './directory.ts'

/** Keeps the writes of this process within its share of the tenant's quota. */
export interface WriteGovernor {
  /** Waits for the turn of a write; ends come before grants. */
  takeTurn(operation: 'add' | 'remove'): Promise<Turn>
  /** The directory asks for a pause. */
  pause(seconds: number): void
  /** The directory tells how much of its limit is used: 1 is all of it. */
  heed(share: number): void
}

interface Needs {
  /** Writes a second of this process. */
  readonly perSecond: number
  readonly now: () => Date
  readonly wait: (milliseconds: number) => Promise<unknown>
}

/** What the instances of an app may each use of the quota of all. */
export function shareOf(perSecond: number, instances: number): number {
  return perSecond / instances
}

/** Of the quota, grants may use this much; the rest is kept for ends. */
const shareOfGrants = 0.8
/** Unused turns of so many seconds can be made up for at once. */
const burstSeconds = 0.25
/** Whoever would wait longer is told when to come back. */
const mostWaitMilliseconds = 10_000
/** Above this share of the limit the directory starts to refuse. */
const shareToKeep = 0.8
const slowMilliseconds = 10_000
const slowest = 0.1

interface Waiting {
  readonly until: number
  readonly answer: (turn: Turn) => void
}

interface Bucket {
  tokens: number
  readonly share: number
  readonly capacity: number
}

/** A token bucket by the clock, with one queue for ends and one for grants behind it. */
export function createWriteGovernor({ perSecond, now, wait }: Needs): WriteGovernor {
  const bucketOf = (share: number): Bucket => {
    const capacity = Math.max(1, perSecond * share * burstSeconds)
    return { tokens: capacity, share, capacity }
  }
  const all = bucketOf(1)
  const grants = bucketOf(shareOfGrants)
  const queues = { remove: [] as Waiting[], add: [] as Waiting[] }
  let filledAt = now().getTime()
  let pausedUntil = 0
  let slow = { factor: 1, until: 0 }
  let pumpAt: number | undefined

  const rate = () => perSecond * (slow.until > now().getTime() ? slow.factor : 1)

  const fill = () => {
    const time = now().getTime()
    const seconds = Math.max(0, time - Math.max(filledAt, Math.min(pausedUntil, time))) / 1000
    for (const bucket of [all, grants]) {
      bucket.tokens = Math.min(bucket.capacity, bucket.tokens + seconds * rate() * bucket.share)
    }
    filledAt = time
  }

  const millisecondsUntil = ({ tokens, share }: Bucket, wanted: number) =>
    (Math.max(0, wanted - tokens) / (rate() * share)) * 1000

  /** How long somebody who comes now would wait, as things stand. */
  const waitOf = (operation: 'add' | 'remove'): number => {
    const paused = Math.max(0, pausedUntil - now().getTime())
    const ahead = queues.remove.length + 1
    if (operation === 'remove') return paused + millisecondsUntil(all, ahead)
    const { length } = queues.add
    return (
      paused +
      Math.max(millisecondsUntil(all, ahead + length), millisecondsUntil(grants, length + 1))
    )
  }

  const dropLate = () => {
    const time = now().getTime()
    for (const operation of ['remove', 'add'] as const) {
      const late = queues[operation].filter(({ until }) => until <= time)
      queues[operation] = queues[operation].filter(({ until }) => until > time)
      for (const { answer } of late) answer(comeBack(waitOf(operation)))
    }
  }

  const pump = () => {
    fill()
    if (pausedUntil <= now().getTime()) {
      while (hasToken(all)) {
        const end = queues.remove.shift()
        const next = end ?? (hasToken(grants) ? queues.add.shift() : undefined)
        if (next === undefined) break
        all.tokens -= 1
        if (end === undefined) grants.tokens -= 1
        next.answer({ kind: 'now' })
      }
    }
    dropLate()
    plan()
  }

  const plan = () => {
    const waiting = [...queues.remove, ...queues.add]
    if (waiting.length === 0) return
    const time = now().getTime()
    const paused = Math.max(0, pausedUntil - time)
    const token = millisecondsUntil(all, 1)
    const next = queues.remove.length > 0 ? token : Math.max(token, millisecondsUntil(grants, 1))
    const latest = Math.min(...waiting.map(({ until }) => until - time))
    const at = time + Math.max(1, Math.ceil(Math.min(paused + next, latest)))
    if (pumpAt !== undefined && pumpAt <= at) return
    pumpAt = at
    void wait(at - time).then(() => {
      if (pumpAt === at) pumpAt = undefined
      pump()
    })
  }

  return {
    takeTurn(operation) {
      fill()
      const expected = waitOf(operation)
      if (expected > mostWaitMilliseconds) return Promise.resolve(comeBack(expected))
      return new Promise((answer) => {
        queues[operation].push({ until: now().getTime() + mostWaitMilliseconds, answer })
        pump()
      })
    },
    pause(seconds) {
      fill()
      pausedUntil = Math.max(pausedUntil, now().getTime() + seconds * 1000)
    },
    heed(share) {
      if (!(share >= shareToKeep)) return
      fill()
      const factor = Math.max(slowest, shareToKeep / share / 2)
      slow = { factor, until: now().getTime() + slowMilliseconds }
    },
  }
}

function hasToken({ tokens }: Bucket): boolean {
  return tokens > 1 - 1e-9
}

function comeBack(milliseconds: number): Turn {
  return { kind: 'later', retryAfterSeconds: Math.max(1, Math.ceil(milliseconds / 1000)) }
}
