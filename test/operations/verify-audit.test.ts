import { beforeEach, describe, expect, test } from 'vitest'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import type { Columns, Row, TableName, Tables } from '../../shared/ledger/tables.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { verifyAudit } from '../../shared/operations/verify-audit.ts'
import { createTrail, type Trail, user } from '../contract/ledger/audit-trail.ts'

let tables: MemoryTables
let trail: Trail

const verify = () => verifyAudit(trail.needs, trail.archive)

/** Two days, three streams, two checkpoints, and one event that no checkpoint covers. */
beforeEach(async () => {
  tables = createMemoryTables()
  trail = createTrail(tables)
  await trail.append(user('mia'))
  await trail.append(user('ben'), { requestId: 'r1', grantee: 'ben', scope: '/' })
  trail.advance(86_400_000)
  await trail.append(user('mia'), { graphRequestId: 'g1' })
  trail.advance(10_000)
  await makeCheckpoint(trail.needs, trail.archive)
  await trail.append(user('ben'))
  trail.advance(3_600_000)
})

const put = (table: TableName, { partition, key }: Row, columns: Columns) =>
  tables.write(table, partition, [{ do: 'put', key, columns }])

/** The columns of a head that the audit rests on; the others are state, and no evidence. */
const headColumns = ['stream', 'sequence', 'hash', 'at']

const evidence = (): readonly (readonly [TableName, Row])[] =>
  (['Ledger', 'Audit'] as const).flatMap((table) =>
    tables.all(table).map((row) => [table, row] as const),
  )

