/*
 * Over 300 lines on purpose: every address of Graph that the product calls is in this one place.
 */
import type { AccessKey, Permission, ResourceRef } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import { isExtensionName } from '../access/resource-tags.ts'
import type { GraphHost } from './graph-host.ts'

/**
 * Every address that the broker asks Graph for is built here, relative to `/v1.0`.
 *
 * `DELETE /groups/{id}/members/{id}` without `/$ref` deletes the *person*, so nothing else may put a
 * removal together, and ids are checked before they become part of a path.
 */

const objectIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const assignmentIdPattern = /^[A-Za-z0-9_-]{1,256}$/
const unitScopePattern = /^\/administrativeUnits\/([^/]+)$/i

// Lone surrogates cannot be encoded; the rest would change what an address means.
const principalNamePattern = /^[^\s/\\?@\p{Surrogate}]+@[^\s/\\?@\p{Surrogate}]+$/u
const mostNameCharacters = 1_024
const fieldPattern = /^[A-Za-z][A-Za-z0-9_]*$/

const userFields = 'id,displayName,userPrincipalName,accountEnabled,userType'
const groupFields =
  'id,displayName,description,mailEnabled,securityEnabled,groupTypes,isAssignableToRole,isManagementRestricted,onPremisesSyncEnabled'
const roleFields = 'id,displayName,description,isEnabled'
const roleDetails = `${roleFields},isBuiltIn,rolePermissions`

const groupDelta = '/groups/delta'
const roleAssignments = '/roleManagement/directory/roleAssignments'
const roleDefinitions = '/roleManagement/directory/roleDefinitions'
const groupPim = '/identityGovernance/privilegedAccess/group'

/** The directory's own form of ids; anything else never becomes part of a path. */
export function isObjectId(id: string): boolean {
  return objectIdPattern.test(id)
}

/** Whether a text can name a property of an object, a directory extension included. */
export function isAttributeName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{0,255}$/.test(text)
}

/** Whether a text can name a person: an object id or a user principal name. */
export function namesPerson(text: string): boolean {
  return isObjectId(text) || (text.length <= mostNameCharacters && principalNamePattern.test(text))
}

/** A person with what every decision needs, and with `fields` besides. */
export function userPath(idOrName: string, fields: readonly string[] = []): string {
  const selected = new Set([...userFields.split(','), ...fields.map(fieldName)])
  return `${userRoot(idOrName)}?$select=${[...selected].join(',')}`
}

/** One field of a person alone, for what the directory may not know. */
export function userFieldPath(idOrName: string, field: string): string {
  return `${userRoot(idOrName)}?$select=${fieldName(field)}`
}

/** The person's manager; 404 where there is none. */
export function managerPath(idOrName: string): string {
  return `${userRoot(idOrName)}/manager?$select=${userFields}`
}

/** Who is in a group, directly or nested; only what can be seen of users is asked. */
export function groupMembersPath(groupId: string, pageSize: number): string {
  return `/groups/${objectId(groupId)}/transitiveMembers?$select=${userFields}&$top=${pageSize}`
}

export function listUsersPath(pageSize: number): string {
  return `/users?$select=${userFields}&$top=${pageSize}`
}

/** The path behind a token of a list of people that was kept; anything but one of ours is none. */
export function keptPeoplePath(token: string): string | undefined {
  return /^\/(users|groups\/[0-9a-f-]{36}\/transitiveMembers)\?/i.test(token) ? token : undefined
}

export function groupOwnersPath(groupId: string): string {
  return `/groups/${objectId(groupId)}/owners?$select=${userFields}`
}

/** Users or groups whose attribute has this very value. */
export function matchingPath(of: 'user' | 'group', attribute: string, value: string): string {
  const filter = `${attributeName(attribute)} eq '${value.replaceAll("'", "''")}'`
  const select = of === 'user' ? userFields : 'id,displayName'
  return `/${of}s?$filter=${encodeURIComponent(filter)}&$select=${select}`
}

