import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import {
  createMemoryAccounts,
  type MemoryAccounts,
} from '../../shared/directory/memory-accounts.ts'
import {
  createMemoryDirectory,
  type MemoryDirectory,
} from '../../shared/directory/memory-directory.ts'
import { emptyTenant, type MemoryTenant } from '../../shared/directory/memory-tenant.ts'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import type { Tables } from '../../shared/ledger/tables.ts'
import type { CleanupNeeds } from '../../shared/operations/cleanup-needs.ts'
import {
  createDecideApproval,
  type DecideApproval,
} from '../../shared/operations/decide-approval.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import { carryOnMassEnd } from '../../shared/operations/mass-end.ts'
import type { Clockwork, Needs, Rules } from '../../shared/operations/needs.ts'
import { createReadResources } from '../../shared/operations/read-resources.ts'
import { carryOnReconcile } from '../../shared/operations/reconcile.ts'
import { createSettlePair, type SettlePair } from '../../shared/operations/settle-pair.ts'
import { createSubmitRequest, type SubmitRequest } from '../../shared/operations/submit-request.ts'
import { sweep } from '../../shared/operations/sweep.ts'
import {
  createReadConfiguration,
  type ReadConfiguration,
} from '../../shared/operations/system-stream.ts'

export const tenantId = '10000000-0000-4000-8000-000000000001'
export const mia = '20000000-0000-4000-8000-000000000001'
export const ben = '20000000-0000-4000-8000-000000000002'
export const petra = '20000000-0000-4000-8000-000000000003'
export const zoe = '20000000-0000-4000-8000-000000000004'
export const readers = '30000000-0000-4000-8000-000000000001'

/** The process dies here: nothing after this line happens. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

/** Time as a test tells it. */
export interface TestClock {
  now(): number
  skip(milliseconds: number): void
}

/** The product on its twins, with a clock that only moves when told. */
export interface InMemory {
  readonly needs: Needs
  readonly tables: MemoryTables
  readonly directory: MemoryDirectory
  readonly published: LedgerEvent[]
  readonly readConfiguration: ReadConfiguration
  readonly submitRequest: SubmitRequest
  readonly settlePair: SettlePair
  readonly decideApproval: DecideApproval
  readonly started: string[]
  readonly clockwork: Clockwork
  readonly accounts: MemoryAccounts
  readonly cleanupNeeds: CleanupNeeds
  /** The tenant behind the directory. */
  readonly tenant: MemoryTenant
  /** Makes a call to the outside one that counts, and at which the process may die. */
  around<Result>(run: () => Promise<Result>): Promise<Result>
  now(): Date
  advance(milliseconds: number): void
  sweep(): Promise<void>
  /** Calls to the outside so far. */
  calls(): number
  /** Dies at the n-th call to the outside from now, before or after it took effect. */
  crashAt(call: number, when: 'before' | 'after'): void
}

export const flow = (over: Partial<AccessFlow> = {}): AccessFlow => ({
  name: 'oncall',
  intake: ['http', 'service-bus'],
  requesters: { operator: 'or', conditions: [{ type: 'user', values: [mia, ben] }] },
  targets: [{ integration: 'ContosoEntra', resourceType: 'group', permissions: ['member'] }],
  duration: { maximum: 'PT8H' },
  ...over,
})

export const integration: Integration = { name: 'ContosoEntra', resourceTypes: ['group'] }

/** Limits of a quick day. */
export const pace: Pick<Needs, 'limits' | 'rules'> = {
  limits: {
    overdueAfter: 300_000,
    giveUpAfter: 900_000,
    replicationTime: 2_000,
    retryMaximum: 5_000,
  },
  rules: {
    minimumDuration: 1_000,
    requestTimeout: 86_400_000,
    maximumPending: 20,
    sweepGrace: 3_000,
  },
}

export function addPeople(directory: MemoryDirectory): void {
  directory.addUser({ id: mia, displayName: 'Mia' })
  directory.addUser({ id: ben, displayName: 'Ben' })
  directory.addUser({ id: petra, displayName: 'Petra' })
  directory.addUser({ id: zoe, displayName: 'Zoe' })
  directory.addGroup({ id: readers, name: 'Production Readers' })
}

