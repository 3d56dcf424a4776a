/*
 * Over 300 lines on purpose: everything that a reconcile may meet in the directory and in the index.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import type { Revival } from '../../shared/operations/needs.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import {
  ben,
  brokerInMemory,
  type InMemory,
  integration,
  mia,
  readers,
  tenantId,
} from './broker-in-memory.ts'

const keyOf = (grantee: string): AccessKey => ({
  tenantId,
  grantee,
  resource: { type: 'group', id: readers },
  permission: 'member',
})
const key = keyOf(mia)
const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const

const ask = async (broker: InMemory, requester = mia, over: { startsAt?: string } = {}) => {
  const outcome = await broker.submitRequest(
    {
      body: { resource: key.resource, duration: 'PT1H', ...over },
      intake: 'http',
      requester,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  await broker.settlePair(pairIdOf(keyOf(requester)), { patience: 0 })
  return outcome.request.reason.id
}

const withDrift = async (drift: Integration['drift']): Promise<InMemory> => {
  const broker = await brokerInMemory()
  await putDocument(broker.needs, admin, 'integration', { ...integration, drift }, {})
  broker.published.length = 0
  return broker
}

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

/** Rows that say to the next checkpoint which streams have changed: no work of a reconcile. */
const isChangeRow = (row: string) => row.startsWith('c-')

const workRows = (broker: InMemory) =>
  broker.tables
    .all('Index')
    .filter(({ partition, key: row }) => partition === 'work' && !isChangeRow(row))

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
    expect(workRows(broker)).toEqual([])
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

describe('two reconcile runs', () => {
  type Spoil = 'drop' | 'empty'
  const spoils = fc.array(
    fc.record({ pick: fc.nat(50), how: fc.constantFrom<Spoil>('drop', 'empty') }),
    { maxLength: 8 },
  )

  /** A row of the index as far as anybody relies on it: surplus due rows are the sweep's. */
  const index = (broker: InMemory) =>
    broker.tables
      .all('Index')
      .filter(({ partition, key: row }) => partition !== 'reconcile' && !isChangeRow(row))
      .map(({ partition, key: row, columns: { from: _, ...columns } }) =>
        JSON.stringify([partition, row, partition === 'work' ? {} : columns]),
      )

  test('put back whatever the index has lost, unless a pair lost both marker and due row', async () => {
    await fc.assert(
      fc.asyncProperty(spoils, async (wanted) => {
        const broker = await withDrift('report')
        await ask(broker)
        await ask(broker, ben)
        broker.advance(20_000)
        await broker.sweep()
        const before = index(broker)
        const spoilt = new Set<string>()
        for (const { pick, how } of wanted) {
          const rows = broker.tables
            .all('Index')
            .filter(({ partition }) => partition === 'work' || partition.startsWith('u-'))
            .filter(({ key: row }) => !isChangeRow(row))
          const row = rows[pick % rows.length]
          if (row === undefined) continue
          const pair = /p-[0-9a-z]{26}$/.exec(row.key)?.[0] ?? row.key
          if (row.partition === 'work' && spoilt.has(pair)) continue
          spoilt.add(pair)
          if (how === 'drop') broker.tables.lose('Index', row.partition, row.key)
          else {
            await broker.tables.write('Index', row.partition, [
              { do: 'put', key: row.key, columns: {} },
            ])
          }
        }

        await reconcile(broker.needs, broker.settlePair)
        await reconcile(broker.needs, broker.settlePair)

        expect(index(broker)).toEqual(before)
        broker.advance(3_700_000)
        await broker.sweep()
        expect(broker.directory.isHeld(key) || broker.directory.isHeld(keyOf(ben))).toBe(false)
      }),
      { numRuns: 40, seed: 7 },
    )
  })
})
