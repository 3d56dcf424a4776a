import { describe, expect, test } from 'vitest'
import { followsAfter, isPlace, type ResourceFilter } from '../../shared/operations/resources.ts'
import { readers } from './broker-in-memory.ts'
import {
  addGroups,
  byTag,
  discoverRegularly,
  groupId,
  readersOf,
  tag,
  target,
  withIntegration,
} from './discovery-in-memory.ts'

const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const reports = '4a5d8f65-41da-4de4-8968-e035b65339cf'
const licences = '4d6ac14f-3453-41d0-bef9-a3e0c569773a'
const paris = '50000000-0000-4000-8000-000000000001'

describe('the list of resources', () => {
  test('has nothing before a discovery has finished, and then everything by name', async () => {
    const broker = await withIntegration()
    addGroups(broker, 2)
    broker.directory.addRole({ id: helpdesk, name: 'Helpdesk Administrator' })
    const { list } = readersOf(broker)
    const before = await list()

    await discoverRegularly(broker)

    expect(before).toEqual([])
    const names = (await list()).map(({ name }) => name)
    expect(names).toEqual(['Group 1', 'Group 2', 'Production Readers', 'Helpdesk Administrator'])
  })

  test.each<{ filter: ResourceFilter; names: string[] }>([
    { filter: { type: 'directory-role' }, names: ['Reports Reader'] },
    { filter: { type: 'administrative-unit' }, names: ['Paris'] },
    { filter: { type: 'nonsense' }, names: [] },
    { filter: { q: 'PRODUCTION' }, names: ['Production Readers'] },
    { filter: { q: 'all of it' }, names: ['Group 1'] },
    { filter: { q: readers }, names: ['Production Readers'] },
    { filter: { integration: 'contosoentra', type: 'group' }, names: ['Production Readers'] },
    { filter: { integration: 'nowhere' }, names: [] },
  ])('is narrowed by $filter', async ({ filter, names }) => {
    const broker = await withIntegration({ exclude: [{ by: 'name', values: ['Group *'] }] })
    broker.directory.addGroup({ id: groupId(1), name: 'Group 1', description: 'Reads all of it' })
    broker.directory.addRole({ id: reports, name: 'Reports Reader' })
    broker.directory.addUnit({ id: paris, name: 'Paris' })
    await discoverRegularly(broker)

    expect((await readersOf(broker).list(filter)).map(({ name }) => name)).toEqual(names)
  })

  test.each([
    { what: 'dynamic', privileged: true, manageable: false },
    { what: 'synchronised', privileged: true, manageable: false },
    { what: 'mail-enabled', privileged: true, manageable: false },
    { what: 'restricted-unit', privileged: true, manageable: false },
    { what: 'role-assignable', privileged: false, manageable: false },
    { what: 'role-assignable', privileged: true, manageable: true },
  ] as const)(
    'says whether and why $what cannot be managed, privileged $privileged',
    async ({ what, privileged, manageable }) => {
      const broker = await withIntegration({ privileged })
      broker.directory.addGroup({ id: groupId(1), name: 'Special', unmanageable: what })
      await discoverRegularly(broker)

      const [found] = await readersOf(broker).list({ q: 'special' })

      expect(found).toMatchObject({ manageable, integrations: ['ContosoEntra'] })
      expect(found?.reason?.code).toBe(manageable ? undefined : what)
      expect(found?.reason?.detail ?? 'A sentence.').toMatch(/\.$/)
    },
  )

  test('shows what is gone as gone', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    broker.directory.deleteObject(readers)
    await discoverRegularly(broker)

    expect(await readersOf(broker).list()).toMatchObject([
      { id: readers, manageable: false, goneAt: '2026-01-05T12:00:00.000Z' },
    ])
  })

  test('goes on after the place where a page ended, also when that resource is gone', async () => {
    const place = (type: string, name: string, id: string) => JSON.stringify([type, name, id])
    const all = [
      { type: 'group', name: 'a', id: '1' },
      { type: 'group', name: 'c', id: '2' },
      { type: 'group', name: 'c', id: '3' },
      { type: 'directory-role', name: 'b', id: '4' },
    ] as const
    const behind = (cursor: string) => all.filter(followsAfter(cursor)).map(({ id }) => id)

    expect(behind(place('group', 'c', '2'))).toEqual(['3', '4'])
    expect(behind(place('group', 'b', '9'))).toEqual(['2', '3', '4'])
    expect(behind(place('directory-role', 'a', '9'))).toEqual(['4'])
    expect(['nonsense', '[]', '{}', place('group', 'b', '9')].map(isPlace)).toEqual([
      false,
      false,
      false,
      true,
    ])
  })
})

