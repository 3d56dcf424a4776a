import { randomBytes } from 'node:crypto'
import { TableClient, type TransactionAction } from '@azure/data-tables'
import type { EventDraft } from '../shared/access/events.ts'
import { createAzureTables } from '../shared/ledger/azure-tables.ts'
import { commit, openStream, type Stream } from '../shared/ledger/stream.ts'
import type { Columns, Tables, Write } from '../shared/ledger/tables.ts'
import { type Figure, median } from './figure.ts'

const pairs = 400
const warmUp = 20

/** Events appended to the audit, against plain transactions with the same entities and bytes. */
export async function benchAppend(connectionString: string): Promise<readonly Figure[]> {
  const client = (table: string, options?: object) =>
    TableClient.fromConnectionString(connectionString, table, {
      ...options,
      allowInsecureConnection: true,
    })
  const tables = createAzureTables(client)
  await tables.prepare()
  const written: (readonly Write[])[] = []
  const watched: Tables = {
    ...tables,
    write: (table, partition, writes) => {
      written.push(writes)
      return tables.write(table, partition, writes)
    },
  }
  const needs = {
    tables: watched,
    now: () => new Date(),
    random: (count: number) => randomBytes(count),
    pause: async () => {},
  }
  const ledger = client('Ledger')
  let stream: Stream<object> = await openStream(tables, { name: 'bench', partition: 'bench' })
  let etag: string | undefined

  const append = async (): Promise<number> => {
    const began = performance.now()
    ;({ stream } = await commit(needs, stream, { state: { open: 1 }, events: [draft()] }))
    return performance.now() - began
  }
  const plain = async (): Promise<number> => {
    const actions = (written.shift() ?? []).map((write) => plainAction(write, etag))
    const began = performance.now()
    const answer = await ledger.submitTransaction(actions)
    const took = performance.now() - began
    etag = answer.subResponses[0]?.etag
    return took
  }

  // One ahead, so that each order of a pair has writes to repeat.
  await append()
  const ratios: number[] = []
  for (let round = 0; round < warmUp + pairs; round++) {
    const [ours, theirs] = await inTurn(round % 2 === 0, append, plain)
    if (round >= warmUp) ratios.push(theirs / ours)
  }
  return [
    {
      name: `audit append, ${pairs} pairs`,
      value: median(ratios),
      unit: 'of plain',
      limit: { at: 'least', value: 0.85 },
    },
  ]
}

/** Who goes first has a cold or a warm server: each does so half of the time. */
async function inTurn(
  isOursFirst: boolean,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<readonly [number, number]> {
  if (isOursFirst) return [await ours(), await theirs()]
  const second = await theirs()
  return [await ours(), second]
}

function draft(): EventDraft {
  return {
    event: 'grant.active',
    at: new Date().toISOString(),
    actor: { id: 'system', type: 'system' },
    requestId: 'bench',
    correlationId: 'bench',
    integration: 'ContosoEntra',
    accessFlow: 'oncall',
    resourceName: 'Production Readers',
    detail: { mechanism: 'direct', endsAt: new Date().toISOString(), before: 'absent' },
  }
}

/** The same write beside the stream's own partition. */
function plainAction(write: Write, etag: string | undefined): TransactionAction {
  const columns: Columns = 'columns' in write ? write.columns : {}
  const entity = { ...columns, partitionKey: 'plain', rowKey: write.key }
  return write.key === 'head' && etag !== undefined
    ? ['update', entity, 'Replace', { etag }]
    : ['create', entity]
}
