import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, readBody } from './http-exchange.ts'
import type { DurableEngine } from './seams.ts'

/** Where the durable management API lies on the host's own address. */
export const webhookPath = '/runtime/webhooks/durabletask'

/** Where the app's durable client finds the same on the address without a key. */
export const rpcPath = '/durabletask'

interface Target {
  /** Scheme, host and path before the part that the engine sees. */
  readonly baseUrl: string
  readonly path: string
  readonly query: URLSearchParams
}

/** Hands a request to the durable engine and its answer back. */
export async function passToEngine(
  engine: DurableEngine,
  { baseUrl, path, query }: Target,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  const {
    status,
    headers: answered,
    body,
  } = await engine.handle({
    method: request.method ?? 'GET',
    path: path.replace(/^\/+/, ''),
    query,
    headers,
    body: await readBody(request),
    baseUrl,
  })
  answer(response, status, answered, body)
}
