import { goneAt, type StoredResource, type StoredType, saysTheSame } from '../access/resource.ts'
import {
  mostResourceWrites,
  noteDepartures,
  type ResourceRow,
  type ResourceWrite,
  readResources,
  writeResources,
} from '../ledger/resource-rows.ts'
import { TableConflictError } from '../ledger/tables.ts'
import type { Needs } from './needs.ts'

/** How much of the store a piece of discovery has changed. */
export interface Effect {
  readonly changed: number
  readonly gone: number
}

const nothing: Effect = { changed: 0, gone: 0 }
const mostTries = 5

/** What becomes of a stored resource; undefined leaves it as it is. */
export type Become = (former: StoredResource | undefined, id: string) => StoredResource | undefined

/**
 * Changes resources of a type, page by page of a hundred, and writes those only that really change.
 * A page that meets a change of somebody else is read and decided again.
 */
export async function changeResources(
  needs: Pick<Needs, 'tables'>,
  type: StoredType,
  ids: readonly string[],
  become: Become,
): Promise<Effect> {
  let effect = nothing
  for (let start = 0; start < ids.length; start += mostResourceWrites) {
    const some = ids.slice(start, start + mostResourceWrites)
    effect = sum(effect, await changePage(needs, type, some, become))
  }
  return effect
}

/** Marks rows as gone that a complete reading has not found. */
export function markMissing(
  needs: Pick<Needs, 'tables'>,
  type: StoredType,
  missing: readonly ResourceRow[],
  at: string,
): Promise<Effect> {
  const marks = new Map(missing.map(({ resource }) => [resource.id, resource.mark]))
  return changeResources(needs, type, [...marks.keys()], (former) =>
    // Somebody may have seen it since it was found missing.
    former === undefined || former.mark !== marks.get(former.id) ? undefined : goneAt(former, at),
  )
}

async function changePage(
  { tables }: Pick<Needs, 'tables'>,
  type: StoredType,
  ids: readonly string[],
  become: Become,
): Promise<Effect> {
  for (let attempt = 1; ; attempt++) {
    const rows = await readResources(tables, type, ids)
    const writes = ids.flatMap((id): readonly ResourceWrite[] => {
      const former = rows.get(id)
      const resource = become(former?.resource, id)
      return resource === undefined ? [] : [{ resource, former }]
    })
    const going = writes.filter(goes)
    // First, so that no crash leaves something gone with access that nobody ends.
    await noteDepartures(
      tables,
      going.map(({ resource }) => ({ type, id: resource.id })),
    )
    try {
      await writeResources(tables, type, writes)
    } catch (error) {
      if (!(error instanceof TableConflictError) || attempt >= mostTries) throw error
      continue
    }
    const changed = writes.filter(
      ({ resource, former }) => !saysTheSame(former?.resource, resource),
    )
    return { changed: changed.length - going.length, gone: going.length }
  }
}

function goes({ resource, former }: ResourceWrite): boolean {
  return resource.goneAt !== undefined && former?.resource.goneAt === undefined
}

function sum(one: Effect, other: Effect): Effect {
  return { changed: one.changed + other.changed, gone: one.gone + other.gone }
}
