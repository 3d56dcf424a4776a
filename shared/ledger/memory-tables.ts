import {
  type Columns,
  type KeyRange,
  type Page,
  type PageOptions,
  type Row,
  TableConflictError,
  type TableName,
  type Tables,
  TableUnavailableError,
  type Write,
} from './tables.ts'

/** What goes wrong with one call of the in-memory tables. */
export type TableFault = 'unavailable' | 'committed-reply-lost' | 'not-committed-unclear'

export interface MemoryTables extends Tables {
  /** Asked before each call; answer a fault to inject it. */
  fault: (call: {
    kind: 'read' | 'page' | 'write'
    table: TableName
    partition: string
  }) => TableFault | undefined
  /** Rows of a table in key order, for assertions. */
  all(table: TableName): readonly Row[]
  /** Takes a row away behind the ledger's back, as an outage or a hand in the storage would. */
  lose(table: TableName, partition: string, key: string): void
}

/**
 * The tables in memory, for fast tests and for the virtual clock. Trusted because it passes the
 * contract suite of `Tables` that the real adapter passes.
 */
export function createMemoryTables(): MemoryTables {
  const tables = new Map<TableName, Map<string, Map<string, Row>>>()
  let version = 0

  const partitionOf = (table: TableName, partition: string): Map<string, Row> => {
    const partitions = tables.get(table) ?? new Map<string, Map<string, Row>>()
    tables.set(table, partitions)
    const rows = partitions.get(partition) ?? new Map<string, Row>()
    partitions.set(partition, rows)
    return rows
  }

  const memory: MemoryTables = {
    fault: () => undefined,

    async read(table, partition, key) {
      const fault = memory.fault({ kind: 'read', table, partition })
      if (fault !== undefined) throw new TableUnavailableError(`read ${table}`, 'no')
      return partitionOf(table, partition).get(key)
    },

    async page(table, partition, range, options): Promise<Page> {
      const fault = memory.fault({ kind: 'page', table, partition })
      if (fault !== undefined) throw new TableUnavailableError(`read ${table}`, 'no')
      const rows = [...partitionOf(table, partition).values()].filter((row) =>
        inRange(row.key, range),
      )
      return pageOf(rows, options, (row) => row.key)
    },

    async scan(table, { partitions = {}, keys = {} }, options): Promise<Page> {
      const fault = memory.fault({ kind: 'page', table, partition: '' })
      if (fault !== undefined) throw new TableUnavailableError(`read ${table}`, 'no')
      const rows = [...(tables.get(table)?.values() ?? [])]
        .flatMap((partition) => [...partition.values()])
        .filter((row) => inRange(row.partition, partitions) && inRange(row.key, keys))
      return pageOf(rows, options, (row) => `${row.partition}\n${row.key}`)
    },

    async write(table, partition, writes) {
      const fault = memory.fault({ kind: 'write', table, partition })
      if (fault === 'unavailable') throw new TableUnavailableError(`write ${table}`, 'no')
      if (fault === 'not-committed-unclear') {
        throw new TableUnavailableError(`write ${table}`, 'unknown')
      }
      const rows = partitionOf(table, partition)
      for (const write of writes) check(rows.get(write.key), write, table)
      const etags = writes.map((write) => apply(rows, partition, write, () => `"${++version}"`))
      if (fault === 'committed-reply-lost') {
        throw new TableUnavailableError(`write ${table}`, 'unknown')
      }
      return etags
    },

    async prepare() {},

    all(table) {
      return [...(tables.get(table)?.entries() ?? [])]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, rows]) => [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1)))
    },

    lose(table, partition, key) {
      partitionOf(table, partition).delete(key)
    },
  }
  return memory
}

function pageOf(
  rows: readonly Row[],
  { limit = 1000, after }: PageOptions = {},
  placeOf: (row: Row) => string,
): Page {
  const sorted = rows
    .filter((row) => after === undefined || placeOf(row) > after)
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  const shown = sorted.slice(0, limit)
  const last = shown.at(-1)
  return sorted.length > limit && last !== undefined
    ? { rows: shown, next: placeOf(last) }
    : { rows: shown }
}

function inRange(key: string, range: KeyRange): boolean {
  return (
    (range.from === undefined || key >= range.from) &&
    (range.before === undefined || key < range.before)
  )
}

function check(row: Row | undefined, write: Write, table: TableName): void {
  if (write.do === 'insert' && row !== undefined) {
    throw new TableConflictError(`insert into ${table}`, 'exists')
  }
  const needsRow = write.do === 'replace' || write.do === 'drop'
  if (needsRow && row === undefined) throw new TableConflictError(`change ${table}`, 'missing')
  if (write.do === 'replace' && row?.etag !== write.etag) {
    throw new TableConflictError(`change ${table}`, 'changed')
  }
}

function apply(
  rows: Map<string, Row>,
  partition: string,
  write: Write,
  newEtag: () => string,
): string {
  if (write.do === 'drop') {
    rows.delete(write.key)
    return ''
  }
  const former: Columns = write.do === 'merge' ? (rows.get(write.key)?.columns ?? {}) : {}
  const row = {
    partition,
    key: write.key,
    etag: newEtag(),
    columns: { ...former, ...write.columns },
  }
  rows.set(write.key, row)
  return row.etag
}
