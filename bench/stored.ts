import { setTimeout as wait } from 'node:timers/promises'
import { TableClient, TableServiceClient } from '@azure/data-tables'
import * as z from 'zod'
import { expectAnswer } from '../local/stack/api-client.ts'
import { tableNames } from '../shared/ledger/tables.ts'
import type { BenchStack } from './bench-stack.ts'
import type { Figure } from './figure.ts'

const grants = 5
const requestSchema = z.object({ id: z.string(), status: z.string() })

/** What is stored for a grant that waits for its end, by the formula that Azure publishes. */
export async function benchStored(
  stack: BenchStack,
  bodies: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly Figure[]> {
  const storage = stack.directSettings['AzureWebJobsStorage'] ?? ''
  const call = await stack.as('ada')
  const before = await measure(storage)
  for (const body of bodies.slice(0, grants)) {
    const answer = await call('POST', '/requests', { ...body, duration: 'PT1H' })
    const { id } = expectAnswer('ask for access', answer, [202], requestSchema)
    await untilActive(async () => {
      const read = await call('GET', `/requests/${id}`)
      return expectAnswer('read the request', read, [200], requestSchema).status
    })
  }
  const after = await measure(storage)
  const each = (part: keyof Stored) => (after[part] - before[part]) / grants
  const unit = 'bytes'
  return [
    {
      name: 'stored of a waiting grant, our rows that say how it stands',
      value: each('state'),
      unit,
      limit: { at: 'most', value: 10 * 1024 },
    },
    { name: 'stored of a waiting grant, its events in Ledger', value: each('events'), unit },
    { name: 'stored of a waiting grant, its events in Audit', value: each('audit'), unit },
    {
      name: "stored of a waiting grant, Durable's (embedded host)",
      value: each('durable'),
      unit,
    },
  ]
}

/** Bytes of all there is, by what they are for. */
interface Stored {
  state: number
  events: number
  audit: number
  durable: number
}

async function untilActive(status: () => Promise<string>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await status()) === 'active') {
      // The last rows of the grant follow its answer.
      await wait(500)
      return
    }
    await wait(100)
  }
  throw new Error('Cannot measure: a grant did not become active')
}

async function measure(connectionString: string): Promise<Stored> {
  const options = { allowInsecureConnection: true }
  const bytes: Stored = { state: 0, events: 0, audit: 0, durable: 0 }
  const service = TableServiceClient.fromConnectionString(connectionString, options)
  for await (const { name = '' } of service.listTables()) {
    const client = TableClient.fromConnectionString(connectionString, name, options)
    for await (const entity of client.listEntities()) {
      bytes[partOf(name, String(entity.rowKey))] += sizeOf(entity)
    }
  }
  return bytes
}

function partOf(table: string, rowKey: string): keyof Stored {
  if (!tableNames.some((name) => name === table)) return 'durable'
  if (table === 'Audit') return 'audit'
  return table === 'Ledger' && rowKey.startsWith('e-') ? 'events' : 'state'
}

/**
 * 4 bytes, twice the characters of both keys, and for each property 8 bytes, twice the characters of
 * its name, and its value: strings twice their characters and 4 bytes, numbers at most 8.
 */
function sizeOf(entity: Readonly<Record<string, unknown>>): number {
  const { partitionKey, rowKey, etag: _, ...properties } = entity
  let bytes = 4 + 2 * (String(partitionKey).length + String(rowKey).length)
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('odata.')) continue
    bytes += 8 + 2 * name.length + valueSize(name, value)
  }
  return bytes
}

function valueSize(name: string, value: unknown): number {
  if (typeof value === 'boolean') return 1
  if (typeof value === 'string' && name !== 'timestamp') return 4 + 2 * value.length
  if (value instanceof Uint8Array) return 4 + value.length
  return 8
}
