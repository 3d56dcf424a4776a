import * as z from 'zod'
import {
  accessFlowName,
  duration,
  freeText,
  instant,
  integrationName,
  objectId,
  permission,
  resourceKey,
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
  body: {
    resource?: { type: string } | undefined
    resources?: readonly { type: string }[] | undefined
    permission?: string | undefined
  },
  context: z.RefinementCtx,
): void {
  if (body.permission === undefined) return
  const wanted = body.permission === 'active'
  const all = [...(body.resource === undefined ? [] : [body.resource]), ...(body.resources ?? [])]
  const unfitting = all.find(({ type }) => (type === 'directory-role') !== wanted)
  if (unfitting === undefined) return
  const isRole = unfitting.type === 'directory-role'
  context.addIssue({
    code: 'custom',
    path: ['permission'],
    message: isRole
      ? 'A directory role has the permission "active" only.'
      : 'A group has the permissions "member" and "owner".',
  })
}

function namesResource(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return true
  return 'resource' in body || 'resources' in body || 'bundle' in body
}

const mostResources = 50

/**
 * `POST /requests`: one `resource`, or several that are asked for each by itself: listed as `resources`,
 * or saved as a `bundle`.
 * `requester` is for applications that may ask on behalf of others.
 */
export const requestBody = z
  .strictObject({
    ...request,
    resource: resourceRef.optional(),
    resources: z
      .array(resourceRef)
      .min(1, 'At least one resource is needed.')
      .max(mostResources, `At most ${mostResources} resources can be asked for at once.`)
      .optional(),
    bundle: accessFlowName.optional(),
    requester: person.optional(),
  })
  // Looked at whatever else is wrong, so that all of it can be mended in one go.
  .refine(namesResource, {
    path: ['resource'],
    message: 'Name a resource, several as "resources", or a "bundle".',
    when: () => true,
  })
  .superRefine(permissionFits)
  .superRefine(({ resource, resources, bundle, permission, integration }, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (resource !== undefined && resources !== undefined) {
      refuse(['resources'], 'Name either one resource or several, not both.')
    }
    if (bundle !== undefined) {
      if (resource !== undefined || resources !== undefined) {
        refuse(['bundle'], 'Name either a bundle or resources, not both.')
      }
      if (permission !== undefined) refuse(['permission'], 'The bundle says it.')
      if (integration !== undefined) refuse(['integration'], 'The bundle says it.')
    }
    const named = new Set<string>()
    for (const [index, each] of (resources ?? []).entries()) {
      const key = resourceKey(each)
      if (named.has(key)) refuse(['resources', index], 'It is named twice.')
      named.add(key)
    }
  })
  .meta({ id: 'RequestBody' })

/** `POST /requests/preview`: a request for one resource. */
export const previewBody = z
  .strictObject({ ...request, requester: person.optional() })
  .superRefine(permissionFits)
  .meta({ id: 'PreviewBody' })

/** A message on the queue: a request and who asks. */
export const messageBody = z
  .strictObject({ ...request, requester: person, createdAt: instant.optional() })
  .superRefine(permissionFits)
  .meta({ id: 'QueueMessage' })

export const cancelBody = z
  .strictObject({ reason: freeText(2_000).optional() })
  .meta({ id: 'CancelBody' })

export const remindBody = z.strictObject({}).meta({ id: 'RemindBody' })

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
/** Confirms how many people an automatic flow covers. */
export const confirmAutomaticBody = z.strictObject({ expectedCount: z.int().min(0) })

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

export const reconcileBody = z
  .strictObject({
    peopleLeft: z.int().min(1).optional().meta({
      description: 'So many people have left indeed: their access is ended although they are many',
    }),
  })
  .meta({ id: 'ReconcileBody' })

export const tagsBody = z.strictObject({ tags }).meta({ id: 'TagsBody' })
