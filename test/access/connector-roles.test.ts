import { describe, expect, test } from 'vitest'
import {
  type ConnectorFeature,
  type ConnectorUse,
  needsOfFeature,
  ownership,
} from '../../shared/access/connector-needs.ts'
import { connectorProfiles } from '../../shared/access/connector-profiles.ts'
import {
  type ConnectorHoldings,
  findExcess,
  findFeatures,
  holdingsFrom,
} from '../../shared/access/connector-test.ts'

const use: ConnectorUse = { kind: 'client-secret', resourceTypes: new Set(['group']) }
const unit = '/administrativeUnits/5e9d3000-0000-4000-8000-000000000001'
const sends: ReadonlySet<ConnectorFeature> = new Set(['mail'])

/** A connector that sends mail, and holds a role that this does not need. */
const withRole = (id: string, scope = '/'): ConnectorHoldings => ({
  permissions: ['Mail.Send'],
  roles: [{ id, name: 'a name in the language of the tenant', scope }],
  ownsGroups: false,
})
const excessOf = (holdings: ConnectorHoldings, used = sends) => findExcess(holdings, use, used)

describe('a directory role of the connector', () => {
  // Template ids as Microsoft lists them: the same in every tenant.
  test.each([
    ['fdd7a751-b60b-444a-984c-02652fe8fa1c', 'Groups Administrator', false],
    ['e8611ab8-c189-46e8-94e1-60213ab1f814', 'Privileged Role Administrator', true],
    ['fe930be7-5e62-47db-91af-98c3a49a38b1', 'User Administrator', false],
    ['9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', 'Application Administrator', true],
    ['f2ef992c-3afb-46b9-b7cf-a126ee74c451', 'Global Reader', false],
    ['88d8e3e3-8f55-4a1e-953a-9b9898b8876b', 'Directory Readers', false],
    ['62e90394-69f5-4237-9190-012177145e10', 'Global Administrator', true],
  ] as const)('is known by its id %s, whatever it is called here: %s', (id, name, tier0) => {
    expect(excessOf(withRole(id.toUpperCase()))).toMatchObject([{ name, tier0 }])
  })

  test.each([
    [
      'is told with its unit where it has one',
      'fdd7a751-b60b-444a-984c-02652fe8fa1c',
      'Groups Administrator (in an administrative unit)',
    ],
    [
      'is told with its scope where that makes it useless',
      'e8611ab8-c189-46e8-94e1-60213ab1f814',
      `Privileged Role Administrator (at ${unit})`,
    ],
    [
      'is told by its own name where nobody knows it',
      '5e9d5000-0000-4000-8000-000000000001',
      'a name in the language of the tenant (role)',
    ],
  ])('%s', (_, id, name) => {
    expect(excessOf(withRole(id, unit))).toMatchObject([{ name, tier0: false }])
  })

  test.each([
    ['User Administrator', 'cleanup-disable'],
    ['Application Administrator', 'rotation'],
    ['Directory Readers', 'sign-in-activity'],
    ['Global Reader', 'sign-in-activity'],
  ] as const)('%s may be what %s lacks, as long as nobody tells the roles', (role, feature) => {
    const stateWith = (holdings: ConnectorHoldings) =>
      findFeatures(holdings, use).find(({ name }) => name === feature)?.state
    const untold = { ...holdingsFrom(['AuditLog.Read.All']), roles: undefined }

    expect(needsOfFeature(feature, use).some((ways) => ways.includes(role))).toBe(true)
    expect(stateWith(untold)).toBe('unknown')
    expect(stateWith(holdingsFrom(['AuditLog.Read.All', role, 'User.Read.All']))).toBe('ok')
  })

  test('makes nothing of a permission that no role replaces', () => {
    const untold = { ...holdingsFrom([]), roles: undefined }
    const deleting = findFeatures(untold, use).find(({ name }) => name === 'cleanup-delete')

    expect(deleting?.state).toBe('missing')
  })
})

