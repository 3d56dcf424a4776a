import type { Columns } from './tables.ts'

/** Characters a column: Table Storage takes 32 Ki UTF-16 units, and leaves room for growth. */
const charactersPerColumn = 30_000
const mostColumns = 10

/** A document that does not fit the columns of one row. */
class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/**
 * Spreads a JSON document over the columns `name`, `name2` … `name10`, in ASCII. Escapes keep every
 * column whole whatever splits it on its way: Azurite (seen in 3.37) breaks characters that straddle
 * two chunks of a request over 64 KiB.
 */
export function splitJson(name: string, document: unknown): Columns {
  const text = JSON.stringify(document) ?? 'null'
  const ascii = text.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const columns: Record<string, string> = {}
  for (let part = 1; part <= mostColumns; part++) {
    const start = (part - 1) * charactersPerColumn
    const column = ascii.slice(start, start + charactersPerColumn)
    columns[nameOf(name, part)] = column
    // One that is not full ends the document, whatever a longer one left in the columns behind it.
    if (column.length < charactersPerColumn) return columns
  }
  if (ascii.length <= mostColumns * charactersPerColumn) return columns
  throw new TooLargeError(`Cannot store ${name}: ${ascii.length} characters do not fit a row`)
}

/** The document that `splitJson` stored; undefined when there is none. */
export function joinJson(name: string, columns: Columns): unknown {
  if (typeof columns[name] !== 'string') return undefined
  let text = ''
  for (let part = 1; part <= mostColumns; part++) {
    const column = columns[nameOf(name, part)]
    if (typeof column !== 'string') break
    text += column
    if (column.length < charactersPerColumn) break
  }
  return JSON.parse(text)
}

function nameOf(name: string, part: number): string {
  return part === 1 ? name : `${name}${part}`
}
