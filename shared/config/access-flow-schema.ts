import * as z from 'zod'
import { depthOf, theRequester } from '../access/conditions.ts'
import { durationOf } from '../access/duration.ts'
import { isTimeZone, weekdays } from '../access/timeframe.ts'
import { attributeName } from '../access/user-attributes.ts'
import { contradictionsOf, requesterPaths } from './automatic-rules.ts'
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
    attribute: z
      .string()
      .max(256)
      .overwrite((name) => attributeName(name) ?? name)
      .optional(),
    match: z.enum(['is', 'is-not', 'contains', 'starts-with']).optional(),
    values: z.array(freeText(256).min(1)).min(1).max(500),
  })
  .superRefine((each, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (each.type === 'attribute') {
      if (each.attribute === undefined) refuse(['attribute'], 'Name a user attribute.')
      else if (attributeName(each.attribute) === undefined) {
        refuse(['attribute'], `No condition can ask about "${each.attribute}".`)
      }
      return
    }
    if (each.attribute !== undefined) {
      refuse(['attribute'], `A condition of the type ${each.type} has no attribute.`)
    }
    if (each.match === 'contains' || each.match === 'starts-with') {
      refuse(['match'], `A ${each.type} is somebody or is not: compare with "is" or "is-not".`)
    }
    for (const [index, value] of each.values.entries()) {
      const isRequester = value === theRequester && each.type !== 'group'
      if (isRequester || objectId.safeParse(value).success) continue
      refuse(['values', index], 'It is no object id.')
    }
  })
  .meta({
    id: 'Condition',
    description:
      'One question about a person; in "grantees" the value "requester" is the person who asks',
  })

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

/** A timeframe; an end that is not later than the beginning lies on the next day. */
const timeframe = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1, 'At least one day is needed.')
      .refine((days) => new Set(days).size === days.length, 'A day is named twice.'),
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'It is no time of the day, such as 09:00.'),
    to: z
      .string()
      .regex(
        /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
        'It is no time of the day, such as 17:30 or 24:00.',
      ),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'It is no time zone of the IANA database, such as Europe/Berlin.'),
  })
  .meta({ id: 'Timeframe' })

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

/** What the last evaluation of an automatic flow found; read only. */
export const automaticFacts = z
  .object({
    people: z.int().min(0),
    state: z.enum(['running', 'needs-confirmation', 'stopped']),
    evaluatedAt: z.string(),
  })
  .meta({
    id: 'AutomaticFacts',
    description: 'What the last evaluation of an automatic flow found; read only',
  })

/** An access flow as the contract has it. */
export const accessFlowSchema = z
  .strictObject({
    name: accessFlowName,
    version: documentVersion,
    automatic: automaticFacts.optional(),
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
    timeframe: timeframe.optional(),
    justification: textRule.optional(),
    ticket: textRule.optional(),
    extensions: z
      .strictObject({ maximum: z.int().min(0).max(100).optional(), duration: duration.optional() })
      .optional(),
    labels: z
      .union([z.array(freeText(100)).max(50), z.record(z.string().max(100), freeText(256))])
      .optional(),
  })
  .superRefine(({ requesters }, context) => {
    // The requester would only be compared with himself.
    for (const path of requesterPaths(requesters)) {
      const message = 'Only "grantees" can be compared with the requester.'
      context.addIssue({ code: 'custom', path: ['requesters', ...path], message })
    }
  })
  .superRefine((flow, context) => {
    for (const { path, message } of contradictionsOf(flow)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
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
