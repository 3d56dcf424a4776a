import { activateByPerson } from '../../../local/entra/graph/pim/own-activation.ts'
import { startEntra } from '../../../local/entra/start-entra.ts'
import { groups } from '../../../local/seed/groups.ts'
import { seedTenant } from '../../../local/seed/seed-tenant.ts'
import type { AccessKey } from '../../../shared/access/access.ts'
import { createGraphDirectory } from '../../../shared/directory/graph-directory.ts'
import { createLocalCredential } from '../../../shared/directory/local-credential.ts'
import { type ContractFault, describeDirectoryContract } from './directory-contract.ts'
import { describeScheduleContract, type ScheduleWorld } from './schedule-contract.ts'
import { contractTenant, ids } from './simulated-tenant.ts'

const faults: Readonly<Record<ContractFault, readonly object[]>> = {
  throttled: [{ effect: 'throttle', seconds: 3, count: 1, method: 'POST' }],
  'lost-before': [{ effect: 'drop-before', count: 1 }],
  'lost-after': [{ effect: 'drop-after', count: 1 }],
  unavailable: [{ effect: 'unavailable-before' }],
  stale: [{ effect: 'stale', seconds: 60 }],
}

async function startWorld(): Promise<ScheduleWorld> {
  let time = Date.parse('2026-01-05T12:00:00Z')
  const now = () => new Date(time)
  const entra = await startEntra({ tenant: contractTenant(seedTenant, groups), now })
  const { tenantId } = seedTenant
  const directory = createGraphDirectory({
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
  const changeGroup = (id: string, change: object) => {
    const value = { ...entra.state.now().groups.get(id), ...change }
    entra.state.apply([{ put: 'groups', id, value }])
  }
  const sharing = (access: AccessKey) => {
    const { resource, grantee: principalId, permission } = access
    return resource.type === 'group'
      ? { principalId, groupId: resource.id, accessId: permission === 'owner' ? 'owner' : 'member' }
      : {
          principalId,
          roleDefinitionId: resource.id,
          directoryScopeId: resource.scope ?? '/',
        }
  }
  let made = 0
  return {
    ...ids,
    directory,
    tenantId,
    now,
    setConnectorRoles: async (roles) => {
      const principalId = seedTenant.clients[0]?.servicePrincipalId
      entra.state.apply(
        roles.map(({ id, scope }, index) => ({
          put: 'roleAssignments',
          id: `own-${index}`,
          value: {
            ...{ id: `own-${index}`, principalId },
            ...{ roleDefinitionId: id, directoryScopeId: scope },
          },
        })),
      )
    },
    setManager: async (id, manager) => {
      const user = entra.state.now().users.get(id)
      entra.state.apply([{ put: 'users', id, value: { ...user, manager } }])
    },
    newUser: async () => {
      made += 1
      const id = `7a000000-0000-4000-8000-${String(made).padStart(12, '0')}`
      const [first] = seedTenant.users
      entra.state.apply([
        {
          put: 'users',
          id,
          value: {
            ...first,
            id,
            userPrincipalName: `new${made}@contoso.example`,
            manager: null,
          },
        },
      ])
      return id
    },
    newGroup: async () => {
      made += 1
      const id = `7b000000-0000-4000-8000-${String(made).padStart(12, '0')}`
      const [first] = groups
      const value = { ...first, id, displayName: `New ${made}`, members: [], owners: [] }
      entra.state.apply([{ put: 'groups', id, value }])
      return id
    },
    deleteUser: async (id) => {
      const object = entra.state.now().users.get(id)
      const value = { kind: 'users', object, deletedDateTime: now().toISOString() }
      entra.state.apply([
        { drop: 'users', id },
        { put: 'deleted', id, value },
      ])
    },
    deleteGroup: async (id) => {
      const object = entra.state.now().groups.get(id)
      const value = { kind: 'groups', object, deletedDateTime: now().toISOString() }
      entra.state.apply([
        { drop: 'groups', id },
        { put: 'deleted', id, value },
      ])
    },
    renameGroup: async (id, displayName) => changeGroup(id, { displayName }),
    setAttribute: async (id, name, value) => changeGroup(id, { extensions: { [name]: value } }),
    restoreGroup: async (id) => {
      const value = entra.state.now().deleted.get(id)?.object
      entra.state.apply([
        { drop: 'deleted', id },
        { put: 'groups', id, value },
      ])
    },
    expiredToken: '/groups/delta?$deltatoken=forgotten',
    advance: async (milliseconds) => {
      time += milliseconds
    },
    assignByHand: async (access, endsAt) => {
      const limits = { deadline: new Date(now().getTime() + 20_000), attemptId: 'by-hand' }
      const asked = endsAt && { endsAt: endsAt.toISOString(), justification: 'By hand' }
      await directory.add(access, limits, asked)
    },
    activateByPerson: async (access, endsAt) => {
      const seconds = Math.round((endsAt.getTime() - now().getTime()) / 1000)
      activateByPerson(entra.state, { ...sharing(access), duration: `PT${seconds}S` }, now())
    },
    loseLicence: async () => entra.state.apply([{ set: { premium: false } }]),
    regainLicence: async () => entra.state.apply([{ set: { premium: true } }]),
    setFault: async (fault) => {
      entra.faults.add({ faults: faults[fault] })
    },
    clearFaults: async () => entra.faults.clear(),
    stop: () => entra.stop(),
  }
}

describeDirectoryContract('by Graph on the simulator', startWorld)
describeScheduleContract('by Graph on the simulator', startWorld)
