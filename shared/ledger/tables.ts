import { BrokerError } from '../access/errors.ts'

/** The tables outsiders may rely on (contract, "Audit rows"). */
export type TableName = 'Ledger' | 'Index' | 'Claims' | 'Audit'

export const tableNames: readonly TableName[] = ['Ledger', 'Index', 'Claims', 'Audit']

export type Columns = Readonly<Record<string, string | number | boolean>>

export interface Row {
  readonly partition: string
  readonly key: string
  readonly etag: string
  readonly columns: Columns
}

/** One change of one row. `replace` and `drop` with an ETag act only on that very version. */
export type Write =
  | { readonly do: 'insert'; readonly key: string; readonly columns: Columns }
  | {
      readonly do: 'replace'
      readonly key: string
      readonly columns: Columns
      readonly etag: string
    }
  /** Keeps the columns that it does not name; makes the row where it is missing. */
  | { readonly do: 'merge'; readonly key: string; readonly columns: Columns }
  | { readonly do: 'put'; readonly key: string; readonly columns: Columns }
  | { readonly do: 'drop'; readonly key: string }

/** Row keys from `from` (inclusive) to `before` (exclusive), in ascending order. */
export interface KeyRange {
  readonly from?: string
  readonly before?: string
}

/** Rows of a whole table: those whose partition and key both lie in their range. */
export interface TableRange {
  readonly partitions?: KeyRange
  readonly keys?: KeyRange
}

/** How much of a range one call answers, and where it goes on. */
export interface PageOptions {
  readonly limit?: number
  readonly after?: string
}

export interface Page {
  readonly rows: readonly Row[]
  /** Hand back as `after` to read on; absent at the end. */
  readonly next?: string
}

/**
 * Table Storage as the ledger needs it. Writes to one partition are all or nothing and are never
 * retried inside: an unclear answer comes out as `TableUnavailableError` with `applied: 'unknown'`.
 */
export interface Tables {
  read(table: TableName, partition: string, key: string): Promise<Row | undefined>
  page(table: TableName, partition: string, range: KeyRange, options?: PageOptions): Promise<Page>
  /** Reads across partitions, ordered by partition and key: for those who have to see everything. */
  scan(table: TableName, range: TableRange, options?: PageOptions): Promise<Page>
  /** At most 100 writes; answers the new ETags in order (empty for `drop`). */
  write(table: TableName, partition: string, writes: readonly Write[]): Promise<readonly string[]>
  /** Makes the tables where they are missing. */
  prepare(): Promise<void>
}

/** A write met a row in another state than it asked for; nothing was written. */
export class TableConflictError extends BrokerError {
  override readonly name = 'TableConflictError'
  readonly code = 'LEDGER_CONFLICT'
  readonly retryable = true
  /** `exists`: insert met a row; `changed`: another ETag; `missing`: no such row. */
  readonly found: 'exists' | 'changed' | 'missing'

  constructor(action: string, found: 'exists' | 'changed' | 'missing', options?: ErrorOptions) {
    super(`Cannot ${action}: the row ${found === 'exists' ? 'exists' : `is ${found}`}`, options)
    this.found = found
  }
}

/** Storage did not answer. `applied` says whether a write may have happened all the same. */
export class TableUnavailableError extends BrokerError {
  override readonly name = 'TableUnavailableError'
  readonly code = 'LEDGER_UNAVAILABLE'
  readonly retryable = true
  readonly applied: 'no' | 'unknown'

  constructor(action: string, applied: 'no' | 'unknown', options?: ErrorOptions) {
    super(`Cannot ${action}: storage did not answer`, options)
    this.applied = applied
  }
}

/** Reads a whole range, page after page. For ranges known to be small, or streamed by the caller. */
export async function* rowsOf(
  tables: Tables,
  table: TableName,
  partition: string,
  range: KeyRange,
  limit = 1000,
): AsyncGenerator<Row> {
  yield* eachPage((options) => tables.page(table, partition, range, options), limit)
}

/** Reads a range of a whole table, page after page, ordered by partition and key. */
export async function* everyRowOf(
  tables: Tables,
  table: TableName,
  range: TableRange,
  limit = 1000,
): AsyncGenerator<Row> {
  yield* eachPage((options) => tables.scan(table, range, options), limit)
}

async function* eachPage(
  read: (options: PageOptions) => Promise<Page>,
  limit: number,
): AsyncGenerator<Row> {
  let after: string | undefined
  do {
    const page = await read({ limit, ...(after === undefined ? {} : { after }) })
    yield* page.rows
    after = page.next
  } while (after !== undefined)
}
