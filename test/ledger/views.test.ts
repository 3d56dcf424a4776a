import { describe, expect, test } from 'vitest'
import type { EventDraft } from '../../shared/access/events.ts'
import {
  chain,
  eventColumns,
  genesisHash,
  type LedgerEvent,
} from '../../shared/ledger/ledger-event.ts'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import { TableUnavailableError } from '../../shared/ledger/tables.ts'
import { auditDay, personPartition, writeViews } from '../../shared/ledger/views.ts'
import { iso } from '../builders.ts'

const [mia, ben, ada] = ['mia', 'ben', 'ada']

/** Events at their places in a stream. */
const eventsOf = (...drafts: Partial<EventDraft>[]): readonly LedgerEvent[] =>
  chain(
    drafts.map((over) => ({
      event: 'grant.active',
      at: iso('12:00:00'),
      actor: { id: 'system', type: 'system' },
      requestId: 'request-1',
      detail: {},
      ...over,
    })),
    { stream: 'pair:one', sequence: 0, hash: genesisHash },
    'tx-1',
    () => 'salt',
  )
const created = (over: Partial<EventDraft> = {}): Partial<EventDraft> => ({
  event: 'request.created',
  actor: { id: mia, type: 'user' },
  grantee: mia,
  detail: { requester: mia },
  ...over,
})
const indexOf = (tables: ReturnType<typeof createMemoryTables>) =>
  tables.all('Index').map(({ partition, key }) => `${partition}/${key}`)

describe('writeViews()', () => {
  test('writes each event into its day, in the order of time, stream and sequence', async () => {
    const tables = createMemoryTables()
    const events = eventsOf(
      { at: '2026-01-05T23:59:59.999Z' },
      { at: '2026-01-06T00:00:00.000Z' },
      { at: '2026-01-06T00:00:00.000Z' },
    )

    await writeViews(tables, [...events].reverse())

    expect(tables.all('Audit').map(({ partition, key }) => [partition, key])).toEqual([
      ['2026-01-05', '2026-01-05T235959.999Z-pair-one-0000000001'],
      ['2026-01-06', '2026-01-06T000000.000Z-pair-one-0000000002'],
      ['2026-01-06', '2026-01-06T000000.000Z-pair-one-0000000003'],
    ])
    expect(tables.all('Audit').map(({ columns }) => columns)).toEqual(events.map(eventColumns))
  })

  test('inserts the day rows that are missing, and changes none that is there', async () => {
    const tables = createMemoryTables()
    const events = eventsOf({}, {}, {})
    await writeViews(tables, events)
    const [first, second, third] = tables.all('Audit')
    if (first === undefined || second === undefined) expect.fail('nothing was written')
    tables.lose('Audit', first.partition, first.key)
    await tables.write('Audit', second.partition, [
      { do: 'put', key: second.key, columns: { ...second.columns, actor: 'somebody else' } },
    ])

    await writeViews(tables, events)

    const columns = tables.all('Audit').map((row) => row.columns)
    expect(columns).toEqual([
      first.columns,
      { ...second.columns, actor: 'somebody else' },
      third?.columns,
    ])
  })

  test('changes nothing by a second time', async () => {
    const tables = createMemoryTables()
    const events = eventsOf(created(), {})
    await writeViews(tables, events)
    const before = [...tables.all('Audit')]

    await writeViews(tables, events)

    expect(tables.all('Audit')).toEqual(before)
    expect(indexOf(tables)).toHaveLength(1)
  })

  test('lists a request for everybody it is of, once, and not for the system', async () => {
    const tables = createMemoryTables()

    await writeViews(tables, [
      ...eventsOf(created({ actor: { id: ada, type: 'user' }, grantee: ben })),
      ...eventsOf(
        created({ requestId: 'request-2', actor: { id: 'system', type: 'system' }, detail: {} }),
      ),
    ])

    expect(indexOf(tables).map((row) => row.replace(/\d{13}-/, ''))).toEqual(
      ['u-ada/request-1', 'u-ben/request-1', 'u-mia/request-2', 'u-mia/request-1'].sort(),
    )
  })

  test('lists the newest request first', async () => {
    const tables = createMemoryTables()

    await writeViews(
      tables,
      eventsOf(
        created({ requestId: 'old', at: iso('12:00:00') }),
        created({ requestId: 'new', at: iso('12:00:01') }),
        created({ requestId: 'ancient', at: '2001-01-01T00:00:00.000Z' }),
      ),
    )

    const listed = await tables.page('Index', personPartition(mia), {})
    expect(listed.rows.map(({ columns }) => columns)).toEqual([
      { requestId: 'new' },
      { requestId: 'old' },
      { requestId: 'ancient' },
    ])
  })

  test.each<{ title: string; draft: Partial<EventDraft>; rows: string[] }>([
    {
      title: 'a request that waits for approval',
      draft: created({ detail: { requester: mia, status: 'pending-approval' } }),
      rows: ['pending/request-1', 'u-mia/request-1'],
    },
    { title: 'what comes after', draft: { event: 'grant.attempted' }, rows: [] },
    {
      title: 'a word about a request',
      draft: { event: 'request.approval-recorded', actor: { id: ben, type: 'user' } },
      rows: ['a-ben/request-1'],
    },
    {
      title: 'an approval by people',
      draft: {
        event: 'request.approved',
        actor: { id: ben, type: 'user' },
        detail: { by: 'approvers' },
      },
      rows: ['a-ben/request-1'],
    },
    {
      title: 'an approval by a flow',
      draft: { event: 'request.approved', detail: { by: 'access-flow' } },
      rows: [],
    },
  ])('makes rows of $title: $rows', async ({ draft, rows }) => {
    const tables = createMemoryTables()

    await writeViews(tables, eventsOf(draft))

    expect(indexOf(tables).map((row) => row.replace(/\d{13}-/, ''))).toEqual(rows)
  })

  test.each(['request.denied', 'request.cancelled', 'request.timed-out', 'grant.failed'] as const)(
    'takes a request off those that wait: %s',
    async (event) => {
      const tables = createMemoryTables()
      await writeViews(tables, eventsOf(created({ detail: { status: 'pending-approval' } })))
      expect(indexOf(tables)).toContain('pending/request-1')

      await writeViews(tables, eventsOf({ event }))

      expect(indexOf(tables)).not.toContain('pending/request-1')
    },
  )

  test('puts an event that is about no request into its day alone', async () => {
    const tables = createMemoryTables()
    const [{ requestId: _, ...event } = expect.fail('no event')] = eventsOf({
      event: 'emergency-stop.changed',
    })

    await writeViews(tables, [event])

    expect(tables.all('Audit')).toHaveLength(1)
    expect(indexOf(tables)).toEqual([])
  })

  test('tells when storage is away', async () => {
    const tables = createMemoryTables()
    tables.fault = ({ table }) => (table === 'Audit' ? 'unavailable' : undefined)

    await expect(writeViews(tables, eventsOf({}))).rejects.toThrow(TableUnavailableError)
  })
})

describe('auditDay()', () => {
  test('is the day in UTC', () => {
    expect(auditDay(iso('23:59:59'))).toBe('2026-01-05')
  })
})
