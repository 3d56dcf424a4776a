import type {
  SimulatedAdministrativeUnit,
  SimulatedRoleAssignment,
  SimulatedRoleDefinition,
} from '../entra/tenant.ts'
import { group } from './groups.ts'
import { customRoleId, unitId } from './ids.ts'
import { department, person } from './people.ts'

/** Built-in roles keep Entra's own template ids. */
const builtIn: readonly (readonly [name: string, id: string, isPrivileged?: true])[] = [
  ['Global Administrator', '62e90394-69f5-4237-9190-012177145e10', true],
  ['Privileged Role Administrator', 'e8611ab8-c189-46e8-94e1-60213ab1f814', true],
  ['User Administrator', 'fe930be7-5e62-47db-91af-98c3a49a38b1', true],
  ['Groups Administrator', 'fdd7a751-b60b-444a-984c-02652fe8fa1c'],
  ['Helpdesk Administrator', '729827e3-9c14-49f7-bb1b-9608f156bbb8', true],
  ['Application Administrator', '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', true],
  ['Security Administrator', '194ae4cb-b126-40b2-bd5b-6091b380977d', true],
  ['Security Reader', '5d6b6bb7-de71-4623-b4af-96380a352509', true],
  ['Global Reader', 'f2ef992c-3afb-46b9-b7cf-a126ee74c451', true],
  ['Exchange Administrator', '29232cdf-9323-42fd-ade2-1d097af3e4de'],
  ['License Administrator', '4d6ac14f-3453-41d0-bef9-a3e0c569773a'],
  ['Directory Readers', '88d8e3e3-8f55-4a1e-953a-9b9898b8876b'],
  ['Reports Reader', '4a5d8f65-41da-4de4-8968-e035b65339cf'],
]

/** Id of a role definition, by name. */
export function role(name: string): string {
  const found = roleDefinitions.find(({ displayName }) => displayName === name)
  if (found === undefined) throw new Error(`Cannot seed the company: there is no role ${name}`)
  return found.id
}

export const roleDefinitions: readonly SimulatedRoleDefinition[] = [
  ...builtIn.map(([displayName, id, isPrivileged = false]) => ({
    ...{ id, displayName, isPrivileged },
    description: null,
    isBuiltIn: true,
    isEnabled: true,
  })),
  {
    id: customRoleId(1),
    displayName: 'Application Credential Reader',
    description: 'Reads when credentials of applications expire',
    isBuiltIn: false,
    isEnabled: true,
    isPrivileged: false,
  },
  {
    id: customRoleId(2),
    displayName: 'Retired Role',
    description: 'Disabled: it cannot be assigned any more',
    isBuiltIn: false,
    isEnabled: false,
    isPrivileged: false,
  },
]

export const administrativeUnits: readonly SimulatedAdministrativeUnit[] = [
  {
    id: unitId(1),
    displayName: 'Lisbon Service Desk Scope',
    description: 'Accounts that the service desk may help',
    isMemberManagementRestricted: false,
    members: [...department('Sales'), ...department('Finance')],
  },
  {
    id: unitId(2),
    displayName: 'Executives',
    description: 'Restricted: only roles scoped to it may change its members',
    isMemberManagementRestricted: true,
    members: [person('helen'), group('Executive Devices')],
  },
]

/** Id of an administrative unit, by name. */
export function unit(name: string): string {
  const found = administrativeUnits.find(({ displayName }) => displayName === name)
  if (found === undefined) throw new Error(`Cannot seed the company: there is no unit ${name}`)
  return found.id
}

/** Standing access, which is nobody's to take away. */
export const roleAssignments: readonly SimulatedRoleAssignment[] = [
  ['helen', 'Global Reader'],
  ['ruth', 'Global Administrator'],
  ['ada', 'Groups Administrator'],
  ['audrey', 'Reports Reader'],
  ['jorge', 'Helpdesk Administrator'],
].map(([who = '', what = ''], index) => ({
  id: `seedAssignment${index + 1}-1`,
  principalId: person(who),
  roleDefinitionId: role(what),
  directoryScopeId: '/',
}))
