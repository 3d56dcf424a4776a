import type { ResourceType } from './access.ts'

/** Something that the broker does through a connector. */
export type ConnectorFeature =
  | 'discover'
  | 'group-members'
  | 'group-owners'
  | 'directory-roles'
  | 'pim-roles'
  | 'pim-groups'
  | 'cleanup-disable'
  | 'cleanup-delete'
  | 'sign-in-activity'
  | 'rotation'
  | 'mail'

export const connectorFeatures: readonly ConnectorFeature[] = [
  'discover',
  'group-members',
  'group-owners',
  'directory-roles',
  'pim-roles',
  'pim-groups',
  'cleanup-disable',
  'cleanup-delete',
  'sign-in-activity',
  'rotation',
  'mail',
]

/**
 * A directory role on the connector's own principal: at the whole tenant, or, with `inUnit`, at an
 * administrative unit.
 */
interface KnownRole {
  readonly id: string
  readonly name: string
  readonly inUnit?: string
}

const groupsAdministratorInUnit = 'Groups Administrator (in an administrative unit)'

/** Directory roles that allow a connector something; by their template ids, which are the same everywhere. */
export const knownRoles: readonly KnownRole[] = [
  {
    id: 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
    name: 'Groups Administrator',
    inUnit: groupsAdministratorInUnit,
  },
  { id: 'e8611ab8-c189-46e8-94e1-60213ab1f814', name: 'Privileged Role Administrator' },
  { id: 'fe930be7-5e62-47db-91af-98c3a49a38b1', name: 'User Administrator' },
  { id: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', name: 'Application Administrator' },
  { id: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451', name: 'Global Reader' },
  { id: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', name: 'Directory Readers' },
  { id: '62e90394-69f5-4237-9190-012177145e10', name: 'Global Administrator' },
]

/** Stands for being an owner of the groups themselves. */
export const ownership = 'owner of the groups'

/** Ids of the application permissions on Microsoft Graph that may be proposed; the same in every tenant. */
export const permissionIds: Readonly<Record<string, string>> = {
  'GroupMember.Read.All': '98830695-27a2-44f7-8c18-0c3ebc9698f6',
  'GroupMember.ReadWrite.All': 'dbaae8cf-10b5-4b86-a4a1-f871c94c6695',
  'Group.ReadWrite.All': '62a82d76-70ea-41e2-9197-370581804d09',
  'User.Read.All': 'df021288-bdef-4463-88db-98f22de89214',
  'RoleManagement.Read.Directory': '483bed4a-2ad3-4361-a73b-c83ccdbdc53c',
  'RoleManagement.ReadWrite.Directory': '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
  'RoleAssignmentSchedule.ReadWrite.Directory': 'dd199f4a-f148-40a4-a2ec-f0069cc799ec',
  'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup': '41202f2c-f7ab-45be-b001-85c9728b9d69',
  'AdministrativeUnit.Read.All': '134fd756-38ce-4afd-ba33-e9623dbe66c2',
  'User.EnableDisableAccount.All': '3011c876-62b7-4ada-afa2-506cbbecc68c',
  'User.RevokeSessions.All': '77f3a031-c388-4f99-b373-dc68676a979e',
  'User.DeleteRestore.All': 'eccc023d-eccf-4e7b-9683-8813ab36cecc',
  'AuditLog.Read.All': 'b0afded3-3588-46d8-8b3d-9842eff778da',
  'Application.Read.All': '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
  'Application.ReadWrite.OwnedBy': '18a4783c-866b-4cc7-a460-3d5e5662c884',
  'Mail.Send': 'b633e1c5-b582-4048-a93e-9f11b44c7e96',
}

/** Whoever holds one of these can make himself Global Administrator. */
export const tierZero: ReadonlySet<string> = new Set([
  'RoleManagement.ReadWrite.Directory',
  'RoleAssignmentSchedule.ReadWrite.Directory',
  'RoleEligibilitySchedule.ReadWrite.Directory',
  'AppRoleAssignment.ReadWrite.All',
  'Application.ReadWrite.All',
  'Global Administrator',
  'Privileged Role Administrator',
  'Application Administrator',
])

/** What allows the same, the narrowest first. */
type Ways = readonly string[]

const readers: Ways = [
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'Directory Readers',
  'Global Reader',
]
const readGroups: Ways = [
  'GroupMember.Read.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  ...readers,
]
/** Who holds a role of this product is asked of its application: what cannot be read is guarded. */
const readHolders: Ways = ['Application.Read.All', 'Application.ReadWrite.All', ...readers]
const readUsers: Ways = ['User.Read.All', 'User.ReadWrite.All', ...readers]
const readRoles: Ways = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  ...readers,
  'Privileged Role Administrator',
]
const readUnits: Ways = [
  'AdministrativeUnit.Read.All',
  'AdministrativeUnit.ReadWrite.All',
  ...readers,
]
const changeUsers: Ways = ['User.ReadWrite.All', 'User Administrator']

/** How a credential is proven; only some of them are anything that could be rotated. */
export type ConnectorKind =
  | 'managed-identity'
  | 'client-secret'
  | 'certificate'
  | 'workload-identity'
  | 'local'

export interface ConnectorUse {
  readonly kind: ConnectorKind
  /** What the integrations of the connector manage. */
  readonly resourceTypes: ReadonlySet<ResourceType>
}

/** What a feature needs: one of each list, which stands with its narrowest first. */
export function needsOfFeature(
  feature: ConnectorFeature,
  { kind, resourceTypes }: ConnectorUse,
): readonly Ways[] {
  switch (feature) {
    case 'discover':
      return [
        ...(resourceTypes.has('group') ? [readGroups] : []),
        readUsers,
        ...(resourceTypes.has('directory-role') ? [readRoles, readUnits] : []),
      ]
    case 'group-members':
      return [
        [
          'GroupMember.ReadWrite.All',
          groupsAdministratorInUnit,
          ownership,
          'Group.ReadWrite.All',
          'Directory.ReadWrite.All',
          'Groups Administrator',
        ],
        readGroups,
        readHolders,
        readUsers,
      ]
    case 'group-owners':
      return [
        [
          'Group.ReadWrite.All',
          groupsAdministratorInUnit,
          'Directory.ReadWrite.All',
          'Groups Administrator',
        ],
        readGroups,
        readHolders,
        readUsers,
      ]
    case 'directory-roles':
      return [
        ['RoleManagement.ReadWrite.Directory', 'Privileged Role Administrator'],
        readRoles,
        readUsers,
      ]
    case 'pim-roles':
      return [
        [
          'RoleAssignmentSchedule.ReadWrite.Directory',
          'RoleManagement.ReadWrite.Directory',
          'Privileged Role Administrator',
        ],
        readRoles,
        readUsers,
      ]
    case 'pim-groups':
      return [
        ['PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'],
        readGroups,
        readHolders,
        readUsers,
      ]
    case 'cleanup-disable':
      return [
        ['User.EnableDisableAccount.All', ...changeUsers],
        ['User.RevokeSessions.All', ...changeUsers],
        readUsers,
      ]
    case 'cleanup-delete':
      return [['User.DeleteRestore.All', ...changeUsers], ['AuditLog.Read.All'], readUsers]
    case 'sign-in-activity':
      return [['AuditLog.Read.All'], readUsers]
    case 'rotation':
      return kind === 'managed-identity' || kind === 'workload-identity'
        ? []
        : [
            [
              'Application.ReadWrite.OwnedBy',
              'Application.ReadWrite.All',
              'Application Administrator',
            ],
          ]
    case 'mail':
      return [['Mail.Send']]
  }
}

/** Permissions that make a feature better and that it does without; never called missing, nor too much. */
export const helpfulTo: Partial<Readonly<Record<ConnectorFeature, Ways>>> = {
  'pim-roles': ['RoleManagementPolicy.Read.Directory'],
  'pim-groups': ['RoleManagementPolicy.Read.AzureADGroup'],
}

/** What a way of being allowed something really reaches; those without an entry reach all of it. */
export const reachOf: Readonly<Record<string, string>> = {
  'GroupMember.ReadWrite.All':
    'members of every group that is not role-assignable, in a restricted unit, dynamic or synchronised',
  'Group.ReadWrite.All': 'the same, owners and the groups themselves included',
  'Groups Administrator': 'the same as Group.ReadWrite.All, by a role; no role-assignable groups',
  [groupsAdministratorInUnit]:
    'groups that are themselves members of that unit; no role-assignable ones',
  [ownership]: 'members of those groups only; works, but Microsoft does not document it',
  'RoleManagement.ReadWrite.Directory':
    'every role at every scope, and members of role-assignable groups; tier 0',
  'RoleAssignmentSchedule.ReadWrite.Directory':
    'every role at every scope, by PIM schedules with an end of their own; tier 0',
  'Privileged Role Administrator': 'every role at every scope, by a role; tier 0',
  'RoleManagementPolicy.Read.AzureADGroup':
    'rules of PIM for groups, so that a plan warns where they allow less than a flow; may be left out',
  'RoleManagementPolicy.Read.Directory':
    'the same of directory roles, which RoleManagement.Read.Directory tells, too; may be left out',
  'Application.ReadWrite.OwnedBy':
    'applications that the connector owns: make it an owner of its own',
  'Mail.Send': 'mail as anybody, unless Exchange limits it to one mailbox',
}
