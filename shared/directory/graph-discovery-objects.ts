import * as z from 'zod'
import type { GroupChange, GroupFacts, RoleFacts, UnitFacts } from '../access/resource.ts'
import { optionalText, pageShape, parsed } from './graph-objects.ts'

/** The shapes in which Graph sends what discovery reads; in changes anything but the id may lack. */

/** A page of changes: with a next link as long as there is more, then with a delta link. */
export const changesPageShape = pageShape.extend({ '@odata.deltaLink': z.string().optional() })

const removed = z.object({ reason: z.string().optional() }).optional()
const changedText = z.string().nullable().optional()
const changedFlag = z.boolean().nullable().optional()

const changeShape = z.looseObject({
  id: z.string(),
  '@removed': removed,
  displayName: changedText,
  description: changedText,
  groupTypes: z.array(z.string()).nullable().optional(),
  mailEnabled: changedFlag,
  securityEnabled: changedFlag,
  onPremisesSyncEnabled: changedFlag,
  isManagementRestricted: changedFlag,
  isAssignableToRole: changedFlag,
  'owners@delta': z.array(z.object({ id: z.string(), '@removed': removed })).optional(),
})

const roleShape = z.object({
  id: z.string(),
  displayName: optionalText,
  description: optionalText,
  isBuiltIn: z.boolean().default(true),
  isEnabled: z.boolean().default(true),
  rolePermissions: z
    .array(z.object({ allowedResourceActions: z.array(z.string()).default([]) }))
    .nullish(),
})

const unitShape = z.object({ id: z.string(), displayName: optionalText, description: optionalText })

/** What changed of a group. */
export function groupChangeFrom(item: unknown, attributes: readonly string[]): GroupChange {
  const told = parsed(changeShape, item)
  const id = told.id.toLowerCase()
  if (told['@removed'] !== undefined) return { id, isGone: true }
  const owners = told['owners@delta'] ?? []
  const idsOf = (links: typeof owners) => links.map((link) => link.id.toLowerCase())
  return {
    id,
    isGone: false,
    facts: factsOf(told),
    attributes: attributesOf(told, attributes),
    owners: {
      added: idsOf(owners.filter((link) => link['@removed'] === undefined)),
      removed: idsOf(owners.filter((link) => link['@removed'] !== undefined)),
    },
  }
}

export function roleFactsFrom(item: unknown): RoleFacts {
  const { displayName, rolePermissions, ...role } = parsed(roleShape, item)
  return {
    ...role,
    id: role.id.toLowerCase(),
    name: displayName,
    ...(rolePermissions === undefined || rolePermissions === null
      ? {}
      : { actions: rolePermissions.flatMap((each) => each.allowedResourceActions) }),
  }
}

export function unitFactsFrom(item: unknown): UnitFacts {
  const { id, displayName, description } = parsed(unitShape, item)
  return { id: id.toLowerCase(), name: displayName, description }
}

function factsOf(told: z.infer<typeof changeShape>): Partial<GroupFacts> {
  const flags = {
    mailEnabled: told.mailEnabled,
    securityEnabled: told.securityEnabled,
    onPremisesSyncEnabled: told.onPremisesSyncEnabled,
    isManagementRestricted: told.isManagementRestricted,
    isAssignableToRole: told.isAssignableToRole,
  }
  const known = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value === true] as const],
  )
  return {
    ...(told.displayName === undefined ? {} : { name: told.displayName ?? '' }),
    ...(told.description === undefined ? {} : { description: told.description ?? '' }),
    ...(told.groupTypes === undefined ? {} : { groupTypes: told.groupTypes ?? [] }),
    ...Object.fromEntries(known),
  }
}

/** Single values only: an attribute with several values is no tag. */
function attributesOf(
  told: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, string | null>> {
  const values: Record<string, string | null> = {}
  for (const name of names) {
    const value = told[name]
    if (value === undefined) continue
    values[name] = value === null || typeof value === 'object' ? null : String(value)
  }
  return values
}
