import { badRequest, graphRoot } from '../answers.ts'
import type { GraphHandler } from '../graph-call.ts'
import { mayRead } from './schedule-requests.ts'

const forRoles =
  /^scopeId eq '\/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '([^']+)'$/i
const forGroups =
  /^scopeId eq '([^']+)' and scopeType eq 'Group' and roleDefinitionId eq '(member|owner)'$/i

/** The rules that bind an administrator's own assignments; those of activations are not simulated. */
export const listPolicyAssignments: GraphHandler = (call) => {
  const filter = call.query.get('$filter') ?? ''
  const role = forRoles.exec(filter)?.[1]?.toLowerCase()
  const [, group, accessId] = forGroups.exec(filter) ?? []
  if (role === undefined && group === undefined) {
    throw badRequest('The request needs a filter by scopeId, scopeType and role.', 'InvalidFilter')
  }
  mayRead(
    call,
    role === undefined
      ? ['RoleManagementPolicy.Read.AzureADGroup', 'RoleManagementPolicy.ReadWrite.AzureADGroup']
      : [
          'RoleManagementPolicy.Read.Directory',
          'RoleManagement.Read.Directory',
          'RoleManagement.ReadWrite.Directory',
        ],
  )
  const { roleDefinitions, groups, settings } = call.tenant
  const isThere =
    role === undefined ? groups.has(group?.toLowerCase() ?? '') : roleDefinitions.has(role)
  const scopeId = role === undefined ? (group?.toLowerCase() ?? '') : '/'
  const scopeType = role === undefined ? 'Group' : 'DirectoryRole'
  const policyId = `${scopeType}_${scopeId}_${role ?? accessId}`
  const rules = [
    {
      '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyExpirationRule',
      id: 'Expiration_Admin_Assignment',
      isExpirationRequired: role === undefined,
      maximumDuration: `P${settings.longestAssignmentDays}D`,
    },
    {
      '@odata.type': '#microsoft.graph.unifiedRoleManagementPolicyEnablementRule',
      id: 'Enablement_Admin_Assignment',
      enabledRules: ['Justification'],
    },
  ]
  const assignment = {
    id: `${policyId}_assignment`,
    policyId,
    scopeId,
    scopeType,
    roleDefinitionId: role ?? accessId,
    policy: { id: policyId, scopeId, scopeType, rules },
  }
  return {
    status: 200,
    body: {
      '@odata.context': `${graphRoot}/$metadata#policies/roleManagementPolicyAssignments`,
      value: isThere ? [assignment] : [],
    },
  }
}