describe('what the names of a set-up mean', () => {
  test('is a permission, a role of the tenant or of a unit, or ownership', () => {
    const inUnit = 'Groups Administrator (in an administrative unit)'
    const id = 'fdd7a751-b60b-444a-984c-02652fe8fa1c'
    const scope = '/administrativeUnits/00000000-0000-4000-8000-000000000000'

    expect(holdingsFrom(['Mail.Send', 'Groups Administrator', inUnit, ownership])).toEqual({
      permissions: ['Mail.Send'],
      roles: [
        { id, name: 'Groups Administrator', scope: '/' },
        { id, name: 'Groups Administrator', scope },
      ],
      ownsGroups: true,
    })
  })

  test.each([
    ['groups', ['group']],
    ['groups-au', ['group']],
    ['roles-pim', ['group', 'directory-role']],
    ['roles-direct', ['group', 'directory-role']],
    ['broad', ['group', 'directory-role']],
  ] as const)('%s is a set-up for %j', (name, resourceTypes) => {
    const profile = connectorProfiles.find((each) => each.name === name)

    expect(profile?.resourceTypes).toEqual(resourceTypes)
  })
})

describe('what is too much', () => {
  test('is told with all that covers it', () => {
    const reads = ['GroupMember.Read.All', 'Application.Read.All', 'User.Read.All']
    const used: ReadonlySet<ConnectorFeature> = new Set(['pim-groups'])
    const needed = ['PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup', ...reads]
    const holdings = holdingsFrom(['Directory Readers', ...needed])

    expect(excessOf(holdings, used)).toMatchObject([
      {
        name: 'Directory Readers',
        why: 'What it is for is covered by GroupMember.Read.All and Application.Read.All and User.Read.All.',
      },
    ])
  })

  test('is told with all that would use it', () => {
    expect(excessOf(holdingsFrom(['Mail.Send', 'AuditLog.Read.All']))).toMatchObject([
      {
        name: 'AuditLog.Read.All',
        why: 'Only cleanup-delete, sign-in-activity would use it, and no integration of this connector uses that.',
      },
    ])
  })

  test('is not that the connector owns groups, which is no permission to be taken away', () => {
    expect(excessOf({ ...holdingsFrom(['Mail.Send']), ownsGroups: true })).toEqual([])
  })

  test('is nothing where no token tells what it holds', () => {
    expect(excessOf({ permissions: undefined, roles: undefined, ownsGroups: false })).toEqual([])
  })

  test('is not what helps directory roles by PIM, where they are given so', () => {
    const used: ReadonlySet<ConnectorFeature> = new Set(['mail', 'pim-roles'])

    expect(
      excessOf(holdingsFrom(['Mail.Send', 'RoleManagementPolicy.Read.Directory']), used),
    ).toEqual([])
  })

  test('is a role that can make itself anything before all others', () => {
    const names = excessOf(
      holdingsFrom(['Mail.Send', 'Sites.Read.All', 'RoleEligibilitySchedule.ReadWrite.Directory']),
    ).map(({ name, tier0 }) => [name, tier0])

    expect(names).toEqual([
      ['RoleEligibilitySchedule.ReadWrite.Directory', true],
      ['Sites.Read.All', false],
    ])
  })
})

test.each(['managed-identity', 'workload-identity'] as const)(
  'a connector by %s has no credential to be renewed',
  (kind) => {
    expect(needsOfFeature('rotation', { ...use, kind })).toEqual([])
  },
)

test('a connector that manages no groups reads none', () => {
  const roles: ConnectorUse = { ...use, resourceTypes: new Set(['directory-role']) }
  const narrowest = needsOfFeature('discover', roles).map(([first]) => first)

  expect(narrowest).toEqual([
    'User.Read.All',
    'RoleManagement.Read.Directory',
    'AdministrativeUnit.Read.All',
  ])
})
