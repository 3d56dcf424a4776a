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

/** Everybody who was given a role of an application, people and groups alike. */
export const listAppRolesOf =
  (seed: SimulatedTenant): GraphHandler =>
  (call) => {
    const api = call.tenant.servicePrincipals.get(idOf(call))
    if (api === undefined) throw notFound(idOf(call))
    const isOurs = api.appId === seed.apiClientId
    return assignmentsOf(
      call,
      seed,
      isOurs ? seed.apiRoles.map(({ principalId }) => principalId) : [],
    )
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
