import type { StoredResource, StoredType } from '../access/resource.ts'
import { tagsOf } from '../access/resource-tags.ts'
import type { Tags } from '../access/selector.ts'
import { type ResourceRow, resourcePage } from '../ledger/resource-rows.ts'
import type { Tables } from '../ledger/tables.ts'
import { type Known, readKnown } from './discover-state.ts'

/** A stored resource with all of its tags. */
export interface KnownResource extends StoredResource {
  readonly tags: Tags
  readonly catalogTags: Tags
  readonly tagsVersion: number
}

/** All resources of a type by name, gone ones too; undefined until a discovery has found them all. */
export type ReadResources = (type: StoredType) => Promise<readonly KnownResource[] | undefined>

const rowsAPage = 1_000

/**
 * Reads the stored resources; kept in memory until the store says that something has changed, so
 * that a keystroke costs one small read.
 */
export function createReadResources(tables: Tables): ReadResources {
  const kept = new Map<
    StoredType,
    { readonly version: string; readonly resources: Promise<readonly KnownResource[]> }
  >()
  return async (type) => {
    const known = await readKnown(tables)
    if (known === undefined || sinceOf(known, type) === undefined) return undefined
    const former = kept.get(type)
    if (former?.version === known.version) return former.resources
    const resources = readAll(tables, type)
    kept.set(type, { version: known.version, resources })
    // What could not be read is read again by the next call.
    resources.catch(() => kept.delete(type))
    return resources
  }
}

export function knownFrom({ resource, catalogTags, tagsVersion }: ResourceRow): KnownResource {
  const tags = tagsOf(resource.attributes, catalogTags)
  return { ...resource, tags, catalogTags, tagsVersion }
}

function sinceOf(known: Known, type: StoredType): string | undefined {
  return type === 'group' ? known.groups : known.roles
}

async function readAll(tables: Tables, type: StoredType): Promise<readonly KnownResource[]> {
  const resources: KnownResource[] = []
  let after: string | undefined
  do {
    const page = await resourcePage(tables, type, { limit: rowsAPage, after })
    for (const row of page.rows) resources.push(knownFrom(row))
    after = page.next
  } while (after !== undefined)
  return resources.sort(byName)
}

/** The order of every list of resources; the id decides between equal names. */
export function byName(
  one: Pick<KnownResource, 'name' | 'id'>,
  other: Pick<KnownResource, 'name' | 'id'>,
): number {
  const names = collator.compare(one.name, other.name)
  if (names !== 0) return names
  return one.id === other.id ? 0 : one.id < other.id ? -1 : 1
}

const collator = new Intl.Collator('en')
