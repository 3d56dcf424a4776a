import * as z from 'zod'
import { duration, objectId, permission, resourceRef } from './fields.ts'

/** An instant of an answer, in UTC. */
export const at = z.iso.datetime()

/** Where a request stands. */
const requestStatus = z
  .enum([
    'pending-approval',
    'scheduled',
    'granting',
    'active',
    'ending',
    'ended',
    'denied',
    'cancelled',
    'timed-out',
    'failed',
    'overdue',
  ])
  .meta({ id: 'RequestStatus' })

const approverRole = z.enum(['resource-owner', 'integration-owner', 'manager', 'user', 'group'])
const named = z.array(z.object({ id: z.string(), name: z.string() }))

/** How far the approval of a request is. */
const approval = z
  .object({
    automatic: z.boolean(),
    mode: z.enum(['any-of', 'all-of']).optional(),
    deadline: at.optional(),
    remindedAt: at.optional(),
    steps: z.array(
      z.object({
        stage: z.int(),
        state: z.enum(['open', 'waiting', 'passed', 'closed']),
        approvers: z.array(
          z.object({
            as: approverRole,
            people: named,
            groups: named,
            insteadOf: z.literal('resource-owner').optional(),
          }),
        ),
        opensAt: at.optional(),
        decisions: z.array(
          z.object({
            approver: z.string(),
            name: z.string().optional(),
            decision: z.enum(['approve', 'deny']),
            at,
            duration: duration.optional(),
            reason: z.string().optional(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'Approval' })

const textRule = z.object({ required: z.boolean().optional(), pattern: z.string().optional() })

/** One rule of one flow, looked at. */
export const traceEntry = z
  .object({
    flow: z.string(),
    rule: z.string(),
    verdict: z.enum(['pass', 'fail', 'skipped']),
    detail: z.string(),
  })
  .meta({ id: 'TraceEntry' })

/** The flow that came nearest. */
export const nearest = z
  .object({
    flow: z.string(),
    rule: z.string(),
    detail: z.string(),
    change: z
      .object({
        duration: duration.optional(),
        startsAt: at.optional(),
        justification: textRule.optional(),
        ticket: textRule.optional(),
        accessFlow: z.string().optional(),
      })
      .optional(),
  })
  .meta({
    id: 'Nearest',
    description: 'The flow that came nearest, and what would have to be asked for instead',
  })

/** What would become of a request. */
export const preview = z
  .object({
    outcome: z.enum(['granted-automatically', 'needs-approval', 'refused']),
    code: z.string().optional(),
    detail: z.string().optional(),
    flow: z.string().optional(),
    minimumDuration: duration.optional(),
    maximumDuration: duration.optional(),
    defaultDuration: duration.optional(),
    justification: textRule.optional(),
    ticket: textRule.optional(),
    approval: z
      .object({ mode: z.enum(['any-of', 'all-of']), necessaryDecisions: z.int().min(1) })
      .optional(),
    approvers: z.array(
      z.object({
        type: z.enum(['user', 'group']),
        id: z.string(),
        name: z.string(),
        as: approverRole,
        stage: z.int(),
        tier: z.int(),
      }),
    ),
    trace: z.array(traceEntry),
    nearest: nearest.optional(),
  })
  .meta({ id: 'Preview' })

/** A request as it is shown. */
export const request = z
  .object({
    id: z.string(),
    status: requestStatus,
    integration: z.string(),
    resource: z.object({ ...resourceRef.shape, name: z.string() }),
    permission,
    requester: z.string(),
    requesterName: z.string(),
    grantee: objectId,
    granteeName: z.string(),
    accessFlow: z.object({ name: z.string(), version: z.int() }),
    duration,
    intake: z.enum(['http', 'service-bus', 'automatic']),
    approval,
    createdAt: at,
    decidedAt: at.optional(),
    startsAt: at.optional(),
    grantedAt: at.optional(),
    endsAt: at.optional(),
    endedAt: at.optional(),
    endReason: z
      .enum([
        'expired',
        'given-back',
        'revoked',
        'emergency',
        'person-left',
        'resource-gone',
        'no-longer-eligible',
      ])
      .optional(),
    mechanism: z.enum(['direct', 'pim', 'already-held']).optional(),
    justification: z.string().optional(),
    ticket: z.string().optional(),
    extends: z.string().optional(),
    accessDetails: z.string().optional(),
    problem: z.object({ code: z.string(), detail: z.string() }).optional(),
  })
  .meta({ id: 'Request' })

/** A request as approvers are shown it. */
export const approvalItem = request
  .extend({
    context: z
      .object({
        grants: z.array(
          z.object({
            id: z.string(),
            integration: z.string(),
            resource: z.object({ ...resourceRef.shape, name: z.string() }),
            permission,
            status: requestStatus,
            endsAt: at.optional(),
          }),
        ),
        complete: z.boolean(),
        standing: z.boolean().nullable(),
      })
      .optional(),
  })
  .meta({
    id: 'ApprovalItem',
    description: 'A request; while it is pending with what the grantee holds already',
  })

export type TraceEntryAnswer = z.infer<typeof traceEntry>
export type ApprovalItemAnswer = z.infer<typeof approvalItem>
export type PreviewAnswer = z.infer<typeof preview>