/** Users or groups by their names; answered only with `ConsistencyLevel: eventual`. */
export function searchPath(of: 'user' | 'group', text: string, top: number): string {
  const names = ['displayName', 'mail', ...(of === 'user' ? ['userPrincipalName'] : [])]
  const words = text.replaceAll(/["\\]/g, '\\$&')
  const search = names.map((name) => `"${name}:${words}"`).join(' OR ')
  return `/${of}s?$search=${encodeURIComponent(search)}&$select=id,displayName,mail&$top=${top}`
}

export function groupAttributePath(groupId: string, attribute: string): string {
  return `/groups/${objectId(groupId)}?$select=id,${attributeName(attribute)}`
}

/** Asks which of up to 20 groups hold the person, nested membership included. */
export function checkMemberGroupsPath(idOrName: string): string {
  return `${userRoot(idOrName)}/checkMemberGroups`
}

/** Asks for all groups that hold the person, nested membership included. */
export function getMemberGroupsPath(idOrName: string): string {
  return `${userRoot(idOrName)}/getMemberGroups`
}

export function groupPath(id: string): string {
  return `/groups/${objectId(id)}?$select=${groupFields}`
}

export function roleDefinitionPath(id: string): string {
  return `${roleDefinitions}/${objectId(id)}?$select=${roleDetails}`
}

/** The groups that hold a group, directly or by groups between them. */
export function holdingGroupsPath(groupId: string, pageSize: number): string {
  return `/groups/${objectId(groupId)}/transitiveMemberOf?$select=id,displayName,isAssignableToRole&$top=${pageSize}`
}

/** Who holds a role of the application with this client id. */
export function appRoleHoldersPath(clientId: string, pageSize: number): string {
  return `/servicePrincipals(appId='${objectId(clientId)}')/appRoleAssignedTo?$top=${pageSize}`
}

export function administrativeUnitPath(id: string): string {
  return `/directory/administrativeUnits/${objectId(id)}?$select=id,displayName`
}

export function listGroupsPath(pageSize: number): string {
  return `/groups?$select=${groupFields}&$top=${pageSize}`
}

export function listRoleDefinitionsPath(): string {
  return `${roleDefinitions}?$select=${roleFields}`
}

/** Asks for all groups, and for a token by which their changes can be asked for later. */
export function groupDeltaPath(attributes: readonly string[]): string {
  const names = attributes.filter(isExtensionName)
  return `${groupDelta}?$select=${[groupFields, ...names, 'owners'].join(',')}`
}

/** The path behind a token that was kept; anything but one of ours is none. */
export function keptDeltaPath(token: string): string | undefined {
  return token.startsWith(`${groupDelta}?`) ? token : undefined
}

export function listRoleDetailsPath(): string {
  return `${roleDefinitions}?$select=${roleDetails}`
}

export function listAdministrativeUnitsPath(pageSize: number): string {
  return `/directory/administrativeUnits?$select=id,displayName,description&$top=${pageSize}`
}

/** The collection behind a permission on a group. */
export type GroupLinks = 'members' | 'owners'

export function linksOf(permission: Permission): GroupLinks {
  return permission === 'owner' ? 'owners' : 'members'
}

/** Adding posts a reference here. */
export function addLinkPath(groupId: string, links: GroupLinks): string {
  return `/groups/${objectId(groupId)}/${links}/$ref`
}

/** One direct link: read to see whether it is there, deleted to take it away. */
export function linkPath(groupId: string, links: GroupLinks, grantee: string): string {
  return `/groups/${objectId(groupId)}/${links}/${objectId(grantee)}/$ref`
}

export function listLinksPath(groupId: string, links: GroupLinks, pageSize: number): string {
  return `/groups/${objectId(groupId)}/${links}?$select=id&$top=${pageSize}`
}

/** The address that a new link points to; a full one, of the directory's own host. */
export function objectReference(host: GraphHost, id: string): string {
  return `${host.canonical}/v1.0/directoryObjects/${objectId(id)}`
}

export function addRoleAssignmentPath(): string {
  return roleAssignments
}

export function roleAssignmentPath(assignmentId: string): string {
  if (!assignmentIdPattern.test(assignmentId)) {
    throw new Error(`Cannot name the role assignment ${assignmentId}: it is no assignment id`)
  }
  return `${roleAssignments}/${assignmentId}`
}

/** The direct assignments of one role to one person, at any scope. */
export function findRoleAssignmentsPath(access: AccessKey): string {
  const filter = `principalId eq '${objectId(access.grantee)}' and roleDefinitionId eq '${objectId(access.resource.id)}'`
  return `${roleAssignments}?$filter=${encodeURIComponent(filter)}`
}

/** The direct assignments of roles to the connector's own principal. */
export function ownRolesPath(principalId: string): string {
  const filter = `principalId eq '${objectId(principalId)}'`
  return `${roleAssignments}?$filter=${encodeURIComponent(filter)}`
}

/** Schedules of Privileged Identity Management are asked for, moved and taken by requests. */
export function scheduleRequestsPath(type: ResourceRef['type']): string {
  return type === 'group'
    ? `${groupPim}/assignmentScheduleRequests`
    : '/roleManagement/directory/roleAssignmentScheduleRequests'
}

export function scheduleRequestPath(type: ResourceRef['type'], requestId: string): string {
  return `${scheduleRequestsPath(type)}/${objectId(requestId)}`
}

/** What is active of one role, at any scope, or of one group in somebody's hand. */
export function findSchedulesPath({ grantee, resource }: AccessKey): string {
  const person = `principalId eq '${objectId(grantee)}'`
  const [list, field] =
    resource.type === 'group'
      ? [`${groupPim}/assignmentScheduleInstances`, 'groupId']
      : ['/roleManagement/directory/roleAssignmentScheduleInstances', 'roleDefinitionId']
  const filter = `${person} and ${field} eq '${objectId(resource.id)}'`
  return `${list}?$filter=${encodeURIComponent(filter)}`
}

/** The rules that PIM has for a role, or for members or owners of a group. */
export function schedulePolicyPath({ type, id }: ResourceRef, permission: Permission): string {
  const [scope, scopeType, role] =
    type === 'group' ? [objectId(id), 'Group', permission] : ['/', 'DirectoryRole', objectId(id)]
  const filter = `scopeId eq '${scope}' and scopeType eq '${scopeType}' and roleDefinitionId eq '${role}'`
  return `/policies/roleManagementPolicyAssignments?$filter=${encodeURIComponent(filter)}&$expand=policy($expand=rules)`
}

/**
 * Lets a removal pass only if it takes away a link or a role assignment.
 *
 * The last look before the wire: a removal of anything else is a bug that could delete a person.
 */
export function assertRemovalPath(path: string): string {
  const isLink = path.startsWith('/groups/') && path.endsWith('/$ref')
  const isAssignment =
    path.startsWith(`${roleAssignments}/`) &&
    assignmentIdPattern.test(path.slice(roleAssignments.length + 1))
  if (isLink || isAssignment) return path
  throw new Error(`Cannot remove ${path}: it is neither a link of a group nor a role assignment`)
}

/** Where a role counts: everywhere, or in one administrative unit. */
export type RoleScope = { readonly kind: 'tenant' } | { readonly kind: 'unit'; readonly id: string }

/** Reads the scope of a directory role; `undefined` where it is of no known form. */
export function roleScope(resource: ResourceRef): RoleScope | undefined {
  const scope = resource.scope ?? '/'
  if (scope === '/') return { kind: 'tenant' }
  const unit = unitScopePattern.exec(scope)?.[1]
  return unit === undefined || !isObjectId(unit) ? undefined : { kind: 'unit', id: unit }
}

/** The scope in the directory's own spelling. */
export function directoryScopeId(resource: ResourceRef): string {
  const scope = roleScope(resource)
  if (scope === undefined) {
    throw new Error(`Cannot name the scope ${resource.scope}: it is neither tenant nor unit`)
  }
  return scope.kind === 'tenant' ? '/' : `/administrativeUnits/${scope.id}`
}

/**
 * The path of a next link, relative to `/v1.0`.
 *
 * Followed only to Graph's own name or to the address in use: the token goes with it.
 */
export function nextLinkPath(host: GraphHost, link: string): string {
  const url = URL.parse(link)
  const isOurs = url !== null && (url.origin === host.canonical || url.origin === host.origin)
  if (!isOurs || !url.pathname.startsWith('/v1.0/')) {
    throw new DirectoryUnavailableError('read the next page', {
      cause: new Error(`Cannot follow a link to ${url?.host ?? 'nowhere'}: it is not Graph`),
    })
  }
  return `${url.pathname.slice('/v1.0'.length)}${url.search}`
}

function attributeName(name: string): string {
  if (!isAttributeName(name)) throw new Error(`Cannot name the attribute ${name}: it is no name`)
  return name
}

function objectId(id: string): string {
  if (!isObjectId(id)) throw new Error(`Cannot name the object ${id}: it is no object id`)
  return id.toLowerCase()
}

function fieldName(name: string): string {
  if (!fieldPattern.test(name)) throw new Error(`Cannot select ${name}: it is no field`)
  return name
}

function userRoot(idOrName: string): string {
  if (!namesPerson(idOrName)) throw new Error(`Cannot name the person ${idOrName}: it is no name`)
  // Names that begin with `$` are only understood in parentheses.
  return idOrName.startsWith('$')
    ? `/users('${encodeURIComponent(idOrName.replaceAll("'", "''"))}')`
    : `/users/${encodeURIComponent(idOrName)}`
}
