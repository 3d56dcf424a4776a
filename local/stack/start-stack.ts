import type { BuildResult } from '../../scripts/build.ts'
import { hostSettings } from './host-settings.ts'
import type { StackOptions } from './options.ts'
import type { Part } from './part.ts'
import { startBus, startDirectory, startHost, startStorage } from './parts.ts'
import type { ReadyFile } from './ready-file.ts'
import { step } from './report.ts'

export interface Stack {
  readonly ready: ReadyFile
  /** Fulfilled, with a sentence, when a part has ended that nobody stopped. */
  readonly lost: Promise<string>
  /** Ends the host first, then what it depends on; the storage saves. */
  stop(): Promise<void>
}

export interface StackNeeds {
  readonly options: StackOptions
  readonly build: () => Promise<BuildResult>
  readonly people: ReadyFile['people']
  readonly now: Date
  /** Lets the directory answer without its quotas. */
  readonly isUnmetered?: boolean
  /** Other settings for the app than those of a stack that one only uses. */
  readonly adjust?: (settings: HostSettings) => Promise<HostSettings>
}

type HostSettings = Readonly<Record<string, string>>

/** Starts every part, each in a process of its own, with a line when it is up. */
export async function startStack(needs: StackNeeds): Promise<Stack> {
  const { options, build, people, now, adjust = async (settings) => settings } = needs
  const parts: Part[] = []
  const stop = async () => {
    // The host was started last and leaves first, while what it needs is still there.
    for (const part of parts.toReversed()) await part.stop()
  }
  const begin = async <Ready>(
    title: string,
    start: Promise<Part<Ready>>,
    outcome: (ready: Ready) => string,
  ): Promise<Ready> => {
    const keep = start.then((part) => {
      parts.push(part)
      return part.ready
    })
    return step(title, keep, outcome)
  }

  try {
    const [app, storage, entra, bus] = await allOrFirstError([
      step('Build', build(), ({ built }) => (built ? 'dist/ is new' : 'dist/ is up to date')),
      begin('Azurite', startStorage(options), ({ ports }) =>
        [`blob ${ports.blob}`, `queue ${ports.queue}`, `table ${ports.table}`].join(' · '),
      ),
      begin(
        'Entra simulator',
        startDirectory(options, needs.isUnmetered ?? false),
        ({ url }) => url,
      ),
      begin('Service Bus stand-in', startBus(options), ({ port }) => `amqp://localhost:${port}`),
    ])
    const known = {
      connectionStrings: {
        storage: storage.connectionString,
        serviceBus: bus.connectionString,
      },
      tenantId: entra.tenantId,
      clientId: entra.clientId,
    }
    const authority = entra.url
    const settings = hostSettings({ ...known, authority, graphBaseUrl: entra.url }, process.env)
    const host = await begin(
      'Functions host',
      startHost(options, app.output, await adjust(settings)),
      ({ url }) => url,
    )
    const local = (scheme: string, port: number) => `${scheme}://127.0.0.1:${port}`
    const ready: ReadyFile = {
      startedAt: now.toISOString(),
      stateFolder: options.state,
      addresses: {
        functions: host.url,
        api: `${host.url}/api`,
        entra: entra.url,
        graph: `${entra.url}/v1.0`,
        authority,
        tokenEndpoint: `${authority}/${entra.tenantId}/oauth2/v2.0/token`,
        blob: local('http', storage.ports.blob),
        queue: local('http', storage.ports.queue),
        table: local('http', storage.ports.table),
        serviceBus: local('amqp', bus.port),
      },
      ...known,
      people,
      processes: [
        { name: 'stack', pid: process.pid, mayKill: true },
        // Azurite writes to its disk every few seconds only: it has to be let go in peace.
        ...parts.map(({ name, pid }) => ({ name, pid, mayKill: name !== 'Azurite' })),
      ],
    }
    const lost = Promise.race(
      parts.map(async ({ name, ended }) => `${name} has ended unexpectedly: ${await ended}`),
    )
    return { ready, lost, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Waits for all, so that none is left behind, and then fails with the first failure. */
async function allOrFirstError<const Works extends readonly Promise<unknown>[]>(works: Works) {
  await Promise.allSettled(works)
  return Promise.all(works)
}
