import type { StoredResource, StoredType } from '../access/resource.ts'
import { joinJson, splitJson } from './columns.ts'
import { type Columns, type Row, TableConflictError, type Tables, type Write } from './tables.ts'

/**
 * What discovery knows: a row a resource in `Index`, a partition a type. A row that is gone stays,
 * so that it can come back with its tags.
 */
export interface ResourceRow {
  readonly resource: StoredResource
  /** Tags that administrators gave it here; the stream of the resource is their truth. */
  readonly catalogTags: Readonly<Record<string, string>>
  /** Counts up with every change of the tags; 0 where there never were any. */
  readonly tagsVersion: number
  readonly etag: string
}

/** A row to be written, and the one it replaces; the write fails where that has changed. */
export interface ResourceWrite {
  readonly resource: StoredResource
  readonly former: ResourceRow | undefined
}

/** Table Storage takes so many writes a transaction. */
export const mostResourceWrites = 100
const readsAtOnce = 16

export async function readResource(
  tables: Tables,
  type: StoredType,
  id: string,
): Promise<ResourceRow | undefined> {
  const row = await tables.read('Index', partitionOf(type), id)
  return row === undefined ? undefined : rowFrom(row)
}

/** Many rows by their ids; what is not known is not in the map. */
export async function readResources(
  tables: Tables,
  type: StoredType,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ResourceRow>> {
  const found = new Map<string, ResourceRow>()
  for (let start = 0; start < ids.length; start += readsAtOnce) {
    const some = ids.slice(start, start + readsAtOnce)
    const rows = await Promise.all(some.map((id) => readResource(tables, type, id)))
    for (const row of rows) if (row !== undefined) found.set(row.resource.id, row)
  }
  return found
}

/** Rows of a type in the order of their ids. */
export async function resourcePage(
  tables: Tables,
  type: StoredType,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly rows: readonly ResourceRow[]; readonly next?: string }> {
  const page = await tables.page(
    'Index',
    partitionOf(type),
    {},
    { limit, ...(after === undefined ? {} : { after }) },
  )
  const rows = page.rows.map(rowFrom)
  return page.next === undefined ? { rows } : { rows, next: page.next }
}

/** Writes at most a hundred rows of one type, all or none of them. */
export async function writeResources(
  tables: Tables,
  type: StoredType,
  writes: readonly ResourceWrite[],
): Promise<void> {
  if (writes.length === 0) return
  await tables.write('Index', partitionOf(type), writes.map(writeOf))
}

/** Shows tags on the row of a resource; a later version that is there already is left alone. */
export async function showCatalogTags(
  tables: Tables,
  type: StoredType,
  id: string,
  shown: Pick<ResourceRow, 'catalogTags' | 'tagsVersion'>,
): Promise<void> {
  for (;;) {
    const former = await readResource(tables, type, id)
    if (former === undefined || former.tagsVersion > shown.tagsVersion) return
    const columns = columnsOf({ ...former, ...shown })
    try {
      await tables.write('Index', partitionOf(type), [
        { do: 'replace', key: id, columns, etag: former.etag },
      ])
      return
    } catch (error) {
      if (!(error instanceof TableConflictError)) throw error
    }
  }
}

/** A resource that has gone, as long as somebody may still hold access to it. */
export interface Departure {
  readonly type: StoredType
  readonly id: string
}

const departures = 'resources-gone'

/** Remembers what goes, before it is marked as gone: open access to it has to be ended. */
export async function noteDepartures(tables: Tables, gone: readonly Departure[]): Promise<void> {
  if (gone.length === 0) return
  const writes = gone.map(
    ({ type, id }): Write => ({
      do: 'put',
      key: departureKey({ type, id }),
      columns: { type, id },
    }),
  )
  await tables.write('Index', departures, writes)
}

export async function readDepartures(tables: Tables, limit: number): Promise<readonly Departure[]> {
  const page = await tables.page('Index', departures, {}, { limit })
  return page.rows.map(({ columns }) => ({
    type: String(columns['type']) as StoredType,
    id: String(columns['id']),
  }))
}

export async function dropDeparture(tables: Tables, gone: Departure): Promise<void> {
  try {
    await tables.write('Index', departures, [{ do: 'drop', key: departureKey(gone) }])
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
  }
}

export function departureKey({ type, id }: Departure): string {
  return `${type}-${id}`
}

function partitionOf(type: StoredType): string {
  return `resources-${type}`
}

function writeOf({ resource, former }: ResourceWrite): Write {
  const { catalogTags = {}, tagsVersion = 0 } = former ?? {}
  const columns = columnsOf({ resource, catalogTags, tagsVersion })
  return former === undefined
    ? { do: 'insert', key: resource.id, columns }
    : { do: 'replace', key: resource.id, columns, etag: former.etag }
}

function columnsOf({ resource, catalogTags, tagsVersion }: Omit<ResourceRow, 'etag'>): Columns {
  return {
    kind: resource.kind,
    gone: resource.goneAt !== undefined,
    tagsVersion,
    ...splitJson('resource', resource),
    ...splitJson('tags', catalogTags),
  }
}

/** Reads a row back; it is ours, so its shape is trusted. */
function rowFrom({ columns, etag }: Row): ResourceRow {
  return {
    resource: joinJson('resource', columns) as StoredResource,
    catalogTags: (joinJson('tags', columns) ?? {}) as Record<string, string>,
    tagsVersion: Number(columns['tagsVersion'] ?? 0),
    etag,
  }
}
