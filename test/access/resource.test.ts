import { describe, expect, test } from 'vitest'
import {
  type GroupChange,
  type GroupFacts,
  mergeGroup,
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

describe('a stored group', () => {
  test('is told in an order of its own, whatever the order it was told in', () => {
    const one = stored(
      { mailEnabled: true },
      {
        attributes: { b: '2', c: '3', a: '1' },
        owners: { added: ['o2', 'o3', 'o1'], removed: [] },
      },
    )
    const other = stored(
      { mailEnabled: true },
      {
        attributes: { c: '3', a: '1', b: '2' },
        owners: { added: ['o3', 'o1', 'o2'], removed: [] },
      },
    )

    expect(saysTheSame(one, other)).toBe(true)
    expect(one.owners).toEqual(['o1', 'o2', 'o3'])
    expect(Object.keys(one.attributes)).toEqual(['a', 'b', 'c'])
  })

  test('says the same, in whatever order its parts were stored', () => {
    const group = stored({ description: 'Reads.' })
    const turned = Object.fromEntries(Object.entries(group).reverse()) as unknown as StoredResource

    expect(saysTheSame(turned, group)).toBe(true)
    expect(saysTheSame(group, turned)).toBe(true)
  })

  test('that was never told anything is a security group without a name, an owner or a value', () => {
    const group = mergeGroup(undefined, told(), { at: noon })

    expect(group).toEqual({
      type: 'group',
      id: 'g1',
      name: '',
      kind: 'security',
      privileged: false,
      owners: [],
      attributes: {},
      flags: {
        groupTypes: [],
        mailEnabled: false,
        securityEnabled: false,
        onPremisesSyncEnabled: false,
        isManagementRestricted: false,
        isAssignableToRole: false,
      },
      seenAt: noon,
    })
  })

  test('keeps the mark of the last full read when a change is told in between', () => {
    const full = mergeGroup(undefined, told({ name: 'Readers' }), { at: noon, mark: 'full-1' })

    expect(mergeGroup(full, told({}), { at: later })).toMatchObject({
      name: 'Readers',
      mark: 'full-1',
    })
  })

  test('has the first hundred owners by their ids, and forgets a value that is taken away', () => {
    const ids = Array.from({ length: 101 }, (_, index) => `o${String(index).padStart(3, '0')}`)
    const group = stored(
      {},
      { attributes: { a: '1', b: null }, owners: { added: ids.toReversed(), removed: [] } },
    )

    expect(group.owners).toEqual(ids.slice(0, 100))
    expect(group.attributes).toEqual({ a: '1' })
  })
})
