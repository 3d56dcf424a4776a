import { beforeAll, describe, expect, test } from 'vitest'
import { everyRowOf, TableConflictError, type Tables } from '../../../shared/ledger/tables.ts'

/** What every implementation of `Tables` has to hold; run on Azurite and on the in-memory twin. */
export function describeTablesContract(name: string, make: () => Promise<Tables>): void {
  describe(`${name} as tables`, () => {
    let tables: Tables
    let count = 0
    const newPartition = () => `p-${Date.now().toString(36)}-${++count}`

    beforeAll(async () => {
      tables = await make()
      await tables.prepare()
    })

    test('read() gives back what insert wrote, with its types', async () => {
      const partition = newPartition()

      await tables.write('Ledger', partition, [
        { do: 'insert', key: 'a', columns: { text: 'æ𝄞\n"', number: 7, flag: true } },
      ])

      const row = await tables.read('Ledger', partition, 'a')
      expect(row).toMatchObject({ partition, key: 'a' })
      expect(row?.columns).toEqual({ text: 'æ𝄞\n"', number: 7, flag: true })
    })

    test('read() answers undefined for a row that does not exist', async () => {
      expect(await tables.read('Ledger', newPartition(), 'nothing')).toBeUndefined()
    })

    test('insert refuses a row that exists', async () => {
      const partition = newPartition()
      await tables.write('Claims', partition, [{ do: 'insert', key: 'a', columns: { n: 1 } }])

      const again = tables.write('Claims', partition, [
        { do: 'insert', key: 'a', columns: { n: 2 } },
      ])

      await expect(again).rejects.toThrow(TableConflictError)
      expect((await tables.read('Claims', partition, 'a'))?.columns['n']).toBe(1)
    })

    test('replace acts only on the version it names, and answers the next one', async () => {
      const partition = newPartition()
      const [first] = await tables.write('Ledger', partition, [
        { do: 'insert', key: 'head', columns: { n: 1, gone: 'yes' } },
      ])

      const [second] = await tables.write('Ledger', partition, [
        { do: 'replace', key: 'head', columns: { n: 2 }, etag: first ?? '' },
      ])
      const stale = tables.write('Ledger', partition, [
        { do: 'replace', key: 'head', columns: { n: 3 }, etag: first ?? '' },
      ])

      await expect(stale).rejects.toThrow(TableConflictError)
      const row = await tables.read('Ledger', partition, 'head')
      expect(row?.columns).toEqual({ n: 2 })
      expect(row?.etag).toBe(second)
    })

    test('merge keeps the columns it does not name', async () => {
      const partition = newPartition()
      await tables.write('Ledger', partition, [{ do: 'insert', key: 'r', columns: { a: 1, b: 2 } }])

      await tables.write('Ledger', partition, [{ do: 'merge', key: 'r', columns: { b: 3 } }])

      expect((await tables.read('Ledger', partition, 'r'))?.columns).toEqual({ a: 1, b: 3 })
    })

    test('drop refuses a row that does not exist, merge makes it', async () => {
      const partition = newPartition()

      await tables.write('Index', partition, [{ do: 'merge', key: 'x', columns: { a: 1 } }])

      expect((await tables.read('Index', partition, 'x'))?.columns).toEqual({ a: 1 })
      await expect(tables.write('Index', partition, [{ do: 'drop', key: 'y' }])).rejects.toThrow(
        TableConflictError,
      )
    })

    test('put writes over whatever is there', async () => {
      const partition = newPartition()
      await tables.write('Index', partition, [{ do: 'put', key: 'a', columns: { a: 1, b: 1 } }])

      await tables.write('Index', partition, [{ do: 'put', key: 'a', columns: { a: 2 } }])

      expect((await tables.read('Index', partition, 'a'))?.columns).toEqual({ a: 2 })
    })

    test('a batch with one conflict writes nothing at all', async () => {
      const partition = newPartition()
      await tables.write('Ledger', partition, [{ do: 'insert', key: 'b', columns: { n: 1 } }])

      const batch = tables.write('Ledger', partition, [
        { do: 'insert', key: 'a', columns: { n: 1 } },
        { do: 'insert', key: 'b', columns: { n: 2 } },
        { do: 'put', key: 'c', columns: { n: 3 } },
      ])

      await expect(batch).rejects.toThrow(TableConflictError)
      expect(await tables.read('Ledger', partition, 'a')).toBeUndefined()
      expect(await tables.read('Ledger', partition, 'c')).toBeUndefined()
    })

    test('a batch answers the ETag of each row, so that the next one needs no read', async () => {
      const partition = newPartition()
      const [etag] = await tables.write('Ledger', partition, [
        { do: 'insert', key: 'head', columns: { n: 1 } },
        { do: 'insert', key: 'e-1', columns: { n: 1 } },
      ])

      await tables.write('Ledger', partition, [
        { do: 'replace', key: 'head', columns: { n: 2 }, etag: etag ?? '' },
        { do: 'insert', key: 'e-2', columns: { n: 2 } },
      ])

      expect((await tables.read('Ledger', partition, 'head'))?.columns['n']).toBe(2)
    })

    test('page() walks a range in key order and stops before its end', async () => {
      const partition = newPartition()
      const keys = ['d-1', 'd-2', 'd-3', 'd-4', 'o-1']
      await tables.write(
        'Index',
        partition,
        [...keys].reverse().map((key) => ({ do: 'put' as const, key, columns: {} })),
      )

      const first = await tables.page(
        'Index',
        partition,
        { from: 'd-', before: 'd-4' },
        { limit: 2 },
      )
      const second = await tables.page(
        'Index',
        partition,
        { from: 'd-', before: 'd-4' },
        { limit: 2, ...(first.next === undefined ? {} : { after: first.next }) },
      )

      expect(first.rows.map((row) => row.key)).toEqual(['d-1', 'd-2'])
      expect(second.rows.map((row) => row.key)).toEqual(['d-3'])
      expect(second.next).toBeUndefined()
    })

    test('scan() walks all partitions in order, page after page', async () => {
      const name = newPartition()
      const partitions = ['a', 'b', 'c', 'd'].map((letter) => `${name}-${letter}`)
      for (const partition of [...partitions].reverse()) {
        await tables.write(
          'Audit',
          partition,
          ['head', 'e-2', 'e-1', 'z'].map((key) => ({ do: 'put' as const, key, columns: { key } })),
        )
      }
      const range = {
        partitions: { from: `${name}-a`, before: `${name}-d` },
        keys: { from: 'e-', before: 'head!' },
      }
      const places: string[] = []
      let after: string | undefined
      let pages = 0
      do {
        const page = await tables.scan('Audit', range, {
          limit: 4,
          ...(after === undefined ? {} : { after }),
        })
        places.push(...page.rows.map(({ partition, key }) => `${partition.at(-1)} ${key}`))
        after = page.next
        pages += 1
      } while (after !== undefined)

      expect(pages).toBeGreaterThan(1)
      expect(places).toEqual(
        ['a', 'b', 'c'].flatMap((letter) =>
          ['e-1', 'e-2', 'head'].map((key) => `${letter} ${key}`),
        ),
      )
    })

    test('scan() without a range sees every row of the table', async () => {
      const partition = newPartition()
      await tables.write('Claims', partition, [{ do: 'put', key: 'a', columns: {} }])

      const seen: string[] = []
      for await (const row of everyRowOf(tables, 'Claims', {}, 2)) seen.push(row.partition)

      expect(seen).toContain(partition)
      expect(seen).toEqual([...seen].sort())
    })

    test('prepare() may be called again', async () => {
      await expect(tables.prepare()).resolves.toBeUndefined()
    })
  })
}
