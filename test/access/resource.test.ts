import { describe, expect, test } from 'vitest'
import {
  describeRole,
  type GroupChange,
  type GroupFacts,
  mergeGroup,
  type RoleFacts,
  type StoredResource,
  saysTheSame,
} from '../../shared/access/resource.ts'

const noon = '2026-01-05T12:00:00.000Z'
const later = '2026-01-05T13:00:00.000Z'

const told = (facts: Partial<GroupFacts> = {}, over: object = {}): GroupChange => ({
  id: 'g1',
  isGone: false,
  facts,
  attributes: {},
  owners: { added: [], removed: [] },
  ...over,
})

const stored = (facts: Partial<GroupFacts> = {}, over: object = {}): StoredResource => {
  const group = mergeGroup(undefined, told({ name: 'Readers', ...facts }, over), { at: noon })
  if (group === undefined) throw new Error('Cannot store a group that is gone')
  return group
}

const afterwards = (change: GroupChange, former = stored()) =>
  mergeGroup(former, change, { at: later })

describe('mergeGroup()', () => {
  test.each<{ flags: Partial<GroupFacts>; kind: string; unmanageable?: string }>([
    { flags: {}, kind: 'security' },
    { flags: { securityEnabled: true }, kind: 'security' },
    { flags: { groupTypes: ['Unified'], mailEnabled: true }, kind: 'microsoft-365' },
    {
      flags: { mailEnabled: true, securityEnabled: true },
      kind: 'mail-enabled',
      unmanageable: 'mail-enabled',
    },
    { flags: { mailEnabled: true }, kind: 'distribution', unmanageable: 'mail-enabled' },
    {
      flags: { groupTypes: ['Unified', 'DynamicMembership'] },
      kind: 'dynamic',
      unmanageable: 'dynamic',
    },
    {
      flags: { isAssignableToRole: true },
      kind: 'role-assignable',
      unmanageable: 'role-assignable',
    },
    { flags: { onPremisesSyncEnabled: true }, kind: 'security', unmanageable: 'synchronised' },
    { flags: { isManagementRestricted: true }, kind: 'security', unmanageable: 'restricted-unit' },
  ])('finds $kind for $flags', ({ flags, kind, unmanageable }) => {
    const group = stored(flags)

    expect(group).toMatchObject({ kind, privileged: kind === 'role-assignable' })
    expect(group.unmanageable).toBe(unmanageable)
  })

  test('keeps what a change does not tell', () => {
    const former = stored(
      { description: 'Reads.', groupTypes: ['DynamicMembership'] },
      { attributes: { a: '1', b: '2' }, owners: { added: ['o1', 'o2'], removed: [] } },
    )

    const group = afterwards(
      told(
        { name: 'Others' },
        { attributes: { b: null }, owners: { added: ['o3'], removed: ['o1'] } },
      ),
      former,
    )

    expect(group).toMatchObject({
      name: 'Others',
      description: 'Reads.',
      kind: 'dynamic',
      attributes: { a: '1' },
      owners: ['o2', 'o3'],
      seenAt: later,
    })
  })

  test('forgets what the first word of a full read does not tell, and adds up the later ones', () => {
    const former = stored({ description: 'Reads.' }, { owners: { added: ['o1'], removed: [] } })
    const part = (owner: string) =>
      told({ name: 'Readers' }, { owners: { added: [owner], removed: [] } })
    const sighting = { at: later, mark: 'full-2' }

    const first = mergeGroup(former, part('o2'), sighting)
    const second = mergeGroup(first, part('o3'), sighting)

    expect(first).toMatchObject({ owners: ['o2'], mark: 'full-2' })
    expect(first).not.toHaveProperty('description')
    expect(second).toMatchObject({ owners: ['o2', 'o3'] })
  })

  test('marks what is gone once, and brings it back when it is told again', () => {
    const gone = afterwards({ id: 'g1', isGone: true })
    const stillGone = gone && mergeGroup(gone, { id: 'g1', isGone: true }, { at: 'later still' })
    const back = gone && mergeGroup(gone, told({}), { at: 'later still' })

    expect(gone).toMatchObject({ name: 'Readers', goneAt: later })
    expect(stillGone).toMatchObject({ goneAt: later })
    expect(back).toMatchObject({ name: 'Readers' })
    expect(back).not.toHaveProperty('goneAt')
  })

  test('knows nothing of what was never there and is gone', () => {
    expect(mergeGroup(undefined, { id: 'g1', isGone: true }, { at: noon })).toBeUndefined()
  })
})

describe('saysTheSame()', () => {
  test('looks past the time and the full read of a sighting, and at nothing else', () => {
    const group = stored()

    expect(saysTheSame(group, { ...group, seenAt: later, mark: 'full-2' })).toBe(true)
    expect(saysTheSame(undefined, group)).toBe(false)
    for (const other of [{ name: 'x' }, { owners: ['o'] }, { attributes: { a: '1' } }]) {
      expect(saysTheSame(group, { ...group, ...other })).toBe(false)
    }
  })
})

describe('describeRole()', () => {
  const role = (over: Partial<RoleFacts> = {}): RoleFacts => ({
    id: '40000000-0000-4000-8000-000000000001',
    name: 'Role',
    description: '',
    isBuiltIn: true,
    isEnabled: true,
    actions: [],
    ...over,
  })
  const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10'
  const groupsAdministrator = 'fdd7a751-b60b-444a-984c-02652fe8fa1c'

  test.each<{ what: string; over: Partial<RoleFacts>; privileged: boolean }>([
    { what: 'labelled so', over: { id: globalAdministrator }, privileged: true },
    { what: 'of no power', over: { id: groupsAdministrator }, privileged: false },
    {
      what: 'new, and resetting passwords',
      over: { actions: ['microsoft.directory/users/password/update'] },
      privileged: true,
    },
    {
      what: 'only reading applications',
      over: { isBuiltIn: false, actions: ['microsoft.directory/applications/standard/read'] },
      privileged: false,
    },
    {
      what: "the tenant's own, changing applications",
      over: {
        isBuiltIn: false,
        actions: ['Microsoft.Directory/applications/credentials/update'],
      },
      privileged: true,
    },
    {
      what: "the tenant's own, about users' names",
      over: { isBuiltIn: false, actions: ['microsoft.directory/users/basic/update'] },
      privileged: false,
    },
  ])('takes a role that is $what for privileged: $privileged', ({ over, privileged }) => {
    expect(describeRole(role(over), noon)).toMatchObject({ privileged })
  })

  test("takes a tenant's own role for privileged when it cannot be read", () => {
    const { actions: _, ...unread } = role({ isBuiltIn: false })

    expect(describeRole(unread, noon)).toMatchObject({ privileged: true, kind: 'custom-role' })
  })

  test.each([
    { id: groupsAdministrator, isBuiltIn: true, isScopable: true },
    { id: globalAdministrator, isBuiltIn: true, isScopable: undefined },
    { id: 'own', isBuiltIn: false, isScopable: true },
  ])('lets $id be given at a unit: $isScopable', ({ isScopable, ...over }) => {
    expect(describeRole(role(over), noon).isScopable).toBe(isScopable)
  })

  test('says that a disabled role cannot be managed', () => {
    expect(describeRole(role({ isEnabled: false }), noon)).toMatchObject({
      unmanageable: 'role-disabled',
    })
  })
})
