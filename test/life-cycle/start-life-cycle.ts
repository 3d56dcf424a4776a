import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Broker } from '../../functions/broker.ts'
import { createDurableEngine } from '../../local/host/durable/engine.ts'
import { createMemoryStore } from '../../local/host/durable/memory-store.ts'
import type { DurableStore } from '../../local/host/durable/store.ts'
import { type Host, startHost } from '../../local/host/start-host.ts'
import { createVirtualClock, type VirtualClock } from '../../local/host/virtual-clock.ts'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { createMemoryAccounts } from '../../shared/directory/memory-accounts.ts'
import {
  createMemoryDirectory,
  type MemoryDirectory,
} from '../../shared/directory/memory-directory.ts'
import { emptyTenant } from '../../shared/directory/memory-tenant.ts'
import type { Caller } from '../../shared/identity/authenticate.ts'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import { createDecideApproval } from '../../shared/operations/decide-approval.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { createReadResources } from '../../shared/operations/read-resources.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { createSubmitRequest } from '../../shared/operations/submit-request.ts'
import { createReadConfiguration } from '../../shared/operations/system-stream.ts'
import { addPeople, flow, integration, pace, tenantId } from '../operations/broker-in-memory.ts'
import { layOutBroker } from './app/broker-of-test.ts'

/** The app in the embedded host, on the twins and a clock that skips from one event to the next. */
export interface LifeCycle {
  readonly clock: VirtualClock
  readonly directory: MemoryDirectory
  readonly tables: MemoryTables
  readonly published: readonly LedgerEvent[]
  readonly needs: Needs
  /** Instances as the host keeps them. */
  readonly store: DurableStore
  call(as: string, method: string, path: string, body?: unknown): Promise<Answer>
  /** Kills the host without a word and starts another one on what it left. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
  readonly body: any
}

interface Options {
  readonly flows?: readonly AccessFlow[]
  /** Fields of the integration besides its name. */
  readonly integration?: Partial<Integration>
  /** Lays out the directory before anything is asked of it. */
  readonly prepare?: (directory: MemoryDirectory) => void
  /** Durable timers fire up to so much before their time. */
  readonly earlyMilliseconds?: number
  readonly start?: string
  readonly sweepSchedule?: string
}

const admin: Caller = {
  id: '20000000-0000-4000-8000-00000000000a',
  tenantId,
  kind: 'user',
  roles: ['Access.Admin'],
  scopes: [],
}

export async function startLifeCycle(options: Options = {}): Promise<LifeCycle> {
  const { flows = [flow()], start = '2026-01-05T12:00:00Z' } = options
  const hosting = { earlyMilliseconds: 0, sweepSchedule: '*/30 * * * * *', ...options }
  const clock = createVirtualClock(Date.parse(start))
  const now = () => new Date(clock.now())
  const tables = createMemoryTables()
  const directory = createMemoryDirectory({ tenantId, now })
  const published: LedgerEvent[] = []
  const needs: Needs = {
    tables,
    directory,
    publisher: {
      publish: async (events) => {
        published.push(...events)
      },
    },
    log: () => {},
    now,
    random: (count) => randomBytes(count),
    pause: async (milliseconds) => clock.skip(Math.max(1, milliseconds)),
    tenantId,
    ...pace,
  }
  addPeople(directory)
  options.prepare?.(directory)
  await putDocument(needs, admin, 'integration', { ...integration, ...options.integration }, {})
  for (const each of flows) await putDocument(needs, admin, 'access-flow', each, {})

  const store = createMemoryStore()
  let { host, leave } = await startApp(needs, clock, store, hosting)

  return {
    clock,
    directory,
    tables,
    published,
    needs,
    store,
    async call(as, method, path, body) {
      const response = await fetch(`${host.url}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    },
    async restart() {
      await leave()
      ;({ host, leave } = await startApp(needs, clock, store, hosting))
    },
    stop: () => leave(),
  }
}

async function startApp(
  needs: Needs,
  clock: VirtualClock,
  store: DurableStore,
  {
    earlyMilliseconds,
    sweepSchedule,
  }: Required<Pick<Options, 'earlyMilliseconds' | 'sweepSchedule'>>,
): Promise<{ host: Host; leave: () => Promise<void> }> {
  const readConfiguration = createReadConfiguration(needs.tables)
  const broker: Broker = {
    needs,
    cleanupNeeds: {
      ...needs,
      accounts: createMemoryAccounts(emptyTenant(), needs.now),
      cleanup: { day: 86_400_000, ownApplications: [] },
      readConfiguration,
      readResources: createReadResources(needs.tables),
    },
    // The token is the name of who calls.
    authenticate: async (authorization) => callerOf(authorization?.slice('Bearer '.length) ?? ''),
    readConfiguration,
    submitRequest: createSubmitRequest(needs, readConfiguration),
    decideApproval: createDecideApproval(needs, readConfiguration),
    settlePair: createSettlePair(needs, createJudgeStarts(needs, readConfiguration)),
    // Nobody signs in here, and there is no page.
    portalFolder: 'no portal',
    signIn: { authority: 'http://127.0.0.1', tenantId, clientId: '', scope: '', endSession: '' },
    connector: { name: 'default', kind: 'local' },
    checks: {},
  }
  layOutBroker(broker)
  const host = await startHost({
    appDirectory: fileURLToPath(new URL('app', import.meta.url)),
    port: 0,
    clock,
    engine: (worker, context) =>
      createDurableEngine({
        ...context,
        worker,
        store,
        earlyTimers: { maximumMilliseconds: earlyMilliseconds },
      }),
    settings: {
      SWEEP_SCHEDULE: sweepSchedule,
      RECONCILE_SCHEDULE: '0 0 * * * *',
      DISCOVERY_SCHEDULE: '0 0 * * * *',
      CHECKPOINT_SCHEDULE: '0 0 3 * * *',
      CLEANUP_SCHEDULE: '0 0 4 * * *',
      'AzureWebJobs.takeMessage.Disabled': 'true',
    },
    log: () => {},
  })
  return { host, leave: () => host.stop() }
}

function callerOf(id: string): Caller {
  return id === 'admin' ? admin : { ...admin, id, roles: [], scopes: ['Access.Use'] }
}
