import * as z from 'zod'
import { accessFlowSchema, automaticFacts } from './access-flow-schema.ts'
import { bundleSchema } from './bundle-schema.ts'
import { cleanupAnswer, cleanupRunAnswer } from './cleanup-schema.ts'
import { configSetSchema } from './config-set.ts'
import { connector, connectorTest } from './connector-answers-schema.ts'
import { duration, objectId, permission, resourceRef } from './fields.ts'
import { integrationSchema } from './integration-schema.ts'
import {
  approvalItem,
  at,
  nearest,
  preview,
  request,
  traceEntry,
} from './request-answers-schema.ts'
import type { AnswerName } from './routes.ts'
import { discovery, emergencyStop, massEndProgress, verdict } from './system-answers-schema.ts'

const listOf = (item: z.ZodType) => z.object({ items: z.array(item), next: z.string().optional() })

const event = z
  .looseObject({
    event: z.string(),
    at,
    actor: z.string(),
    actorType: z.enum(['user', 'application', 'system']),
    requestId: z.string().optional(),
    grantee: z.string().optional(),
    integration: z.string().optional(),
    resourceType: z.string().optional(),
    resourceId: z.string().optional(),
    resourceName: z.string().optional(),
    permission: z.string().optional(),
    accessFlow: z.string().optional(),
    reason: z.string().optional(),
    detail: z.record(z.string(), z.unknown()),
    graphRequestId: z.string().optional(),
    stream: z.string(),
    sequence: z.int(),
    previousHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' })

const catalogItem = z
  .object({
    integration: z.string(),
    resource: z.object({
      ...resourceRef.shape,
      name: z.string(),
      description: z.string().optional(),
    }),
    permissions: z.array(permission),
    accessFlows: z.array(z.string()),
    maximumDuration: duration,
    minimumDuration: duration.optional(),
    defaultDuration: duration.optional(),
    approval: z.enum(['automatic', 'needed']),
    approvalMode: z.enum(['any-of', 'all-of']).optional(),
    necessaryDecisions: z.int().min(1).optional(),
    hasAccessDetails: z.boolean(),
  })
  .meta({ id: 'CatalogItem' })

const principal = z
  .object({
    type: z.enum(['user', 'group']),
    id: objectId,
    name: z.string(),
    mail: z.string().optional(),
  })
  .meta({ id: 'Principal' })

const resource = z
  .object({
    type: z.enum(['group', 'directory-role', 'administrative-unit']),
    id: objectId,
    name: z.string(),
    description: z.string().optional(),
    kind: z.enum([
      'security',
      'microsoft-365',
      'mail-enabled',
      'distribution',
      'dynamic',
      'role-assignable',
      'built-in-role',
      'custom-role',
      'administrative-unit',
    ]),
    privileged: z.boolean(),
    manageable: z.boolean(),
    reason: z.object({ code: z.string(), detail: z.string() }).optional(),
    integrations: z.array(z.string()),
    owners: z.array(z.string()),
    tags: z.record(z.string(), z.string()),
    catalogTags: z.record(z.string(), z.string()),
    tagsEtag: z.string(),
    seenAt: at,
    goneAt: at.optional(),
  })
  .meta({ id: 'Resource' })

const count = z.int().min(0)

const configChanges = z.array(
  z.object({
    kind: z.enum(['integration', 'access-flow', 'bundle']),
    name: z.string(),
    action: z.enum(['create', 'update', 'delete', 'none']),
    fields: z.array(
      z.object({
        pointer: z.string(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
  }),
)

/** RFC 9457, with `errors` where fields are wrong and `trace` where policy refused. */
export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    trace: z.array(traceEntry).optional(),
    nearest: nearest.optional(),
  })
  .meta({ id: 'Problem' })

/** Several resources asked for at once: each has an outcome of its own. */
const submittedItems = z
  .object({
    items: z.array(
      z.object({ status: z.int(), request: request.optional(), problem: problem.optional() }),
    ),
  })
  .meta({ id: 'SubmittedItems' })

const me = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    name: z.string().optional(),
    roles: z.array(z.string()),
    may: z.array(z.string()),
  })
  .meta({ id: 'Me' })

const submitted = z.union([request, submittedItems])

export type RequestAnswer = z.infer<typeof request>
export type AuditEventAnswer = z.infer<typeof event>
export type CatalogItemAnswer = z.infer<typeof catalogItem>
export type ProblemAnswer = z.infer<typeof problem>
export type MeAnswer = z.infer<typeof me>
export type ResourceAnswer = z.infer<typeof resource>
export type SubmittedAnswer = z.infer<typeof submitted>

/** What the routes answer, by the names of the route table. */
export const answerSchemas: Readonly<Record<AnswerName, z.ZodType | undefined>> = {
  me,
  catalog: listOf(catalogItem),
  principals: listOf(principal),
  request,
  requests: listOf(request),
  approvals: listOf(approvalItem),
  submitted,
  preview,
  events: listOf(event),
  integration: integrationSchema,
  integrations: listOf(integrationSchema),
  'access-flow': accessFlowSchema,
  'access-flows': listOf(accessFlowSchema),
  bundle: bundleSchema,
  bundles: listOf(bundleSchema),
  'config-plan': z.object({
    planId: z.string(),
    changes: configChanges,
    people: z.object({
      mayNewly: z.array(objectId),
      mayNoLonger: z.array(objectId),
      skipApproval: z.array(objectId),
      longer: z.array(objectId),
      counts: z.object({ mayNewly: count, mayNoLonger: count, skipApproval: count, longer: count }),
      complete: z.boolean(),
      gaps: z.array(z.string()),
    }),
    lint: z.array(
      z.object({
        code: z.string(),
        severity: z.enum(['error', 'warning', 'info']),
        pointer: z.string(),
        detail: z.string(),
      }),
    ),
  }),
  'config-changes': z.object({ changes: configChanges }),
  code: configSetSchema,
  'sign-in': z.object({
    authority: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    scope: z.string(),
    endSession: z.string(),
  }),
  automatic: automaticFacts,
  resource,
  resources: listOf(resource),
  discovery,
  cleanup: cleanupAnswer,
  cleanups: listOf(cleanupAnswer),
  'cleanup-run': cleanupRunAnswer,
  connectors: listOf(connector),
  'connector-test': connectorTest,
  'mass-end': z.object({ id: z.string(), count }),
  'mass-end-progress': massEndProgress,
  report: listOf(
    z
      .object({
        key: z.string(),
        requested: count,
        refused: count,
        granted: count,
        ended: count,
        overdue: count,
        medianApprovalSeconds: z.number().nullable(),
        p95EndLatenessSeconds: z.number().nullable(),
      })
      .meta({ id: 'ReportItem' }),
  ),
  verdict,
  checkpoint: z
    .object({
      number: count,
      at,
      kind: z.enum(['changes', 'full']),
      root: z.string(),
      leaves: count,
      until: at,
      hash: z.string(),
    })
    .meta({ id: 'Checkpoint' }),
  evidence: undefined,
  'emergency-stop': emergencyStop,
  ordered: z.object({ ordered: z.literal(true) }),
  health: z.object({
    status: z.enum(['ok', 'degraded']),
    dependencies: z.record(z.string(), z.enum(['ok', 'unavailable'])),
    overdue: z.int().min(0).optional().meta({
      description: 'Grants whose end is overdue; for administrators and auditors only',
    }),
  }),
  openapi: z.looseObject({ openapi: z.string() }),
  nothing: undefined,
}
