import * as z from 'zod'
import {
  accessFlowName,
  documentVersion,
  freeText,
  integrationName,
  permission,
  resourceKey,
  resourceRef,
} from './fields.ts'

const item = z
  .strictObject({
    integration: integrationName.optional(),
    resource: resourceRef,
    permission: permission.optional(),
  })
  .superRefine((each, context) => {
    if (each.permission === undefined) return
    const isOfRole = each.permission === 'active'
    if ((each.resource.type === 'directory-role') === isOfRole) return
    const message = `A ${each.resource.type} has no permission "${each.permission}".`
    context.addIssue({ code: 'custom', path: ['permission'], message })
  })

/** A bundle: what one request may name as a whole. */
export const bundleSchema = z
  .strictObject({
    name: accessFlowName,
    version: documentVersion,
    description: freeText(1_000).optional(),
    resources: z
      .array(item)
      .min(1, 'At least one resource is needed.')
      .max(50, 'A bundle may have 50 resources.'),
  })
  .superRefine(({ resources }, context) => {
    const named = new Set<string>()
    for (const [index, { resource, permission: wanted = '' }] of resources.entries()) {
      const key = `${resourceKey(resource)} ${wanted}`
      if (named.has(key)) {
        const path = ['resources', index]
        context.addIssue({ code: 'custom', path, message: 'It is named twice.' })
      }
      named.add(key)
    }
  })
  .meta({ id: 'Bundle' })
