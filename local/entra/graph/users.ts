import * as z from 'zod'
import type { SimulatorAnswer } from '../exchange.ts'
import type { SimulatedUser } from '../tenant.ts'
import {
  badRequest,
  denied,
  entityAnswer,
  GraphRefusal,
  graphRoot,
  noContent,
  notFound,
} from './answers.ts'
import { auditEntry } from './audit-entry.ts'
import { bodyAs, type GraphCall, type GraphHandler, need, userOf } from './graph-call.ts'
import { listAnswer, refuseUnknownOptions, selected } from './list-answer.ts'
import {
  groupDefaults,
  groupsOf,
  isRestricted,
  userDefaults,
  userView,
  viewsOf,
} from './objects.ts'

const idsBody = z.object({ groupIds: z.array(z.string()).max(20) })
const securityBody = z.object({ securityEnabledOnly: z.boolean() })

/** Graph keeps more of a user; these are the fields that may be changed here. */
const patchBody = z.strictObject({
  accountEnabled: z.boolean().optional(),
  displayName: z.string().optional(),
  department: z.string().nullish(),
  jobTitle: z.string().nullish(),
  officeLocation: z.string().nullish(),
  userType: z.enum(['Member', 'Guest']).optional(),
})

export const listUsers: GraphHandler = ({ tenant, ...call }) =>
  listAnswer([...tenant.users.values()].map(userView), {
    ...call,
    context: 'users',
    defaults: userDefaults,
  })

export const getUser: GraphHandler = (call) => {
  refuseUnknownOptions(call.query)
  if (call.query.get('$select')?.split(',').includes('signInActivity') === true) {
    need(call, 'AuditLog.Read.All')
    if (!call.tenant.settings.premium) throw withoutLicence()
  }
  const user = userOf(call, call.params['id'] ?? '')
  const view = { ...userView(user), isManagementRestricted: isRestricted(user.id, call.tenant) }
  return entityAnswer('users', selected(view, call.query, userDefaults))
}

export const patchUser: GraphHandler = (call) => {
  need(call, 'User.ReadWrite.All', 'User.EnableDisableAccount.All')
  const user = userOf(call, call.params['id'] ?? '')
  if (user.onPremisesSyncEnabled === true) throw synchronised()
  refuseSensitive(call, user)
  const value: SimulatedUser = { ...user, ...bodyAs(call, patchBody) } as SimulatedUser
  const entry = { activity: 'Update user', category: 'UserManagement', target: user.id } as const
  call.apply([
    { put: 'users', id: user.id, value },
    auditEntry(call, { ...entry, operation: 'Update' }),
  ])
  return noContent
}

export const deleteUser: GraphHandler = (call) => {
  need(call, 'User.ReadWrite.All', 'User.DeleteRestore.All')
  const user = userOf(call, call.params['id'] ?? '')
  if (user.onPremisesSyncEnabled === true) throw synchronised()
  refuseSensitive(call, user)
  return removeUser(call, user)
}

/** Whoever holds a role, or a group that may carry one, is out of reach of permissions alone. */
function refuseSensitive({ tenant }: GraphCall, { id }: SimulatedUser): void {
  const holdsRole = [...tenant.roleAssignments.values()].some((one) => one.principalId === id)
  const isNear = [...tenant.groups.values()].some(
    ({ isAssignableToRole, members, owners }) =>
      isAssignableToRole === true && [...members, ...owners].includes(id),
  )
  if (holdsRole || isNear || isRestricted(id, tenant)) throw denied()
}

export const listSponsors: GraphHandler = (call) => {
  const { sponsors = [] } = userOf(call, call.params['id'] ?? '')
  return listAnswer(viewsOf(sponsors, call.tenant), {
    ...call,
    context: 'directoryObjects',
    defaults: userDefaults,
  })
}

export const listOwnedObjects: GraphHandler = (call) => {
  const { id } = userOf(call, call.params['id'] ?? '')
  const owned = [...call.tenant.groups.values()].filter(({ owners }) => owners.includes(id))
  return listAnswer(
    viewsOf(
      owned.map((group) => group.id),
      call.tenant,
    ),
    {
      ...call,
      context: 'directoryObjects',
      isRelationship: true,
    },
  )
}

/** Deleted users keep their links: restoring them restores their access (graph.md 2.6). */
export function removeUser(call: GraphCall, user: SimulatedUser): SimulatorAnswer {
  const deleted = { kind: 'users', object: user, deletedDateTime: call.now.toISOString() }
  const entry = { activity: 'Delete user', category: 'UserManagement', target: user.id } as const
  call.apply([
    { drop: 'users', id: user.id },
    { put: 'deleted', id: user.id, value: deleted },
    auditEntry(call, { ...entry, operation: 'Delete' }),
  ])
  return noContent
}

export const getManager: GraphHandler = (call) => {
  const user = userOf(call, call.params['id'] ?? '')
  const manager = call.tenant.users.get(user.manager ?? '')
  if (manager === undefined) throw notFound('manager')
  return entityAnswer('directoryObjects', selected(userView(manager), call.query, userDefaults))
}

export const listDirectReports: GraphHandler = (call) => {
  const { id } = userOf(call, call.params['id'] ?? '')
  const reports = [...call.tenant.users.values()].filter(({ manager }) => manager === id)
  return listAnswer(reports.map(userView), {
    ...call,
    context: 'directoryObjects',
    defaults: userDefaults,
  })
}

/** The groups that hold whatever the address names. */
export const listMemberships =
  (idOf: (call: GraphCall) => string, isTransitive: boolean): GraphHandler =>
  (call) => {
    const groups = groupsOf(idOf(call), call.tenant, isTransitive)
    return listAnswer(viewsOf(groups, call.tenant), {
      ...call,
      context: 'directoryObjects',
      defaults: groupDefaults,
      isRelationship: true,
    })
  }

const idOfUser = (call: GraphCall) => userOf(call, call.params['id'] ?? '').id

export const listMemberOf = listMemberships(idOfUser, false)
export const listTransitiveMemberOf = listMemberships(idOfUser, true)

export const checkMemberGroups: GraphHandler = (call) => {
  const { id } = userOf(call, call.params['id'] ?? '')
  const { groupIds } = bodyAs(call, idsBody)
  const missing = groupIds.find((group) => !call.tenant.groups.has(group.toLowerCase()))
  if (missing !== undefined) throw notFound(missing)
  const held = new Set(groupsOf(id, call.tenant, true))
  return idsAnswer(groupIds.filter((group) => held.has(group.toLowerCase())))
}

export const getMemberGroups: GraphHandler = (call) => {
  const { id } = userOf(call, call.params['id'] ?? '')
  const { securityEnabledOnly } = bodyAs(call, securityBody)
  const groups = groupsOf(id, call.tenant, true).filter(
    (group) => !securityEnabledOnly || call.tenant.groups.get(group)?.securityEnabled === true,
  )
  return idsAnswer(groups)
}

export const revokeSessions: GraphHandler = (call) => {
  need(call, 'User.RevokeSessions.All', 'User.ReadWrite.All')
  userOf(call, call.params['id'] ?? '')
  return {
    status: 200,
    body: { '@odata.context': `${graphRoot}/$metadata#Edm.Boolean`, value: true },
  }
}

function idsAnswer(value: readonly string[]): SimulatorAnswer {
  const context = { '@odata.context': `${graphRoot}/$metadata#Collection(Edm.String)` }
  return { status: 200, body: { ...context, value } }
}

function withoutLicence(): GraphRefusal {
  return new GraphRefusal(
    403,
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
  )
}

export function synchronised() {
  return badRequest(
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
  )
}
