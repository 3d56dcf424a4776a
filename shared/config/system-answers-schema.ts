import * as z from 'zod'
import { at } from './request-answers-schema.ts'

const count = z.int().min(0)

/** What a look at the whole audit log found. */
export const verdict = z
  .object({
    verdict: z.enum(['intact', 'broken']),
    rows: count,
    streams: count,
    checkpoints: count,
    coveredUntil: at.nullable(),
    uncovered: count,
    pending: count,
    firstBroken: z
      .object({ stream: z.string(), sequence: count, day: z.string(), problem: z.string() })
      .optional(),
  })
  .meta({ id: 'Verdict' })

/** How far a discovery is. */
export const discovery = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'running', 'finished', 'failed']),
  full: z.boolean().optional(),
  pages: count,
  found: count,
  changed: count,
  gone: count,
  startedAt: at,
  finishedAt: at.optional(),
  seconds: z.number(),
  problem: z.string().optional(),
})

/** How far a mass end is. */
export const massEndProgress = z.object({
  id: z.string(),
  count,
  ended: count,
  overdue: count,
  remaining: count,
})

/** Whether new grants are blocked, and why. */
export const emergencyStop = z.object({
  active: z.boolean(),
  reason: z.string().optional(),
  changedBy: z.string().optional(),
  changedAt: at.optional(),
})

export type VerdictAnswer = z.infer<typeof verdict>
export type MassEndAnswer = z.infer<typeof massEndProgress>
export type EmergencyStopAnswer = z.infer<typeof emergencyStop>
export type DiscoveryAnswer = z.infer<typeof discovery>
