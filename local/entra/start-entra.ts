import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthority } from './authority/create-authority.ts'
import { type CallLog, createCallLog } from './call-log.ts'
import { createControl } from './control.ts'
import type { SimulatorAnswer, SimulatorRequest } from './exchange.ts'
import { createFaults, type Faults } from './faults.ts'
import { createGraph } from './graph/create-graph.ts'
import { runSchedules } from './graph/pim/run-schedules.ts'
import { createQuota, defaultQuotas, type Quotas } from './quota.ts'
import { openState, type State } from './state.ts'
import type { SimulatedTenant } from './tenant.ts'

export interface EntraOptions {
  /** 0 or absent takes a free one. */
  readonly port?: number
  /** Where changes and signing keys are kept; absent: as long as the process lives. */
  readonly stateDirectory?: string
  readonly tenant: SimulatedTenant
  readonly now?: () => Date
  readonly quotas?: Quotas
}

export interface Entra {
  readonly url: string
  readonly port: number
  readonly tenantId: string
  /** Audience of the product's API. */
  readonly clientId: string
  readonly state: State
  readonly log: CallLog
  readonly faults: Faults
  stop(): Promise<void>
}

const mostBodyBytes = 4 * 1024 * 1024

/** Entra for this machine: sign-in and tokens at `/{tenant}`, Graph at `/v1.0`. */
export async function startEntra(options: EntraOptions): Promise<Entra> {
  const { tenant, stateDirectory, now = () => new Date(), quotas = defaultQuotas } = options
  const state = openState(tenant, stateDirectory)
  const log = createCallLog()
  const faults = createFaults({ now, collections: state.now })
  const scope = `Tenant_Application/ReadWrite/${tenant.apiClientId}/${tenant.tenantId}`

  const server = createServer()
  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const url = `http://localhost:${port}`
  const authority = await createAuthority({
    tenant: () => ({
      ...tenant,
      users: [...state.now().users.values()],
      groups: [...state.now().groups.values()],
    }),
    now,
    origin: url,
    ...(stateDirectory === undefined ? {} : { stateDirectory }),
  })
  const quota = createQuota(quotas, now, scope)
  const graph = createGraph({ state, authority, faults, quota, log, now })
  const control = createControl({ state, log, faults, now })

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  })

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming)
    runSchedules(state, now())
    const { pathname } = request.url
    if (pathname.startsWith('/_simulator/')) return send(response, control(request), now())
    if (pathname.startsWith('/v1.0/')) {
      const answer = await graph(request)
      if (answer === undefined) response.destroy()
      else send(response, answer, now())
      return
    }
    const answer = (await authority.handle(request)) ?? nothingHere(request, log, now())
    send(response, answer, now())
  }

  return {
    ...{ url, port, state, log, faults },
    tenantId: tenant.tenantId,
    clientId: tenant.apiClientId,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function nothingHere({ method, url }: SimulatorRequest, log: CallLog, now: Date): SimulatorAnswer {
  const path = `${url.pathname}${url.search}`
  log.add({ at: now.toISOString(), method, path, status: 501, requestId: '', unknown: true })
  const message = `This simulator does not offer ${method} ${url.pathname}.`
  return { status: 501, body: { error: { code: 'NotImplemented', message } } }
}

async function read(request: IncomingMessage): Promise<SimulatorRequest> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > mostBodyBytes) throw new Error('Cannot read the request: its body is too large')
    chunks.push(chunk)
  }
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  return {
    method: request.method ?? 'GET',
    url: new URL(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function send(
  response: ServerResponse,
  { status, headers, body }: SimulatorAnswer,
  now: Date,
): void {
  const isText = typeof body === 'string'
  const text = body === undefined ? undefined : isText ? body : JSON.stringify(body)
  response.writeHead(status, {
    date: now.toUTCString(),
    'cache-control': 'no-cache',
    ...(text === undefined || isText ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
  })
  response.end(text)
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
