import { stripVTControlCharacters, styleText } from 'node:util'
import type { Output } from './world.ts'

/** Controls, marks of direction and whatever else shows nothing, but for the joiners of emoji. */
const hidden = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text of somebody else on one line, unable to move the cursor or to turn what follows around. */
export function shown(text: string): string {
  return text.replace(/\r?\n|\t/g, ' ').replace(hidden, '\ufffd')
}

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\uff01-\uff60]/u

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of segments.segment(stripVTControlCharacters(text))) {
    width += wide.test(segment) ? 2 : 1
  }
  return width
}

function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  for (const { segment } of segments.segment(text)) {
    if (widthOf(kept + segment) >= width) break
    kept += segment
  }
  return `${kept}…`
}

/** One column of a table: its head, its cells, and whether it may be cut to fit the terminal. */
export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => string | undefined
  readonly style?: (row: Row) => Style | undefined
  readonly mayShrink?: boolean
}

export type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan'

const gap = 2
const narrowest = 12

/** Rows under their heads, without borders; on a terminal no wider than it. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  out: Output,
): string {
  const cells = rows.map((row) => columns.map(({ cell }) => shown(cell(row) ?? '')))
  const heads = columns.map(({ head }) => head)
  const widths = heads.map((head, index) =>
    Math.max(widthOf(head), ...cells.map((line) => widthOf(line[index] ?? ''))),
  )
  if (out.isTTY === true && out.columns !== undefined) shrink(widths, columns, out.columns)
  const line = (texts: readonly string[], row?: Row) =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0
        const kept = cutTo(text, width)
        const style = row === undefined ? 'dim' : columns[index]?.style?.(row)
        const padding = index === texts.length - 1 ? 0 : width - widthOf(kept)
        return `${styled(style, kept, out)}${' '.repeat(Math.max(0, padding))}`
      })
      .join(' '.repeat(gap))
      .trimEnd()
  return [line(heads), ...rows.map((row, index) => line(cells[index] ?? [], row))].join('\n')
}

function shrink<Row>(widths: number[], columns: readonly Column<Row>[], most: number): void {
  const total = () => widths.reduce((sum, width) => sum + width + gap, -gap)
  for (let over = total() - most; over > 0; over = total() - most) {
    const soft = columns.flatMap(({ mayShrink }, index) => (mayShrink === true ? [index] : []))
    const widest = soft.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    const width = widest === undefined ? 0 : (widths[widest] ?? 0)
    if (widest === undefined || width <= narrowest) return
    widths[widest] = Math.max(narrowest, width - over)
  }
}

/** Colour where the output takes it. */
export function styled(style: Style | undefined, text: string, out: Output): string {
  if (style === undefined || text === '' || out.hasColours !== true) return text
  return styleText(style, text, { validateStream: false })
}

/** One line of facts; without a value it is left out. */
export type Fact = readonly [label: string, value: string | undefined, style?: Style | undefined]

/** Labels and values, one a line, the values in one column. */
export function facts(pairs: readonly Fact[], out: Output): string {
  const there = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...there.map(([label]) => widthOf(label)))
  return there
    .map(([label, value = '', style]) => {
      return `${styled('dim', label.padEnd(width), out)}  ${styled(style, shown(value), out)}`
    })
    .join('\n')
}