describe('verifyAudit()', () => {
  test('finds an edit of any column of any row', async () => {
    let edits = 0
    for (const [table, row] of evidence()) {
      for (const [name, value] of Object.entries(row.columns)) {
        if (row.key === 'head' && !headColumns.includes(name)) continue
        for (const edited of typeof value === 'number' ? [value + 1] : [`${value}x`, 'x', '']) {
          if (edited === value) continue
          await put(table, row, { ...row.columns, [name]: edited })
          const { verdict } = await verify()
          expect(verdict, `${table} ${row.partition} ${row.key} ${name}=${edited}`).toBe('broken')
          edits += 1
        }
      }
      await put(table, row, row.columns)
    }
    expect(edits).toBeGreaterThan(400)
    expect((await verify()).verdict).toBe('intact')
  })

  test('finds a column more or less in any event and any day row', async () => {
    for (const [table, row] of evidence()) {
      if (!row.key.startsWith('e-') && table === 'Ledger') continue
      await put(table, row, { ...row.columns, more: 'x' })
      expect((await verify()).verdict, `${table} ${row.key} more`).toBe('broken')
      for (const name of Object.keys(row.columns)) {
        const { [name]: _, ...less } = row.columns
        await put(table, row, less)
        expect((await verify()).verdict, `${table} ${row.key} without ${name}`).toBe('broken')
      }
      await put(table, row, row.columns)
    }
  })

  test('finds the deletion of any row', async () => {
    for (const [table, row] of evidence()) {
      tables.lose(table, row.partition, row.key)
      expect((await verify()).verdict, `${table} ${row.partition} ${row.key}`).toBe('broken')
      await put(table, row, row.columns)
    }
  })

  test('finds any two rows of a partition in each other’s place', async () => {
    for (const [table, one] of evidence()) {
      for (const [other, two] of evidence()) {
        const isPair = other === table && two.partition === one.partition && two.key > one.key
        // Both checkpoints cover the same heads.
        if (!isPair || JSON.stringify(one.columns) === JSON.stringify(two.columns)) continue
        await put(table, one, two.columns)
        await put(table, two, one.columns)
        expect((await verify()).verdict, `${table} ${one.key} ${two.key}`).toBe('broken')
        await put(table, one, one.columns)
        await put(table, two, two.columns)
      }
    }
  })

  test('finds a copy of any row under another key or in another partition', async () => {
    for (const [table, row] of evidence()) {
      if (!row.key.startsWith('e-') && row.key !== 'head' && table === 'Ledger') continue
      const copies = [
        ...(row.key === 'head' ? [] : [{ ...row, key: `${row.key}0` }]),
        { ...row, partition: table === 'Audit' ? '2026-01-07' : 'u-zoe' },
      ]
      for (const copy of copies) {
        await put(table, copy, row.columns)
        expect((await verify()).verdict, `${table} ${copy.partition} ${copy.key}`).toBe('broken')
        tables.lose(table, copy.partition, copy.key)
      }
    }
  })

  test('is not misled by the leaf rows of a run that was interrupted', async () => {
    const columns = { leaves: '[["user:zoe",1,"00","2026-01-05T12:00:00.000Z"]]' }
    for (const key of [
      'l-0000000001-0-000000',
      'l-0000000001-zz-000000',
      'l-0000000009-a-000000',
    ]) {
      await tables.write('Ledger', 'checkpoints', [{ do: 'insert', key, columns }])
    }

    expect(await verify()).toMatchObject({ verdict: 'intact', checkpoints: 2 })
  })

  test('does not take for broken what others write meanwhile', async () => {
    let isBusy = false
    let turns = 0
    tables.fault = () => {
      if (isBusy) return undefined
      isBusy = true
      turns += 1
      const turn =
        turns % 3 === 0 ? makeCheckpoint(trail.needs, undefined) : trail.append(user('mia'))
      void turn.then(() => {
        isBusy = false
      })
      return undefined
    }
    const verdicts: string[] = []
    for (let times = 0; times < 20; times++) verdicts.push((await verify()).verdict)
    tables.fault = () => undefined

    expect(new Set(verdicts)).toEqual(new Set(['intact']))
    expect(turns).toBeGreaterThan(20)
  })

  test('does not take for broken a checkpoint that is made between two of its reads', async () => {
    await trail.append(user('mia'))
    const between: Tables = {
      ...tables,
      async page(table, partition, range, options) {
        const page = await tables.page(table, partition, range, options)
        if (range.from?.startsWith('l-') === true) {
          await trail.append(user('ben'))
          await makeCheckpoint(trail.needs, trail.archive)
        }
        return page
      },
    }

    expect(await verifyAudit({ ...trail.needs, tables: between }, trail.archive)).toMatchObject({
      verdict: 'intact',
      checkpoints: 3,
    })
  })

  test('says the same when there are too many leaves to take them all at once', async () => {
    for (const letter of ['0', '9', 'a', 'z']) {
      const id = letter.repeat(26)
      await trail.append({ name: `pair:${id}`, partition: `p-${id}` })
    }
    await makeCheckpoint(trail.needs, trail.archive)
    const sliced = () => verifyAudit(trail.needs, trail.archive, { leavesAtOnce: 1 })

    expect(await sliced()).toEqual(await verify())
    expect(await sliced()).toMatchObject({ verdict: 'intact', streams: 7, uncovered: 0 })
    for (const name of ['p-99999999999999999999999999', 'p-zzzzzzzzzzzzzzzzzzzzzzzzzz', 'u-ben']) {
      const rows = tables.all('Ledger').filter(({ partition }) => partition === name)
      for (const row of rows) tables.lose('Ledger', name, row.key)
      expect((await sliced()).firstBroken, name).toMatchObject({ problem: 'stream-missing' })
      for (const row of rows) await put('Ledger', row, row.columns)
    }
  })

  test('without a checkpoint says that nothing is covered', async () => {
    tables = createMemoryTables()
    trail = createTrail(tables)
    await trail.append(user('mia'))

    expect(await verify()).toEqual({
      verdict: 'intact',
      rows: 1,
      streams: 1,
      checkpoints: 0,
      coveredUntil: null,
      uncovered: 1,
      pending: 0,
    })
  })

  test('covers up to just before the first event that no checkpoint has', async () => {
    trail.isTopicDown = true
    await trail.append(user('zoe'))
    tables.lose('Index', 'work', 'd-2026-01-06T13:00:25.000Z-u-zoe')
    trail.isTopicDown = false
    trail.advance(60_000)
    await trail.append(user('mia'))
    await makeCheckpoint(trail.needs, trail.archive)

    expect(await verify()).toMatchObject({
      verdict: 'intact',
      coveredUntil: '2026-01-06T13:00:14.999Z',
      uncovered: 1,
    })
  })
})
