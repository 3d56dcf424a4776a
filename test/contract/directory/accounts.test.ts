import { expect, test } from 'vitest'
import { startEntra } from '../../../local/entra/start-entra.ts'
import { groups } from '../../../local/seed/groups.ts'
import { seedTenant } from '../../../local/seed/seed-tenant.ts'
import { createGraphAccounts } from '../../../shared/directory/graph-accounts.ts'
import { createLocalCredential } from '../../../shared/directory/local-credential.ts'
import { createMemoryAccounts } from '../../../shared/directory/memory-accounts.ts'
import { createMemoryDirectory } from '../../../shared/directory/memory-directory.ts'
import { emptyTenant } from '../../../shared/directory/memory-tenant.ts'
import { type AccountsWorld, describeAccountsContract } from './accounts-contract.ts'

const idOf = (kind: string, number: number) =>
  `${kind}000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const createdAt = new Date('2024-02-01T00:00:00Z')
const signedIn = new Date('2025-06-01T00:00:00Z')

async function startMemory(): Promise<AccountsWorld> {
  const now = () => new Date('2026-01-05T12:00:00Z')
  const tenant = emptyTenant()
  const tenantId = seedTenant.tenantId
  const directory = createMemoryDirectory({ tenantId, now, tenant })
  const accounts = createMemoryAccounts(tenant, now)
  accounts.makeAdministrators([idOf('7a', 99)])
  directory.addRole({ id: helpdesk, name: 'Helpdesk' })
  let made = 0
  const access = (id: string, group: string, permission: 'member' | 'owner') =>
    ({ tenantId, grantee: id, resource: { type: 'group', id: group }, permission }) as const
  const faults: { count: number }[] = []
  const set = (fault: Parameters<typeof accounts.setFault>[0]) => {
    faults.push(fault)
    accounts.setFault(fault)
  }
  return {
    accounts,
    now,
    administrator: idOf('7a', 99),
    newGuest: async () => {
      const id = idOf('7a', ++made)
      directory.addUser({ id, userType: 'guest' })
      accounts.describe(id, { createdAt, lastSignIn: signedIn })
      return id
    },
    newGroup: async ({ isRoleAssignable, isDynamic }) => {
      const id = idOf('7b', ++made)
      directory.addGroup({
        id,
        name: `New ${made}`,
        ...(isRoleAssignable ? { unmanageable: 'role-assignable' } : {}),
        ...(isDynamic ? { unmanageable: 'dynamic' } : {}),
      })
      return id
    },
    addMember: async (group, id) => directory.addByHand(access(id, group, 'member')),
    addOwner: async (group, id) => directory.addByHand(access(id, group, 'owner')),
    giveRole: async (id) =>
      directory.addByHand({
        tenantId,
        grantee: id,
        resource: { type: 'directory-role', id: helpdesk, scope: '/' },
        permission: 'active',
      }),
    makeEligible: async (id) => accounts.describe(id, { isEligible: true }),
    setManager: async (id, manager) => directory.setManager(id, manager),
    setSponsors: async (id, sponsors) => accounts.describe(id, { sponsors }),
    synchronise: async (id) => accounts.describe(id, { isSynchronised: true }),
    restrict: async (id) => accounts.describe(id, { isManagementRestricted: true }),
    forgetSignIn: async (id) => accounts.describe(id, { lastSignIn: undefined }),
    loseReply: async (when) => set({ effect: `ambiguous-${when}`, on: ['disable'], count: 1 }),
    goAway: async () => set({ effect: 'unavailable', count: 100 }),
    comeBack: async () => {
      for (const fault of faults) fault.count = 0
    },
    stop: async () => undefined,
  }
}

async function startSimulator(premium = true) {
  const now = () => new Date()
  const { tenantId } = seedTenant
  const entra = await startEntra({ tenant: { ...seedTenant, premium } })
  const accounts = createGraphAccounts({
    credential: createLocalCredential({
      authority: entra.url,
      tenantId,
      clientId: seedTenant.apiClientId,
      clientSecret: 'local',
      now,
      fetch,
    }),
    baseUrl: entra.url,
    tenantId,
    apiClientId: seedTenant.apiClientId,
    now,
  })
  let made = 0
  const [administrator = ''] = seedTenant.apiRoles
    .filter(({ role }) => role === 'Access.Admin')
    .map(({ principalId }) => principalId)
  const changeUser = (id: string, over: object) => {
    const value = { ...entra.state.now().users.get(id), ...over }
    entra.state.apply([{ put: 'users', id, value }])
  }
  const link = (group: string, links: 'members' | 'owners', id: string) => {
    const value = entra.state.now().groups.get(group)
    const linked = { ...value, [links]: [...(value?.[links] ?? []), id] }
    entra.state.apply([{ put: 'groups', id: group, value: linked }])
  }
  const world: AccountsWorld = {
    accounts,
    now,
    administrator,
    newGuest: async () => {
      const id = idOf('7a', ++made)
      const lastSignInDateTime = signedIn.toISOString()
      const signInActivity = {
        lastSignInDateTime,
        lastNonInteractiveSignInDateTime: '2025-01-01T00:00:00Z',
        lastSuccessfulSignInDateTime: null,
      }
      changeUser(id, {
        ...seedTenant.users[0],
        id,
        userPrincipalName: `guest${made}@contoso.example`,
        userType: 'Guest',
        manager: null,
        createdDateTime: createdAt.toISOString(),
        signInActivity,
      })
      return id
    },
    newGroup: async ({ isRoleAssignable = false, isDynamic = false }) => {
      const id = idOf('7b', ++made)
      const value = {
        ...groups[0],
        id,
        displayName: `New ${made}`,
        members: [],
        owners: [],
        isAssignableToRole: isRoleAssignable,
        groupTypes: isDynamic ? ['DynamicMembership'] : [],
      }
      entra.state.apply([{ put: 'groups', id, value }])
      return id
    },
    addMember: async (group, id) => link(group, 'members', id),
    addOwner: async (group, id) => link(group, 'owners', id),
    giveRole: async (id) => {
      const value = {
        id: `role-${id}`,
        principalId: id,
        roleDefinitionId: helpdesk,
        directoryScopeId: '/',
      }
      entra.state.apply([{ put: 'roleAssignments', id: value.id, value }])
    },
    makeEligible: async (id) => {
      const value = {
        id: `eligible-${id}`,
        principalId: id,
        roleDefinitionId: helpdesk,
        directoryScopeId: '/',
        startDateTime: '2024-01-01T00:00:00Z',
        endDateTime: null,
      }
      entra.state.apply([{ put: 'roleEligibilities', id: value.id, value }])
    },
    setManager: async (id, manager) => changeUser(id, { manager }),
    setSponsors: async (id, sponsors) => changeUser(id, { sponsors }),
    synchronise: async (id) => changeUser(id, { onPremisesSyncEnabled: true }),
    restrict: async (id) => {
      const value = {
        id: idOf('7c', ++made),
        displayName: 'Restricted',
        description: null,
        isMemberManagementRestricted: true,
        members: [id],
      }
      entra.state.apply([{ put: 'administrativeUnits', id: value.id, value }])
    },
    forgetSignIn: async (id) => changeUser(id, { signInActivity: undefined }),
    loseReply: async (when) => {
      entra.faults.add({ faults: [{ effect: `drop-${when}`, method: 'PATCH', count: 1 }] })
    },
    goAway: async () => {
      entra.faults.add({ faults: [{ effect: 'unavailable-before' }] })
    },
    comeBack: async () => entra.faults.clear(),
    stop: () => entra.stop(),
  }
  return { world, entra }
}

describeAccountsContract('in memory', startMemory)
describeAccountsContract('by Graph on the simulator', async () => (await startSimulator()).world)

test('without a licence nobody is eligible, and sign-ins cannot be read', async () => {
  const { world } = await startSimulator(false)
  const guest = await world.newGuest()
  expect(await world.accounts.read(guest)).toMatchObject({
    holdsRole: false,
    lastSignIn: 'unknown',
  })
  await world.stop()
})

test('the simulator lets no permission alone touch whoever holds a role', async () => {
  const { world } = await startSimulator()
  const guest = await world.newGuest()
  await world.giveRole(guest)
  const limits = { deadline: new Date(Date.now() + 20_000), attemptId: idOf('00', 1) }
  expect(await world.accounts.write(guest, 'disable', limits)).toMatchObject({
    kind: 'refused',
    reason: 'forbidden',
  })
  await world.stop()
})
