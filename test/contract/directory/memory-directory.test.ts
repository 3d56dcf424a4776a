import { createMemoryDirectory } from '../../../shared/directory/memory-directory.ts'
import type { DirectoryFault } from '../../../shared/directory/memory-faults.ts'
import { type ContractFault, describeDirectoryContract } from './directory-contract.ts'
import { describeScheduleContract, type ScheduleWorld } from './schedule-contract.ts'

const tenantId = '10000000-0000-4000-8000-000000000000'
const idOf = (number: number) => `20000000-0000-4000-8000-${String(number).padStart(12, '0')}`

const faults: Readonly<Record<ContractFault, DirectoryFault>> = {
  throttled: { effect: 'throttled', retryAfterSeconds: 3 },
  'lost-before': { effect: 'ambiguous-before' },
  'lost-after': { effect: 'ambiguous-after' },
  unavailable: {
    effect: 'unavailable',
    on: [
      'holds',
      'holdsEach',
      'lookUp',
      'findPeople',
      'groupAttributes',
      'search',
      'list',
      'changes',
      'ping',
    ],
  },
  stale: { effect: 'stale', seconds: 60 },
}

const codes = [
  'dynamic',
  'synchronised',
  'mail-enabled',
  'restricted-unit',
  'role-assignable',
] as const

const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const directoryReaders = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b'

async function startWorld(): Promise<ScheduleWorld> {
  let time = Date.parse('2026-01-05T12:00:00Z')
  const now = () => new Date(time)
  const directory = createMemoryDirectory({ tenantId, now, pageSize: 3 })
  let last = 100
  const ann = { id: idOf(1), userPrincipalName: 'ann@local' }
  const eve = { id: idOf(2), userPrincipalName: 'eve_other#EXT#@local' }
  directory.addUser({
    ...ann,
    displayName: 'Ann',
    attributes: { department: 'Engineering', userType: 'Member', city: 'Bern' },
    managerId: eve.id,
  })
  directory.addUser({ ...eve, displayName: 'Eve', enabled: false, userType: 'guest' })
  directory.addGroup({ id: idOf(3), name: 'Readers' })
  directory.addGroup({ id: idOf(4), name: 'Outer', members: [idOf(5)] })
  directory.addGroup({ id: idOf(5), name: 'Inner', members: [ann.id] })
  for (const [index, unmanageable] of codes.entries()) {
    directory.addGroup({ id: idOf(10 + index), name: unmanageable, unmanageable })
  }
  directory.addRole({ id: idOf(6), name: 'Helpdesk' })
  directory.addRole({ id: idOf(7), name: 'Retired', enabled: false })
  directory.addRole({ id: helpdesk, name: 'Helpdesk Administrator' })
  directory.addRole({ id: directoryReaders, name: 'Directory Readers' })
  directory.addGroup({ id: idOf(20), name: 'Low', members: [idOf(21)] })
  directory.addGroup({ id: idOf(21), name: 'Middle', members: [idOf(20)] })
  directory.addGroup({
    id: idOf(22),
    name: 'Top',
    members: [idOf(21)],
    unmanageable: 'role-assignable',
  })
  directory.addGroup({ id: idOf(23), name: 'Admins' })
  directory.addAppRoleHolder(idOf(23))
  directory.addUnit({ id: idOf(8), name: 'Paris' })
  const refs = codes.map((code, index) => [code, { type: 'group', id: idOf(10 + index) }] as const)

  return {
    directory,
    tenantId,
    now,
    ann,
    eve,
    readers: idOf(3),
    outer: idOf(4),
    inner: idOf(5),
    unmanageable: {
      ...Object.fromEntries(refs),
      'role-disabled': { type: 'directory-role', id: idOf(7) },
    },
    role: { id: idOf(6), name: 'Helpdesk' },
    unit: { id: idOf(8), name: 'Paris' },
    setConnectorRoles: async (roles) =>
      directory.setConnector({
        token: {
          ok: true,
          appId: idOf(30),
          principalId: idOf(31),
          tenantId,
          permissions: ['GroupMember.ReadWrite.All'],
        },
        roles: roles.map((role) => ({ ...role, name: 'Helpdesk' })),
      }),
    powers: { privileged: helpdesk, plain: directoryReaders },
    nested: { low: idOf(20), middle: idOf(21), top: idOf(22) },
    admins: idOf(23),
    setManager: async (user, manager) => directory.setManager(user, manager),
    newUser: async () => {
      const id = idOf(++last)
      directory.addUser({ id })
      return id
    },
    newGroup: async () => {
      const id = idOf(++last)
      directory.addGroup({ id, name: `Group ${last}` })
      return id
    },
    deleteUser: async (id) => directory.deleteObject(id),
    deleteGroup: async (id) => directory.deleteObject(id),
    renameGroup: async (id, name) => directory.addGroup({ id, name }),
    restoreGroup: async (id) => directory.restoreObject(id),
    setAttribute: async (id, name, value) => directory.setAttributes(id, { [name]: value }),
    expiredToken: '999.1.0.',
    advance: async (milliseconds) => {
      time += milliseconds
    },
    assignByHand: async (access, endsAt) =>
      directory.addByHand(access, endsAt && { endsAt: endsAt.toISOString() }),
    activateByPerson: async (access, endsAt) =>
      directory.addByHand(access, { by: 'activated', endsAt: endsAt.toISOString() }),
    loseLicence: async () => directory.setPim({ isLicensed: false }),
    regainLicence: async () => directory.setPim({ isLicensed: true }),
    setFault: async (fault) => directory.setFault(faults[fault]),
    clearFaults: async () => directory.clearFaults(),
    stop: async () => undefined,
  }
}

describeDirectoryContract('in memory', startWorld)
describeScheduleContract('in memory', startWorld)
