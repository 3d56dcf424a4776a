/** Picks resources: by object id, by name with `*` as wildcard, or by tag. */
export interface Selector {
  readonly by: 'id' | 'name' | 'tag'
  readonly key?: string | undefined
  readonly values: readonly string[]
}

export interface Selectable {
  readonly id: string
  readonly name: string
}

/** Whether a resource is picked: by any include (or all, without one), and by no exclude. */
export function isSelected(
  resource: Selectable,
  {
    include,
    exclude,
  }: { include?: readonly Selector[] | undefined; exclude?: readonly Selector[] | undefined },
): boolean {
  if (exclude?.some((selector) => picks(selector, resource)) === true) return false
  return include === undefined || include.some((selector) => picks(selector, resource))
}

function picks(selector: Selector, { id, name }: Selectable): boolean {
  switch (selector.by) {
    case 'id':
      return selector.values.some((value) => value.toLowerCase() === id.toLowerCase())
    case 'name':
      return selector.values.some((value) => matchesWildcard(value, name))
    case 'tag':
      return false
  }
}

/**
 * Matches a name as a whole, without regard to case; `*` stands for any text.
 * Each part is looked for once, from left to right, so no pattern can make it backtrack.
 */
function matchesWildcard(pattern: string, name: string): boolean {
  const parts = fold(pattern).split('*')
  const text = fold(name)
  const first = parts[0] ?? ''
  if (parts.length === 1) return text === first
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first) || text.length < first.length + last.length) return false
  let from = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from)
    if (found < 0 || found + part.length > end) return false
    from = found + part.length
  }
  return text.endsWith(last)
}

/** A sigma is small in another way at the end of a word, which a pattern may cut anywhere. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ')
}
