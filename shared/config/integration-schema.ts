import * as z from 'zod'
import { cleanupActions } from '../access/user-cleanup.ts'
import {
  documentVersion,
  freeText,
  integrationName,
  objectId,
  resourceType,
  selector,
} from './fields.ts'

const mostCharacters = 400
const mostBytes = 4_000

/** Counted as a person counts: a family emoji is one. */
function graphemes(text: string): number {
  let count = 0
  for (const _ of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) count++
  return count
}

const accessDetails = freeText(mostBytes)
  .refine((text) => graphemes(text) <= mostCharacters, `It may have ${mostCharacters} characters.`)
  .refine(
    (text) => new TextEncoder().encode(text).byteLength <= mostBytes,
    `It may have ${mostBytes} bytes.`,
  )

const mechanism = z.enum(['direct', 'pim'])

const userCleanup = z
  .strictObject({
    action: z.enum(cleanupActions).optional(),
    userTypes: z
      .array(z.enum(['guest', 'member']))
      .min(1)
      .max(2)
      .optional(),
    announceDays: z.int().min(0).max(90).optional(),
    signInWithinDays: z.int().min(0).max(3_650).optional(),
    maxPerDay: z.int().min(1).max(1_000).optional(),
    maxShare: z.number().gt(0).max(1).optional(),
    protected: z.array(objectId).max(200).optional(),
    ignoreOtherAccess: z.boolean().optional(),
  })
  .meta({ id: 'UserCleanup' })
/** What only means something where access is given by `pim`, with the value that means nothing. */
const onlyByPim = { mechanismFallback: 'none', endBy: 'broker' } as const

/** An integration as the contract has it; what exists of it is said by `notYetOffered`. */
export const integrationSchema = z
  .strictObject({
    name: integrationName,
    version: documentVersion,
    connector: z.string().min(1).max(63).optional(),
    resourceTypes: z.array(resourceType).min(1, 'At least one resource type is needed.').max(2),
    include: z.array(selector).max(100).optional(),
    exclude: z.array(selector).max(100).optional(),
    customAccessDetails: accessDetails.optional(),
    owner: z
      .strictObject({ attribute: z.enum(['user', 'group']), values: z.array(objectId).min(1) })
      .optional(),
    resourceOwner: z
      .strictObject({ keyName: z.string().min(1).max(256), attribute: z.string().min(1).max(256) })
      .optional(),
    userCleanupAfterDays: z.int().min(1).max(3_650).optional(),
    userCleanup: userCleanup.optional(),
    credentialRotationDays: z.int().min(1).max(3_650).optional(),
    mechanism: z
      .strictObject({ group: mechanism.optional(), 'directory-role': mechanism.optional() })
      .optional(),
    mechanismFallback: z.enum(['direct', 'none']).optional(),
    endBy: z.enum(['broker', 'entra']).optional(),
    drift: z.enum(['report', 'enforce']).optional(),
    notifications: z.array(z.record(z.string(), z.unknown())).max(20).optional(),
    privileged: z.boolean().optional(),
  })
  .superRefine((integration, context) => {
    if (integration.resourceOwner !== undefined && integration.owner === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['resourceOwner'],
        message: 'A resource owner needs an owner to fall back to.',
      })
    }
    const isByPim = Object.values(integration.mechanism ?? {}).includes('pim')
    if (isByPim) return
    for (const field of ['mechanismFallback', 'endBy'] as const) {
      const value = integration[field]
      if (value === undefined || value === onlyByPim[field]) continue
      context.addIssue({
        code: 'custom',
        path: [field],
        message: 'It needs a resource type whose mechanism is pim.',
      })
    }
  })
  .meta({ id: 'Integration' })

export type IntegrationAnswer = z.infer<typeof integrationSchema>
