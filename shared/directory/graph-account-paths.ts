import { isObjectId } from './graph-paths.ts'

/** Addresses of accounts as a whole, which nothing but cleanup asks for; relative to `/v1.0`. */

const accountFields =
  'id,displayName,userPrincipalName,accountEnabled,userType,createdDateTime,onPremisesSyncEnabled,isManagementRestricted'
const roles = '/roleManagement/directory'

export function accountPath(id: string): string {
  return `${account(id)}?$select=${accountFields}`
}

export function signInPath(id: string): string {
  return `${account(id)}?$select=id,signInActivity`
}

export function memberOfPath(id: string): string {
  return `${account(id)}/transitiveMemberOf?$select=id,groupTypes,isAssignableToRole&$top=999`
}

export function ownedPath(id: string): string {
  return `${account(id)}/ownedObjects?$select=id,appId,isAssignableToRole&$top=999`
}

export function appRolesPath(id: string): string {
  return `${account(id)}/appRoleAssignments?$top=999`
}

export function reportsPath(id: string): string {
  return `${account(id)}/directReports?$select=id&$top=1`
}

export function sponsorsPath(id: string): string {
  return `${account(id)}/sponsors?$select=id`
}

export function managerIdPath(id: string): string {
  return `${account(id)}/manager?$select=id`
}

/** Direct assignments, those by an activation included. */
export function rolesOfPath(id: string): string {
  return `${roles}/roleAssignments?$filter=${ofPrincipal(id)}`
}

export function eligibleRolesPath(id: string): string {
  return `${roles}/roleEligibilityScheduleInstances?$filter=${ofPrincipal(id)}`
}

export function eligibleGroupsPath(id: string): string {
  const group = '/identityGovernance/privilegedAccess/group'
  return `${group}/eligibilityScheduleInstances?$filter=${ofPrincipal(id)}`
}

export function deletedAccountPath(id: string): string {
  return `/directory/deletedItems/${objectId(id)}?$select=id`
}

export function restorePath(id: string): string {
  return `/directory/deletedItems/${objectId(id)}/restore`
}

export function revokeSessionsPath(id: string): string {
  return `${account(id)}/revokeSignInSessions`
}

export function applicationPath(clientId: string): string {
  const filter = encodeURIComponent(`appId eq '${objectId(clientId)}'`)
  return `/servicePrincipals?$filter=${filter}&$select=id,appId,appRoles`
}

export function assignedRolesPath(servicePrincipalId: string): string {
  return `/servicePrincipals/${objectId(servicePrincipalId)}/appRoleAssignedTo?$top=999`
}

export function objectsByIdPath(): string {
  return '/directoryObjects/getByIds'
}

/** The account itself: changed by a patch, and deleted by a removal. */
export function accountItselfPath(id: string): string {
  return account(id)
}

/** Lets the removal of an account pass only if it names one account and nothing below it. */
export function assertAccountPath(path: string): string {
  const id = path.startsWith('/users/') ? path.slice('/users/'.length) : ''
  if (isObjectId(id)) return path
  throw new Error(`Cannot delete ${path}: it is no account`)
}

function ofPrincipal(id: string): string {
  return encodeURIComponent(`principalId eq '${objectId(id)}'`)
}

function account(id: string): string {
  return `/users/${objectId(id)}`
}

function objectId(id: string): string {
  if (!isObjectId(id)) throw new Error(`Cannot name the object ${id}: it is no object id`)
  return id.toLowerCase()
}
