import { describe, expect, test } from 'vitest'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import type { Revival } from '../../shared/operations/needs.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import { ben, type InMemory, mia } from './broker-in-memory.ts'
import { ask, indexOf, key, withDrift } from './drift-in-memory.ts'

const reconciled = async (broker: InMemory, revival?: Revival) => {
  const report = await reconcile(broker.needs, broker.settlePair, revival)
  await broker.sweep()
  return report
}

/** What was told, each event once: it is published at least once. */
const told = (broker: InMemory, ...names: string[]) =>
  [...new Map(broker.published.map((event) => [event.hash, event])).values()]
    .filter(({ event }) => names.includes(event))
    .map(({ event, detail }) => `${event} ${detail['kind'] ?? ''}`.trim())

const statusOf = async (broker: InMemory, id: string) =>
  (await readRequest(broker.needs.tables, id))?.reason.status

describe('a reconcile', () => {
  test('reports access that others took away, and its end then needs no write', async () => {
    const broker = await withDrift('report')
    const id = await ask(broker)
    broker.advance(60_000)
    broker.directory.removeByHand(key)

    expect(await reconciled(broker)).toMatchObject({ open: 1, drifted: 1, unseen: 0 })
    expect(await reconciled(broker)).toMatchObject({ drifted: 0 })
    broker.advance(3_600_000)
    await broker.sweep()

    expect(told(broker, 'drift.found', 'grant.ended')).toEqual([
      'drift.found removed-by-others',
      'grant.ended',
    ])
    expect(await statusOf(broker, id)).toBe('ended')
    expect(broker.directory.writes.map(({ operation }) => operation)).toEqual(['add'])
  })

  test('adds it again where the integration says so, once a run and three times in all', async () => {
    const broker = await withDrift('enforce')
    const id = await ask(broker)
    for (let round = 0; round < 4; round++) {
      broker.advance(60_000)
      broker.directory.removeByHand(key)
      await reconciled(broker)
    }

    expect(told(broker, 'drift.found')).toHaveLength(4)
    expect(told(broker, 'drift.repaired')).toHaveLength(3)
    expect(broker.directory.isHeld(key)).toBe(false)
    expect(broker.directory.writes.filter(({ operation }) => operation === 'add')).toHaveLength(4)
    expect(await statusOf(broker, id)).toBe('active')
  })

  test('takes away in the end what it added again', async () => {
    const broker = await withDrift('enforce')
    await ask(broker)
    broker.advance(60_000)
    broker.directory.removeByHand(key)
    await reconciled(broker)
    expect(broker.directory.isHeld(key)).toBe(true)

    broker.advance(3_600_000)
    await broker.sweep()

    expect(broker.directory.isHeld(key)).toBe(false)
  })

  test('leaves alone what others added after they had taken ours away', async () => {
    const broker = await withDrift('report')
    await ask(broker)
    broker.advance(60_000)
    broker.directory.removeByHand(key)
    await reconciled(broker)
    broker.directory.addByHand(key)
    await reconciled(broker)
    broker.advance(3_600_000)
    await broker.sweep()

    expect(told(broker, 'standing.found', 'grant.ended')).toEqual([
      'standing.found added-by-others',
      'grant.ended',
    ])
    expect(broker.directory.isHeld(key)).toBe(true)
  })

  test('respects that standing access has been taken away', async () => {
    const broker = await withDrift('report')
    broker.directory.addByHand(key)
    const id = await ask(broker)
    broker.advance(60_000)
    broker.directory.removeByHand(key)
    await reconciled(broker)
    broker.advance(3_600_000)
    await broker.sweep()

    expect(told(broker, 'drift.found')).toEqual(['drift.found standing-removed'])
    expect(await statusOf(broker, id)).toBe('ended')
    expect(broker.directory.isHeld(key)).toBe(false)
  })

  test('waits for the directory with what it cannot see, and ends what is due all the same', async () => {
    const broker = await withDrift('enforce')
    await ask(broker)
    broker.advance(60_000)
    broker.directory.removeByHand(key)
    broker.directory.setFault({ effect: 'unavailable', on: ['holdsEach'] })

    expect(await reconciled(broker)).toMatchObject({ unseen: 1, drifted: 0, failed: 0 })
    expect(told(broker, 'drift.found')).toEqual([])

    broker.directory.clearFaults()
    expect(await reconciled(broker)).toMatchObject({ unseen: 0, drifted: 1 })
  })

  test.each(['disabled', 'deleted'])('ends the access of a person who is %s', async (how) => {
    const broker = await withDrift('report')
    const running = await ask(broker)
    const startsAt = new Date(broker.now().getTime() + 7_200_000).toISOString()
    const later = await ask(broker, mia, { startsAt })
    broker.advance(60_000)
    if (how === 'deleted') broker.directory.deleteObject(mia)
    else broker.directory.addUser({ id: mia, enabled: false })

    await reconciled(broker)

    const ended = await readRequest(broker.needs.tables, running)
    expect(ended?.reason).toMatchObject({ status: 'ended', endReason: 'person-left' })
    expect(await statusOf(broker, later)).toBe('cancelled')
    const proof = broker.published.find(({ event }) => event === 'grant.ended')?.detail['proof']
    expect(proof).toMatchObject({ kind: how === 'deleted' ? 'object-deleted' : 'removed' })
  })

  test('ends nothing of people whose state the directory does not tell', async () => {
    const broker = await withDrift('report')
    const running = await ask(broker)
    broker.advance(60_000)
    broker.directory.addUser({ id: mia, enabled: false, isEnabledUnknown: true })

    await reconciled(broker)

    expect(await statusOf(broker, running)).toBe('active')
    expect(broker.directory.isHeld(key)).toBe(true)
  })

  test('is followed by the removal of access that a restored person brings back', async () => {
    const broker = await withDrift('report')
    await ask(broker)
    broker.advance(60_000)
    broker.directory.deleteObject(mia)
    await reconciled(broker)
    for (let day = 0; day < 5; day++) {
      broker.advance(24 * 3_600_000)
      await broker.sweep()
    }
    broker.directory.restoreObject(mia)
    expect(broker.directory.isHeld(key)).toBe(true)

    broker.advance(24 * 3_600_000 + 10_000)
    await broker.sweep()

    expect(broker.directory.isHeld(key)).toBe(false)
    expect(told(broker, 'drift.found', 'drift.repaired', 'grant.ended')).toEqual([
      'grant.ended',
      'drift.found returned',
      'drift.repaired returned',
    ])
    broker.advance(10_000)
    await broker.sweep()
    expect(indexOf(broker).filter(({ partition }) => partition === 'work')).toEqual([])
  })

  test('starts orchestrations that are lost, and no others', async () => {
    const broker = await withDrift('report')
    const id = await ask(broker)
    const alive = new Set<string>()
    const revival: Revival = {
      revive: async (requestId) => {
        const isLost = !alive.has(requestId)
        alive.add(requestId)
        return isLost
      },
    }
    await reconciled(broker, revival)
    expect([...alive]).toEqual([id])
  })

  test('ends what is due while orchestrations cannot be reached', async () => {
    const broker = await withDrift('report')
    const id = await ask(broker)
    broker.advance(3_700_000)
    const revive = async () => {
      throw new Error('The task hub is away')
    }

    expect(await reconcile(broker.needs, broker.settlePair, { revive })).toMatchObject({
      failed: 0,
    })

    expect(await statusOf(broker, id)).toBe('ended')
  })

  test('in one call does what fits into its time, and the next goes on from there', async () => {
    const broker = await withDrift('report')
    await ask(broker)
    await ask(broker, ben)
    const page = broker.needs.tables.page
    const tables: typeof broker.needs.tables = {
      ...broker.needs.tables,
      page: (table, partition, range, options) => {
        if (range.from === 'o-' && options?.limit === 500) broker.advance(180_000)
        return page(table, partition, range, { ...options, limit: 1 })
      },
    }
    const needs = { ...broker.needs, tables }

    expect(await reconcile(needs, broker.settlePair)).toMatchObject({ open: 1, isFinished: false })
    expect(await reconcile(needs, broker.settlePair)).toMatchObject({ open: 1, isFinished: true })
  })
})
