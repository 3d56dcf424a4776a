import { describe, expect, test } from 'vitest'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'
import { TableUnavailableError } from '../../shared/ledger/tables.ts'
import { dueKey, dueRows, layDue, moveDue, openSubjects } from '../../shared/ledger/work-rows.ts'
import { at } from '../builders.ts'

const subject = 'p-7f8cfeczsvcse82bkw6fq4v4be'
const [noon, one, two] = [at('12:00:00'), at('13:00:00'), at('14:00:00')]
const midnight = at('23:59:59')
const due = (time: Date, from: number, of = subject) => ({
  key: dueKey(time, of),
  at: time,
  subject: of,
  from,
})
const keysOf = (tables: ReturnType<typeof createMemoryTables>) =>
  tables.all('Index').map(({ key }) => key)

describe('layDue()', () => {
  test('lays a due row and the marker of open work', async () => {
    const tables = createMemoryTables()

    await layDue(tables, noon, subject, 3)

    expect(await dueRows(tables, midnight, 10)).toEqual([due(noon, 3)])
    expect(await openSubjects(tables)).toEqual({ subjects: [subject] })
  })

  test('leaves the row that stands at that very time: it may be the outbox of earlier events', async () => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 3)
    tables.lose('Index', 'work', `o-${subject}`)

    await layDue(tables, noon, subject, 5)

    expect(await dueRows(tables, midnight, 10)).toEqual([due(noon, 3)])
    expect(await openSubjects(tables)).toEqual({ subjects: [subject] })
  })

  test('lays another row at another time', async () => {
    const tables = createMemoryTables()
    await layDue(tables, one, subject, 3)

    await layDue(tables, noon, subject, 5)

    expect(await dueRows(tables, midnight, 10)).toEqual([due(noon, 5), due(one, 3)])
  })

  test('tells when storage is away', async () => {
    const tables = createMemoryTables()
    tables.fault = () => 'unavailable'

    await expect(layDue(tables, noon, subject, 3)).rejects.toThrow(TableUnavailableError)
  })
})

describe('moveDue()', () => {
  test('brings back the marker that the end of an earlier stretch has dropped', async () => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 1)
    await layDue(tables, one, subject, 3)
    await moveDue(tables, subject, noon, undefined)

    await moveDue(tables, subject, one, { at: new Date(one.getTime() + 1), from: 5 })

    expect((await openSubjects(tables)).subjects).toEqual([subject])
  })

  test('moves a row, and leaves the marker', async () => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 3)

    await moveDue(tables, subject, noon, { at: one, from: 5 })

    expect(await dueRows(tables, midnight, 10)).toEqual([due(one, 5)])
    expect(await openSubjects(tables)).toEqual({ subjects: [subject] })
  })

  test('drops row and marker when the work is done', async () => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 3)

    await moveDue(tables, subject, noon, undefined)

    expect(keysOf(tables)).toEqual([])
  })

  test('keeps the outbox where the time stays the same', async () => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 3)

    await moveDue(tables, subject, noon, { at: noon, from: 5 })

    expect(await dueRows(tables, midnight, 10)).toEqual([due(noon, 3)])
  })

  test('lays the next row also when somebody dropped the former one first', async () => {
    const tables = createMemoryTables()

    await moveDue(tables, subject, noon, { at: one, from: 5 })

    expect(await dueRows(tables, midnight, 10)).toEqual([due(one, 5)])
  })

  test.each([
    { gone: 'the row', key: dueKey(noon, subject) },
    { gone: 'the marker', key: `o-${subject}` },
  ])('finishes when $gone is gone already', async ({ key }) => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 3)
    tables.lose('Index', 'work', key)

    await moveDue(tables, subject, noon, undefined)

    expect(keysOf(tables)).toEqual([])
  })

  test('finishes when everything is gone already', async () => {
    const tables = createMemoryTables()

    await moveDue(tables, subject, noon, undefined)

    expect(keysOf(tables)).toEqual([])
  })

  test('tells when storage is away, and has changed nothing', async () => {
    const tables = createMemoryTables()
    await layDue(tables, noon, subject, 3)
    tables.fault = ({ kind }) => (kind === 'write' ? 'unavailable' : undefined)

    await expect(moveDue(tables, subject, noon, undefined)).rejects.toThrow(TableUnavailableError)

    expect(keysOf(tables)).toEqual([dueKey(noon, subject), `o-${subject}`])
  })
})

describe('dueRows()', () => {
  test('are those before a time, the oldest first, of whatever subject', async () => {
    const tables = createMemoryTables()
    await layDue(tables, two, 'm-01kzz', 1)
    await layDue(tables, one, 'system', 2)
    await layDue(tables, noon, 'u-20000000-0000-4000-8000-000000000001', 3)

    const rows = await dueRows(tables, two, 10)

    expect(rows).toEqual([
      due(noon, 3, 'u-20000000-0000-4000-8000-000000000001'),
      due(one, 2, 'system'),
    ])
  })

  test('are no more than were asked for', async () => {
    const tables = createMemoryTables()
    for (const [index, time] of [two, noon, one].entries())
      await layDue(tables, time, subject, index)

    expect(await dueRows(tables, midnight, 2)).toEqual([due(noon, 1), due(one, 2)])
  })
})

describe('openSubjects()', () => {
  test('come page after page, each once, whatever else is due', async () => {
    const tables = createMemoryTables()
    const subjects = Array.from({ length: 501 }, (_, n) => `p-${String(n).padStart(3, '0')}`)
    for (const each of subjects) await layDue(tables, noon, each, 1)

    const first = await openSubjects(tables)
    const second = await openSubjects(tables, first.next)

    expect([...first.subjects, ...second.subjects]).toEqual(subjects)
    expect(second.next).toBeUndefined()
  })
})
