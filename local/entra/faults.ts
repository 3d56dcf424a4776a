import * as z from 'zod'
import type { Collections } from './collections.ts'

const fault = z.strictObject({
  method: z.string().optional(),
  /** A prefix, with or without `/v1.0`. */
  path: z.string().optional(),
  effect: z.enum([
    'throttle',
    'unavailable-before',
    'unavailable-after',
    'drop-before',
    'drop-after',
    'stale',
    'stale-writes',
    'slow',
  ]),
  /** So many matching calls; absent: all, until the faults are cleared. */
  count: z.int().positive().optional(),
  /** How long a stale or slow one lasts, or what `Retry-After` says of a throttled one. */
  seconds: z.number().nonnegative().optional(),
})

const faultsSchema = z.strictObject({ faults: z.array(fault).max(100) })

export type Effect = z.infer<typeof fault>['effect']

/** A fault that applies to a call. */
export interface ActiveFault {
  readonly effect: Effect
  readonly seconds?: number | undefined
  /** The tenant as it was when the fault was set. */
  readonly before: Collections
}

export interface Faults {
  /** Throws with a readable reason when the body names no faults. */
  add(body: unknown): number
  clear(): void
  /** The first fault that matches, which counts the call. */
  take(method: string, path: string): ActiveFault | undefined
}

interface Needs {
  readonly now: () => Date
  readonly collections: () => Collections
}

/** Failures on demand, for tests and for people who want to see what happens. */
export function createFaults({ now, collections }: Needs): Faults {
  let active: (z.infer<typeof fault> & { left: number; until: number; before: Collections })[] = []
  return {
    add(body) {
      const { faults } = faultsSchema.parse(body)
      const before = collections()
      for (const one of faults) {
        const isTimed = one.effect === 'stale' || one.effect === 'stale-writes'
        const until = isTimed
          ? now().getTime() + (one.seconds ?? 0) * 1000
          : Number.POSITIVE_INFINITY
        active.push({ ...one, left: one.count ?? Number.POSITIVE_INFINITY, until, before })
      }
      return active.length
    },
    clear() {
      active = []
    },
    take(method, path) {
      active = active.filter(({ left, until }) => left > 0 && until > now().getTime())
      const found = active.find((one) => matches(one, method, path))
      if (found === undefined) return undefined
      found.left -= 1
      const { effect, seconds, before } = found
      return { effect, seconds, before }
    },
  }
}

function matches(
  { method, path, effect }: z.infer<typeof fault>,
  called: string,
  address: string,
): boolean {
  if (method !== undefined && method.toUpperCase() !== called) return false
  if (effect === 'stale' && called !== 'GET') return false
  if (effect === 'stale-writes' && called === 'GET') return false
  const prefix = (path ?? '').replace(/^\/v1\.0(?=\/|$)/, '').toLowerCase()
  return address.toLowerCase().startsWith(prefix)
}
