import { randomBytes } from 'node:crypto'
import type { Change, Collections } from '../../collections.ts'
import type { GroupTarget, PimSchedule, PimTarget, RoleTarget } from '../../pim-records.ts'
import { type AuditSource, auditEntry } from '../audit-entry.ts'

/** An active assignment is a plain entry of the directory: a link of a group or a role assignment. */

export function newAssignmentId(): string {
  return `${randomBytes(33).toString('base64url')}-1`
}

export function isSameTarget(one: PimTarget, other: PimTarget): boolean {
  return keyOf(one) === keyOf(other)
}

export function linksOf(accessId: GroupTarget['accessId']): 'members' | 'owners' {
  return accessId === 'member' ? 'members' : 'owners'
}

export function isHeld(target: PimTarget, tenant: Collections): boolean {
  return target.kind === 'group'
    ? tenant.groups.get(target.groupId)?.[linksOf(target.accessId)].includes(target.principalId) ===
        true
    : assignmentOf(target, tenant) !== undefined
}

/** The entry in `roleAssignments` of a role at a scope in somebody's hand. */
export function assignmentOf(target: RoleTarget, { roleAssignments }: Collections) {
  return [...roleAssignments.values()].find((one) => isSameTarget({ kind: 'role', ...one }, target))
}

export function schedulesOf(
  target: PimTarget,
  { pimSchedules }: Collections,
): readonly PimSchedule[] {
  return [...pimSchedules.values()].filter((one) => isSameTarget(one.target, target))
}

/** Puts the entry into the directory; an assignment of a role has an id of its own. */
export function addEntry(
  target: PimTarget,
  tenant: Collections,
): { readonly changes: readonly Change[]; readonly assignmentId: string | null } {
  if (target.kind === 'group') {
    return {
      assignmentId: null,
      changes: linked(target, tenant, (links) => [...links, target.principalId]),
    }
  }
  const id = newAssignmentId()
  const { principalId, roleDefinitionId, directoryScopeId } = target
  const value = { id, principalId, roleDefinitionId, directoryScopeId }
  return { assignmentId: id, changes: [{ put: 'roleAssignments', id, value }] }
}

/** Takes the entry out, if somebody has not done it before. */
export function removeEntry(target: PimTarget, tenant: Collections): readonly Change[] {
  if (target.kind === 'group') {
    return linked(target, tenant, (links) => links.filter((id) => id !== target.principalId))
  }
  const assignment = assignmentOf(target, tenant)
  return assignment === undefined ? [] : [{ drop: 'roleAssignments', id: assignment.id }]
}

/** Whoever takes an entry away by its own address takes its active schedule with it. */
export function dropSchedules(target: PimTarget, tenant: Collections): readonly Change[] {
  return schedulesOf(target, tenant)
    .filter(({ isActive }) => isActive)
    .map(({ id }) => ({ drop: 'pimSchedules', id }))
}

/**
 * Two lines: what was asked of the service, and what it then did in the directory.
 *
 * Without an application in the source the service asked itself.
 */
export function pimAudits(
  source: AuditSource,
  target: PimTarget,
  verb: 'Add' | 'Remove',
  endDateTime: string | null,
): readonly Change[] {
  const what = target.kind === 'role' ? 'member' : target.accessId
  const where = `${verb === 'Add' ? 'to' : 'from'} ${target.kind}`
  const common = {
    category: target.kind === 'role' ? 'RoleManagement' : 'GroupManagement',
    operation: verb === 'Add' ? 'Assign' : 'Unassign',
    target: target.principalId,
    about: aboutOf(target),
  } as const
  const kind = endDateTime === null ? 'permanent' : 'timebound'
  const asked = `${verb} ${what} ${where} in PIM completed (${kind})`
  const service = { by: 'MS-PIM' }
  const asker = source.appId === '' ? service : {}
  return [
    auditEntry(source, { ...common, ...asker, activity: asked, service: 'PIM' }),
    auditEntry(source, { ...common, ...service, activity: `${verb} ${what} ${where}` }),
  ]
}

function aboutOf(target: PimTarget): readonly [name: string, value: string] {
  return target.kind === 'role'
    ? ['Role.ObjectID', target.roleDefinitionId]
    : ['Group.ObjectID', target.groupId]
}

function linked(
  target: GroupTarget,
  { groups }: Collections,
  change: (links: readonly string[]) => readonly string[],
): readonly Change[] {
  const group = groups.get(target.groupId)
  if (group === undefined) return []
  const links = linksOf(target.accessId)
  return [{ put: 'groups', id: group.id, value: { ...group, [links]: change(group[links]) } }]
}

function keyOf(target: PimTarget): string {
  return target.kind === 'role'
    ? `${target.principalId} ${target.roleDefinitionId} ${target.directoryScopeId}`
    : `${target.principalId} ${target.groupId} ${target.accessId}`
}
