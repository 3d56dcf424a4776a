import * as z from 'zod'
import { cleanupActions } from '../access/user-cleanup.ts'
import { freeText, instant, integrationName } from './fields.ts'

const cleanupState = z.enum(['planned', 'kept', 'done', 'refused', 'restored'])

const reason = freeText(2_000).min(1)

export const keepBody = z
  .strictObject({ reason, until: instant.optional() })
  .meta({ id: 'KeepAccount', description: 'Without a day for good; within a year with one' })

export const restoreBody = z.strictObject({ reason }).meta({ id: 'RestoreAccount' })

export const runBody = z
  .strictObject({
    integration: integrationName.optional(),
    dryRun: z.boolean(),
    expectedCount: z.int().min(0).optional(),
  })
  .meta({ id: 'RunCleanup' })

/** A cleanup as it is answered. */
export const cleanupAnswer = z
  .strictObject({
    id: z.string(),
    integration: z.string(),
    user: z.strictObject({
      id: z.string(),
      name: z.string(),
      userType: z.enum(['guest', 'member']),
    }),
    action: z.enum(cleanupActions),
    state: cleanupState,
    reasons: z.array(z.string()),
    lastAccessEndedAt: z.string(),
    told: z.array(
      z.strictObject({ id: z.string(), as: z.enum(['sponsor', 'manager', 'integration-owner']) }),
    ),
    announcedAt: z.string().optional(),
    actsAt: z.string().optional(),
    keepUntil: z.string().optional(),
    decidedBy: z.string().optional(),
    doneAt: z.string().optional(),
    sessions: z.enum(['revoked', 'not-applicable', 'refused']).optional(),
    restorableUntil: z.string().optional(),
  })
  .meta({ id: 'Cleanup' })

export const cleanupRunAnswer = z
  .strictObject({ count: z.int(), dryRun: z.boolean() })
  .meta({ id: 'CleanupRun' })
