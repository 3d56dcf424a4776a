import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Azurite publishes no API: its `main` is the editor extension. These are the classes behind its own
 * command line, so the exact version is pinned in package.json. Its telemetry only starts when asked
 * for, which nobody does here.
 */
interface AzuriteServer {
  start(): Promise<void>
  close(): Promise<void>
  getHttpServerAddress(): string
}

const require = createRequire(import.meta.url)

/** The services in the order in which they start, which is also how their ports are written. */
const serviceNames = ['blob', 'queue', 'table'] as const

export type ServiceName = (typeof serviceNames)[number]

export type ServicePorts = Readonly<Record<ServiceName, number>>

export interface AzuriteOptions {
  /** Folder of the saved state; absent means that everything is in memory only. */
  readonly folder?: string
  /** 0 takes a free port. */
  readonly ports?: Partial<ServicePorts>
}

export interface RunningServices {
  readonly ports: ServicePorts
  readonly connectionString: string
  /** Stops listening and writes what is not yet on disk. */
  stop(): Promise<void>
}

/** A port that another process holds, in words for whoever typed the command. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly service: ServiceName

  constructor(service: ServiceName, port: number, options: { cause: unknown }) {
    super(
      `Cannot start the ${service} storage: port ${port} is taken (choose another with --${service}-port N)`,
      options,
    )
    this.service = service
  }
}

const host = '127.0.0.1'
const account = 'devstoreaccount1'

/** Starts blob, queue and table storage in this process, on loopback only. */
export async function startServices(options: AzuriteOptions = {}): Promise<RunningServices> {
  const started: AzuriteServer[] = []
  const stop = async () => {
    await Promise.all(started.map((server) => server.close()))
  }

  const ports: Record<ServiceName, number> = { blob: 0, queue: 0, table: 0 }
  for (const name of serviceNames) {
    const wanted = options.ports?.[name] ?? 0
    const server = buildServer(name, wanted, options.folder)
    try {
      await server.start()
    } catch (error) {
      await stop()
      if (isAddressInUse(error)) throw new PortTakenError(name, wanted, { cause: error })
      throw error
    }
    started.push(server)
    ports[name] = Number(new URL(server.getHttpServerAddress()).port)
  }
  return { ports, connectionString: connectionStringFor(ports), stop }
}

/** The connection string of an Azurite on loopback with its publicly known development account. */
function connectionStringFor(ports: ServicePorts): string {
  const { EMULATOR_ACCOUNT_KEY: key } = require('azurite/dist/src/common/utils/constants')
  const endpoint = (label: string, port: number) => `${label}=http://${host}:${port}/${account}`
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account}`,
    `AccountKey=${key.toString('base64')}`,
    endpoint('BlobEndpoint', ports.blob),
    endpoint('QueueEndpoint', ports.queue),
    endpoint('TableEndpoint', ports.table),
  ].join(';')
}

function buildServer(name: ServiceName, port: number, folder: string | undefined): AzuriteServer {
  const title = name[0]?.toUpperCase() + name.slice(1)
  const { default: Server } = require(`azurite/dist/src/${name}/${title}Server`)
  const { default: Configuration } = require(`azurite/dist/src/${name}/${title}Configuration`)

  const keepAliveSeconds = 5
  const file = (suffix: string) => (folder === undefined ? '' : join(folder, `${name}${suffix}`))
  const extents = { locationId: 'Default', locationPath: file('-extents'), maxConcurrency: 10 }
  // Azurite counts its parameters: access and debug log (both off), loose, no check of the API
  // version (newer SDKs than Azurite knows), three for TLS, OAuth, product style addresses, memory.
  const tail = [false, true, '', '', '', undefined, false, folder === undefined]
  const start = [host, port, keepAliveSeconds, file('.json')]
  const configuration =
    name === 'table'
      ? new Configuration(...start, false, false, undefined, undefined, ...tail)
      : new Configuration(
          ...[...start, file('-extents.json'), [extents]],
          ...[false, undefined, false, undefined, ...tail],
        )
  return new Server(configuration)
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
