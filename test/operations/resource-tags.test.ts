import { describe, expect, test } from 'vitest'
import type { ResourceRef } from '../../shared/access/access.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { type InMemory, mia, readers } from './broker-in-memory.ts'
import {
  byTag,
  crashIn,
  dies,
  discoverRegularly,
  readersOf,
  tag,
  target,
  withIntegration,
} from './discovery-in-memory.ts'

const group = { type: 'group', id: readers } as const

const ask = (broker: InMemory, resource: ResourceRef) =>
  broker.submitRequest(
    {
      body: { resource, duration: 'PT1H' },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      actor: { id: mia, type: 'user' },
    },
    broker.clockwork,
  )

describe('the tags of a resource', () => {
  test('are given by an administrator, and told in the audit with what was before', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    await tag(broker, { env: 'test' })

    const outcome = await tag(broker, { env: 'prod', tier: '1' })

    expect(outcome).toMatchObject({ kind: 'put', row: { tagsVersion: 2 } })
    const events = await readEvents(broker.needs.tables, `resource-group-${readers}`)
    expect(events.at(-1)).toMatchObject({
      event: 'integration.changed',
      actor: { id: 'ada' },
      resourceId: readers,
      resourceName: 'Production Readers',
      detail: { resourceTags: { before: { env: 'test' }, after: { env: 'prod', tier: '1' } } },
    })
    expect(await readersOf(broker).list({ q: 'production' })).toMatchObject([
      { tags: { env: 'prod', tier: '1' }, tagsEtag: '"tags-2"' },
    ])
  })

  test('that are given again change and record nothing', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    await tag(broker, { env: 'prod' })

    const again = await tag(broker, { env: 'prod' })

    expect(again).toMatchObject({ row: { tagsVersion: 1 } })
    expect(await readEvents(broker.needs.tables, `resource-group-${readers}`)).toHaveLength(1)
  })

  test.each([
    { ifMatch: '"tags-1"', kind: 'put' },
    { ifMatch: '*', kind: 'put' },
    { ifMatch: '"tags-0"', kind: 'refused' },
  ])('are changed under If-Match $ifMatch: $kind', async ({ ifMatch, kind }) => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    await tag(broker, { env: 'test' })

    expect(await tag(broker, { env: 'prod' }, ifMatch)).toMatchObject({ kind })
  })

  test('cannot be given to what nobody has discovered', async () => {
    const broker = await withIntegration()

    expect(await tag(broker, { env: 'prod' })).toMatchObject({ reason: 'not-found' })
  })

  test('outlive the next discovery, also one of everything', async () => {
    const broker = await withIntegration()
    await discoverRegularly(broker)
    await tag(broker, { env: 'prod' })
    broker.directory.addGroup({ id: readers, name: 'Renamed' })
    broker.directory.expireTokens()

    await discoverRegularly(broker)

    expect(await readersOf(broker).list()).toMatchObject([
      { name: 'Renamed', tags: { env: 'prod' } },
    ])
  })

  test('are there after a crash at any call, once they were recorded', async () => {
    for (let call = 1; ; call++) {
      const broker = await withIntegration()
      await discoverRegularly(broker)
      const isReached = crashIn(broker, call, 'before')
      await tag(broker, { env: 'prod' }).catch(dies)
      const wasReached = isReached()
      await tag(broker, { env: 'prod' })

      expect(await readEvents(broker.needs.tables, `resource-group-${readers}`)).toHaveLength(1)
      expect(await readersOf(broker).list()).toMatchObject([{ tags: { env: 'prod' } }])
      if (!wasReached) break
    }
  })
})

describe('a decision', () => {
  test.each([
    { over: { include: [byTag('env', 'prod*')] }, tags: { env: 'production' }, accepted: true },
    { over: { include: [byTag('env', 'prod*')] }, tags: { env: 'test' }, accepted: false },
    { over: { include: [byTag('env', '*')] }, tags: {}, accepted: false },
    { over: { exclude: [byTag('tier', '0')] }, tags: { tier: '0' }, accepted: false },
    { over: { exclude: [byTag('tier', '0')] }, tags: { tier: '1' }, accepted: true },
  ])('by a target of $over knows the tags $tags: $accepted', async ({ over, tags, accepted }) => {
    const broker = await withIntegration({}, [target(over)])
    await discoverRegularly(broker)
    await tag(broker, tags)

    const { kind } = await ask(broker, group)

    expect(kind).toBe(accepted ? 'accepted' : 'refused')
  })

  test('of an integration that picks by tag knows them too', async () => {
    const broker = await withIntegration({ include: [byTag('env', 'prod')] })
    await discoverRegularly(broker)
    const before = await ask(broker, group)
    await tag(broker, { env: 'prod' })

    expect([before.kind, (await ask(broker, group)).kind]).toEqual(['refused', 'accepted'])
  })

  test('knows an attribute of the directory as a tag', async () => {
    const key = 'extension_00000000000000000000000000000001_env'
    const broker = await withIntegration({}, [target({ include: [byTag(key, 'prod')] })])
    broker.directory.setAttributes(readers, { [key]: 'prod' })
    await discoverRegularly(broker)

    expect((await ask(broker, group)).kind).toBe('accepted')
  })

  test('refuses, for now, what nobody has discovered, since no rule by tag can be judged', async () => {
    const broker = await withIntegration({ exclude: [byTag('env', '*')] })

    expect(await ask(broker, group)).toMatchObject({ kind: 'refused', code: 'not-discovered' })
  })

  test('grants nothing when the tags that it needs cannot be read', async () => {
    const broker = await withIntegration({}, [target({ include: [byTag('env', 'prod')] })])
    await discoverRegularly(broker)
    await tag(broker, { env: 'prod' })
    broker.tables.fault = ({ partition }) =>
      partition.startsWith('resource') ? 'unavailable' : undefined

    await expect(ask(broker, group)).rejects.toThrow('storage did not answer')
  })
})
