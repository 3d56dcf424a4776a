import { createHash } from 'node:crypto'
import type { Collections } from '../collections.ts'
import type { SimulatedApiRole, SimulatedTenant } from '../tenant.ts'
import { notFound } from './answers.ts'
import { type GraphCall, type GraphHandler, groupOf, idOf, userOf } from './graph-call.ts'
import { listAnswer } from './list-answer.ts'
import { groupsOf, objectView } from './objects.ts'

/** Application roles of the product's API, as assignments to the people and groups that hold them. */

/** A person's own, and those of the groups that hold him directly. */
export const listUserAppRoles =
  (seed: SimulatedTenant): GraphHandler =>
  (call) => {
    const { id } = userOf(call, call.params['id'] ?? '')
    return assignmentsOf(call, seed, [id, ...groupsOf(id, call.tenant, false)])
  }

export const listGroupAppRoles =
  (seed: SimulatedTenant): GraphHandler =>
  (call) =>
    assignmentsOf(call, seed, [groupOf(call, idOf(call)).id])

/** Everybody who holds a role of an application; ours is the only one that has any. */
export const listAppRoleHolders =
  (seed: SimulatedTenant): GraphHandler =>
  (call) => {
    const wanted = call.params['id'] ?? ''
    const application = [...call.tenant.servicePrincipals.values()].find(
      ({ id, appId }) => id === wanted || `appid=${appId}` === wanted.toLowerCase(),
    )
    if (application === undefined) throw notFound(wanted)
    const isOurs = application.appId === seed.apiClientId
    return assignmentsOf(call, seed, isOurs ? seed.apiRoles.map((each) => each.principalId) : [])
  }

function assignmentsOf(call: GraphCall, seed: SimulatedTenant, holders: readonly string[]) {
  const held = seed.apiRoles.filter(({ principalId }) => holders.includes(principalId))
  return listAnswer(
    held.map((one) => view(one, seed, call.tenant)),
    { ...call, context: 'appRoleAssignments' },
  )
}

function view(
  { principalId, role }: SimulatedApiRole,
  { apiClientId }: SimulatedTenant,
  tenant: Collections,
) {
  const api = [...tenant.servicePrincipals.values()].find(({ appId }) => appId === apiClientId)
  return {
    id: createHash('sha256').update(`${principalId} ${role}`).digest('base64url'),
    deletedDateTime: null,
    appRoleId: api?.appRoles?.find(({ value }) => value === role)?.id ?? null,
    createdDateTime: '2024-03-01T08:00:00Z',
    principalDisplayName: objectView(principalId, tenant)?.['displayName'] ?? null,
    principalId,
    principalType: tenant.groups.has(principalId) ? 'Group' : 'User',
    resourceDisplayName: api?.displayName ?? null,
    resourceId: api?.id ?? null,
  }
}
