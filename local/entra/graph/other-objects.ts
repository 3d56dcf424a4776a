import * as z from 'zod'
import type { Change, Collections } from '../collections.ts'
import type { SimulatedTenant } from '../tenant.ts'
import { entityAnswer, graphRoot, noContent, notFound } from './answers.ts'
import { auditEntry } from './audit-entry.ts'
import { bodyAs, type GraphHandler, idOf, need } from './graph-call.ts'
import { listAnswer, selected } from './list-answer.ts'
import { objectView, userDefaults, viewsOf } from './objects.ts'

const idsBody = z.looseObject({ ids: z.array(z.string()).max(1000) })

export const listUnits: GraphHandler = ({ tenant, ...call }) =>
  listAnswer(viewsOf([...tenant.administrativeUnits.keys()], tenant), {
    ...call,
    context: 'directory/administrativeUnits',
  })

export const getUnit: GraphHandler = (call) => {
  const id = idOf(call)
  const unit = call.tenant.administrativeUnits.has(id) ? objectView(id, call.tenant) : undefined
  if (unit === undefined) throw notFound(id)
  return entityAnswer('directory/administrativeUnits', selected(unit, call.query))
}

export const listUnitMembers: GraphHandler = (call) => {
  const unit = call.tenant.administrativeUnits.get(idOf(call))
  if (unit === undefined) throw notFound(idOf(call))
  return listAnswer(viewsOf(unit.members, call.tenant), {
    ...call,
    context: 'directoryObjects',
    defaults: userDefaults,
  })
}

export const listServicePrincipals: GraphHandler = ({ tenant, ...call }) =>
  listAnswer(viewsOf([...tenant.servicePrincipals.keys()], tenant), {
    ...call,
    context: 'servicePrincipals',
  })

export const getObject: GraphHandler = (call) => {
  const object = objectView(idOf(call), call.tenant)
  if (object === undefined) throw notFound(idOf(call))
  return entityAnswer('directoryObjects', selected(object, call.query))
}

export const getByIds: GraphHandler = (call) => {
  const { ids } = bodyAs(call, idsBody)
  const value = viewsOf(
    ids.map((id) => id.toLowerCase()),
    call.tenant,
  )
  return {
    status: 200,
    body: { '@odata.context': `${graphRoot}/$metadata#directoryObjects`, value },
  }
}

export const organization =
  ({ tenantId, displayName }: SimulatedTenant): GraphHandler =>
  (call) =>
    listAnswer([{ id: tenantId, displayName, tenantType: 'AAD', verifiedDomains: [] }], {
      ...call,
      context: 'organization',
    })

export const listDeleted =
  (kind: 'users' | 'groups'): GraphHandler =>
  ({ tenant, ...call }) => {
    const items = [...tenant.deleted.values()].filter((one) => one.kind === kind)
    return listAnswer(
      items.map(({ object, deletedDateTime }) => ({ ...deletedView(object), deletedDateTime })),
      { ...call, context: kind },
    )
  }

export const getDeleted: GraphHandler = (call) => {
  const deleted = call.tenant.deleted.get(idOf(call))
  if (deleted === undefined) throw notFound(idOf(call))
  const { object, deletedDateTime } = deleted
  return entityAnswer('directoryObjects', { ...deletedView(object), deletedDateTime })
}

/** Its links are kept, but cannot be seen. */
function deletedView(object: object): Readonly<Record<string, unknown>> {
  const {
    members: _,
    owners: __,
    manager: ___,
    sponsors: ____,
    extensions,
    ...shown
  } = {
    ...(object as Readonly<Record<string, unknown>>),
  }
  return { ...shown, ...Object(extensions) }
}

/** Links come back with what is restored (graph.md 2.6). */
export const restoreDeleted: GraphHandler = (call) => {
  need(call, 'User.ReadWrite.All', 'User.DeleteRestore.All', 'Group.ReadWrite.All')
  const id = idOf(call)
  const deleted = call.tenant.deleted.get(id)
  if (deleted === undefined) throw notFound(id)
  const isUser = deleted.kind === 'users'
  call.apply([
    { drop: 'deleted', id },
    { put: deleted.kind, id, value: deleted.object },
    auditEntry(call, {
      activity: isUser ? 'Restore user' : 'Restore group',
      category: isUser ? 'UserManagement' : 'GroupManagement',
      operation: 'Update',
      target: id,
    }),
  ])
  return entityAnswer('directoryObjects', { id, displayName: deleted.object.displayName })
}

export const purgeDeleted: GraphHandler = (call) => {
  need(call, 'User.ReadWrite.All', 'User.DeleteRestore.All', 'Group.ReadWrite.All')
  const id = idOf(call)
  if (!call.tenant.deleted.has(id)) throw notFound(id)
  call.apply([{ drop: 'deleted', id }, ...withoutLinks(id, call.tenant)])
  return noContent
}

/** What is deleted for good leaves nothing behind in others. */
function withoutLinks(id: string, tenant: Collections): readonly Change[] {
  const without = (links: readonly string[]) => links.filter((one) => one !== id)
  const groups = [...tenant.groups.values()]
    .filter(({ members, owners }) => members.includes(id) || owners.includes(id))
    .map((group): Change => {
      const value = { ...group, members: without(group.members), owners: without(group.owners) }
      return { put: 'groups', id: group.id, value }
    })
  const assignments = [...tenant.roleAssignments.values()]
    .filter(({ principalId }) => principalId === id)
    .map((one): Change => ({ drop: 'roleAssignments', id: one.id }))
  const schedules = [...tenant.pimSchedules.values()]
    .filter(({ target }) =>
      [target.principalId, target.kind === 'group' ? target.groupId : ''].includes(id),
    )
    .map((one): Change => ({ drop: 'pimSchedules', id: one.id }))
  return [...groups, ...assignments, ...schedules]
}

export const listAudits: GraphHandler = ({ tenant, ...call }) => {
  need({ tenant, ...call }, 'AuditLog.Read.All')
  return listAnswer([...tenant.audits.values()].toReversed(), {
    ...call,
    context: 'auditLogs/directoryAudits',
  })
}
