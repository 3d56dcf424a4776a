import { randomBytes } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { createMemoryDirectory } from '../shared/directory/memory-directory.ts'
import { createAzureTables } from '../shared/ledger/azure-tables.ts'
import { createJudgeStarts } from '../shared/operations/judge-starts.ts'
import type { Needs } from '../shared/operations/needs.ts'
import { createSettlePair } from '../shared/operations/settle-pair.ts'
import { sweep } from '../shared/operations/sweep.ts'
import { createReadConfiguration } from '../shared/operations/system-stream.ts'
import type { CountingProxy } from './counting-proxy.ts'
import type { Figure } from './figure.ts'
import { seedActive } from './seed-active.ts'

const tenantId = '10000000-0000-4000-8000-000000000001'
const populations = [0, 1_000, 10_000]
const dueAtOnce = 3

/** What one sweep costs in storage calls, by how many grants are active and how many are due. */
export async function benchSweep(storage: CountingProxy): Promise<readonly Figure[]> {
  const tables = createAzureTables((table, options) =>
    TableClient.fromConnectionString(storage.connectionString, table, {
      ...options,
      allowInsecureConnection: true,
    }),
  )
  await tables.prepare()
  const directory = createMemoryDirectory({ tenantId, now: () => new Date() })
  const now = new Date()
  const hour = 3_600_000
  const needs: Needs = {
    tables,
    directory,
    publisher: { publish: async () => {} },
    log: () => {},
    now: () => new Date(),
    random: (count) => randomBytes(count),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    tenantId,
    limits: { overdueAfter: hour, giveUpAfter: hour, replicationTime: 2_000, retryMaximum: 5_000 },
    rules: {
      minimumDuration: 1_000,
      requestTimeout: 86_400_000,
      maximumPending: 20,
      sweepGrace: 0,
    },
  }
  const settle = createSettlePair(needs, createJudgeStarts(needs, createReadConfiguration(tables)))
  const run = async (): Promise<number> => {
    const before = storage.calls.length
    await sweep(needs, settle, async () => false)
    return storage.calls.length - before
  }

  const figures: Figure[] = []
  const baseline = new Map<string, number>()
  let seeded = 0
  let due = 1_000_000
  for (const active of populations) {
    await seedActive(
      { tables, tenantId, now, endsAt: new Date(now.getTime() + hour) },
      seeded,
      active - seeded,
    )
    seeded = active
    await run()
    const idle = await run()
    const past = new Date(Date.now() - 1_000)
    for (const access of await seedActive(
      { tables, tenantId, now, endsAt: past },
      due,
      dueAtOnce,
    )) {
      directory.addUser({ id: access.grantee })
      directory.addGroup({ id: access.resource.id, name: 'Production Readers' })
      directory.addByHand(access)
    }
    due += dueAtOnce
    const busy = await run()
    for (const [what, calls] of [
      ['nothing due', idle],
      [`${dueAtOnce} due`, busy],
    ] as const) {
      const first = baseline.get(what) ?? calls
      baseline.set(what, first)
      figures.push({
        name: `storage calls of a sweep, ${what}, ${active} active`,
        value: calls,
        unit: 'calls',
        limit: { at: 'exactly', value: first },
      })
    }
  }
  return figures
}
