import * as z from 'zod'
import type { AccessKey, ResourceRef } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { FoundSchedule } from '../access/schedule.ts'
import { unmanageableGroup } from '../access/unmanageable-group.ts'
import type { DirectoryResource, DirectoryUser, Principal } from './directory.ts'
import { directoryScopeId } from './graph-paths.ts'

/** The shapes in which Graph sends what the broker reads. They never leave this folder. */

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value === true)
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

const userShape = z.object({
  id: z.string(),
  displayName: optionalText,
  userPrincipalName: optionalText,
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
})

const groupShape = z.object({
  id: z.string(),
  displayName: optionalText,
  description: optionalText,
  groupTypes: z.array(z.string()).default([]),
  mailEnabled: flag,
  onPremisesSyncEnabled: flag,
  isManagementRestricted: flag,
  isAssignableToRole: flag,
})

const roleShape = z.object({
  id: z.string(),
  displayName: optionalText,
  description: optionalText,
  isEnabled: z.boolean().default(true),
})

const unitShape = z.object({ id: z.string(), displayName: optionalText })

/** A page of a list; the items are read one by one. */
export const pageShape = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
})

export const idsShape = z.object({ value: z.array(z.string()) })

export const linkedShape = z.object({ id: z.string() })

export const assignmentShape = z.object({
  id: z.string(),
  principalId: z.string(),
  roleDefinitionId: z.string(),
  directoryScopeId: z.string().nullish(),
})

const scheduleShape = z.object({
  principalId: z.string(),
  directoryScopeId: z.string().nullish(),
  accessId: z.string().nullish(),
  assignmentType: z.string(),
  memberType: z.string(),
  startDateTime: z.string().nullish(),
  endDateTime: z.string().nullish(),
  roleAssignmentScheduleId: z.string().nullish(),
  assignmentScheduleId: z.string().nullish(),
})

const scheduleRequestShape = z.object({
  id: z.string(),
  status: z.string(),
  targetScheduleId: optionalText,
  scheduleInfo: z.object({ startDateTime: optionalText }).nullish(),
})

export const batchShape = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
})

/** Reads a body in the shape that was asked for; another one is no answer. */
export function parsed<Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  throw new DirectoryUnavailableError('read what the directory sent', { cause: result.error })
}

export function userFrom(body: unknown): DirectoryUser {
  const user = parsed(userShape, body)
  return {
    id: user.id.toLowerCase(),
    displayName: user.displayName,
    userPrincipalName: user.userPrincipalName,
    enabled: user.accountEnabled === true,
    // A connector that may only read the basics of users is never told.
    ...(typeof user.accountEnabled === 'boolean' ? {} : { isEnabledUnknown: true as const }),
    // The directory leaves the type of very old accounts empty; those are members.
    userType: user.userType?.toLowerCase() === 'guest' ? 'guest' : 'member',
  }
}

const principalShape = z.object({ id: z.string(), displayName: optionalText, mail: optionalText })

export function principalFrom(type: Principal['type'], body: unknown): Principal {
  const { id, displayName, mail } = parsed(principalShape, body)
  return { type, id: id.toLowerCase(), name: displayName, ...(mail === '' ? {} : { mail }) }
}

/** The kind of an object in a list of links, such as `user`. */
export function objectKind(item: unknown): string | undefined {
  return textOf(item, '@odata.type')?.replace('#microsoft.graph.', '')
}

/** A text property of an object; undefined without one. */
export function textOf(item: unknown, name: string): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const value = (item as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function groupFrom(body: unknown): DirectoryResource {
  const group = parsed(groupShape, body)
  const unmanageable = unmanageableGroup(group)
  return {
    ref: { type: 'group', id: group.id.toLowerCase() },
    name: group.displayName,
    ...(group.description === '' ? {} : { description: group.description }),
    ...(unmanageable === undefined ? {} : { unmanageable }),
  }
}

/** A role at a scope; `unit` is the administrative unit it is scoped to. */
export function roleFrom(body: unknown, ref?: ResourceRef, unit?: unknown): DirectoryResource {
  const role = parsed(roleShape, body)
  const id = role.id.toLowerCase()
  const name =
    unit === undefined
      ? role.displayName
      : `${role.displayName} (${parsed(unitShape, unit).displayName})`
  return {
    ref: { type: 'directory-role', id, scope: ref === undefined ? '/' : directoryScopeId(ref) },
    name,
    ...(role.description === '' ? {} : { description: role.description }),
    ...(role.isEnabled ? {} : { unmanageable: 'role-disabled' as const }),
  }
}

/** A schedule that is active, if it is of this very access and given to the person himself. */
export function scheduleFrom(item: unknown, access: AccessKey): FoundSchedule | undefined {
  const seen = parsed(scheduleShape, item)
  const { resource, permission, grantee } = access
  const isThere =
    resource.type === 'group'
      ? seen.accessId?.toLowerCase() === permission
      : seen.directoryScopeId?.toLowerCase() === directoryScopeId(resource).toLowerCase()
  const isHis = seen.principalId.toLowerCase() === grantee.toLowerCase()
  // Words begin with a capital letter for roles, and do not for groups.
  if (!isThere || !isHis || seen.memberType.toLowerCase() !== 'direct') return undefined
  const { startDateTime, endDateTime } = seen
  return {
    id: seen.roleAssignmentScheduleId ?? seen.assignmentScheduleId ?? '',
    by: seen.assignmentType.toLowerCase() === 'activated' ? 'activated' : 'assigned',
    ...(typeof startDateTime === 'string' ? { startedAt: startDateTime } : {}),
    ...(typeof endDateTime === 'string' ? { endsAt: endDateTime } : {}),
  }
}

/** A request for a schedule, as far as it has come. */
export function scheduleRequestFrom(body: unknown) {
  const { id, status, targetScheduleId, scheduleInfo } = parsed(scheduleRequestShape, body)
  return {
    id,
    status,
    scheduleId: targetScheduleId,
    startedAt: scheduleInfo?.startDateTime ?? '',
  }
}
