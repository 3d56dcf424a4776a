import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours for a terminal that shows them; `NO_COLOR` and pipes get plain text. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** `1.4 s`, aligned. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`.padStart(7)
}

/** Prints a line when a step of the start is done: what, how long it took, the outcome. */
export async function step<Result>(
  title: string,
  work: Promise<Result>,
  outcome: (result: Result) => string,
): Promise<Result> {
  const began = performance.now()
  const result = await work
  const took = paint('dim', seconds(performance.now() - began))
  console.log(`  ${title.padEnd(22)}${took}   ${outcome(result)}`)
  return result
}

export function heading(text: string): void {
  console.log(`\n${paint('bold', text)}`)
}

/** Lines of two columns. */
export function list(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length))
  for (const [name, value] of rows) console.log(`  ${name.padEnd(width)}   ${value}`)
}
