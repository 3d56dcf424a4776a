import * as z from 'zod'
import { CliError } from './cli-error.ts'

/** What the command line reads of the API's answers; whatever else there is goes by untouched. */
const text = z.string()
const maybe = text.optional()

const listOf = <Item extends z.ZodType>(item: Item) =>
  z.looseObject({ items: z.array(item), next: maybe })

const resource = z.looseObject({ type: text, id: text, scope: maybe, name: text })

const named = z.array(z.looseObject({ name: text }))
const approver = z.looseObject({ as: maybe, people: named.optional(), groups: named.optional() })

export const request = z.looseObject({
  id: text,
  status: text,
  integration: text,
  resource,
  permission: text,
  requesterName: maybe,
  granteeName: maybe,
  accessFlow: z.looseObject({ name: text }).optional(),
  approval: z
    .looseObject({
      automatic: z.boolean().optional(),
      deadline: maybe,
      steps: z.array(
        z.looseObject({
          state: maybe,
          opensAt: maybe,
          approvers: z.array(approver).optional(),
          decisions: z
            .array(
              z.looseObject({
                approver: text,
                name: maybe,
                decision: text,
                at: maybe,
                reason: maybe,
              }),
            )
            .optional(),
        }),
      ),
    })
    .optional(),
  duration: maybe,
  justification: maybe,
  ticket: maybe,
  createdAt: maybe,
  startsAt: maybe,
  grantedAt: maybe,
  endsAt: maybe,
  endedAt: maybe,
  endReason: maybe,
  mechanism: maybe,
  extends: maybe,
  accessDetails: maybe,
  problem: z.looseObject({ code: text, detail: text }).optional(),
})

export type Request = z.infer<typeof request>

export const requests = listOf(request)

/** Of several resources asked for at once: each with its own outcome. */
export const submitted = z.looseObject({
  items: z.array(
    z.looseObject({
      status: z.number(),
      request: request.optional(),
      problem: z.looseObject({ title: maybe, detail: maybe }).optional(),
    }),
  ),
})

const trace = z.array(z.looseObject({ flow: text, rule: text, verdict: text, detail: text }))

export const preview = z.looseObject({
  outcome: text,
  detail: maybe,
  flow: maybe,
  minimumDuration: maybe,
  maximumDuration: maybe,
  approvers: z.array(approver).optional(),
  trace,
  nearest: z.looseObject({ flow: text, detail: text }).optional(),
})

export const catalog = listOf(
  z.looseObject({
    integration: text,
    resource: z.looseObject({ ...resource.shape, description: maybe }),
    permissions: z.array(text),
    accessFlows: z.array(text),
    maximumDuration: maybe,
    defaultDuration: maybe,
    approval: maybe,
  }),
)

export const resources = listOf(
  z.looseObject({
    type: text,
    id: text,
    name: text,
    kind: maybe,
    manageable: z.boolean().optional(),
    reason: z.looseObject({ detail: text }).optional(),
    goneAt: maybe,
  }),
)

export const me = z.looseObject({
  id: text,
  tenantId: text,
  name: maybe,
  roles: z.array(text),
  may: z.array(text),
})

export const discovery = z.looseObject({
  state: maybe,
  pages: z.number().optional(),
  found: z.number().optional(),
  changed: z.number().optional(),
  gone: z.number().optional(),
  seconds: z.number().optional(),
  problem: maybe,
})

export const connectorTest = z.looseObject({
  connector: text,
  kind: maybe,
  appId: z.string().nullish(),
  token: z.looseObject({ ok: z.boolean(), problem: maybe }),
  features: z.array(z.looseObject({ name: text, state: text, missing: z.array(text).default([]) })),
  excess: z.array(z.looseObject({ name: text, why: text, tier0: z.boolean() })).default([]),
  commands: z.array(z.looseObject({ shell: text, text, effect: text })).default([]),
})

export const verification = z.looseObject({
  verdict: text,
  rows: z.number().optional(),
  streams: z.number().optional(),
  checkpoints: z.number().optional(),
  coveredUntil: text.nullish(),
  uncovered: z.number().optional(),
  pending: z.number().optional(),
  firstBroken: z
    .looseObject({ stream: maybe, sequence: z.number().optional(), day: maybe, problem: maybe })
    .optional(),
})

const change = z.looseObject({
  kind: text,
  name: text,
  action: z.enum(['create', 'update', 'delete', 'none']),
  fields: z.array(
    z.looseObject({ pointer: text, before: z.unknown().optional(), after: z.unknown().optional() }),
  ),
})

export const applied = z.looseObject({ changes: z.array(change) })

export const plan = z.looseObject({
  planId: text,
  changes: z.array(change),
  people: z.looseObject({
    mayNewly: z.array(text),
    mayNoLonger: z.array(text),
    skipApproval: z.array(text),
    longer: z.array(text),
    counts: z.looseObject({
      mayNewly: z.number(),
      mayNoLonger: z.number(),
      skipApproval: z.number(),
      longer: z.number(),
    }),
    complete: z.boolean(),
    gaps: z.array(text),
  }),
  lint: z.array(z.looseObject({ code: text, severity: text, pointer: text, detail: text })),
})

export type Plan = z.infer<typeof plan>

/** Reads an answer; a broker that says something else is one of another time. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new CliError('Cannot read what the broker answers: is it of the same version?', {
    cause: parsed.error,
  })
}

export const cleanup = z.object({
  id: z.string(),
  integration: z.string(),
  user: z.object({ id: z.string(), name: z.string(), userType: z.string() }),
  action: z.string(),
  state: z.string(),
  reasons: z.array(z.string()),
  actsAt: z.string().optional(),
  keepUntil: z.string().optional(),
})
export type Cleanup = z.infer<typeof cleanup>
export const cleanups = z.object({ items: z.array(cleanup), next: z.string().optional() })
export const cleanupRun = z.object({ count: z.number(), dryRun: z.boolean() })
