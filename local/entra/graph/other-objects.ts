import * as z from 'zod'
import type { SimulatedTenant } from '../tenant.ts'
import { entityAnswer, GraphRefusal, graphRoot, noContent, notFound } from './answers.ts'
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
      items.map(({ object, deletedDateTime }) => ({ ...object, deletedDateTime })),
      { ...call, context: kind },
    )
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
  call.apply([{ drop: 'deleted', id }])
  return noContent
}

export const listAudits: GraphHandler = ({ tenant, ...call }) => {
  need({ tenant, ...call }, 'AuditLog.Read.All')
  return listAnswer([...tenant.audits.values()].toReversed(), {
    ...call,
    context: 'auditLogs/directoryAudits',
  })
}

/** Changes since a token: whole objects that changed, and those that went. */
export const delta =
  (kind: 'users' | 'groups'): GraphHandler =>
  ({ tenant, query }) => {
    const token = query.get('$deltatoken')
    const since = token === null ? 0 : sinceOf(token)
    const last = Math.max(0, ...tenant.changes.values())
    const isChanged = (id: string) => token === null || (tenant.changes.get(id) ?? 0) > since
    const objects =
      token === 'latest' ? [] : [...tenant[kind].values()].filter(({ id }) => isChanged(id))
    const gone = token === null || token === 'latest' ? [] : [...tenant.deleted.values()]
    const value = [
      ...objects.map((object) => deltaView(object)),
      ...gone
        .filter(({ kind: one, object }) => one === kind && isChanged(object.id))
        .map(({ object }) => ({ id: object.id, '@removed': { reason: 'changed' } })),
    ]
    const next = new URLSearchParams(query)
    next.delete('$deltatoken')
    next.set('$deltatoken', Buffer.from(`d${last}`).toString('base64url'))
    const link = `${graphRoot}/${kind}/delta?${next.toString().replaceAll('%24', '$')}`
    return {
      status: 200,
      body: { '@odata.context': `${graphRoot}/$metadata#${kind}`, '@odata.deltaLink': link, value },
    }
  }

function deltaView(object: object): object {
  const { members, owners: _, manager: __, ...shown } = object as Readonly<Record<string, unknown>>
  if (!Array.isArray(members)) return shown
  return { ...shown, 'members@delta': members.map((id) => ({ id })) }
}

function sinceOf(token: string): number {
  if (token === 'latest') return 0
  const since = /^d(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  if (since === undefined) {
    throw new GraphRefusal(410, 'syncStateNotFound', 'The sync state generation is not found.')
  }
  return Number(since)
}
