import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import type { DirectoryFault } from '../../shared/directory/memory-faults.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import type { TableFault } from '../../shared/ledger/memory-tables.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { brokerInMemory, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

const key: AccessKey = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
}
const pairId = pairIdOf(key)

const submit = async (broker: InMemory, duration = 'PT60S') => {
  const outcome = await broker.submitRequest(
    {
      body: { resource: key.resource, duration },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      actor: { id: mia, type: 'user' },
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(outcome.detail)
  return outcome.request.reason.id
}

const eventsOf = async (broker: InMemory) => readEvents(broker.needs.tables, pairPartition(pairId))

const sweepUntil = async (broker: InMemory, time: string) => {
  while (broker.now() < new Date(`2026-01-05T${time}Z`)) {
    broker.advance(2_000)
    await broker.sweep()
  }
}

describe('a grant', () => {
  test.each<{ fault: DirectoryFault }>([
    { fault: { effect: 'ambiguous-before', on: ['add'], count: 1 } },
    { fault: { effect: 'ambiguous-after', on: ['add'], count: 1 } },
    { fault: { effect: 'ambiguous-after', on: ['add'], count: 3 } },
    { fault: { effect: 'throttled', on: ['add'], count: 2 } },
    { fault: { effect: 'unavailable', on: ['holds'], count: 2 } },
    { fault: { effect: 'unavailable', count: 5 } },
  ])('is made once and ended on time through $fault.effect ($fault.count)', async ({ fault }) => {
    const broker = await brokerInMemory()
    await submit(broker)
    broker.directory.setFault(fault)

    await broker.settlePair(pairId, { patience: 0 })
    await sweepUntil(broker, '12:00:50')

    expect(broker.directory.isHeld(key)).toBe(true)
    await sweepUntil(broker, '12:02:00')
    expect(broker.directory.isHeld(key)).toBe(false)
    expect((await eventsOf(broker)).map(({ event }) => event)).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
      'grant.ending',
      'grant.ended',
    ])
    const applied = broker.directory.writes.filter((write) => write.applied)
    expect(applied.map(({ operation }) => operation)).toEqual(['add', 'remove'])
  })

  test('fails with a proof when the directory refuses it for good', async () => {
    const broker = await brokerInMemory()
    await submit(broker)
    broker.directory.setFault({ effect: 'forbidden' })

    await broker.settlePair(pairId, { patience: 0 })

    const [last] = (await eventsOf(broker)).slice(-1)
    expect(last?.event).toBe('grant.failed')
    expect(last?.detail).toMatchObject({ proof: { kind: 'never-added' } })
    expect(broker.directory.isHeld(key)).toBe(false)
  })

  test('never takes standing access that was there before it', async () => {
    const broker = await brokerInMemory()
    broker.directory.addByHand(key)
    await submit(broker)

    await broker.settlePair(pairId, { patience: 0 })
    await sweepUntil(broker, '12:02:00')

    expect(broker.directory.isHeld(key)).toBe(true)
    const events = await eventsOf(broker)
    expect(events.find(({ event }) => event === 'grant.active')?.detail).toMatchObject({
      mechanism: 'already-held',
    })
    expect(events.at(-1)).toMatchObject({ event: 'grant.ended' })
  })

  test('is not taken for standing access when a stale read shows our own last one', async () => {
    const broker = await brokerInMemory()
    await submit(broker)
    await broker.settlePair(pairId, { patience: 0 })
    broker.advance(59_900)
    broker.directory.setFault({ effect: 'stale', seconds: 1.5 })
    await broker.settlePair(pairId, { patience: 2_000 })
    expect(broker.directory.isHeld(key)).toBe(false)

    await submit(broker)
    await broker.settlePair(pairId, { patience: 0 })
    await sweepUntil(broker, '12:01:20')

    expect(broker.directory.isHeld(key)).toBe(true)
    await sweepUntil(broker, '12:02:30')
    expect(broker.directory.isHeld(key)).toBe(false)
  })
})

