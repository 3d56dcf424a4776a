import {
  odata,
  RestError,
  type TableClient,
  type TableServiceClientOptions,
  TableTransaction,
  type TransactionAction,
} from '@azure/data-tables'
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
  tableNames,
  type Write,
} from './tables.ts'

/** Makes a client of one table; the composition root knows connection string or identity. */
export type NewTableClient = (table: string, options: TableServiceClientOptions) => TableClient

/** No single call of ours may hang longer than this. */
const callMilliseconds = 10_000

/**
 * `Tables` on Azure Table Storage by the official client. Reads are retried by the client, writes
 * never: its retry would answer 409 or 412 to our own success.
 */
export function createAzureTables(newClient: NewTableClient): Tables {
  const readers = new Map<TableName, TableClient>()
  const writers = new Map<TableName, TableClient>()
  for (const table of tableNames) {
    readers.set(table, newClient(table, { retryOptions: { maxRetries: 2, retryDelayInMs: 200 } }))
    writers.set(table, newClient(table, { retryOptions: { maxRetries: 0 } }))
  }
  const clientOf = (clients: Map<TableName, TableClient>, table: TableName): TableClient => {
    const client = clients.get(table)
    if (client === undefined) throw new Error(`Cannot use table ${table}: it is not ours`)
    return client
  }

  const listPage = async (
    table: TableName,
    conditions: readonly string[],
    options: PageOptions = {},
  ): Promise<Page> => {
    try {
      const pages = clientOf(readers, table)
        .listEntities({
          ...(conditions.length === 0
            ? {}
            : { queryOptions: { filter: conditions.join(' and ') } }),
          abortSignal: AbortSignal.timeout(callMilliseconds),
        })
        .byPage({
          maxPageSize: Math.min(options.limit ?? 1000, 1000),
          ...(options.after === undefined ? {} : { continuationToken: options.after }),
        })
      const first = await pages.next()
      const page = first.done === true ? [] : first.value
      const next = 'continuationToken' in page ? page.continuationToken : undefined
      const rows = page.map(rowFrom)
      return typeof next === 'string' && next !== '' ? { rows, next } : { rows }
    } catch (error) {
      throw new TableUnavailableError(`read ${table}`, 'no', { cause: error })
    }
  }

  return {
    async read(table, partition, key) {
      try {
        const entity = await clientOf(readers, table).getEntity(partition, key, {
          abortSignal: AbortSignal.timeout(callMilliseconds),
        })
        return rowFrom(entity)
      } catch (error) {
        if (statusOf(error) === 404) return undefined
        throw new TableUnavailableError(`read ${table}`, 'no', { cause: error })
      }
    },

    page: (table, partition, range, options) =>
      listPage(table, [odata`PartitionKey eq ${partition}`, ...rangeOf('RowKey', range)], options),

    scan: (table, { partitions = {}, keys = {} }, options) =>
      listPage(
        table,
        [...rangeOf('PartitionKey', partitions), ...rangeOf('RowKey', keys)],
        options,
      ),

    async write(table, partition, writes) {
      const client = clientOf(writers, table)
      const abortSignal = AbortSignal.timeout(callMilliseconds)
      try {
        const [only] = writes
        if (writes.length === 1 && only !== undefined) {
          return [await writeOne(client, partition, only, abortSignal)]
        }
        const transaction = new TableTransaction(writes.map((write) => actionOf(partition, write)))
        const answer = await client.submitTransaction(transaction.actions, { abortSignal })
        return answer.subResponses.map((sub) => sub.etag ?? '')
      } catch (error) {
        throw writeError(table, error)
      }
    },

    async prepare() {
      await Promise.all(tableNames.map((table) => clientOf(writers, table).createTable()))
    },
  }
}

function rangeOf(name: 'PartitionKey' | 'RowKey', { from, before }: KeyRange): readonly string[] {
  return [
    ...(from === undefined ? [] : [name + odata` ge ${from}`]),
    ...(before === undefined ? [] : [name + odata` lt ${before}`]),
  ]
}

function rowFrom(entity: Record<string, unknown>): Row {
  const columns: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(entity)) {
    if (name.includes('odata.') || bookkeeping.has(name)) continue
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      columns[name] = value
    }
  }
  return {
    partition: String(entity['partitionKey']),
    key: String(entity['rowKey']),
    etag: String(entity['etag']),
    columns,
  }
}

const bookkeeping = new Set(['partitionKey', 'rowKey', 'etag', 'timestamp'])

function entityOf(partition: string, key: string, columns: Columns) {
  return { ...columns, partitionKey: partition, rowKey: key }
}

function actionOf(partition: string, write: Write): TransactionAction {
  switch (write.do) {
    case 'insert':
      return ['create', entityOf(partition, write.key, write.columns)]
    case 'replace':
      return [
        'update',
        entityOf(partition, write.key, write.columns),
        'Replace',
        { etag: write.etag },
      ]
    case 'merge':
      return ['upsert', entityOf(partition, write.key, write.columns), 'Merge']
    case 'put':
      return ['upsert', entityOf(partition, write.key, write.columns), 'Replace']
    case 'drop':
      return ['delete', entityOf(partition, write.key, {})]
  }
}

async function writeOne(
  client: TableClient,
  partition: string,
  write: Write,
  abortSignal: AbortSignal,
): Promise<string> {
  switch (write.do) {
    case 'insert': {
      const answer = await client.createEntity(entityOf(partition, write.key, write.columns), {
        abortSignal,
      })
      return answer.etag ?? ''
    }
    case 'put':
    case 'merge': {
      const mode = write.do === 'merge' ? 'Merge' : 'Replace'
      const entity = entityOf(partition, write.key, write.columns)
      return (await client.upsertEntity(entity, mode, { abortSignal })).etag ?? ''
    }
    case 'drop':
      await client.deleteEntity(partition, write.key, { abortSignal })
      return ''
    case 'replace': {
      const entity = entityOf(partition, write.key, write.columns)
      const condition = { abortSignal, etag: write.etag }
      return (await client.updateEntity(entity, 'Replace', condition)).etag ?? ''
    }
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined
}

/** Codes of a connection that was never made: the write cannot have happened. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

function writeError(table: TableName, error: unknown): unknown {
  const status = statusOf(error)
  const code = error instanceof RestError ? error.code : undefined
  if (status === 409) return new TableConflictError(`write ${table}`, 'exists', { cause: error })
  if (status === 412) return new TableConflictError(`write ${table}`, 'changed', { cause: error })
  if (status === 404 && !String(code).includes('TableNotFound')) {
    return new TableConflictError(`write ${table}`, 'missing', { cause: error })
  }
  // Any other 4xx is a mistake of ours, and must be heard as one.
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return error
  }
  const refused = status === 429 || (code !== undefined && notSent.has(code))
  return new TableUnavailableError(`write ${table}`, refused ? 'no' : 'unknown', { cause: error })
}