describe('the catalogue', () => {
  test('lists the directory until a discovery has finished', async () => {
    const broker = await withIntegration()

    expect(await readersOf(broker).catalog()).toMatchObject([{ resource: { id: readers } }])
  })

  test('costs no call to the directory afterwards, however often it is searched', async () => {
    const broker = await withIntegration()
    addGroups(broker, 20)
    await discoverRegularly(broker)
    const { catalog } = readersOf(broker)
    await catalog()
    broker.directory.setFault({ effect: 'unavailable' })

    const found = []
    for (const q of ['g', 'gr', 'group 1', 'group 17']) found.push((await catalog({ q })).length)

    expect(found).toEqual([20, 20, 11, 1])
  })

  test('looks again who the caller is after a minute', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    const { catalog } = readersOf(broker)
    await catalog()
    broker.directory.setFault({ effect: 'unavailable' })
    broker.advance(61_000)

    await expect(catalog()).rejects.toThrow('the directory did not answer')
  })

  test('shows what a discovery or an administrator has changed at once', async () => {
    const broker = await withIntegration({ exclude: [byTag('hidden', '*')] })
    addGroups(broker, 1)
    await discoverRegularly(broker)
    const { catalog } = readersOf(broker)
    const names = async () => (await catalog()).map(({ resource }) => resource.name)
    const first = await names()
    broker.directory.deleteObject(groupId(1))
    await discoverRegularly(broker)
    const second = await names()
    await tag(broker, { hidden: 'yes' })

    expect([first, second, await names()]).toEqual([
      ['Group 1', 'Production Readers'],
      ['Production Readers'],
      [],
    ])
  })

  test('offers what cannot be managed to nobody', async () => {
    const broker = await withIntegration()
    broker.directory.addGroup({ id: groupId(1), name: 'Everybody', unmanageable: 'dynamic' })
    await discoverRegularly(broker)

    expect(await readersOf(broker).catalog({ q: 'everybody' })).toEqual([])
  })

  test('offers a role that a flow singles out at every unit, if it may be given there', async () => {
    const singledOut = [{ by: 'id', values: [helpdesk, reports] }]
    const roles = { resourceType: 'directory-role', permissions: ['active'] }
    const broker = await withIntegration({}, [target({ ...roles, include: singledOut })])
    broker.directory.addRole({ id: helpdesk, name: 'Helpdesk Administrator' })
    broker.directory.addRole({ id: reports, name: 'Reports Reader' })
    broker.directory.addUnit({ id: paris, name: 'Paris' })
    await discoverRegularly(broker)

    const { catalog } = readersOf(broker)

    expect((await catalog()).map(({ resource }) => [resource.name, resource.scope])).toEqual([
      // In the whole tenant it gives power over this product: guarded.
      ['Helpdesk Administrator (Paris)', `/administrativeUnits/${paris}`],
      ['Reports Reader', '/'],
    ])
    expect(await catalog({ q: 'paris' })).toHaveLength(1)
  })

  test('offers roles that no flow singles out for the whole tenant only', async () => {
    const roles = { resourceType: 'directory-role', permissions: ['active'] }
    const broker = await withIntegration({}, [target(roles)])
    broker.directory.addRole({ id: licences, name: 'License Administrator' })
    broker.directory.addUnit({ id: paris, name: 'Paris' })
    await discoverRegularly(broker)

    expect(await readersOf(broker).catalog()).toMatchObject([{ resource: { scope: '/' } }])
  })
})
