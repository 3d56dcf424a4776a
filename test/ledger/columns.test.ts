import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinJson, splitJson } from '../../shared/ledger/columns.ts'
import { createMemoryTables } from '../../shared/ledger/memory-tables.ts'

const perColumn = 30_000
const mostCharacters = 10 * perColumn

/** A text whose JSON is a given number of characters long, quotes included. */
const textOf = (characters: number) => 'x'.repeat(characters - 2)
const columnsOf = (columns: object) => Object.keys(columns)

describe('splitJson()', () => {
  test('keeps a document in one column where it fits', () => {
    expect(splitJson('detail', { ä: 1 })).toEqual({ detail: '{"\\u00e4":1}' })
  })

  test('takes no document for null', () => {
    expect(splitJson('detail', undefined)).toEqual({ detail: 'null' })
  })

  test.each([
    { characters: perColumn - 1, columns: ['d'] },
    { characters: perColumn, columns: ['d', 'd2'] },
    { characters: perColumn + 1, columns: ['d', 'd2'] },
    { characters: 2 * perColumn - 1, columns: ['d', 'd2'] },
    { characters: 2 * perColumn + 1, columns: ['d', 'd2', 'd3'] },
    {
      characters: mostCharacters,
      columns: ['d', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8', 'd9', 'd10'],
    },
  ])('spreads $characters characters over $columns', ({ characters, columns }) => {
    const split = splitJson('d', textOf(characters))

    expect(columnsOf(split)).toEqual(columns)
    expect(Object.values(split).join('')).toHaveLength(characters)
    expect(joinJson('d', split)).toBe(textOf(characters))
  })

  test('refuses a document of one character more than ten columns take', () => {
    expect(() => splitJson('detail', textOf(mostCharacters + 1))).toThrow(
      'Cannot store detail: 300001 characters do not fit a row',
    )
  })

  test('counts what a character takes, not the character', () => {
    expect(() => splitJson('detail', 'ä'.repeat(mostCharacters / 6))).toThrow('do not fit a row')
  })
})

describe('joinJson()', () => {
  test('gives back any document, in columns of ASCII that none is too long', () => {
    const document = fc.jsonValue({ stringUnit: 'binary' })

    fc.assert(
      fc.property(document, (value) => {
        const columns = splitJson('detail', value)

        expect(JSON.stringify(joinJson('detail', columns))).toBe(JSON.stringify(value))
        for (const column of Object.values(columns)) expect(column).toMatch(/^[\x20-\x7e]*$/)
      }),
      { numRuns: 100 },
    )
  })

  test('gives back a text of any size, whatever character stands where a column ends', () => {
    const units = fc.constantFrom('x', 'ä', '𝄞', '\ud834', '\udd1e', '"', '\\', '\n', '\u007f')
    const tail = fc.array(units, { minLength: 1, maxLength: 4 })
    const [full, back] = [fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 24 })]

    fc.assert(
      fc.property(full, back, tail, (columnsBefore, characters, end) => {
        const text = `${'x'.repeat(columnsBefore * perColumn - characters)}${end.join('')}`

        const columns = splitJson('text', text)

        expect(joinJson('text', columns) === text).toBe(true)
        for (const column of Object.values(columns)) {
          expect(String(column).length).toBeLessThanOrEqual(perColumn)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('keeps half a surrogate pair as it is', () => {
    expect(joinJson('text', splitJson('text', '\ud834'))).toBe('\ud834')
  })

  test('finds nothing where nothing was stored', () => {
    expect(joinJson('detail', { detail2: '"x"' })).toBeUndefined()
  })

  test('reads a document that fills its columns and was stored without an end', () => {
    const { d2: _, ...former } = splitJson('d', textOf(perColumn))

    expect(columnsOf(former)).toEqual(['d'])
    expect(joinJson('d', former)).toBe(textOf(perColumn))
  })

  test.each([10, perColumn - 1, perColumn, perColumn + 1, 2 * perColumn])(
    'finds nothing of a longer document that one of %i characters was merged over',
    async (characters) => {
      const tables = createMemoryTables()
      const merge = (text: string) =>
        tables.write('Ledger', 'p', [{ do: 'merge', key: 'r', columns: splitJson('d', text) }])

      await merge(textOf(mostCharacters))
      await merge(textOf(characters))

      const row = await tables.read('Ledger', 'p', 'r')
      expect(joinJson('d', row?.columns ?? {})).toBe(textOf(characters))
    },
  )
})
