import type { ResourceType } from './access.ts'

/** A typical set-up of a connector. */
export interface ConnectorProfile {
  readonly name: 'groups' | 'groups-au' | 'roles-pim' | 'roles-direct' | 'broad'
  readonly summary: string
  readonly resourceTypes: readonly ResourceType[]
  readonly holds: readonly string[]
}

const reads = ['GroupMember.Read.All', 'Application.Read.All', 'User.Read.All'] as const
const roleReads = ['RoleManagement.Read.Directory', 'AdministrativeUnit.Read.All'] as const

/** The five that the documentation tells of, the narrowest first. */
export const connectorProfiles: readonly ConnectorProfile[] = [
  {
    name: 'groups',
    summary: 'members of ordinary groups, by application permissions',
    resourceTypes: ['group'],
    holds: ['GroupMember.ReadWrite.All', ...reads],
  },
  {
    name: 'groups-au',
    summary: 'members of the groups of one administrative unit, by a role scoped to it',
    resourceTypes: ['group'],
    holds: ['Groups Administrator (in an administrative unit)', ...reads],
  },
  {
    name: 'roles-pim',
    summary: 'groups, and directory roles by PIM schedules',
    resourceTypes: ['group', 'directory-role'],
    holds: [
      'GroupMember.ReadWrite.All',
      'RoleAssignmentSchedule.ReadWrite.Directory',
      ...reads,
      ...roleReads,
    ],
  },
  {
    name: 'roles-direct',
    summary: 'groups, and directory roles by direct assignment',
    resourceTypes: ['group', 'directory-role'],
    holds: [
      'GroupMember.ReadWrite.All',
      'RoleManagement.ReadWrite.Directory',
      ...reads,
      'AdministrativeUnit.Read.All',
    ],
  },
  {
    name: 'broad',
    summary: 'groups and directory roles, by directory roles on the connector itself',
    resourceTypes: ['group', 'directory-role'],
    holds: [
      'Groups Administrator',
      'Privileged Role Administrator',
      ...reads,
      'AdministrativeUnit.Read.All',
    ],
  },
]
