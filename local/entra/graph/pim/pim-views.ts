import type { Collections } from '../../collections.ts'
import type { GroupTarget, PimRequest, PimSchedule, PimTarget } from '../../pim-records.ts'
import type { SimulatedRoleAssignment } from '../../tenant.ts'
import { objectView, transitiveMembers } from '../objects.ts'
import { assignmentOf, isHeld, isSameTarget, linksOf } from './directory-entry.ts'

/** How requests, schedules and instances look from outside. */

export function requestView(request: PimRequest): Readonly<Record<string, unknown>> {
  const { target, scheduleInfo, createdBy, ...told } = request
  return {
    ...told,
    ...fieldsOf(target),
    approvalId: null,
    customData: null,
    createdBy: { application: null, device: null, user: { displayName: null, id: createdBy } },
    scheduleInfo: scheduleInfo === null ? null : { ...scheduleInfo, recurrence: null },
  }
}

/** Schedules, and standing assignments as schedules without an end. */
export function scheduleViews(
  kind: 'role' | 'group',
  tenant: Collections,
): readonly Readonly<Record<string, unknown>>[] {
  const made = [...tenant.pimSchedules.values()].filter(
    (one) => one.target.kind === kind && (!one.isActive || isHeld(one.target, tenant)),
  )
  return [
    ...made.map((schedule) => ({
      id: schedule.id,
      ...fieldsOf(schedule.target),
      createdUsing: schedule.createdUsing,
      createdDateTime: schedule.createdDateTime,
      modifiedDateTime: schedule.modifiedDateTime,
      status: schedule.isActive ? 'Provisioned' : 'Granted',
      ...typesOf(kind, schedule.assignmentType),
      scheduleInfo: scheduleInfoOf(schedule),
    })),
    ...standing(kind, tenant).map((target) => ({
      id: standingId(target, tenant),
      ...fieldsOf(target),
      ...{ createdUsing: null, createdDateTime: null, modifiedDateTime: null },
      status: 'Provisioned',
      ...typesOf(kind, 'Assigned'),
      scheduleInfo: scheduleInfoOf({ startDateTime: null, endDateTime: null }),
    })),
  ]
}

/** Everything that is active: by a schedule, for good, and of roles also through a group. */
export function roleInstances(tenant: Collections): readonly Readonly<Record<string, unknown>>[] {
  return [...tenant.roleAssignments.values()].flatMap((assignment) => {
    const schedule = scheduleOf({ kind: 'role', ...assignment }, tenant)
    const instance = {
      id: `${assignment.id}-e`,
      ...fieldsOf({ kind: 'role', ...assignment }),
      startDateTime: schedule?.startDateTime ?? null,
      endDateTime: schedule?.endDateTime ?? null,
      assignmentType: schedule?.assignmentType ?? 'Assigned',
      memberType: 'Direct',
      roleAssignmentOriginId: assignment.id,
      roleAssignmentScheduleId: schedule?.id ?? assignment.id,
    }
    const through = membersOf(assignment, tenant).map((principalId) => ({
      ...instance,
      id: `${assignment.id}-e-${principalId}`,
      principalId,
      memberType: 'Group',
    }))
    return [instance, ...through]
  })
}

export function groupInstances(tenant: Collections): readonly Readonly<Record<string, unknown>>[] {
  const timed = [...tenant.pimSchedules.values()].filter(
    ({ target, isActive }) => target.kind === 'group' && isActive && isHeld(target, tenant),
  )
  return [
    ...timed.map((schedule) => ({
      id: schedule.id,
      ...fieldsOf(schedule.target),
      startDateTime: schedule.startDateTime,
      endDateTime: schedule.endDateTime,
      ...typesOf('group', schedule.assignmentType),
      assignmentScheduleId: schedule.id,
    })),
    ...standing('group', tenant).map((target) => ({
      id: standingId(target, tenant),
      ...fieldsOf(target),
      ...{ startDateTime: null, endDateTime: null },
      ...typesOf('group', 'Assigned'),
      assignmentScheduleId: standingId(target, tenant),
    })),
  ]
}

function fieldsOf(target: PimTarget): Readonly<Record<string, unknown>> {
  if (target.kind === 'group') {
    const { principalId, groupId, accessId } = target
    return { principalId, groupId, accessId }
  }
  const { principalId, roleDefinitionId, directoryScopeId } = target
  return { principalId, roleDefinitionId, directoryScopeId, appScopeId: null }
}

/** Words for roles, enums in lower case for groups (graph.md 4.5). */
function typesOf(kind: 'role' | 'group', assignmentType: string) {
  return kind === 'role'
    ? { assignmentType, memberType: 'Direct' }
    : { assignmentType: assignmentType.toLowerCase(), memberType: 'direct' }
}

function scheduleInfoOf({
  startDateTime,
  endDateTime,
}: {
  readonly startDateTime: string | null
  readonly endDateTime: string | null
}) {
  const type = endDateTime === null ? 'noExpiration' : 'afterDateTime'
  return { startDateTime, recurrence: null, expiration: { type, endDateTime, duration: null } }
}

function scheduleOf(target: PimTarget, { pimSchedules }: Collections): PimSchedule | undefined {
  return [...pimSchedules.values()].find((one) => one.isActive && isSameTarget(one.target, target))
}

/** What somebody holds without any schedule. */
function standing(kind: 'role' | 'group', tenant: Collections): readonly PimTarget[] {
  const held = kind === 'role' ? heldRoles(tenant) : heldGroups(tenant)
  const timed = new Set(
    [...tenant.pimSchedules.values()]
      .filter(({ isActive }) => isActive)
      .map(({ target }) => JSON.stringify(fieldsOf(target))),
  )
  return held.filter((target) => !timed.has(JSON.stringify(fieldsOf(target))))
}

function heldRoles({ roleAssignments }: Collections): readonly PimTarget[] {
  return [...roleAssignments.values()].map((one) => ({ kind: 'role', ...one }))
}

/** Of the groups that Privileged Identity Management can look after. */
function heldGroups(tenant: Collections): readonly GroupTarget[] {
  return [...tenant.groups.values()].filter(isManageable).flatMap((group) =>
    (['member', 'owner'] as const).flatMap((accessId) => {
      const target = { kind: 'group', groupId: group.id, accessId } as const
      const seen = group[linksOf(accessId)].filter((id) => objectView(id, tenant) !== undefined)
      return seen.map((principalId) => ({ ...target, principalId }))
    }),
  )
}

/** Neither dynamic nor synchronised, nor a mail group that Graph cannot manage at all (graph.md 5). */
export function isManageable(group: {
  readonly groupTypes: readonly string[]
  readonly mailEnabled: boolean
  readonly onPremisesSyncEnabled: boolean | null
}): boolean {
  const { groupTypes, mailEnabled, onPremisesSyncEnabled } = group
  if (groupTypes.includes('DynamicMembership') || onPremisesSyncEnabled === true) return false
  return !mailEnabled || groupTypes.includes('Unified')
}

function standingId(target: PimTarget, tenant: Collections): string {
  if (target.kind === 'group') return `${target.groupId}_${target.accessId}_${target.principalId}`
  return assignmentOf(target, tenant)?.id ?? ''
}

function membersOf({ principalId }: SimulatedRoleAssignment, tenant: Collections) {
  const group = tenant.groups.get(principalId)
  return group === undefined ? [] : transitiveMembers(group, tenant)
}
