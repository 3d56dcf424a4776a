import { describe, expect, test } from 'vitest'
import { commandsFor } from '../../shared/access/connector-commands.ts'
import {
  type ConnectorFeature,
  type ConnectorUse,
  connectorFeatures,
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

const both: ConnectorUse = {
  kind: 'client-secret',
  resourceTypes: new Set(['group', 'directory-role']),
}
const onlyGroups: ConnectorUse = { ...both, resourceTypes: new Set(['group']) }
const reads = ['GroupMember.Read.All', 'Application.Read.All', 'User.Read.All']

const stateOf = (
  feature: ConnectorFeature,
  holdings: ConnectorHoldings,
  use: ConnectorUse = both,
) => findFeatures(holdings, use).find(({ name }) => name === feature)

const holdsNothing = holdingsFrom([])

describe('findFeatures()', () => {
  test.each([
    { way: 'GroupMember.ReadWrite.All' },
    { way: 'Group.ReadWrite.All' },
    { way: 'Groups Administrator' },
    { way: 'Groups Administrator (in an administrative unit)' },
    { way: ownership },
  ])('lets members of groups be changed by $way', ({ way }) => {
    expect(stateOf('group-members', holdingsFrom([way, ...reads]))?.state).toBe('ok')
    expect(stateOf('group-members', holdingsFrom([way]))?.state).not.toBe('ok')
  })

  test.each([
    { feature: 'group-owners', not: 'GroupMember.ReadWrite.All' },
    { feature: 'group-owners', not: ownership },
    { feature: 'pim-groups', not: 'RoleManagement.ReadWrite.Directory' },
    { feature: 'directory-roles', not: 'RoleAssignmentSchedule.ReadWrite.Directory' },
    { feature: 'directory-roles', not: 'Groups Administrator' },
    { feature: 'cleanup-delete', not: 'User.EnableDisableAccount.All' },
  ] as const)('does not take $not for $feature', ({ feature, not }) => {
    const holdings = holdingsFrom([not, ...reads, 'RoleManagement.Read.Directory'])

    expect(stateOf(feature, holdings)?.state).toBe('missing')
  })

  test.each(['directory-roles', 'pim-roles'] as const)(
    'takes Privileged Role Administrator as the broad way to %s',
    (feature) => {
      const holdings = holdingsFrom(['Privileged Role Administrator', 'User.Read.All'])

      expect(stateOf(feature, holdings)?.state).toBe('ok')
    },
  )

  test('needs to read only what the integrations manage', () => {
    expect(stateOf('discover', holdingsFrom(reads), onlyGroups)?.state).toBe('ok')
    expect(stateOf('discover', holdingsFrom(reads), both)).toMatchObject({
      state: 'missing',
      missing: ['RoleManagement.Read.Directory', 'AdministrativeUnit.Read.All'],
    })
  })

  test('has nothing to rotate for an identity without a credential', () => {
    const identity = { ...both, kind: 'managed-identity' } as const

    expect(stateOf('rotation', holdsNothing, identity)).toMatchObject({ state: 'ok', needs: [] })
    expect(stateOf('rotation', holdsNothing)?.state).toBe('missing')
  })

  test('knows nothing without a token', () => {
    const states = findFeatures(
      { permissions: undefined, roles: undefined, ownsGroups: false },
      both,
    )

    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['unknown']))
  })

  test('does not call missing what a role may allow that nobody tells of', () => {
    const holdings = { ...holdingsFrom(reads), roles: undefined }

    expect(stateOf('group-members', holdings)?.state).toBe('unknown')
    expect(stateOf('pim-groups', holdings)?.state).toBe('missing')
  })

  test('takes a role of the tenant that is called like a permission for no permission', () => {
    const id = '5e9d5000-0000-4000-8000-000000000001'
    const holdings: ConnectorHoldings = {
      ...holdingsFrom(reads),
      roles: [{ id, name: 'GroupMember.ReadWrite.All', scope: '/' }],
    }

    expect(stateOf('group-members', holdings)?.state).toBe('missing')
  })

  test('counts Groups Administrator of a unit for groups, and no other role of a unit', () => {
    const id = 'e8611ab8-c189-46e8-94e1-60213ab1f814'
    const scope = '/administrativeUnits/5e9d3000-0000-4000-8000-000000000001'
    const holdings: ConnectorHoldings = {
      ...holdingsFrom([...reads, 'RoleManagement.Read.Directory']),
      roles: [{ id, name: 'Privileged Role Administrator', scope }],
    }

    expect(stateOf('directory-roles', holdings)?.state).toBe('missing')
  })
})

