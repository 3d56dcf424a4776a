import * as z from 'zod'
import { durationProblem } from '../access/duration.ts'
import { compilePattern, textProblem } from '../access/text.ts'

/** Free text of a person: limited, in NFC, without control characters; never trimmed. */
export function freeText(maximum: number) {
  return z
    .string()
    .max(maximum, `It may have ${maximum} characters.`)
    .superRefine((text, context) => {
      const problem = textProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .overwrite((text) => text.normalize('NFC'))
}

/** An object id of the directory, in lower case. */
export const objectId = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
    'It is no object id (a GUID).',
  )
  .overwrite((id) => id.toLowerCase())
  .meta({ id: 'ObjectId', description: 'Object id of the directory, a GUID' })

/** An ISO 8601 duration of fixed length. */
export const duration = z
  .string()
  .max(40)
  .superRefine((text, context) => {
    const problem = durationProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({
    id: 'Duration',
    description: 'ISO 8601 duration of whole weeks, days (of 24 hours), hours, minutes, seconds',
    examples: ['PT1H'],
  })

/** An instant with its offset. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'It is no ISO 8601 instant with an offset, such as 2026-11-23T18:00:00Z.',
})

/** A pattern that the linear-time engine takes. */
export const pattern = z
  .string()
  .max(200, 'It may have 200 characters.')
  .refine((text) => compilePattern(text) !== undefined, 'It is no pattern of the RE2 dialect.')

/** Names are the only user text ever used as a code identifier. */
export const integrationName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{0,62}$/, 'A name has up to 63 letters and digits, a letter first.')
export const accessFlowName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,62}$/,
    'A name has up to 63 letters, digits and hyphens, a letter first.',
  )

export const resourceType = z.enum(['group', 'directory-role'])
export const permission = z.enum(['member', 'owner', 'active'])

/** A resource: a group, or a directory role at a scope. */
export const resourceRef = z
  .strictObject({
    type: resourceType,
    id: objectId,
    scope: z
      .string()
      .regex(
        /^\/(administrativeUnits\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/i,
        'It is "/" or "/administrativeUnits/<object id>".',
      )
      .overwrite((scope) => scope.replace(/[0-9a-fA-F-]{36}$/, (id) => id.toLowerCase()))
      .optional(),
  })
  .superRefine((resource, context) => {
    if (resource.type === 'group' && resource.scope !== undefined) {
      context.addIssue({ code: 'custom', path: ['scope'], message: 'A group has no scope.' })
    }
  })
  .meta({ id: 'ResourceRef' })

/** Tells resources apart, whether or not a role's scope is written out. */
export function resourceKey({ type, id, scope = '/' }: z.infer<typeof resourceRef>): string {
  return `${type} ${id} ${scope}`
}

/** Tags of the catalogue. Names of directory attributes and of owners mean something else. */
export const tags = z
  .record(
    z
      .string()
      .regex(
        /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,62}$/u,
        'It is no key: letters, digits and ._:/- up to 63.',
      )
      .refine((key) => !/^(extension_|owners$)/i.test(key), 'This key belongs to the directory.'),
    freeText(256).min(1),
  )
  .superRefine((record, context) => {
    const keys = Object.keys(record)
    if (keys.length > 20) context.addIssue({ code: 'custom', message: 'A resource has 20 tags.' })
    if (new Set(keys.map((key) => key.toLowerCase())).size < keys.length) {
      context.addIssue({ code: 'custom', message: 'Keys differ by more than their case.' })
    }
  })
  .meta({ id: 'Tags' })

export const selector = z
  .strictObject({
    by: z.enum(['id', 'name', 'tag']),
    key: z.string().min(1).max(256).optional(),
    values: z.array(freeText(256).min(1)).min(1).max(500),
  })
  .superRefine((picked, context) => {
    if (picked.by === 'tag' && picked.key === undefined) {
      context.addIssue({ code: 'custom', path: ['key'], message: 'A tag is picked by its key.' })
    }
  })
  .meta({
    id: 'Selector',
    description: 'Picks resources; names and values of tags may have * as wildcard',
  })

/** Of a stored document. In a body that is sent it changes nothing: `If-Match` is what counts. */
export const documentVersion = z
  .int()
  .min(1)
  .optional()
  .meta({ description: 'Counts up with every change; read only, If-Match guards a change' })
