import type { SimulatedTenant } from '../entra/tenant.ts'
import { group, groups } from './groups.ts'
import { apiClientId, appRoleId, principalId, robotClientId, tenantId } from './ids.ts'
import { users } from './people.ts'
import { administrativeUnits, roleAssignments, roleDefinitions } from './roles.ts'

/** A believable small company, the same on every machine. */
export const seedTenant: SimulatedTenant = {
  tenantId,
  displayName: 'Contoso',
  premium: true,
  apiClientId,
  users,
  groups,
  roleDefinitions,
  administrativeUnits,
  roleAssignments,
  roleEligibilities: [],
  servicePrincipals: [
    {
      id: principalId(1),
      appId: apiClientId,
      displayName: 'entra-jit',
      servicePrincipalType: 'Application',
      accountEnabled: true,
      appRoles: ['Access.Admin', 'Access.Auditor', 'Access.RequestOnBehalf'].map(
        (value, index) => ({ id: appRoleId(index + 1), value }),
      ),
    },
    {
      id: principalId(2),
      appId: robotClientId,
      displayName: 'Ticket Robot',
      servicePrincipalType: 'Application',
      accountEnabled: true,
    },
  ],
  clients: [
    {
      clientId: apiClientId,
      secret: 'local',
      servicePrincipalId: principalId(1),
      apiRoles: [],
      // The least that the features offered need (docs: graph permissions by call).
      graphRoles: [
        'User.Read.All',
        'Group.Read.All',
        'GroupMember.ReadWrite.All',
        'Group.ReadWrite.All',
        'RoleManagement.ReadWrite.Directory',
        'RoleAssignmentSchedule.ReadWrite.Directory',
        'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
        'RoleManagementPolicy.Read.AzureADGroup',
        'AdministrativeUnit.Read.All',
        'AuditLog.Read.All',
        'Application.Read.All',
        'User.EnableDisableAccount.All',
        'User.RevokeSessions.All',
        'User.DeleteRestore.All',
      ],
    },
    {
      clientId: robotClientId,
      secret: 'local',
      servicePrincipalId: principalId(2),
      apiRoles: ['Access.RequestOnBehalf'],
      graphRoles: [],
    },
  ],
  apiRoles: [
    { principalId: group('Identity Administrators'), role: 'Access.Admin' },
    { principalId: group('Auditors'), role: 'Access.Auditor' },
  ],
}
