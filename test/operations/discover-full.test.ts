import { describe, expect, test } from 'vitest'
import { orderRegularDiscovery } from '../../shared/operations/discover.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { flow, type InMemory, readers } from './broker-in-memory.ts'
import {
  ada,
  addGroups,
  carryOn,
  crashIn,
  dies,
  discoverByHand,
  discoverRegularly,
  groupId,
  lastDiscovery,
  storedOf,
  withIntegration,
} from './discovery-in-memory.ts'

const costCentre = 'extension_00000000000000000000000000000001_costCentre'

const eventsOf = ({ published }: InMemory) =>
  published.filter(({ event }) => event === 'discovery.finished')

describe('a full read', () => {
  test('follows an expired token, and tells what went meanwhile', async () => {
    const broker = await withIntegration()
    addGroups(broker, 250)
    await discoverRegularly(broker)
    broker.directory.deleteObject(groupId(7))
    broker.directory.expireTokens()

    const discovery = await discoverRegularly(broker)

    expect(discovery).toMatchObject({ full: true, found: 250, changed: 0, gone: 1 })
    expect(await storedOf(broker, 'group', groupId(7))).toHaveProperty('goneAt')
    expect(await storedOf(broker, 'group', groupId(8))).not.toHaveProperty('goneAt')
  })

  test('goes on where a call had to stop, and marks nothing as gone before it is through', async () => {
    const broker = await withIntegration()
    addGroups(broker, 250)
    await discoverRegularly(broker)
    broker.directory.deleteObject(groupId(7))
    broker.directory.expireTokens()
    await orderRegularDiscovery(broker.needs)

    const seen: unknown[] = []
    for (let call = 1; call <= 5; call++) {
      await carryOn(broker, { milliseconds: 0 })
      const { state, pages } = await lastDiscovery(broker)
      const isGone = (await storedOf(broker, 'group', groupId(7)))?.goneAt !== undefined
      seen.push([state, pages, isGone])
    }

    expect(seen).toEqual([
      ['running', 0, false],
      ['running', 1, false],
      ['running', 2, false],
      ['running', 3, false],
      ['running', 3, true],
    ])
  })

  test('starts again when its token expires half-way, without marking what it has not seen', async () => {
    const broker = await withIntegration()
    addGroups(broker, 250)
    await orderRegularDiscovery(broker.needs)
    await carryOn(broker, { milliseconds: 0 })
    broker.directory.expireTokens()

    await carryOn(broker)

    expect(await lastDiscovery(broker)).toMatchObject({ state: 'finished', pages: 6, gone: 0 })
    for (const number of [1, 100, 250]) {
      expect(await storedOf(broker, 'group', groupId(number))).not.toHaveProperty('goneAt')
    }
  })

  test('comes again after a week', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    broker.advance(6 * 24 * 3_600_000)
    const sixth = await discoverRegularly(broker)
    broker.advance(25 * 3_600_000)

    const seventh = await discoverRegularly(broker)

    expect([sixth.full, seventh.full]).toEqual([false, true])
  })

  test('comes when the configuration names another attribute, and brings its values', async () => {
    const broker = await withIntegration()
    broker.directory.addGroup({ id: groupId(1), name: 'Tagged' })
    broker.directory.setAttributes(groupId(1), { [costCentre]: '4711' })
    await discoverRegularly(broker)
    const target = { integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'] }
    const include = [{ by: 'tag', key: costCentre, values: ['47*'] }]
    await putDocument(
      broker.needs,
      ada,
      'access-flow',
      flow({ targets: [{ ...target, include }] } as object),
      {},
    )

    const second = await discoverRegularly(broker)
    const third = await discoverRegularly(broker)

    expect(second).toMatchObject({ full: true, changed: 1 })
    expect(third).toMatchObject({ full: false })
    expect(await storedOf(broker, 'group', groupId(1))).toMatchObject({
      attributes: { [costCentre]: '4711' },
    })
  })

  test('does without attributes that the directory does not know, and says so', async () => {
    const broker = await withIntegration({
      owner: { attribute: 'user', values: ['o1'] },
      resourceOwner: { keyName: costCentre, attribute: 'mail' },
    })
    const { directory } = broker.needs
    const needs = {
      ...broker.needs,
      directory: {
        ...directory,
        readGroupChanges: async (token: string | undefined, attributes: readonly string[]) =>
          attributes.length > 0
            ? ({ kind: 'attributes-refused' } as const)
            : directory.readGroupChanges(token, attributes),
      },
    }

    const discovery = await discoverByHand(broker, needs)

    expect(discovery).toMatchObject({
      state: 'finished',
      problem: expect.stringContaining(costCentre),
    })
    expect(await storedOf(broker, 'group', readers)).toBeDefined()
  })
})

