import { fold } from './fold.ts'
import { oncePer } from './once.ts'

/** Picks resources: by object id, by name with `*` as wildcard, or by tag. */
export interface Selector {
  readonly by: 'id' | 'name' | 'tag'
  readonly key?: string | undefined
  readonly values: readonly string[]
}

/** Tags of a resource by their keys. */
export type Tags = Readonly<Record<string, string>>

export interface Selectable {
  readonly id: string
  readonly name: string
  readonly tags?: Tags | undefined
}

/** Whether a resource is picked: by any include (or all, without one), and by no exclude. */
export function isSelected(
  resource: Selectable,
  {
    include,
    exclude,
  }: { include?: readonly Selector[] | undefined; exclude?: readonly Selector[] | undefined },
): boolean {
  const picking = (selector: Selector) => picks(selector, resource)
  return (include?.some(picking) ?? true) && exclude?.some(picking) !== true
}

function picks(selector: Selector, resource: Selectable): boolean {
  switch (selector.by) {
    case 'id':
      return foldedIds(selector).has(foldedId(resource))
    case 'name':
      return wildcardsOf(selector).some((parts) => matchesWildcard(parts, foldedName(resource)))
    case 'tag':
      return Object.entries(resource.tags ?? {}).some(
        ([key, tag]) =>
          fold(key) === fold(selector.key ?? '') &&
          wildcardsOf(selector).some((parts) => matchesWildcard(parts, fold(tag))),
      )
  }
}

// Documents and resources are compared over and over, and folding a text costs more than comparing.
const foldedIds = oncePer(({ values }: Selector) => new Set(values.map(fold)))
const wildcardsOf = oncePer(({ values }: Selector) => values.map((value) => fold(value).split('*')))
const foldedId = oncePer(({ id }: Selectable) => fold(id))
const foldedName = oncePer(({ name }: Selectable) => fold(name))

/**
 * Matches a name as a whole; between the parts of the pattern stands any text.
 * Each part is looked for once, from left to right, so no pattern can make it backtrack.
 */
function matchesWildcard(parts: readonly string[], text: string): boolean {
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
