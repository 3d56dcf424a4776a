import type { SimulatedGroup, SimulatedTenant, SimulatedUser } from '../../../local/entra/tenant.ts'

const idOf = (number: number) => `7c000000-0000-4000-8000-${String(number).padStart(12, '0')}`

const [readers, outer, inner, unit, restricted] = [3, 4, 5, 8, 9].map(idOf) as [
  string,
  string,
  string,
  string,
  string,
]
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const retired = idOf(7)

/** What the directory contract looks for, by name. */
export const ids = {
  ann: { id: idOf(1), userPrincipalName: 'ann@contoso.example' },
  eve: { id: idOf(2), userPrincipalName: 'eve_other.example#EXT#@contoso.example' },
  readers,
  outer,
  inner,
  unmanageable: {
    dynamic: { type: 'group', id: idOf(10) },
    synchronised: { type: 'group', id: idOf(11) },
    'mail-enabled': { type: 'group', id: idOf(12) },
    'restricted-unit': { type: 'group', id: idOf(13) },
    'role-assignable': { type: 'group', id: idOf(14) },
    'role-disabled': { type: 'directory-role', id: retired, scope: '/' },
  },
  role: { id: helpdesk, name: 'Helpdesk Administrator' },
  unit: { id: unit, name: 'Paris' },
  powers: { privileged: helpdesk, plain: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b' },
  nested: { low: idOf(20), middle: idOf(21), top: idOf(22) },
  admins: idOf(23),
} as const

/** The sample company, with everything in it that the contract asks about. */
export function contractTenant(
  seed: SimulatedTenant,
  [group]: readonly SimulatedGroup[],
): SimulatedTenant {
  const [user] = seed.users
  const [definition] = seed.roleDefinitions
  if (user === undefined || group === undefined || definition === undefined) {
    throw new Error('Cannot make the tenant: the sample company is empty')
  }
  const person = (over: Partial<SimulatedUser>) => ({ ...user, manager: null, ...over })
  const made = (id: string, displayName: string, over: Partial<SimulatedGroup> = {}) => ({
    ...group,
    ...{ id, displayName, members: [], owners: [] },
    ...over,
  })
  const { unmanageable } = ids
  return {
    ...seed,
    users: [
      ...seed.users,
      person({
        ...ids.ann,
        displayName: 'Ann',
        department: 'Engineering',
        manager: ids.eve.id,
      }),
      person({ ...ids.eve, displayName: 'Eve', userType: 'Guest', accountEnabled: false }),
    ],
    groups: [
      ...seed.groups,
      made(readers, 'Readers'),
      made(outer, 'Outer', { members: [inner] }),
      made(inner, 'Inner', { members: [ids.ann.id] }),
      made(ids.nested.low, 'Low', { members: [ids.nested.middle] }),
      made(ids.nested.middle, 'Middle', { members: [ids.nested.low] }),
      made(ids.nested.top, 'Top', { members: [ids.nested.middle], isAssignableToRole: true }),
      made(ids.admins, 'Admins'),
      made(unmanageable.dynamic.id, 'Dynamic', { groupTypes: ['DynamicMembership'] }),
      made(unmanageable.synchronised.id, 'Synchronised', { onPremisesSyncEnabled: true }),
      made(unmanageable['mail-enabled'].id, 'Mail', { mailEnabled: true }),
      made(unmanageable['restricted-unit'].id, 'Restricted'),
      made(unmanageable['role-assignable'].id, 'Roles', { isAssignableToRole: true }),
    ],
    roleDefinitions: [
      ...seed.roleDefinitions,
      { ...definition, id: retired, displayName: 'Retired', isEnabled: false },
    ],
    administrativeUnits: [
      ...seed.administrativeUnits,
      {
        id: unit,
        displayName: 'Paris',
        description: null,
        isMemberManagementRestricted: false,
        members: [],
      },
      {
        id: restricted,
        displayName: 'Restricted',
        description: null,
        isMemberManagementRestricted: true,
        members: [unmanageable['restricted-unit'].id],
      },
    ],
    // Without the permission for role-assignable groups, as the least that suffices for others.
    clients: seed.clients,
    apiRoles: [...seed.apiRoles, { principalId: ids.admins, role: 'Access.Admin' }],
  }
}
