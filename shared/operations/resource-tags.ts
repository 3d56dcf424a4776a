import type { ResourceRef } from '../access/access.ts'
import { tagsOf } from '../access/resource-tags.ts'
import type { Tags } from '../access/selector.ts'
import { type ResourceRow, readResource, showCatalogTags } from '../ledger/resource-rows.ts'
import { openStream, type StreamPlace } from '../ledger/stream.ts'
import type { Tables } from '../ledger/tables.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import { announceChange } from './discover-state.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
import { tagsEtag } from './resources.ts'

/** A resource that can be tagged: its stream holds the tags, since policy depends on them. */
export type Taggable = Pick<ResourceRef, 'type' | 'id'>

interface TagState {
  readonly tags: Tags
}

function placeOf({ type, id }: Taggable): StreamPlace {
  return { name: `resource:${type}-${id}`, partition: `resource-${type}-${id}` }
}

/**
 * All tags of a resource, for a decision: those of the directory as discovery last saw them;
 * undefined where it has not seen the resource.
 */
export async function readTags(tables: Tables, resource: Taggable): Promise<Tags | undefined> {
  const [row, tags] = await Promise.all([
    readResource(tables, resource.type, resource.id),
    readCatalogTags(tables, resource),
  ])
  return row === undefined ? undefined : tagsOf(row.resource.attributes ?? {}, tags)
}

/** The tags that administrators gave a resource here, whatever the directory says. */
export async function readCatalogTags(tables: Tables, resource: Taggable): Promise<Tags> {
  const { state } = await openStream<TagState>(tables, placeOf(resource))
  return state?.tags ?? {}
}

/** Gives a resource its catalogue tags, all of them at once; the same again changes nothing. */
export async function putTags(
  needs: Needs,
  caller: CallerFacts,
  resource: Taggable,
  tags: Tags,
  ifMatch: string | undefined,
): Promise<{ readonly kind: 'put'; readonly row: ResourceRow } | Refusal> {
  const known = await readResource(needs.tables, resource.type, resource.id)
  if (known === undefined) {
    return refused('not-found', 'no-such-resource', 'No discovery has found such a resource.')
  }
  const changed = await changeStreamAndProject<
    TagState,
    Pick<ResourceRow, 'tagsVersion'> | Refusal
  >(needs, placeOf(resource), ({ state, sequence }) => {
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== tagsEtag(sequence)) {
      return { result: refused('stale', 'changed', 'It was changed by somebody else meanwhile.') }
    }
    const before = state?.tags ?? {}
    if (isSame(before, tags)) return { result: { tagsVersion: sequence } }
    return {
      result: { tagsVersion: sequence + 1 },
      change: {
        state: { tags },
        events: [
          {
            event: 'integration.changed',
            at: needs.now().toISOString(),
            actor: actorOf(caller),
            resourceType: resource.type,
            resourceId: resource.id,
            resourceName: known.resource.name,
            detail: { change: 'resource-tags', resourceTags: { before, after: tags } },
          },
        ],
      },
    }
  })
  if ('kind' in changed) return changed
  const shown = { catalogTags: tags, tagsVersion: changed.tagsVersion }
  // Also where nothing changed: a former call may have broken off before it came to this.
  await showCatalogTags(needs.tables, resource.type, resource.id, shown)
  await announceChange(needs)
  return { kind: 'put', row: { ...known, ...shown } }
}

function isSame(one: Tags, other: Tags): boolean {
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  )
}
