import { createServer, request as forward, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One call to table storage, as it passed by. */
export interface StorageCall {
  readonly method: string
  readonly path: string
  /** A batch is one write. */
  readonly kind: 'read' | 'write'
}

export interface CountingProxy {
  /** The connection string with the table endpoint led through here. */
  readonly connectionString: string
  /** In the order in which they came. */
  readonly calls: StorageCall[]
  /** Lets calls pass only once this has been fulfilled. */
  hold(when: (call: StorageCall) => Promise<void> | undefined): void
  stop(): Promise<void>
}

/** Stands between a storage client and Azurite, and counts. It changes nothing. */
export async function startCountingProxy(connectionString: string): Promise<CountingProxy> {
  const endpoint = /TableEndpoint=([^;]+)/.exec(connectionString)?.[1]
  if (endpoint === undefined) throw new Error('Cannot count: the connection names no tables')
  const target = new URL(endpoint)
  const calls: StorageCall[] = []
  let held: (call: StorageCall) => Promise<void> | undefined = () => undefined

  const server = createServer(async (request, response) => {
    const call = callOf(request)
    calls.push(call)
    await held(call)
    const onward = forward(
      {
        host: target.hostname,
        port: target.port,
        method: request.method,
        path: request.url,
        headers: request.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const own = new URL(endpoint)
  own.port = String(port)
  return {
    connectionString: connectionString.replace(endpoint, own.href.replace(/\/$/, '')),
    calls,
    hold(when) {
      held = when
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function callOf({ method = 'GET', url = '' }: IncomingMessage): StorageCall {
  return { method, path: url.split('?')[0] ?? '', kind: method === 'GET' ? 'read' : 'write' }
}
