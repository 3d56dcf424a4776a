import type { CatalogItem } from '../../api/types.ts'
import { millisecondsOf } from '../../parts/duration.ts'

/** Names one thing that can be asked for, in addresses too. */
export function keyOf({ integration, resource }: Pick<CatalogItem, 'integration' | 'resource'>) {
  const scope = resource.scope === undefined || resource.scope === '/' ? '' : resource.scope
  return `${integration}:${resource.type}/${resource.id}${scope}`
}

/** Capitals, accents and width do not matter to whoever searches. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** A catalogue whose texts are folded once, not with every keystroke. */
export interface Searchable {
  readonly item: CatalogItem
  readonly key: string
  readonly text: string
  /** Another one looks the same: its id has to tell them apart. */
  readonly isAmbiguous: boolean
}

export function searchable(items: readonly CatalogItem[]): readonly Searchable[] {
  const names = new Map<string, Set<string>>()
  for (const { resource } of items) {
    const name = folded(resource.name)
    names.set(name, (names.get(name) ?? new Set()).add(resource.id))
  }
  return items.map((item) => {
    const { name, description = '', id, type } = item.resource
    const kind = type === 'group' ? 'group' : 'directory role'
    return {
      item,
      key: keyOf(item),
      text: folded(`${name} ${description} ${id} ${kind} ${item.integration}`),
      isAmbiguous: (names.get(folded(name))?.size ?? 0) > 1,
    }
  })
}

/** Every word has to be somewhere; names that begin with all of it come first. */
export function search(catalog: readonly Searchable[], query: string): readonly Searchable[] {
  const words = folded(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return catalog
  const found = catalog.filter(({ text }) => words.every((word) => text.includes(word)))
  const rank = (entry: Searchable) => Number(!isMeant(entry, query))
  return found.toSorted((one, other) => rank(one) - rank(other))
}

/** The one that somebody means who presses Enter: the only one, or the only one of that beginning. */
export function meant(found: readonly Searchable[], query: string): Searchable | undefined {
  const beginning = found.filter((entry) => isMeant(entry, query))
  if (beginning.length === 1) return beginning[0]
  return found.length === 1 ? found[0] : undefined
}

function isMeant({ text }: Searchable, query: string): boolean {
  return text.startsWith(folded(query).trim())
}

/** The longest time that all of them allow, and the one that they would be asked for first. */
export function commonDuration(items: readonly CatalogItem[]) {
  const shortest = (values: readonly string[]) =>
    values.toSorted((one, other) => millisecondsOf(one) - millisecondsOf(other))[0]
  const maximum = shortest(items.map(({ maximumDuration }) => maximumDuration))
  const usual = shortest(
    items.map(({ defaultDuration, maximumDuration }) => defaultDuration ?? maximumDuration),
  )
  return { maximum, usual }
}