describe('findExcess()', () => {
  const used: ReadonlySet<ConnectorFeature> = new Set(['discover', 'group-members'])
  const excessOf = (names: readonly string[]) => findExcess(holdingsFrom(names), onlyGroups, used)

  test('finds none in a set-up that is just enough', () => {
    expect(excessOf(['GroupMember.ReadWrite.All', ...reads])).toEqual([])
  })

  test('takes the broader of two that cover each other, whichever is named first', () => {
    const names = ['Groups Administrator', 'GroupMember.ReadWrite.All', ...reads]

    for (const some of [names, names.toReversed()]) {
      expect(excessOf(some)).toEqual([
        {
          name: 'Groups Administrator',
          why: 'What it is for is covered by GroupMember.ReadWrite.All.',
          tier0: false,
        },
      ])
    }
  })

  test.each([
    {
      name: 'RoleManagement.ReadWrite.Directory',
      tier0: true,
      why: expect.stringContaining('directory-roles'),
    },
    { name: 'Mail.Send', tier0: false, why: expect.stringContaining('mail') },
    {
      name: 'Sites.FullControl.All',
      tier0: false,
      why: 'Nothing that this product does asks for it.',
    },
    { name: 'AppRoleAssignment.ReadWrite.All', tier0: true, why: expect.any(String) },
  ])('finds $name where groups are all that is managed', (excess) => {
    const names = [excess.name, 'GroupMember.ReadWrite.All', ...reads]

    expect(excessOf(names)).toEqual([excess])
  })

  test('lets be what only helps, where it helps', () => {
    const policies = 'RoleManagementPolicy.Read.AzureADGroup'
    const holdings = holdingsFrom([
      ...[policies, 'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'],
      ...reads,
    ])
    const byPim: ReadonlySet<ConnectorFeature> = new Set(['discover', 'pim-groups'])

    expect(findExcess(holdings, onlyGroups, byPim)).toEqual([])
    expect(excessOf([policies, 'GroupMember.ReadWrite.All', ...reads])).toMatchObject([
      { name: policies, why: expect.stringMatching(/^Only pim-groups would use it/) },
    ])
  })

  test('never takes away what is needed: without its excess everything used is still allowed', () => {
    for (const { holds, resourceTypes } of connectorProfiles) {
      const use = { ...both, resourceTypes: new Set(resourceTypes) }
      const names = [...holds, 'Group.ReadWrite.All', 'Directory.ReadWrite.All', 'Global Reader']
      const excess = findExcess(holdingsFrom(names), use, used).map(({ name }) => name)
      const left = holdingsFrom(names.filter((name) => !excess.includes(name)))

      for (const feature of used) expect(stateOf(feature, left, use)?.state).toBe('ok')
    }
  })
})

describe('the typical set-ups', () => {
  test.each(connectorProfiles.map((profile) => [profile.name, profile] as const))(
    '%s holds all that it is for, and nothing more',
    (name, { holds, resourceTypes }) => {
      const uses: Readonly<Record<typeof name, readonly ConnectorFeature[]>> = {
        groups: ['discover', 'group-members'],
        'groups-au': ['discover', 'group-members'],
        'roles-pim': ['discover', 'group-members', 'pim-roles'],
        'roles-direct': ['discover', 'group-members', 'directory-roles'],
        broad: ['discover', 'group-members', 'group-owners', 'directory-roles', 'pim-roles'],
      }
      const use = { ...both, resourceTypes: new Set(resourceTypes) }

      for (const feature of uses[name]) {
        expect(stateOf(feature, holdingsFrom(holds), use)?.state).toBe('ok')
      }
      expect(findExcess(holdingsFrom(holds), use, new Set(uses[name]))).toEqual([])
    },
  )
})

describe('commandsFor()', () => {
  const principal = '5e9d4000-0000-4000-8000-000000000001'
  const missing = findFeatures(holdsNothing, both)

  test('proposes the narrowest permission once for all that lacks it, in both shells', () => {
    const commands = commandsFor(principal, missing)
    const forUsers = commands.filter(({ effect }) => effect.includes('User.Read.All'))

    expect(forUsers.map(({ shell }) => shell)).toEqual(['az', 'powershell'])
    expect(forUsers[0]?.effect).toMatch(
      /^Gives the connector User\.Read\.All, for discover, group-/,
    )
  })

  test('holds ids and fixed words only', () => {
    const words = /[A-Za-z]+/g
    const allowed = new Set(
      commandsFor('00000000-0000-4000-8000-000000000000', missing).flatMap(
        ({ text }) => text.match(words) ?? [],
      ),
    )
    const said = commandsFor(principal, missing).flatMap(
      ({ text }) =>
        text.replaceAll(principal, '00000000-0000-4000-8000-000000000000').match(words) ?? [],
    )

    expect(said.filter((word) => !allowed.has(word))).toEqual([])
  })

  test.each(['"; rm -rf ~; "', '$(whoami)', '', undefined])('proposes nothing for %j', (id) => {
    expect(commandsFor(id, missing)).toEqual([])
  })

  test('proposes nothing where nothing is missing', () => {
    const all = connectorFeatures.flatMap((feature) => needsOfFeature(feature, both).flat())

    expect(commandsFor(principal, findFeatures(holdingsFrom(all), both))).toEqual([])
  })
})
