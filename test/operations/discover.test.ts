import { describe, expect, test } from 'vitest'
import { orderDiscovery, orderRegularDiscovery } from '../../shared/operations/discover.ts'
import { type InMemory, readers } from './broker-in-memory.ts'
import {
  addGroups,
  carryOn,
  discoverByHand,
  discoverRegularly,
  groupId,
  lastDiscovery,
  storedOf,
  withIntegration,
} from './discovery-in-memory.ts'

const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const own = '40000000-0000-4000-8000-000000000001'
const paris = '50000000-0000-4000-8000-000000000001'

const eventsOf = ({ published }: InMemory) =>
  published.filter(({ event }) => event === 'discovery.finished')

/** Counts what is asked of the rows of resources from now on. */
const countWrites = ({ tables }: InMemory) => {
  const counted = { batches: 0, reads: 0 }
  tables.fault = ({ kind, partition }) => {
    if (!partition.startsWith('resources-')) return undefined
    if (kind === 'write') counted.batches += 1
    if (kind === 'read') counted.reads += 1
    return undefined
  }
  return counted
}

describe('a discovery', () => {
  test('stores groups, roles and units with what they are', async () => {
    const broker = await withIntegration()
    const { directory } = broker
    directory.addGroup({
      id: groupId(1),
      name: 'Everybody',
      description: 'All staff',
      unmanageable: 'dynamic',
      owners: ['o1'],
    })
    directory.addRole({ id: helpdesk, name: 'Helpdesk Administrator' })
    directory.addRole({ id: own, name: 'Own', isBuiltIn: false, enabled: false })
    directory.addUnit({ id: paris, name: 'Paris' })

    const discovery = await discoverByHand(broker)

    expect(discovery).toMatchObject({ state: 'finished', full: true, pages: 3, found: 5, gone: 0 })
    expect(await storedOf(broker, 'group', groupId(1))).toMatchObject({
      name: 'Everybody',
      description: 'All staff',
      kind: 'dynamic',
      unmanageable: 'dynamic',
      owners: ['o1'],
      seenAt: '2026-01-05T12:00:00.000Z',
    })
    expect(await storedOf(broker, 'directory-role', helpdesk)).toMatchObject({
      kind: 'built-in-role',
      privileged: true,
      isScopable: true,
    })
    expect(await storedOf(broker, 'directory-role', own)).toMatchObject({
      kind: 'custom-role',
      unmanageable: 'role-disabled',
    })
    expect(await storedOf(broker, 'administrative-unit', paris)).toMatchObject({ name: 'Paris' })
  })

  test('looks only for the types that integrations are about', async () => {
    const broker = await withIntegration({ resourceTypes: ['directory-role'] })

    const discovery = await discoverByHand(broker)

    expect(discovery).toMatchObject({ state: 'finished', pages: 2 })
    expect(await storedOf(broker, 'group', readers)).toBeUndefined()
  })

  test('learns later what was made, renamed, deleted and restored, and nothing else', async () => {
    const broker = await withIntegration()
    addGroups(broker, 3)
    await discoverRegularly(broker)
    broker.directory.addGroup({ id: groupId(1), name: 'Renamed' })
    broker.directory.deleteObject(groupId(2))
    broker.directory.addGroup({ id: groupId(4), name: 'New' })

    const second = await discoverRegularly(broker)
    const deleted = await storedOf(broker, 'group', groupId(2))
    broker.directory.restoreObject(groupId(2))
    const third = await discoverRegularly(broker)

    expect(second).toMatchObject({ full: false, found: 3, changed: 2, gone: 1 })
    expect(await storedOf(broker, 'group', groupId(1))).toMatchObject({ name: 'Renamed' })
    expect(deleted).toMatchObject({ name: 'Group 2', goneAt: '2026-01-05T12:00:00.000Z' })
    expect(third).toMatchObject({ full: false, found: 1, changed: 1, gone: 0 })
    expect(await storedOf(broker, 'group', groupId(2))).not.toHaveProperty('goneAt')
  })

  test('follows who owns a group', async () => {
    const broker = await withIntegration()
    const ownership = (grantee: string) => ({
      tenantId: broker.needs.tenantId,
      grantee,
      resource: { type: 'group' as const, id: readers },
      permission: 'owner' as const,
    })
    broker.directory.addByHand(ownership('o1'))
    await discoverRegularly(broker)
    broker.directory.addByHand(ownership('o2'))
    broker.directory.removeByHand(ownership('o1'))

    await discoverRegularly(broker)

    expect(await storedOf(broker, 'group', readers)).toMatchObject({ owners: ['o2'] })
  })

  test('marks roles and units as gone that are no longer listed, and brings them back', async () => {
    const broker = await withIntegration()
    broker.directory.addRole({ id: own, name: 'Own', isBuiltIn: false })
    broker.directory.addUnit({ id: paris, name: 'Paris' })
    await discoverRegularly(broker)
    broker.directory.deleteObject(own)
    broker.directory.deleteObject(paris)

    const second = await discoverRegularly(broker)
    const gone = [
      await storedOf(broker, 'directory-role', own),
      await storedOf(broker, 'administrative-unit', paris),
    ]
    broker.directory.restoreObject(own)
    await discoverRegularly(broker)

    expect(second).toMatchObject({ gone: 2 })
    for (const each of gone) expect(each).toHaveProperty('goneAt')
    expect(await storedOf(broker, 'directory-role', own)).not.toHaveProperty('goneAt')
  })

  test('of 10,000 groups costs later what has changed, not what there is', async () => {
    const broker = await withIntegration({ resourceTypes: ['group'] })
    addGroups(broker, 9_999)
    const first = await discoverRegularly(broker)
    for (let number = 1; number <= 10; number++) {
      broker.directory.addGroup({ id: groupId(number * 900), name: `Renamed ${number}` })
    }
    const counted = countWrites(broker)

    const second = await discoverRegularly(broker)

    expect(first).toMatchObject({ found: 10_000, changed: 10_000 })
    expect(second).toMatchObject({ full: false, pages: 1, found: 10, changed: 10 })
    expect(counted).toEqual({ batches: 1, reads: 10 })
  })

  test('that finds nothing new writes no resource and no event', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    broker.published.length = 0
    const counted = countWrites(broker)

    expect(await discoverRegularly(broker)).toMatchObject({ state: 'finished', changed: 0 })

    expect(counted).toEqual({ batches: 0, reads: 0 })
    expect(eventsOf(broker)).toEqual([])
  })
})