describe('an end', () => {
  test.each<{ fault: DirectoryFault }>([
    { fault: { effect: 'ambiguous-before', on: ['remove'], count: 1 } },
    { fault: { effect: 'ambiguous-after', on: ['remove'], count: 1 } },
    { fault: { effect: 'throttled', on: ['remove'], count: 3 } },
    { fault: { effect: 'unavailable', on: ['remove'], count: 2 } },
  ])('is proven once through $fault.effect ($fault.count)', async ({ fault }) => {
    const broker = await brokerInMemory()
    await submit(broker)
    await broker.settlePair(pairId, { patience: 0 })
    broker.advance(60_000)
    broker.directory.setFault(fault)

    await broker.settlePair(pairId, { patience: 0 })
    await sweepUntil(broker, '12:01:40')

    const events = (await eventsOf(broker)).map(({ event }) => event)
    expect(events.filter((event) => event === 'grant.ended')).toHaveLength(1)
    expect(broker.directory.isHeld(key)).toBe(false)
  })

  test('does not believe "not there" of an access that was added a moment ago', async () => {
    const broker = await brokerInMemory()
    const requestId = await submit(broker, 'PT1S')
    broker.directory.setFault({ effect: 'stale-writes', seconds: 1.5 })
    await broker.settlePair(pairId, { patience: 0 })
    broker.advance(1_000)

    await broker.settlePair(pairId, { patience: 0 })

    expect(broker.directory.isHeld(key)).toBe(true)
    expect((await eventsOf(broker)).at(-1)?.event).toBe('grant.ending')
    await sweepUntil(broker, '12:00:20')
    expect(broker.directory.isHeld(key)).toBe(false)
    expect((await eventsOf(broker)).at(-1)).toMatchObject({ event: 'grant.ended', requestId })
  })

  test('is retried for ever, shown as overdue, and done when the directory is back', async () => {
    const broker = await brokerInMemory()
    await submit(broker)
    await broker.settlePair(pairId, { patience: 0 })
    broker.advance(60_000)
    broker.directory.setFault({ effect: 'unavailable' })

    await broker.settlePair(pairId, { patience: 0 })
    for (let hour = 0; hour < 72; hour++) {
      broker.advance(3_600_000)
      await broker.sweep()
    }
    expect((await eventsOf(broker)).map(({ event }) => event).slice(-1)).toEqual(['grant.overdue'])

    broker.directory.clearFaults()
    const back = broker.now().getTime()
    for (let tick = 0; tick < 5; tick++) {
      broker.advance(2_000)
      await broker.sweep()
    }

    expect(broker.directory.isHeld(key)).toBe(false)
    const last = (await eventsOf(broker)).at(-1)
    expect(last?.event).toBe('grant.ended')
    expect(Date.parse(last?.at ?? '') - back).toBeLessThanOrEqual(10_000)
  })

  test.each<TableFault>(['unavailable', 'committed-reply-lost', 'not-committed-unclear'])(
    'survives a ledger that answers %s, and writes nothing to the directory meanwhile',
    async (fault) => {
      const broker = await brokerInMemory()
      await submit(broker)
      await broker.settlePair(pairId, { patience: 0 })
      broker.advance(60_000)
      broker.tables.fault = ({ kind, table }) =>
        kind === 'write' && table === 'Ledger' ? fault : undefined

      await broker.settlePair(pairId, { patience: 0 }).catch(() => undefined)
      const isHeld = broker.directory.isHeld(key)
      broker.tables.fault = () => undefined
      await sweepUntil(broker, '12:01:40')

      expect(isHeld).toBe(fault !== 'committed-reply-lost')
      expect(broker.directory.isHeld(key)).toBe(false)
      const ends = (await eventsOf(broker)).filter(({ event }) => event === 'grant.ended')
      expect(ends).toHaveLength(1)
    },
  )

  test('needs neither views nor topic nor policy', async () => {
    const broker = await brokerInMemory()
    await submit(broker)
    await broker.settlePair(pairId, { patience: 0 })
    broker.advance(60_000)
    broker.tables.fault = ({ table, partition }) =>
      table === 'Audit' || table === 'Index' || partition === 'system' ? 'unavailable' : undefined

    await broker.settlePair(pairId, { patience: 0 }).catch(() => undefined)

    expect(broker.directory.isHeld(key)).toBe(false)
    broker.tables.fault = () => undefined
    await sweepUntil(broker, '12:01:20')
    expect(
      broker.tables.all('Audit').filter((row) => row.columns['event'] === 'grant.ended'),
    ).toHaveLength(1)
  })
})
