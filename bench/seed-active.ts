import { randomBytes } from 'node:crypto'
import type { AccessKey } from '../shared/access/access.ts'
import { dueAt } from '../shared/access/due.ts'
import { newPair, type Pair } from '../shared/access/pair.ts'
import { splitJson } from '../shared/ledger/columns.ts'
import { newRequestId, pairIdOf, pairPartition, pairStream } from '../shared/ledger/ids.ts'
import { genesisHash } from '../shared/ledger/ledger-event.ts'
import type { PairState } from '../shared/ledger/pair-ledger.ts'
import { commit } from '../shared/ledger/stream.ts'
import type { Tables, Write } from '../shared/ledger/tables.ts'
import { dueKey, workPartition } from '../shared/ledger/work-rows.ts'

const pairsABatch = 45
const atOnce = 8

interface Needs {
  readonly tables: Tables
  readonly tenantId: string
  readonly now: Date
  readonly endsAt: Date
}

/**
 * Puts active grants straight into the ledger, each with its head, its due row and its marker, as
 * if they had been given long ago. `first` tells runs apart.
 */
export async function seedActive(
  needs: Needs,
  first: number,
  count: number,
): Promise<readonly AccessKey[]> {
  const seeded: AccessKey[] = []
  const numbers = Array.from({ length: count }, (_, index) => first + index)
  for (let start = 0; start < numbers.length; start += pairsABatch) {
    const batch = numbers
      .slice(start, start + pairsABatch)
      .map((number) => activePair(needs, number))
    seeded.push(...batch.map(({ key }) => key))
    await needs.tables.write('Index', workPartition, batch.flatMap(indexRows))
    for (let from = 0; from < batch.length; from += atOnce) {
      await Promise.all(batch.slice(from, from + atOnce).map((pair) => storeHead(needs, pair)))
    }
  }
  return seeded
}

function activePair({ tenantId, now, endsAt }: Needs, number: number): Pair {
  const key = {
    tenantId,
    grantee: uuid(number),
    resource: { type: 'group', id: uuid(0) },
    permission: 'member',
  } as const
  const id = newRequestId(pairIdOf(key), now, (bytes) => randomBytes(bytes))
  return {
    ...newPair(key),
    held: 'ours',
    reasons: [
      {
        id,
        status: 'active',
        requester: { id: key.grantee, type: 'user' },
        integration: 'ContosoEntra',
        accessFlow: { name: 'oncall', version: 1 },
        resourceName: 'Production Readers',
        correlationId: id,
        durationMilliseconds: endsAt.getTime() - now.getTime(),
        approvedAt: now.toISOString(),
        endsAt: endsAt.toISOString(),
      },
    ],
  }
}

function indexRows(pair: Pair): Write[] {
  const subject = pairPartition(pairIdOf(pair.key))
  const endsAt = new Date(pair.reasons[0]?.endsAt ?? 0)
  return [
    { do: 'insert', key: dueKey(endsAt, subject), columns: { subject, from: 1 } },
    { do: 'put', key: `o-${subject}`, columns: { subject } },
  ]
}

async function storeHead({ tables, now }: Needs, pair: Pair): Promise<void> {
  const pairId = pairIdOf(pair.key)
  const place = { name: pairStream(pairId), partition: pairPartition(pairId) }
  const limits = { overdueAfter: 0, giveUpAfter: 0, replicationTime: 0, retryMaximum: 0 }
  const due = dueAt(pair, limits, now)?.toISOString() ?? ''
  const empty = {
    ...place,
    state: undefined,
    sequence: 0,
    hash: genesisHash,
    at: undefined,
    etag: undefined,
  }
  const state: PairState = { pair, due }
  const streamNeeds = {
    tables,
    now: () => now,
    random: (bytes: number) => randomBytes(bytes),
    pause: async () => {},
  }
  const rows: Write[] = pair.reasons.map((reason) => ({
    do: 'insert',
    key: `r-${reason.id.slice(-26)}`,
    columns: {
      status: reason.status,
      ...splitJson('reason', reason),
      ...splitJson('key', pair.key),
      ...splitJson('submission', { grantee: { id: pair.key.grantee, name: 'Somebody' } }),
    },
  }))
  await commit(streamNeeds, empty, { state, events: [], rows })
}

function uuid(number: number): string {
  return `50000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}
