import { describe, expect, test } from 'vitest'
import { writeViews } from '../../shared/ledger/views.ts'
import { countEvents } from '../../shared/operations/count-events.ts'
import { type ReportRange, readReport } from '../../shared/operations/reports.ts'
import { brokerInMemory, flow, type InMemory, mia, petra, readers } from './broker-in-memory.ts'

const minute = 60_000
const day = 24 * 60 * minute
const approval = {
  mode: 'any-of',
  steps: [{ approvers: [{ type: 'user', id: petra }] }],
} as const

const ask = async (broker: InMemory, accessFlow: string, duration = 'PT1H') => {
  const outcome = await broker.submitRequest(
    {
      intake: 'http',
      actor: { id: mia, type: 'user' },
      requester: mia,
      requesterIsApplication: false,
      body: { resource: { type: 'group', id: readers }, duration, accessFlow },
    },
    broker.clockwork,
  )
  return outcome.kind === 'refused' ? undefined : outcome.request
}

/** A grant by an hour, from the request to its end. */
const lifeCycle = async (broker: InMemory, accessFlow = 'at-once') => {
  const request = await ask(broker, accessFlow)
  const pairId = request?.reason.id.slice(0, 26) ?? ''
  await broker.settlePair(pairId, { patience: 0 })
  broker.advance(60 * minute)
  await broker.settlePair(pairId, { patience: 0 })
}

const start = () => brokerInMemory([flow({ name: 'at-once' }), flow({ name: 'asked', approval })])

const report = (broker: InMemory, by: ReportRange['by'] = 'day', from = '2026-01-01') =>
  readReport(broker.tables, { from: new Date(from), to: broker.now(), by })

/** After the moment in which day rows may still be under way. */
const count = async (broker: InMemory) => {
  broker.advance(2 * minute)
  await countEvents(broker.needs)
}

describe('counting events for the reports', () => {
  test('tells what was asked for, refused, given and ended', async () => {
    const broker = await start()
    await lifeCycle(broker)
    await ask(broker, 'at-once', 'PT9H')
    await ask(broker, 'asked')
    await count(broker)

    expect(await report(broker)).toEqual([
      {
        key: '2026-01-05',
        requested: 2,
        refused: 1,
        granted: 1,
        ended: 1,
        overdue: 0,
        medianApprovalSeconds: null,
        p95EndLatenessSeconds: expect.any(Number),
      },
    ])
  })

  test('tells it by flow and by integration, and of what named none as well', async () => {
    const broker = await start()
    await lifeCycle(broker)
    await ask(broker, 'asked')
    await ask(broker, '<script>')
    await count(broker)

    expect(await report(broker, 'flow')).toMatchObject([
      { key: '-', requested: 0, refused: 1 },
      { key: 'asked', requested: 1, granted: 0 },
      { key: 'at-once', requested: 1, granted: 1 },
    ])
    expect(await report(broker, 'integration')).toMatchObject([
      { key: '-', refused: 1 },
      { key: 'ContosoEntra', requested: 2 },
    ])
  })

  test('tells how long approvers took', async () => {
    const broker = await start()
    const request = await ask(broker, 'asked')
    if (request === undefined) throw new Error('Cannot ask: it was refused')
    broker.advance(10 * minute)
    const caller = { id: petra, tenantId: broker.needs.tenantId, kind: 'user', roles: [] } as const
    await broker.decideApproval(request, caller, { verdict: 'approve' }, broker.clockwork)
    await count(broker)

    const [line] = await report(broker)
    expect(line?.medianApprovalSeconds).toBeGreaterThan(528)
    expect(line?.medianApprovalSeconds).toBeLessThan(672)
  })

  test('counts each event once, however often and on however many days it runs', async () => {
    const broker = await start()
    for (let round = 1; round <= 4; round += 1) {
      await lifeCycle(broker)
      await count(broker)
      await count(broker)
      broker.advance(day)
    }
    await count(broker)

    const days = await report(broker)
    expect(days.map(({ key, requested, ended }) => [key, requested, ended])).toEqual([
      ['2026-01-05', 1, 1],
      ['2026-01-06', 1, 1],
      ['2026-01-07', 1, 1],
      ['2026-01-08', 1, 1],
    ])
    expect(await report(broker, 'flow')).toMatchObject([{ key: 'at-once', requested: 4 }])
  })

  test.each(['before', 'after'] as const)(
    'counts nothing twice and loses nothing when it dies %s any of its calls',
    async (when) => {
      for (let call = 1; ; call += 1) {
        const broker = await start()
        await lifeCycle(broker)
        await ask(broker, 'asked')
        broker.advance(2 * minute)
        broker.crashAt(call, when)
        const isThrough = await countEvents(broker.needs).then(
          () => true,
          () => false,
        )
        if (!isThrough) await countEvents(broker.needs)

        expect(await report(broker)).toMatchObject([{ requested: 2, granted: 1, ended: 1 }])
        expect(await report(broker, 'flow')).toMatchObject([{ requested: 1 }, { requested: 1 }])
        if (isThrough) return
      }
    },
  )

  test('counts a day again when it is over, with what came late', async () => {
    const broker = await start()
    await lifeCycle(broker)
    await count(broker)
    const created = broker.published.find(({ event }) => event === 'request.created')
    if (created === undefined) throw new Error('Cannot find the event: it was not published')
    // Its day row comes when everything after it is counted: another sequence, the same instant.
    await writeViews(broker.tables, [{ ...created, sequence: 999 }])
    await count(broker)
    const before = await report(broker)
    broker.advance(2 * day)
    await count(broker)

    expect(before).toMatchObject([{ requested: 1 }])
    expect(await report(broker)).toMatchObject([{ requested: 2, granted: 1, ended: 1 }])
  })

  test('counts everything anew when its state is lost', async () => {
    const broker = await start()
    await lifeCycle(broker)
    broker.advance(day)
    await lifeCycle(broker)
    await count(broker)
    const before = await report(broker, 'integration')
    await broker.tables.write('Index', 'reports', [{ do: 'drop', key: 'state' }])
    await count(broker)

    expect(await report(broker, 'integration')).toEqual(before)
  })

  test('costs an idle broker two reads and no write', async () => {
    const broker = await start()
    await lifeCycle(broker)
    await count(broker)
    const before = broker.calls()
    await count(broker)

    expect(broker.calls() - before).toBe(2)
  })
})

describe('a report', () => {
  test('leaves out the days before and after its own', async () => {
    const broker = await start()
    for (let round = 1; round <= 3; round += 1) {
      await lifeCycle(broker)
      broker.advance(day)
    }
    await count(broker)
    const range = { from: new Date('2026-01-06'), to: new Date('2026-01-07'), by: 'day' } as const

    expect(await readReport(broker.tables, range)).toMatchObject([{ key: '2026-01-06' }])
  })
})
