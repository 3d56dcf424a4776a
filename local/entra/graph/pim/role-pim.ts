import * as z from 'zod'
import { bodyAs, type GraphCall, type GraphHandler } from '../graph-call.ts'
import { listAnswer } from '../list-answer.ts'
import { objectView } from '../objects.ts'
import { invalidRequest, roleNotFound, scopeNotFound, subjectNotFound } from './pim-refusals.ts'
import { roleInstances, scheduleViews } from './pim-views.ts'
import { mayRead, type PimKind } from './schedule-requests.ts'

const readWrite = [
  'RoleAssignmentSchedule.ReadWrite.Directory',
  'RoleManagement.ReadWrite.Directory',
]

const body = z.looseObject({
  principalId: z.string().toLowerCase(),
  roleDefinitionId: z.string().toLowerCase(),
  directoryScopeId: z.string(),
})

const unitScope = /^\/administrativeUnits\/([^/]+)$/i

export const rolePim: PimKind = {
  kind: 'role',
  context: 'roleManagement/directory/roleAssignmentScheduleRequests',
  permissions: {
    write: readWrite,
    remove: ['RoleAssignmentSchedule.Remove.Directory'],
    readRequests: readWrite,
    read: ['RoleAssignmentSchedule.Read.Directory', 'RoleManagement.Read.Directory', ...readWrite],
  },
  targetOf(call) {
    const { principalId, roleDefinitionId, directoryScopeId } = bodyAs(call, body)
    if (call.tenant.roleDefinitions.get(roleDefinitionId)?.isEnabled !== true) throw roleNotFound()
    refusePrincipal(call, principalId)
    const scope = scopeOf(call, directoryScopeId)
    return { kind: 'role', principalId, roleDefinitionId, directoryScopeId: scope }
  },
  scheduleId: (_target, requestId) => requestId,
}

const list =
  (
    name: string,
    permissions: readonly string[],
    views: (call: GraphCall) => readonly Readonly<Record<string, unknown>>[],
  ): GraphHandler =>
  (call) => {
    mayRead(call, permissions)
    return listAnswer(views(call), { ...call, context: `roleManagement/directory/${name}` })
  }

export const listRoleSchedules = list(
  'roleAssignmentSchedules',
  rolePim.permissions.read,
  ({ tenant }) => scheduleViews('role', tenant),
)

export const listRoleInstances = list(
  'roleAssignmentScheduleInstances',
  rolePim.permissions.read,
  ({ tenant }) => roleInstances(tenant),
)

export const listRoleEligibilities = list(
  'roleEligibilityScheduleInstances',
  [
    'RoleEligibilitySchedule.Read.Directory',
    'RoleEligibilitySchedule.ReadWrite.Directory',
    'RoleManagement.Read.Directory',
    'RoleManagement.ReadWrite.Directory',
  ],
  ({ tenant }) =>
    [...tenant.roleEligibilities.values()].map((one) => ({
      ...one,
      appScopeId: null,
      memberType: 'Direct',
      roleEligibilityScheduleId: one.id,
    })),
)

function refusePrincipal({ tenant }: GraphCall, id: string): void {
  if (objectView(id, tenant) === undefined) throw subjectNotFound()
  const group = tenant.groups.get(id)
  if (group !== undefined && group.isAssignableToRole !== true) throw invalidRequest()
}

function scopeOf({ tenant }: GraphCall, asked: string): string {
  if (asked === '/') return asked
  const unit = unitScope.exec(asked)?.[1]?.toLowerCase() ?? ''
  if (!tenant.administrativeUnits.has(unit)) throw scopeNotFound()
  return `/administrativeUnits/${unit}`
}
