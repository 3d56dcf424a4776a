import type { Columns } from './tables.ts'

/** Characters a column: Table Storage takes 32 Ki UTF-16 units, and leaves room for growth. */
const charactersPerColumn = 30_000
const mostColumns = 10

/** A document that does not fit the columns of one row. */
class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/**
 * Splits a text over the columns `name`, `name2` … `name10`, never inside a surrogate pair.
 * Hashes are taken over the joined text.
 */
function splitText(name: string, text: string): Columns {
  const columns: Record<string, string> = {}
  let start = 0
  for (let part = 1; start < text.length || part === 1; part++) {
    if (part > mostColumns) {
      throw new TooLargeError(`Cannot store ${name}: ${text.length} characters do not fit a row`)
    }
    let end = Math.min(start + charactersPerColumn, text.length)
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--
    columns[part === 1 ? name : `${name}${part}`] = text.slice(start, end)
    start = end
  }
  return columns
}

/**
 * Columns of a JSON document, in ASCII. Escapes keep every column whole whatever splits it on its
 * way: Azurite (seen in 3.37) breaks characters that straddle two chunks of a request over 64 KiB.
 */
export function splitJson(name: string, document: unknown): Columns {
  const text = JSON.stringify(document) ?? 'null'
  const ascii = text.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return splitText(name, ascii)
}

/** The document that `splitJson` stored; undefined when there is none. */
export function joinJson(name: string, columns: Columns): unknown {
  const text = joinText(name, columns)
  return text === undefined ? undefined : JSON.parse(text)
}

/** The text that `splitText` spread over columns; undefined when there is none. */
function joinText(name: string, columns: Columns): string | undefined {
  const first = columns[name]
  if (typeof first !== 'string') return undefined
  let text = first
  for (let part = 2; part <= mostColumns; part++) {
    const more = columns[`${name}${part}`]
    if (typeof more !== 'string') break
    text += more
  }
  return text
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
