import * as z from 'zod'
import type { SimulatedRoleAssignment, SimulatedRoleDefinition } from '../tenant.ts'
import { badRequest, entityAnswer, noContent, notFound } from './answers.ts'
import { auditEntry } from './audit-entry.ts'
import { bodyAs, type GraphCall, type GraphHandler, need } from './graph-call.ts'
import { listAnswer, refuseUnknownOptions, selected } from './list-answer.ts'
import { objectView } from './objects.ts'
import { dropSchedules, isHeld, newAssignmentId } from './pim/directory-entry.ts'

const permission = 'RoleManagement.ReadWrite.Directory'

const mayRead = [permission, 'RoleManagement.Read.Directory', 'Directory.Read.All']

const newAssignment = z.looseObject({
  principalId: z.string(),
  roleDefinitionId: z.string(),
  directoryScopeId: z.string(),
})

const unitScope = /^\/administrativeUnits\/([^/]+)$/i

export const listRoleDefinitions: GraphHandler = ({ tenant, ...call }) =>
  listAnswer([...tenant.roleDefinitions.values()].map(roleView), {
    ...call,
    context: 'roleManagement/directory/roleDefinitions',
    pageSize: 999,
  })

export const getRoleDefinition: GraphHandler = (call) => {
  refuseUnknownOptions(call.query)
  const id = (call.params['id'] ?? '').toLowerCase()
  const role = call.tenant.roleDefinitions.get(id)
  if (role === undefined) throw notFound(call.params['id'] ?? '')
  return entityAnswer(
    'roleManagement/directory/roleDefinitions',
    selected(roleView(role), call.query),
  )
}

export const listRoleAssignments: GraphHandler = ({ tenant, ...call }) => {
  need({ tenant, ...call }, ...mayRead)
  return listAnswer(
    [...tenant.roleAssignments.values()].map((one) => ({ ...one })),
    {
      ...call,
      context: 'roleManagement/directory/roleAssignments',
      pageSize: 999,
    },
  )
}

export const getRoleAssignment: GraphHandler = (call) =>
  entityAnswer('roleManagement/directory/roleAssignments', assignmentOf(call))

export const createRoleAssignment: GraphHandler = (call) => {
  need(call, permission)
  const asked = bodyAs(call, newAssignment)
  const principalId = asked.principalId.toLowerCase()
  const roleDefinitionId = asked.roleDefinitionId.toLowerCase()
  const directoryScopeId = scopeOf(call, asked.directoryScopeId)
  const role = call.tenant.roleDefinitions.get(roleDefinitionId)
  if (role === undefined) throw notFound(asked.roleDefinitionId)
  if (!role.isEnabled) throw badRequest('The role definition is disabled.')
  refusePrincipal(call, principalId)
  const target = { kind: 'role', principalId, roleDefinitionId, directoryScopeId } as const
  if (isHeld(target, call.tenant)) {
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    )
  }
  const id = newAssignmentId()
  const value = { id, principalId, roleDefinitionId, directoryScopeId }
  call.apply([
    { put: 'roleAssignments', id, value },
    roleAudit(call, value, 'Add member to role', 'Assign'),
  ])
  return entityAnswer('roleManagement/directory/roleAssignments', value, 201)
}

export const deleteRoleAssignment: GraphHandler = (call) => {
  need(call, permission)
  const assignment = assignmentOf(call)
  call.apply([
    { drop: 'roleAssignments', id: assignment.id },
    ...dropSchedules({ kind: 'role', ...assignment }, call.tenant),
    roleAudit(call, assignment, 'Remove member from role', 'Unassign'),
  ])
  return noContent
}

function assignmentOf(call: GraphCall): SimulatedRoleAssignment {
  const assignment = call.tenant.roleAssignments.get(call.params['id'] ?? '')
  if (assignment === undefined) throw notFound(call.params['id'] ?? '')
  return assignment
}

function refusePrincipal(call: GraphCall, id: string): void {
  if (objectView(id, call.tenant) === undefined) throw notFound(id)
  const group = call.tenant.groups.get(id)
  if (group !== undefined && group.isAssignableToRole !== true) {
    throw badRequest('The group is not assignable to roles.')
  }
}

function scopeOf({ tenant }: GraphCall, asked: string): string {
  if (asked === '/') return asked
  const unit = unitScope.exec(asked)?.[1]?.toLowerCase()
  if (unit !== undefined && tenant.administrativeUnits.has(unit)) {
    return `/administrativeUnits/${unit}`
  }
  throw notFound(unit ?? asked)
}

/** `isPrivileged` is not told in v1.0 (graph.md 2.2). */
function roleView({ isPrivileged: _, ...role }: SimulatedRoleDefinition) {
  return { ...role, templateId: role.id, version: null, resourceScopes: ['/'], rolePermissions: [] }
}

function roleAudit(
  call: GraphCall,
  { principalId, roleDefinitionId }: SimulatedRoleAssignment,
  activity: string,
  operation: 'Assign' | 'Unassign',
) {
  return auditEntry(call, {
    activity,
    operation,
    category: 'RoleManagement',
    target: principalId,
    about: ['Role.ObjectID', roleDefinitionId],
  })
}
