/** One line of the scoreboard. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What the figure has to keep; absent for what is only reported. */
  readonly limit?: { readonly at: 'most' | 'least' | 'exactly'; readonly value: number }
}

export function isKept({ value, limit }: Figure): boolean {
  if (limit === undefined) return true
  switch (limit.at) {
    case 'most':
      return value <= limit.value
    case 'least':
      return value >= limit.value
    case 'exactly':
      return value === limit.value
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}

const signs = { most: '≤', least: '≥', exactly: '=' }

export function printFigures(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ name }) => name.length))
  for (const figure of figures) {
    const { name, value, unit, limit } = figure
    const shown = Number.isInteger(value) ? String(value) : value.toFixed(3)
    const wanted = limit === undefined ? '' : `${signs[limit.at]} ${limit.value}`
    const mark = limit === undefined ? ' ' : isKept(figure) ? '✓' : '✗'
    console.log(`${mark} ${name.padEnd(width)}  ${shown.padStart(10)} ${unit.padEnd(10)} ${wanted}`)
  }
}
