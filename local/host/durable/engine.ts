import type { DurableEngine, EngineContext, Worker } from '../seams.ts'
import { clientInput } from './client-addresses.ts'
import { readEngineSettings } from './engine-settings.ts'
import { createManagementApi } from './management-api.ts'
import { createMemoryStore } from './memory-store.ts'
import { createOrchestrations } from './orchestrations.ts'
import type { DurableStore } from './store.ts'
import { createTableStore } from './table-store.ts'

interface EngineParts extends EngineContext {
  readonly worker: Worker
  /** Default: tables at `AzureWebJobsStorage`; without that setting, in memory. */
  readonly store?: DurableStore
  /** Durable timers fire up to this much before their time. */
  readonly earlyTimers?: { readonly maximumMilliseconds: number }
  readonly random?: () => number
}

/** The durable part of the host: orchestrations, activities, timers and external events. */
export function createDurableEngine(parts: EngineParts): DurableEngine {
  const { worker, clock, log, random = Math.random } = parts
  const settings = readEngineSettings(parts)
  const { connectionString, taskHub, connectionName } = settings
  const store =
    parts.store ??
    (connectionString === undefined
      ? createMemoryStore()
      : createTableStore({ connectionString, taskHub, random }))
  const orchestrations = createOrchestrations({
    ...{ worker, clock, store, settings, log, random },
    earlyMilliseconds: parts.earlyTimers?.maximumMilliseconds ?? 0,
  })
  return {
    start: () => orchestrations.start(),
    stop: () => orchestrations.stop(),
    clientInput: (baseUrl, rpcBaseUrl, key) =>
      clientInput({ baseUrl, taskHub, connectionName, key }, rpcBaseUrl),
    handle: createManagementApi({ orchestrations, store, settings, clock, random }),
  }
}
