/** What differs between any two runs: ids, times, addresses, keys and the stacks of two runtimes. */
export interface Normaliser {
  /** A value with placeholders; the same id becomes the same placeholder throughout a scenario. */
  normalise(value: unknown): unknown
  /** Ids in the order in which they were first met. */
  readonly ids: readonly string[]
}

const guid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const idPattern = new RegExp(`${guid}|\\b[0-9a-f]{32}\\b`, 'gi')
const timePattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g
const datePattern = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g
const localTimePattern = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?/g

export function createNormaliser(keys: readonly string[]): Normaliser {
  const ids: string[] = []

  const textOf = (text: string): string => {
    let out = text
    for (const key of keys) out = out.replaceAll(key, '<key>')
    return out
      .replace(/https?:\/\/(?:localhost|127\.0\.0\.1):\d+/g, '<host>')
      .replace(/\b(?:localhost|127\.0\.0\.1):\d+/g, '<host>')
      .replace(timePattern, '<time>')
      .replace(datePattern, '<date>')
      .replace(localTimePattern, '<time>')
      .replace(idPattern, (id) => placeholder(id.toLowerCase()))
      .replace(/\{\\?"\$type\\?":\\?"System\.Exception[\s\S]*$/, '<exception>')
      .replace(/, StackTrace: [\s\S]*$/, ', StackTrace: <stack>')
  }
  const placeholder = (id: string): string => {
    if (!ids.includes(id)) ids.push(id)
    return `<id ${ids.indexOf(id) + 1}>`
  }
  const normalise = (value: unknown): unknown => {
    if (typeof value === 'string') return textOf(value)
    if (Array.isArray(value)) return value.map(normalise)
    if (typeof value !== 'object' || value === null) return value
    // By name, so that ids are met in the same order on both sides.
    const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(
      entries.map(([name, one]) => [
        textOf(name),
        /^StackTrace$/.test(name) ? '<stack>' : normalise(one),
      ]),
    )
  }
  return { normalise, ids }
}
