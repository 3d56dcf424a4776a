/*
 * Over 300 lines on purpose: every way to tamper with the audit is an entry of one table.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  eventColumns,
  eventFromRow,
  eventKey,
  hashOf,
} from '../../../shared/ledger/ledger-event.ts'
import {
  type Columns,
  everyRowOf,
  type Row,
  type TableName,
  type Tables,
} from '../../../shared/ledger/tables.ts'
import { auditDay, auditKey, writeViews } from '../../../shared/ledger/views.ts'
import { makeCheckpoint } from '../../../shared/operations/checkpoint.ts'
import { type Verdict, verifyAudit } from '../../../shared/operations/verify-audit.ts'
import { createTrail, type Trail, user } from './audit-trail.ts'

/** Somebody with full access to the storage, who goes around the product. */
export interface Hands {
  put(table: TableName, partition: string, key: string, columns: Columns): Promise<void>
  remove(table: TableName, partition: string, key: string): Promise<void>
}

export interface Storage {
  readonly tables: Tables
  readonly hands: Hands
}

/** What verifying the audit has to find, whatever the tables are; run on Azurite and on the twin. */
export function describeAuditContract(name: string, make: () => Promise<Storage>): void {
  describe(`the audit on ${name}`, () => {
    let tables: Tables
    let hands: Hands
    let trail: Trail

    const mia = user('mia')
    const ben = user('ben')
    const bus = { name: 'bus:0123', partition: 'bus-0123' }
    const verify = (range = {}) => verifyAudit(trail.needs, trail.archive, range)

    /** Two days of three streams; the last two of mia's six events are not covered. */
    beforeEach(async () => {
      const storage = await make()
      tables = storage.tables
      hands = storage.hands
      await tables.prepare()
      trail = createTrail(tables)
      await trail.append(mia)
      await trail.append(ben)
      await trail.append(mia, {
        event: 'authorization.refused',
        detail: { operation: 'listGrants' },
      })
      trail.advance(86_400_000)
      await trail.append(mia)
      await trail.append(bus)
      await trail.append(ben)
      await trail.append(mia)
      trail.advance(10_000)
      await makeCheckpoint(trail.needs, trail.archive)
      await trail.append(mia)
      await trail.append(mia)
      trail.advance(3_600_000)
    })

    const eventRow = async (partition: string, sequence: number): Promise<Row> => {
      const row = await tables.read('Ledger', partition, eventKey(sequence))
      if (row === undefined) throw new Error(`There is no event ${sequence} in ${partition}`)
      return row
    }
    const dayRow = async (partition: string, sequence: number): Promise<Row> => {
      const event = eventFromRow(await eventRow(partition, sequence))
      const row = await tables.read('Audit', auditDay(event.at), auditKey(event))
      if (row === undefined) throw new Error(`There is no day row of ${partition} ${sequence}`)
      return row
    }
    const change = (table: TableName, { partition, key, columns }: Row, over: Columns) =>
      hands.put(table, partition, key, { ...columns, ...over })
    const drop = (table: TableName, { partition, key }: Row) => hands.remove(table, partition, key)
    const dropBoth = async (partition: string, sequence: number) => {
      await drop('Audit', await dayRow(partition, sequence))
      await drop('Ledger', await eventRow(partition, sequence))
    }

    /** Makes a stream look as if it had always been like this, day rows included. */
    const rewrite = async (partition: string, from: number, over: Columns) => {
      const rows: Row[] = []
      for await (const row of everyRowOf(tables, 'Ledger', {
        partitions: { from: partition, before: `${partition}!` },
        keys: { from: eventKey(from), before: 'e.' },
      })) {
        rows.push(row)
      }
      let previousHash = String(rows[0]?.columns['previousHash'])
      for (const row of rows) {
        await drop('Audit', await dayRow(partition, Number(row.columns['sequence'])))
        const isFirst = row === rows[0]
        const columns = { ...row.columns, ...(isFirst ? over : {}), previousHash }
        const { hash: _, txId: __, ...content } = eventFromRow({ ...row, columns })
        previousHash = hashOf(content)
        const event = eventFromRow({ ...row, columns: { ...columns, hash: previousHash } })
        await hands.put('Ledger', partition, row.key, eventColumns(event))
        await hands.put('Audit', auditDay(event.at), auditKey(event), eventColumns(event))
      }
      const head = await tables.read('Ledger', partition, 'head')
      if (head !== undefined) await change('Ledger', head, { hash: previousHash })
    }

    const truncate = async (partition: string, to: number) => {
      const head = await tables.read('Ledger', partition, 'head')
      for (let sequence = Number(head?.columns['sequence']); sequence > to; sequence--) {
        await dropBoth(partition, sequence)
      }
      const last = eventFromRow(await eventRow(partition, to))
      const { hash, at } = last
      if (head !== undefined) await change('Ledger', head, { sequence: to, hash, at })
    }

    test('is intact as it was written, and says how far that is shown', async () => {
      expect(await verify()).toEqual({
        verdict: 'intact',
        rows: 11,
        streams: 4,
        checkpoints: 2,
        coveredUntil: '2026-01-06T12:00:17.000Z',
        uncovered: 2,
        pending: 0,
      } satisfies Verdict)
    })

    const first = '2026-01-05'
    const second = '2026-01-06'
    const miaAt = (sequence: number, problem: string, day = second) => ({
      stream: 'user:mia',
      sequence,
      day,
      problem,
    })

    interface Mutation {
      readonly what: string
      readonly run: () => Promise<unknown>
      readonly found: object
    }
    const mutations: readonly Mutation[] = [
      {
        what: 'an event that was edited',
        run: async () => change('Ledger', await eventRow('u-mia', 2), { actor: 'ada' }),
        found: miaAt(2, 'content-changed', first),
      },
      {
        what: 'an event whose text was edited',
        run: async () => change('Ledger', await eventRow('u-mia', 3), { reason: 'no reason' }),
        found: miaAt(3, 'content-changed'),
      },
      {
        what: 'an event whose detail is no JSON any more',
        run: async () => change('Ledger', await eventRow('u-mia', 3), { detail: '{' }),
        found: miaAt(3, 'content-changed'),
      },
      {
        what: 'an event with a name that is not hashed',
        run: async () => change('Ledger', await eventRow('u-mia', 1), { resourceName: 'Others' }),
        found: miaAt(1, 'day-row-changed', first),
      },
      {
        what: 'an event with a column more',
        run: async () => change('Ledger', await eventRow('u-mia', 1), { note: 'was here' }),
        found: miaAt(1, 'day-row-changed', first),
      },
      {
        what: 'an event with another hash',
        run: async () => change('Ledger', await eventRow('u-mia', 4), { hash: '0'.repeat(64) }),
        found: miaAt(4, 'content-changed'),
      },
      {
        what: 'an event that was deleted',
        run: async () => drop('Ledger', await eventRow('u-mia', 3)),
        found: miaAt(3, 'event-missing'),
      },
      {
        what: 'an event that was deleted with its day row',
        run: () => dropBoth('u-mia', 2),
        found: miaAt(2, 'event-missing'),
      },
      {
        what: 'the first event deleted',
        run: () => dropBoth('u-mia', 1),
        found: miaAt(1, 'event-missing', first),
      },
      {
        what: 'the last event deleted, though nothing covers it yet',
        run: () => dropBoth('u-mia', 6),
        found: miaAt(6, 'event-missing'),
      },
      {
        what: 'an event that was inserted behind the last one',
        run: async () => {
          const { columns } = await eventRow('u-mia', 6)
          await hands.put('Ledger', 'u-mia', eventKey(7), { ...columns, sequence: 7 })
        },
        found: miaAt(7, 'content-changed'),
      },
      {
        what: 'an event that was inserted and chained, but the head not moved',
        run: async () => {
          const { columns } = await eventRow('u-mia', 6)
          const former = eventFromRow({ ...(await eventRow('u-mia', 6)), columns })
          const { hash, txId, ...content } = { ...former, sequence: 7, previousHash: former.hash }
          const event = { ...content, txId, hash: hashOf(content) }
          await hands.put('Ledger', 'u-mia', eventKey(7), eventColumns(event))
        },
        found: miaAt(7, 'event-surplus'),
      },
      {
        what: 'an event that was squeezed in between two others',
        run: async () => {
          const { columns } = await eventRow('u-mia', 2)
          await hands.put('Ledger', 'u-mia', `${eventKey(2)}a`, columns)
        },
        found: miaAt(2, 'event-surplus', first),
      },
      {
        what: 'two events in each other’s place',
        run: async () => {
          const [third, fourth] = [await eventRow('u-mia', 3), await eventRow('u-mia', 4)]
          await hands.put('Ledger', 'u-mia', third.key, fourth.columns)
          await hands.put('Ledger', 'u-mia', fourth.key, third.columns)
        },
        found: miaAt(3, 'content-changed'),
      },
      {
        what: 'a day row that was edited',
        run: async () => change('Audit', await dayRow('u-mia', 2), { actor: 'ada' }),
        found: miaAt(2, 'day-row-changed', first),
      },
      {
        what: 'a day row that claims another place',
        run: async () => change('Audit', await dayRow('u-mia', 2), { sequence: 3 }),
        found: miaAt(2, 'day-row-changed', first),
      },
      {
        what: 'a day row that was deleted',
        run: async () => drop('Audit', await dayRow('u-mia', 2)),
        found: miaAt(2, 'day-row-missing', first),
      },
      {
        what: 'a day row that nothing stands behind',
        run: async () => {
          const { partition, columns } = await dayRow('u-mia', 2)
          const key = '2026-01-05T120007.000Z-user-mia-0000000009'
          await hands.put('Audit', partition, key, { ...columns, sequence: 9 })
        },
        found: miaAt(9, 'day-row-surplus', first),
      },
      {
        what: 'a day row moved to another day',
        run: async () => {
          const row = await dayRow('u-mia', 2)
          await drop('Audit', row)
          await hands.put('Audit', '2026-01-04', row.key, row.columns)
        },
        found: miaAt(2, 'day-row-surplus', '2026-01-04'),
      },
      {
        what: 'two day rows in each other’s place',
        run: async () => {
          const [one, two] = [await dayRow('u-mia', 3), await dayRow('u-mia', 4)]
          await change('Audit', { ...one, columns: {} }, two.columns)
          await change('Audit', { ...two, columns: {} }, one.columns)
        },
        found: miaAt(3, 'day-row-changed'),
      },
      {
        what: 'a covered event rewritten with all that follows, in both tables',
        run: () => rewrite('u-mia', 2, { actor: 'ada' }),
        found: miaAt(4, 'checkpoint-differs'),
      },
      {
        what: 'a covered stream cut off without a trace',
        run: () => truncate('u-mia', 3),
        found: miaAt(4, 'event-missing'),
      },
      {
        what: 'a covered stream removed without a trace',
        run: async () => {
          await dropBoth('u-ben', 2)
          await dropBoth('u-ben', 1)
          await hands.remove('Ledger', 'u-ben', 'head')
        },
        found: { stream: 'user:ben', sequence: 1, day: second, problem: 'stream-missing' },
      },
      {
        what: 'a head that was deleted',
        run: () => hands.remove('Ledger', 'u-ben', 'head'),
        found: { stream: 'user:ben', sequence: 2, day: second, problem: 'head-missing' },
      },
      {
        what: 'a head that says another hash',
        run: async () => {
          const head = await tables.read('Ledger', 'u-ben', 'head')
          if (head !== undefined) await change('Ledger', head, { hash: 'f'.repeat(64) })
        },
        found: { stream: 'user:ben', sequence: 2, day: second, problem: 'head-changed' },
      },
      {
        what: 'leaves of a checkpoint that were edited',
        run: async () => {
          for await (const row of everyRowOf(tables, 'Ledger', {
            partitions: { from: 'checkpoints', before: 'checkpoints!' },
            keys: { from: 'l-0000000001', before: 'l-0000000002' },
          })) {
            const leaves = String(row.columns['leaves']).replace('"user:mia",4', '"user:mia",3')
            await change('Ledger', row, { leaves })
          }
        },
        found: { stream: 'checkpoints', sequence: 1, day: second, problem: 'checkpoint-broken' },
      },
      {
        what: 'a checkpoint that was deleted',
        run: () => dropBoth('checkpoints', 1),
        found: { stream: 'checkpoints', sequence: 1, day: second, problem: 'event-missing' },
      },
      {
        what: 'checkpoints cut off without a trace in the tables',
        run: () => truncate('checkpoints', 1),
        found: { stream: 'checkpoints', sequence: 2, day: second, problem: 'event-missing' },
      },
      {
        what: 'the last checkpoint rewritten without a trace in the tables',
        run: async () => {
          const { columns } = await eventRow('checkpoints', 2)
          const detail = String(columns['detail']).replace(
            /"until":"[^"]*"/,
            '"until":"2027-01-01"',
          )
          await rewrite('checkpoints', 2, { detail })
        },
        found: { stream: 'checkpoints', sequence: 2, day: second, problem: 'archive-differs' },
      },
    ]

    test.each(mutations)('shows $what', async ({ run, found }) => {
      await run()

      expect(await verify()).toMatchObject({ verdict: 'broken', firstBroken: found })
    })

    test.each(mutations.filter(({ found }) => 'day' in found && found.day === second))(
      'shows $what when only that day is looked at',
      async ({ run, found }) => {
        await run()

        const day = { from: new Date('2026-01-06'), to: new Date('2026-01-07') }
        expect(await verify(day)).toMatchObject({ verdict: 'broken', firstBroken: found })
      },
    )

    test('of one day holds its rows, and the streams that changed in it', async () => {
      expect(await verify({ from: new Date('2026-01-05'), to: new Date('2026-01-06') })).toEqual({
        verdict: 'intact',
        rows: 3,
        streams: 4,
        checkpoints: 2,
        coveredUntil: '2026-01-06T12:00:17.000Z',
        uncovered: 0,
        pending: 0,
      })
      expect(await verify({ to: new Date('2026-01-05') })).toMatchObject({ rows: 0, uncovered: 0 })
    })

    test('does not mind what is still on its way to its day row', async () => {
      trail.isTopicDown = true
      await trail.append(ben)
      await drop('Audit', await dayRow('u-ben', 3))
      trail.advance(3_600_000)

      expect(await verify()).toMatchObject({ verdict: 'intact', uncovered: 3, pending: 1 })
    })

    test('is not repaired where a day row differs: the views never change or delete one', async () => {
      const row = await dayRow('u-mia', 2)
      const lost = await dayRow('u-mia', 1)
      await change('Audit', row, { actor: 'ada' })
      await drop('Audit', lost)
      const events = [await eventRow('u-mia', 1), await eventRow('u-mia', 2)].map(eventFromRow)

      await writeViews(tables, events)

      expect((await dayRow('u-mia', 2)).columns['actor']).toBe('ada')
      expect((await dayRow('u-mia', 1)).columns).toEqual(lost.columns)
      expect(await verify()).toMatchObject({ firstBroken: miaAt(2, 'day-row-changed', first) })
    })
  })
}