describe('what goes wrong', () => {
  test.each(['before', 'after'] as const)(
    'a crash %s any call loses nothing: the next one finishes',
    async (when) => {
      for (let call = 1; ; call++) {
        const broker = await withIntegration()
        addGroups(broker, 12)
        await discoverRegularly(broker)
        broker.directory.deleteObject(groupId(7))
        broker.directory.addGroup({ id: groupId(8), name: 'Renamed' })
        broker.directory.expireTokens()
        await orderRegularDiscovery(broker.needs)
        const isReached = crashIn(broker, call, when)
        await carryOn(broker).catch(dies)
        const wasReached = isReached()
        broker.advance(31_000)
        await carryOn(broker)

        expect(await lastDiscovery(broker), `call ${call}`).toMatchObject({ state: 'finished' })
        expect(await storedOf(broker, 'group', groupId(7))).toHaveProperty('goneAt')
        expect(await storedOf(broker, 'group', groupId(8))).toMatchObject({ name: 'Renamed' })
        expect(await storedOf(broker, 'group', groupId(9))).not.toHaveProperty('goneAt')
        expect(eventsOf(broker).length, `call ${call}`).toBeLessThanOrEqual(2)
        if (!wasReached) break
      }
    },
  )

  test('an outage of the directory is waited out, and shown meanwhile', async () => {
    const broker = await withIntegration()
    broker.directory.setFault({ effect: 'unavailable', count: 2 })
    await orderRegularDiscovery(broker.needs)
    await carryOn(broker)
    const first = await lastDiscovery(broker)
    await carryOn(broker)
    const tooEarly = await lastDiscovery(broker)
    broker.advance(2_000)
    await carryOn(broker)
    broker.advance(4_000)
    await carryOn(broker)

    expect(first).toMatchObject({ state: 'running', problem: expect.stringContaining('Cannot') })
    expect(tooEarly).toMatchObject({ pages: 0 })
    const last = await lastDiscovery(broker)
    expect(last).toMatchObject({ state: 'finished' })
    expect(last).not.toHaveProperty('problem')
  })

  test('what cannot be read for long does not keep back the rest', async () => {
    const broker = await withIntegration()
    broker.directory.setFault({ effect: 'unavailable', on: ['list'] })
    await orderRegularDiscovery(broker.needs)
    for (let call = 1; call <= 10; call++) {
      await carryOn(broker)
      broker.advance(60_000)
    }

    expect(await lastDiscovery(broker)).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('list'),
    })
    expect(await storedOf(broker, 'group', readers)).toBeDefined()
    broker.directory.clearFaults()
    expect(await discoverRegularly(broker)).toMatchObject({ state: 'finished', full: false })
  })

  test('a second call leaves the work to the first one', async () => {
    const broker = await withIntegration()
    addGroups(broker, 250)
    await orderRegularDiscovery(broker.needs)
    const { directory } = broker
    const tokens: (string | undefined)[] = []
    const needs: Needs = {
      ...broker.needs,
      directory: {
        ...directory,
        readGroupChanges: async (token, attributes) => {
          tokens.push(token)
          if (tokens.length === 2) await carryOn(broker, { needs })
          return directory.readGroupChanges(token, attributes)
        },
      },
    }

    await Promise.all([carryOn(broker, { needs }), carryOn(broker, { needs })])

    expect(await lastDiscovery(broker)).toMatchObject({
      state: 'finished',
      pages: 5,
      found: 251,
      changed: 251,
    })
    expect(eventsOf(broker)).toHaveLength(1)
    expect(new Set(tokens).size).toBe(tokens.length)
  })
})
