import type { SimulatedTenant } from '../tenant.ts'
import { listAppRoleHolders, listGroupAppRoles, listUserAppRoles } from './app-roles.ts'
import { delta } from './delta.ts'
import type { GraphHandler } from './graph-call.ts'
import * as groups from './groups.ts'
import * as others from './other-objects.ts'
import {
  groupPim,
  listGroupEligibilities,
  listGroupInstances,
  listGroupSchedules,
} from './pim/group-pim.ts'
import { listPolicyAssignments } from './pim/policies.ts'
import {
  listRoleEligibilities,
  listRoleInstances,
  listRoleSchedules,
  rolePim,
} from './pim/role-pim.ts'
import {
  cancelRequest,
  createRequest,
  getRequest,
  listRequests,
  type PimKind,
} from './pim/schedule-requests.ts'
import * as roles from './roles.ts'
import * as users from './users.ts'

interface GraphRoute {
  readonly method: string
  /** Segments in lower case; `{name}` takes any one segment. */
  readonly segments: readonly string[]
  readonly handle: GraphHandler
}

type Row = readonly [method: string, path: string, handle: GraphHandler]

const groupRoot = 'identityGovernance/privilegedAccess/group'

/** Everything of Graph v1.0 that the simulator answers. */
export function createGraphRoutes(tenant: SimulatedTenant) {
  const rows: readonly Row[] = [
    ['GET', 'users', users.listUsers],
    ['GET', 'users/delta', delta('users')],
    ['GET', 'users/{id}', users.getUser],
    ['PATCH', 'users/{id}', users.patchUser],
    ['DELETE', 'users/{id}', users.deleteUser],
    ['GET', 'users/{id}/manager', users.getManager],
    ['GET', 'users/{id}/directReports', users.listDirectReports],
    ['GET', 'users/{id}/sponsors', users.listSponsors],
    ['GET', 'users/{id}/ownedObjects', users.listOwnedObjects],
    ['GET', 'users/{id}/memberOf', users.listMemberOf],
    ['GET', 'users/{id}/transitiveMemberOf', users.listTransitiveMemberOf],
    ['GET', 'users/{id}/appRoleAssignments', listUserAppRoles(tenant)],
    ['POST', 'users/{id}/checkMemberGroups', users.checkMemberGroups],
    ['POST', 'users/{id}/getMemberGroups', users.getMemberGroups],
    ['POST', 'users/{id}/revokeSignInSessions', users.revokeSessions],
    ['GET', 'groups', groups.listGroups],
    ['POST', 'groups', groups.createGroup],
    ['GET', 'groups/delta', delta('groups')],
    ['GET', 'groups/{id}', groups.getGroup],
    ['PATCH', 'groups/{id}', groups.patchGroup],
    ['DELETE', 'groups/{id}', groups.deleteGroup],
    ['GET', 'groups/{id}/transitiveMembers', groups.listTransitiveMembers],
    ['GET', 'groups/{id}/memberOf', groups.listMemberOf],
    ['GET', 'groups/{id}/transitiveMemberOf', groups.listTransitiveMemberOf],
    ['GET', 'groups/{id}/appRoleAssignments', listGroupAppRoles(tenant)],
    ...(['members', 'owners'] as const).flatMap((links): readonly Row[] => [
      ['GET', `groups/{id}/${links}`, groups.listLinks(links)],
      ['POST', `groups/{id}/${links}/$ref`, groups.addLink(links)],
      ['GET', `groups/{id}/${links}/{member}/$ref`, groups.getLink(links)],
      ['DELETE', `groups/{id}/${links}/{member}/$ref`, groups.removeLink(links)],
      ['DELETE', `groups/{id}/${links}/{member}`, groups.removeMemberItself],
      ['PATCH', `groups/{id}/${links}/$ref`, groups.wrongWrite],
      ['POST', `groups/{id}/${links}/{member}`, groups.wrongWrite],
    ]),
    ['GET', 'roleManagement/directory/roleDefinitions', roles.listRoleDefinitions],
    ['GET', 'roleManagement/directory/roleDefinitions/{id}', roles.getRoleDefinition],
    ['GET', 'roleManagement/directory/roleAssignments', roles.listRoleAssignments],
    ['POST', 'roleManagement/directory/roleAssignments', roles.createRoleAssignment],
    ['GET', 'roleManagement/directory/roleAssignments/{id}', roles.getRoleAssignment],
    ['DELETE', 'roleManagement/directory/roleAssignments/{id}', roles.deleteRoleAssignment],
    ...requestRoutes('roleManagement/directory/roleAssignmentScheduleRequests', rolePim),
    ['GET', 'roleManagement/directory/roleAssignmentSchedules', listRoleSchedules],
    ['GET', 'roleManagement/directory/roleAssignmentScheduleInstances', listRoleInstances],
    ['GET', 'roleManagement/directory/roleEligibilityScheduleInstances', listRoleEligibilities],
    ...requestRoutes(`${groupRoot}/assignmentScheduleRequests`, groupPim),
    ['GET', `${groupRoot}/assignmentSchedules`, listGroupSchedules],
    ['GET', `${groupRoot}/assignmentScheduleInstances`, listGroupInstances],
    ['GET', `${groupRoot}/eligibilityScheduleInstances`, listGroupEligibilities],
    ['GET', 'policies/roleManagementPolicyAssignments', listPolicyAssignments],
    ['GET', 'directory/administrativeUnits', others.listUnits],
    ['GET', 'directory/administrativeUnits/{id}', others.getUnit],
    ['GET', 'directory/administrativeUnits/{id}/members', others.listUnitMembers],
    ['GET', 'directory/deletedItems/microsoft.graph.user', others.listDeleted('users')],
    ['GET', 'directory/deletedItems/microsoft.graph.group', others.listDeleted('groups')],
    ['GET', 'directory/deletedItems/{id}', others.getDeleted],
    ['POST', 'directory/deletedItems/{id}/restore', others.restoreDeleted],
    ['DELETE', 'directory/deletedItems/{id}', others.purgeDeleted],
    ['GET', 'directoryObjects/{id}', others.getObject],
    ['POST', 'directoryObjects/getByIds', others.getByIds],
    ['GET', 'servicePrincipals', others.listServicePrincipals],
    ['GET', 'servicePrincipals/{id}/appRoleAssignedTo', listAppRoleHolders(tenant)],
    ['GET', 'organization', others.organization(tenant)],
    ['GET', 'auditLogs/directoryAudits', others.listAudits],
  ]
  const routes: readonly GraphRoute[] = rows.map(([method, path, handle]) => ({
    method,
    segments: path.split('/').map((part) => (part.startsWith('{') ? part : part.toLowerCase())),
    handle,
  }))

  /** The handler of an address with its parameters; undefined where nothing is simulated. */
  return (method: string, path: string) => {
    const parts = segmentsOf(path)
    for (const route of routes) {
      if (route.method !== method) continue
      const params = match(route.segments, parts)
      if (params !== undefined) return { handle: route.handle, params }
    }
    return undefined
  }
}

function requestRoutes(path: string, pim: PimKind): readonly Row[] {
  return [
    ['POST', path, createRequest(pim)],
    ['GET', path, listRequests(pim)],
    ['GET', `${path}/{id}`, getRequest(pim)],
    ['POST', `${path}/{id}/cancel`, cancelRequest(pim)],
  ]
}

/** `/users('x')` is another spelling of `/users/x`; `(appId='x')` names by another key. */
function segmentsOf(path: string): readonly string[] {
  return path
    .replace(/\('((?:[^']|'')*)'\)/g, (_all, key: string) => `/${key.replaceAll("''", "'")}`)
    .replace(/\((appId)='([^']*)'\)/gi, '/$1=$2')
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
}

function match(
  segments: readonly string[],
  parts: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (segments.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? ''
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = part
    else if (segment !== part.toLowerCase()) return undefined
  }
  return params
}