function createTestClock(): TestClock {
  let time = Date.parse('2026-01-05T12:00:00Z')
  return {
    now: () => time,
    skip: (milliseconds) => {
      time += milliseconds
    },
  }
}

export async function brokerInMemory(
  flows: readonly AccessFlow[] = [flow()],
  clock = createTestClock(),
  rules: Partial<Rules> = {},
  over: Partial<Integration> = {},
): Promise<InMemory> {
  let calls = 0
  let fatal: { call: number; when: 'before' | 'after' } | undefined
  let drawn = 0
  const now = () => new Date(clock.now())

  const around = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    const call = ++calls
    if (fatal?.call === call && fatal.when === 'before') throw new Crash()
    const result = await run()
    if (fatal?.call === call && fatal.when === 'after') throw new Crash()
    return result
  }

  const memory = createMemoryTables()
  const tables: Tables = {
    prepare: () => memory.prepare(),
    read: (...args) => around(() => memory.read(...args)),
    page: (...args) => around(() => memory.page(...args)),
    scan: (...args) => around(() => memory.scan(...args)),
    write: (...args) => around(() => memory.write(...args)),
  }
  const tenant = emptyTenant()
  const directory = createMemoryDirectory({ tenantId, now, tenant })
  const published: LedgerEvent[] = []
  const started: string[] = []
  const needs: Needs = {
    tables,
    directory: {
      ...directory,
      lookUp: (query) => around(() => directory.lookUp(query)),
      findPeople: (queries) => around(() => directory.findPeople(queries)),
      holds: (access) => around(() => directory.holds(access)),
      add: (...args) => around(() => directory.add(...args)),
      reschedule: (...args) => around(() => directory.reschedule(...args)),
      remove: (...args) => around(() => directory.remove(...args)),
      unschedule: (...args) => around(() => directory.unschedule(...args)),
    },
    publisher: {
      publish: (events) =>
        around(async () => {
          published.push(...events)
        }),
    },
    log: () => {},
    now,
    random: (count) => {
      // Never the same twice: ids made within one instant of the clock must not meet.
      drawn += 1
      return Uint8Array.from(
        { length: count },
        (_, index) => (drawn / 256 ** (count - 1 - index)) % 256,
      )
    },
    pause: async (milliseconds) => clock.skip(Math.max(1, milliseconds)),
    tenantId,
    limits: pace.limits,
    rules: { ...pace.rules, ...rules },
  }
  addPeople(directory)

  const readConfiguration = createReadConfiguration(tables)
  const settlePair = createSettlePair(needs, createJudgeStarts(needs, readConfiguration))
  const clockwork: Clockwork = {
    start: (requestId) =>
      around(async () => {
        started.push(requestId)
      }),
    nudge: () => around(async () => {}),
  }
  const accounts = createMemoryAccounts(tenant, now)
  const cleanupNeeds: CleanupNeeds = {
    ...needs,
    accounts: {
      read: (id) => around(() => accounts.read(id)),
      relations: (id) => around(() => accounts.relations(id)),
      isDeleted: (id) => around(() => accounts.isDeleted(id)),
      administrators: () => around(() => accounts.administrators()),
      existing: (ids) => around(() => accounts.existing(ids)),
      write: (...args) => around(() => accounts.write(...args)),
    },
    cleanup: { day: 86_400_000, ownApplications: [] },
    readConfiguration,
    readResources: createReadResources(tables),
  }
  const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const
  await putDocument(needs, admin, 'integration', { ...integration, ...over }, {})
  for (const each of flows) await putDocument(needs, admin, 'access-flow', each, {})
  published.length = 0

  return {
    needs,
    tables: memory,
    directory,
    published,
    readConfiguration,
    submitRequest: createSubmitRequest(needs, readConfiguration),
    settlePair,
    decideApproval: createDecideApproval(needs, readConfiguration),
    started,
    clockwork,
    accounts,
    cleanupNeeds,
    tenant,
    around,
    now,
    advance: (milliseconds) => clock.skip(milliseconds),
    sweep: async () => {
      await sweep(
        needs,
        settlePair,
        async (row) =>
          (await carryOnMassEnd(needs, row, clockwork)) ||
          (await carryOnReconcile(needs, settlePair, row)),
      )
    },
    calls: () => calls,
    crashAt: (call, when) => {
      fatal = { call: calls + call, when }
    },
  }
}
