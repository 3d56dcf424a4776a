import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpResponse, type HttpResponseInit } from '@azure/functions'
import { type Cookie, formatCookie } from './cookie.ts'
import { answer, readBody, streamBody } from './http-exchange.ts'
import { createHttpRequest } from './http-request.ts'
import type { AppFunction, Invoke } from './invocation.ts'
import type { RouteHit } from './route-table.ts'
import { clientInputs } from './worker.ts'

interface Needs {
  readonly invoke: Invoke
  readonly durableClient: () => string
}

/** Runs the function of a route and answers with what it returned. */
export type RunHttpFunction = (
  hit: RouteHit & { readonly url: URL },
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>

/** A response of any copy of the library, or of this host's. */
interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array> | null
  readonly cookies: readonly Cookie[]
}

/**
 * Calls HTTP functions directly with a request object made here. The library's own way opens a
 * proxy on all network interfaces when an app streams.
 */
export function createRunHttpFunction({ invoke, durableClient }: Needs): RunHttpFunction {
  return async ({ fn, params, url }, request, response) => {
    const httpRequest = await createHttpRequest(fn.library, {
      nativeRequest: await toNativeRequest(fn, url, request, response),
      params,
    })
    const { result } = await invoke(fn, {
      inputData: clientInputs(fn, durableClient),
      triggerMetadata: {},
      inputs: [httpRequest],
    })
    if (result === undefined || result === null) return answer(response, 204)
    await send(toAnswer(result), response, fn.library.streams)
  }
}

async function toNativeRequest(
  fn: AppFunction,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Request> {
  const { method = 'GET', headers } = request
  const init: RequestInit & { duplex: 'half' } = {
    method,
    headers: toHeaders(headers),
    duplex: 'half',
  }
  if (method !== 'GET' && method !== 'HEAD') {
    const bytes = fn.library.streams ? undefined : await readBody(request)
    init.body =
      bytes === undefined ? streamBody(request, response) : bytes.length > 0 ? bytes : null
  }
  return new Request(url, init)
}

/** Only the platform in front of the host may say who somebody is. */
function toHeaders(given: IncomingMessage['headers']): [string, string][] {
  const headers: [string, string][] = []
  for (const [name, value] of Object.entries(given)) {
    if (/^x-ms-(?:client-principal|token-)/.test(name) || value === undefined) continue
    headers.push([name, Array.isArray(value) ? value.join(', ') : value])
  }
  return headers
}

function toAnswer(result: unknown): Answer {
  if (typeof result !== 'object' || result === null) {
    throw new Error('Cannot answer: the function returned no object')
  }
  if ('headers' in result && result.headers instanceof Headers && 'clone' in result) {
    return result as unknown as Answer
  }
  return new HttpResponse(result as HttpResponseInit) as unknown as Answer
}

const hopByHop =
  /^(?:connection|keep-alive|transfer-encoding|te|trailer|upgrade|proxy-authenticate|proxy-connection)$/

async function send(result: Answer, response: ServerResponse, streams: boolean): Promise<void> {
  const body = result.body
  const bytes = streams || body === null ? undefined : await gather(body)

  for (const [name, value] of result.headers) {
    if (hopByHop.test(name)) continue
    if (name === 'set-cookie' && streams) response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  for (const cookie of result.cookies) response.appendHeader('set-cookie', formatCookie(cookie))
  response.statusCode = result.status

  if (bytes !== undefined) return void response.end(bytes)
  if (body === null) return void response.end()
  response.flushHeaders()
  await pump(body, response)
}

async function gather(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function pump(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader()
  // The source of the stream learns that its reader has gone.
  const leave = () => void reader.cancel('the caller has gone').catch(() => undefined)
  response.once('close', leave)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (!response.write(value)) await drained(response)
  }
  response.off('close', leave)
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
  })
}
