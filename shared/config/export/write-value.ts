import { type Notation, yamlKey, yamlText } from './notations.ts'

/** What documents are made of. */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value }

/** Objects whose names are users' own. */
const namedByUsers = new Set(['labels'])

/** A list of plain values that fits stays on its line. */
const longestLine = 80

/** Writes a value in a language with braces; lines after the first begin with `indent`. */
export function writeBraced(value: Value, notation: Notation, indent = '', owner = ''): string {
  if (typeof value !== 'object' || value === null) return scalar(value, notation.text)
  const inner = `${indent}  `
  if (isList(value)) {
    const { itemEnd, endsLast } = notation
    if (!value.some((item) => typeof item === 'object')) {
      const line = `[${value.map((item) => writeBraced(item, notation)).join(', ')}]`
      if (line.length <= longestLine) return line
    }
    const items = value.map((item) => `${inner}${writeBraced(item, notation, inner)}`)
    return `[\n${items.join(`${itemEnd}\n`)}${endsLast ? itemEnd : ''}\n${indent}]`
  }
  const key = namedByUsers.has(owner) ? notation.text : notation.key
  const entries = Object.entries(value).map(
    ([name, each]) => [key(name), writeBraced(each, notation, inner, name)] as const,
  )
  if (entries.length === 0) return '{}'
  const lines = (notation.aligns ? aligned(entries) : entries).map(
    ([name, text]) => `${inner}${name}${notation.assign}${text}`,
  )
  return `{\n${lines.join(`${notation.entryEnd}\n`)}\n${indent}}`
}

/** Writes a value as YAML: block style, every text in double quotes. */
export function writeYaml(value: Value, indent = '', owner = ''): string {
  if (typeof value !== 'object' || value === null) return scalar(value, yamlText)
  if (isList(value)) {
    if (value.length === 0) return '[]'
    return value
      .map((item) => `${indent}- ${writeYaml(item, `${indent}  `).trimStart()}`)
      .join('\n')
  }
  const key = namedByUsers.has(owner) ? yamlText : yamlKey
  const lines = Object.entries(value).map(([name, each]) => {
    const text = writeYaml(each, `${indent}  `, name)
    return `${indent}${key(name)}:${isBlock(each) ? '\n' : ' '}${text}`
  })
  return lines.length === 0 ? '{}' : lines.join('\n')
}

function scalar(value: string | number | boolean | null, text: (value: string) => string): string {
  return typeof value === 'string' ? text(value) : String(value)
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function isBlock(value: Value): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

/** Lines up the names of neighbours that take one line each, as `terraform fmt` does. */
function aligned(
  entries: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const widths: number[] = []
  for (let start = 0; start < entries.length; ) {
    let end = start
    while (end < entries.length && entries[end]?.[1].includes('\n') !== true) end += 1
    const width = Math.max(0, ...entries.slice(start, end).map(([name]) => name.length))
    for (; start < end; start += 1) widths.push(width)
    // The one that stopped the run stands for itself.
    if (start < entries.length) widths.push(entries[start]?.[0].length ?? 0)
    start += 1
  }
  return entries.map(([name, text], index) => [name.padEnd(widths[index] ?? 0), text])
}
