import * as z from 'zod'
import { depthOf } from '../access/conditions.ts'
import { durationOf } from '../access/duration.ts'
import {
  accessFlowName,
  documentVersion,
  duration,
  freeText,
  integrationName,
  objectId,
  pattern,
  permission,
  resourceType,
  selector,
} from './fields.ts'

const deepestTree = 10

const condition = z
  .strictObject({
    type: z.enum(['user', 'group', 'manager', 'attribute']),
    attribute: z.string().min(1).max(256).optional(),
    match: z.enum(['is', 'is-not', 'contains', 'starts-with']).optional(),
    values: z.array(freeText(256).min(1)).min(1).max(500),
  })
  .superRefine((each, context) => {
    if (each.type !== 'user' && each.type !== 'group') return
    for (const [index, value] of each.values.entries()) {
      if (objectId.safeParse(value).success) continue
      context.addIssue({ code: 'custom', path: ['values', index], message: 'It is no object id.' })
    }
  })
  .meta({ id: 'Condition' })

type Tree = {
  operator: 'and' | 'or'
  conditions: (z.infer<typeof condition> | Tree)[]
}

const tree: z.ZodType<Tree> = z
  .strictObject({
    operator: z.enum(['and', 'or']),
    conditions: z
      .array(z.lazy(() => z.union([condition, tree])))
      .min(1, 'At least one condition is needed.')
      .max(100),
  })
  .meta({ id: 'ConditionTree' })

const textRule = z.strictObject({ required: z.boolean().optional(), pattern: pattern.optional() })

const target = z
  .strictObject({
    integration: integrationName,
    resourceType,
    permissions: z.array(permission).min(1).max(2),
    include: z.array(selector).max(100).optional(),
    exclude: z.array(selector).max(100).optional(),
  })
  .superRefine((each, context) => {
    const fitting = each.resourceType === 'group' ? ['member', 'owner'] : ['active']
    for (const [index, value] of each.permissions.entries()) {
      if (fitting.includes(value)) continue
      const message = `A ${each.resourceType} has no permission "${value}".`
      context.addIssue({ code: 'custom', path: ['permissions', index], message })
    }
  })
  .meta({ id: 'Target' })

const approver = z.union([
  z.enum(['resource-owner', 'integration-owner', 'manager']),
  z.strictObject({ type: z.enum(['user', 'group']), id: objectId }),
])

/** An access flow as the contract has it; what exists of it is said by `notYetOffered`. */
export const accessFlowSchema = z
  .strictObject({
    name: accessFlowName,
    version: documentVersion,
    description: freeText(1_000).optional(),
    active: z.boolean().optional(),
    effect: z.enum(['allow', 'deny']).optional(),
    trigger: z.enum(['self-serve', 'automatic']).optional(),
    intake: z
      .array(z.enum(['http', 'service-bus']))
      .min(1)
      .max(2)
      .optional(),
    requesters: tree,
    grantees: tree.optional(),
    targets: z.array(target).min(1, 'At least one target is needed.').max(100),
    approval: z
      .strictObject({
        mode: z.enum(['any-of', 'all-of']),
        steps: z
          .array(
            z.strictObject({
              approvers: z.array(approver).min(1).max(50),
              escalateAfter: duration.optional(),
            }),
          )
          .min(1)
          .max(6),
        timeout: duration.optional(),
      })
      .optional(),
    duration: z.strictObject({ maximum: duration, default: duration.optional() }).optional(),
    timeframe: z
      .strictObject({
        days: z.array(z.string()),
        from: z.string(),
        to: z.string(),
        timeZone: z.string(),
      })
      .optional(),
    justification: textRule.optional(),
    ticket: textRule.optional(),
    extensions: z
      .strictObject({ maximum: z.int().min(0).max(100).optional(), duration: duration.optional() })
      .optional(),
    labels: z
      .union([z.array(freeText(100)).max(50), z.record(z.string().max(100), freeText(256))])
      .optional(),
  })
  .superRefine((flow, context) => {
    // Far deeper ones never come here: `parse` bounds the depth of any body.
    for (const name of ['requesters', 'grantees'] as const) {
      if (depthOf(flow[name], deepestTree + 1) <= deepestTree + 1) continue
      const message = `Conditions may be nested ${deepestTree} deep.`
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (flow.duration === undefined) {
      if (flow.effect === 'deny') return
      const message = 'A maximum duration is required.'
      context.addIssue({ code: 'custom', path: ['duration', 'maximum'], message })
      return
    }
    const { maximum, default: usual } = flow.duration
    if (usual === undefined || (durationOf(usual) ?? 0) <= (durationOf(maximum) ?? 0)) return
    const message = 'The default is longer than the maximum.'
    context.addIssue({ code: 'custom', path: ['duration', 'default'], message })
  })
  .meta({ id: 'AccessFlow' })
