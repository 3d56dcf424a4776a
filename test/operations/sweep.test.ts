import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents, readRequest } from '../../shared/ledger/pair-ledger.ts'
import { layDue } from '../../shared/ledger/work-rows.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { orderMassEnd } from '../../shared/operations/mass-end.ts'
import type { Clockwork } from '../../shared/operations/needs.ts'
import { orderReconcile, reconcile } from '../../shared/operations/reconcile.ts'
import { brokerInMemory, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

const key: AccessKey = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
}
const pairId = pairIdOf(key)

const submit = (broker: InMemory, clockwork: Clockwork) =>
  broker.submitRequest(
    {
      body: { resource: key.resource, duration: 'PT1H' },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
    },
    clockwork,
  )

const grant = async (broker: InMemory): Promise<string> => {
  const outcome = await submit(broker, broker.clockwork)
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  await broker.settlePair(pairId, { patience: 0 })
  return outcome.request.reason.id
}

/** Rows of open work: due rows, or markers. */
const laid = (broker: InMemory, prefix: 'd-' | 'o-') =>
  broker.tables
    .all('Index')
    .filter(({ partition, key: row }) => partition === 'work' && row.startsWith(prefix)).length

/** The orchestration's tries, until it gives the request over to the sweep. */
const tryAgain = async (broker: InMemory, tries: number) => {
  for (let each = 0; each < tries; each++) {
    const { nextAt } = await broker.settlePair(pairId, { patience: 0 })
    broker.advance(Math.max(0, (nextAt?.getTime() ?? 0) - broker.now().getTime()))
  }
}

describe('the sweep', () => {
  test('gets to what is due behind hundreds of rows that it has to leave alone', async () => {
    const broker = await brokerInMemory()
    await grant(broker)
    broker.advance(3_600_000 - 60_000)
    for (let row = 0; row < 450; row++) {
      await layDue(broker.needs.tables, broker.now(), `p-laid-ahead-${row}`, 1)
    }
    broker.advance(65_000)

    await broker.sweep()

    expect(broker.directory.isHeld(key)).toBe(false)
  })

  test('carries on an end that was asked for by hand as soon as the directory is back', async () => {
    const broker = await brokerInMemory()
    const requestId = await grant(broker)
    broker.directory.setFault({ effect: 'unavailable', on: ['remove'] })
    const actor = { id: mia, type: 'user' } as const
    await endRequest(broker.needs, { requestId, actor, endReason: 'given-back' }, broker.clockwork)

    await tryAgain(broker, 5)
    await broker.sweep()
    await tryAgain(broker, 5)
    broker.directory.clearFaults()
    broker.advance(10_000)
    await broker.sweep()

    const request = await readRequest(broker.needs.tables, requestId)
    expect(request?.reason.status).toBe('ended')
    expect(broker.directory.isHeld(key)).toBe(false)
  })
})

describe('an outbox', () => {
  test('of one request is kept when another one of the same pair is carried on', async () => {
    const broker = await brokerInMemory()
    broker.tables.fault = ({ table }) => (table === 'Audit' ? 'unavailable' : undefined)
    await submit(broker, broker.clockwork)
    broker.tables.fault = () => undefined
    const told: (number | undefined)[] = []

    await submit(broker, {
      ...broker.clockwork,
      start: async (_id, _wait, projectedTo) => void told.push(projectedTo),
    })
    const [projectedTo] = told
    await broker.settlePair(pairId, {
      patience: 0,
      ...(projectedTo === undefined ? {} : { projectedTo }),
    })
    broker.advance(20_000)
    await broker.sweep()

    const events = await readEvents(broker.needs.tables, pairPartition(pairId))
    expect(broker.tables.all('Audit').map(({ columns }) => columns['hash'])).toEqual(
      expect.arrayContaining(events.map(({ hash }) => hash)),
    )
  })
})

describe('the due row of a mass end', () => {
  test('does not stay for ever when the order itself was never written', async () => {
    const broker = await brokerInMemory()
    await grant(broker)
    const order = { filter: {}, reason: 'an incident', expectedCount: 1 }
    const actor = { id: 'ada', type: 'user' } as const
    // Its targets and its due row are written, and then the storage is away.
    broker.tables.fault = ({ kind, partition }) =>
      kind === 'write' && partition.startsWith('m-') && laid(broker, 'd-') > 1
        ? 'unavailable'
        : undefined
    await expect(orderMassEnd(broker.needs, actor, order, broker.clockwork)).rejects.toThrow()
    broker.tables.fault = () => undefined

    broker.advance(11 * 60_000)
    await broker.sweep()

    expect(laid(broker, 'd-')).toBe(1)
    expect(broker.directory.isHeld(key)).toBe(true)
  })
})

describe('a reconcile', () => {
  const loseDueRows = (broker: InMemory) => {
    for (const { key: row } of broker.tables
      .all('Index')
      .filter(({ key }) => key.startsWith('d-'))) {
      broker.tables.lose('Index', 'work', row)
    }
  }

  test('that is ordered finds what lost even its due row, and the sweep alone does not', async () => {
    const broker = await brokerInMemory()
    await grant(broker)
    loseDueRows(broker)
    broker.advance(3_700_000)
    await broker.sweep()
    expect(broker.directory.isHeld(key)).toBe(true)

    await orderReconcile(broker.needs)
    broker.advance(10_000)
    await broker.sweep()

    expect(broker.directory.isHeld(key)).toBe(false)
    await broker.sweep()
    await makeCheckpoint(broker.needs, undefined)
    expect(broker.tables.all('Index').filter(({ partition }) => partition === 'work')).toEqual([])
  })

  test('drops the marker of a pair that lost its due row and has nothing open any more', async () => {
    const broker = await brokerInMemory()
    await grant(broker)
    loseDueRows(broker)
    broker.advance(3_700_000)
    await broker.settlePair(pairId, { patience: 0 })
    expect(laid(broker, 'o-')).toBe(1)

    await reconcile(broker.needs, broker.settlePair)
    broker.advance(5_000)
    await broker.sweep()

    expect(laid(broker, 'o-')).toBe(0)
    const ended = broker.tables
      .all('Audit')
      .filter(({ columns }) => columns['event'] === 'grant.ended')
    expect(ended).toHaveLength(1)
  })

  test('finds a mass end that lost its due row', async () => {
    const broker = await brokerInMemory()
    await grant(broker)
    broker.tables.fault = ({ kind, partition }) =>
      kind === 'write' && partition === pairPartition(pairId) ? 'unavailable' : undefined
    const order = { filter: {}, reason: 'an incident', expectedCount: 1 }
    const actor = { id: 'ada', type: 'user' } as const
    await expect(orderMassEnd(broker.needs, actor, order, broker.clockwork)).rejects.toThrow()
    broker.tables.fault = () => undefined
    loseDueRows(broker)

    await reconcile(broker.needs, broker.settlePair)
    broker.advance(5_000)
    await broker.sweep()
    await broker.settlePair(pairId, { patience: 0 })

    expect(broker.directory.isHeld(key)).toBe(false)
  })
})
