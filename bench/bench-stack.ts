import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { samplePeople } from '../local/sample/sample-people.ts'
import { seedConfiguration as seeded } from '../local/seed/seed-configuration.ts'
import { apiAs, type CallApi } from '../local/stack/api-client.ts'
import { parseOptions } from '../local/stack/options.ts'
import type { ReadyFile } from '../local/stack/ready-file.ts'
import { seedConfiguration } from '../local/stack/seed-configuration.ts'
import { startStack } from '../local/stack/start-stack.ts'
import { buildApp } from '../scripts/build.ts'
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts'

/** The local stack with a counter before each half of the storage, and without sweeps in between. */
export interface BenchStack {
  readonly ready: ReadyFile
  /** The product's own tables. */
  readonly own: CountingProxy
  /** Those of Durable Functions. */
  readonly durable: CountingProxy
  /** Settings for another host on the same stack, with nothing between it and the storage. */
  readonly directSettings: Readonly<Record<string, string>>
  as(name: string): Promise<CallApi>
  stop(): Promise<void>
}

const root = dirname(import.meta.dirname)
/** Once a year is never, in a bench. */
const never = '0 0 0 1 1 *'

export async function startBenchStack(): Promise<BenchStack> {
  const state = await mkdtemp(join(tmpdir(), 'entra-jit-bench-'))
  const options = parseOptions(['--ports', 'auto', '--state', state, '--no-sample'], root)
  if (options === undefined) throw new Error('Cannot start the bench: the options ask for help')
  const proxies: CountingProxy[] = []
  let directSettings: Readonly<Record<string, string>> = {}

  const stack = await startStack({
    options,
    // What is measured is the product, not the quotas of a tenant.
    isUnmetered: true,
    build: () => buildApp({ root }),
    people: samplePeople,
    now: new Date(),
    adjust: async (planned) => {
      const storage = planned['AzureWebJobsStorage'] ?? ''
      const [own, durable] = [await startCountingProxy(storage), await startCountingProxy(storage)]
      proxies.push(own, durable)
      directSettings = {
        ...planned,
        SWEEP_SCHEDULE: never,
        RECONCILE_SCHEDULE: never,
        DISCOVERY_SCHEDULE: never,
        CHECKPOINT_SCHEDULE: never,
        CLEANUP_SCHEDULE: never,
      }
      return {
        ...directSettings,
        AzureWebJobsStorage: durable.connectionString,
        AccessStorage: own.connectionString,
      }
    },
  })
  const [own, durable] = proxies
  if (own === undefined || durable === undefined) throw new Error('Cannot count: nothing passes by')
  const stop = async () => {
    await stack.stop()
    for (const proxy of proxies) await proxy.stop()
    await rm(state, { recursive: true, force: true })
  }
  try {
    await seedConfiguration(stack.ready, 'ada', seeded)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ready: stack.ready,
    own,
    durable,
    directSettings,
    as: (name) => apiAs(stack.ready, name),
    stop,
  }
}