describe('an order', () => {
  test('waits, and is the same order as one that waits already', async () => {
    const broker = await withIntegration()
    await orderRegularDiscovery(broker.needs)
    const regular = await lastDiscovery(broker)
    const ordered = await orderDiscovery(broker.needs, { id: 'ada', type: 'user' }, 'ContosoEntra')
    const again = await orderDiscovery(broker.needs, { id: 'ben', type: 'user' }, 'ContosoEntra')

    expect(ordered).toMatchObject({ id: regular.id, state: 'waiting', pages: 0 })
    expect(again).toEqual(ordered)
  })

  test('of a person is told in the audit even when nothing is new', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    broker.published.length = 0

    const { id } = await discoverByHand(broker)

    expect(eventsOf(broker)).toMatchObject([
      {
        actor: { id: 'ada' },
        integration: 'ContosoEntra',
        stream: 'system',
        detail: { discovery: id, state: 'finished', changed: 0, gone: 0 },
      },
    ])
  })

  test('that comes while a discovery runs is carried out after it', async () => {
    const broker = await withIntegration()
    addGroups(broker, 250)
    const first = await orderDiscovery(broker.needs, { id: 'ada', type: 'user' })
    await carryOn(broker, { milliseconds: 0 })
    const second = await orderDiscovery(broker.needs, { id: 'ada', type: 'user' })
    await carryOn(broker)
    await carryOn(broker)

    expect(second.id).not.toBe(first.id)
    expect(await lastDiscovery(broker)).toMatchObject({ id: second.id, state: 'finished' })
    expect(eventsOf(broker).map(({ detail }) => detail['discovery'])).toEqual([first.id, second.id])
  })

  test('of the schedule is not given while one is under way', async () => {
    const broker = await withIntegration()
    addGroups(broker, 250)
    const first = await orderDiscovery(broker.needs, { id: 'ada', type: 'user' })
    await carryOn(broker, { milliseconds: 0 })

    await orderRegularDiscovery(broker.needs)

    expect(await lastDiscovery(broker)).toMatchObject({ id: first.id, state: 'running' })
  })
})
