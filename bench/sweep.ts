import { randomBytes } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { createMemoryDirectory } from '../shared/directory/memory-directory.ts'
import { createAzureTables } from '../shared/ledger/azure-tables.ts'
import { carryOnAutomatic } from '../shared/operations/automatic-flows.ts'
import { makeCheckpoint } from '../shared/operations/checkpoint.ts'
import { carryOnDiscovery } from '../shared/operations/discover.ts'
import { createJudgeStarts } from '../shared/operations/judge-starts.ts'
import type { Needs } from '../shared/operations/needs.ts'
import { createReadResources } from '../shared/operations/read-resources.ts'
import { createSettlePair } from '../shared/operations/settle-pair.ts'
import { sweep } from '../shared/operations/sweep.ts'
import { createReadConfiguration } from '../shared/operations/system-stream.ts'
import type { CountingProxy } from './counting-proxy.ts'
import type { Figure } from './figure.ts'
import { seedActive } from './seed-active.ts'

const tenantId = '10000000-0000-4000-8000-000000000001'
const populations = [0, 1_000, 10_000]
const dueAtOnce = 3

/**
 * What a sweep costs in storage calls, by how many grants are active and how many are due; and what
 * all timers that come by between two reconciles cost when nothing is to be done.
 */
export async function benchSweep(storage: CountingProxy): Promise<readonly Figure[]> {
  const tables = createAzureTables((table, options) =>
    TableClient.fromConnectionString(storage.connectionString, table, {
      ...options,
      allowInsecureConnection: true,
    }),
  )
  await tables.prepare()
  let graphCalls = 0
  const directory = createMemoryDirectory({
    tenantId,
    now: () => new Date(),
    before: async () => {
      graphCalls++
    },
  })
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
  const readConfiguration = createReadConfiguration(tables)
  const settlePair = createSettlePair(needs, createJudgeStarts(needs, readConfiguration))
  const clockwork = { start: async () => {}, nudge: async () => {} }
  const readResources = createReadResources(tables)
  const work = { settlePair, clockwork, readConfiguration, readResources, milliseconds: 1_000 }
  const interval = async (): Promise<{ readonly storage: number; readonly graph: number }> => {
    const before = { storage: storage.calls.length, graph: graphCalls }
    await sweep(needs, settlePair, async () => false)
    await carryOnDiscovery(needs, readConfiguration, work)
    await carryOnAutomatic(needs, work)
    await makeCheckpoint(needs, undefined)
    return { storage: storage.calls.length - before.storage, graph: graphCalls - before.graph }
  }
  const run = async (): Promise<number> => {
    const before = storage.calls.length
    await sweep(needs, settlePair, async () => false)
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
    // The first checkpoint after the seeding is over everything that is new.
    await interval()
    const waiting = await interval()
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
    for (const [what, calls] of Object.entries(waiting)) {
      const first = baseline.get(what) ?? calls
      baseline.set(what, first)
      figures.push({
        name: `${what} calls of an idle interval, ${active} waiting`,
        value: calls,
        unit: 'calls',
        limit: { at: 'exactly', value: first },
      })
    }
  }
  return figures
}
