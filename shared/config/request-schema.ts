import * as z from 'zod'
import {
  accessFlowName,
  duration,
  freeText,
  instant,
  integrationName,
  objectId,
  permission,
  resourceRef,
  tags,
} from './fields.ts'

const justification = freeText(2_000)
const ticket = freeText(100)

/** An object id, or a user principal name. */
const person = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\s/\\?%"<>|:*\p{C}]+$/u, 'It is no object id and no user principal name.')
  .overwrite((text) => text.toLowerCase())

const request = {
  resource: resourceRef,
  duration,
  permission: permission.optional(),
  integration: integrationName.optional(),
  justification: justification.optional(),
  ticket: ticket.optional(),
  startsAt: instant.optional(),
  accessFlow: accessFlowName.optional(),
  requestFor: objectId.optional(),
}

function permissionFits(
  body: { resource: { type: string }; permission?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (body.permission === undefined) return
  const isRole = body.resource.type === 'directory-role'
  if (isRole === (body.permission === 'active')) return
  context.addIssue({
    code: 'custom',
    path: ['permission'],
    message: isRole
      ? 'A directory role has the permission "active" only.'
      : 'A group has the permissions "member" and "owner".',
  })
}

/** `POST /requests`. `requester` is for applications that may ask on behalf of others. */
export const requestBody = z
  .strictObject({ ...request, requester: person.optional() })
  .superRefine(permissionFits)
  .meta({ id: 'RequestBody' })

/** A message on the queue: a request and who asks. */
export const messageBody = z
  .strictObject({ ...request, requester: person, createdAt: instant.optional() })
  .superRefine(permissionFits)
  .meta({ id: 'QueueMessage' })

export const cancelBody = z
  .strictObject({ reason: freeText(2_000).optional() })
  .meta({ id: 'CancelBody' })

export const approveBody = z
  .strictObject({ reason: freeText(2_000).optional(), duration: duration.optional() })
  .meta({ id: 'ApproveBody' })

export const denyBody = z
  .strictObject({ reason: freeText(2_000).optional() })
  .meta({ id: 'DenyBody' })

export const revokeBody = z
  .strictObject({ reason: freeText(2_000).optional() })
  .meta({ id: 'RevokeBody' })

export const extendBody = z
  .strictObject({ duration, justification: justification.optional() })
  .meta({ id: 'ExtendBody' })

/** `all: true` says that no filter is meant; an empty filter never means everything by accident. */
export const revokeGrantsBody = z
  .strictObject({
    filter: z
      .strictObject({
        grantee: objectId.optional(),
        resource: objectId.optional(),
        integration: integrationName.optional(),
        accessFlow: accessFlowName.optional(),
        all: z.literal(true).optional(),
      })
      .refine(
        (filter) => Object.values(filter).some((value) => value !== undefined),
        'Name a filter, or say "all": true.',
      ),
    reason: freeText(2_000).min(1, 'Say why.'),
    expectedCount: z.int().min(0).max(1_000_000),
  })
  .meta({ id: 'RevokeGrantsBody' })

export const emergencyStopBody = z
  .strictObject({ active: z.boolean(), reason: freeText(2_000).min(1, 'Say why.') })
  .meta({ id: 'EmergencyStopBody' })

export const tagsBody = z.strictObject({ tags }).meta({ id: 'TagsBody' })
