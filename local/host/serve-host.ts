import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServeAdmin } from './admin.ts'
import { passToEngine, rpcPath, webhookPath } from './durable-addresses.ts'
import type { Serve } from './host-server.ts'
import { answer, RefusedRequest } from './http-exchange.ts'
import type { RunHttpFunction } from './http-trigger.ts'
import type { FindRoute } from './route-table.ts'
import type { DurableEngine, Log } from './seams.ts'

/** The keys that count when keys are enforced at all. */
export interface HostKeys {
  /** Opens everything, `admin` functions and the admin API included. */
  readonly master: string
  /** Opens `function` functions. */
  readonly host: string
}

interface Needs {
  readonly findRoute: FindRoute
  readonly runHttpFunction: RunHttpFunction
  readonly serveAdmin: ServeAdmin
  readonly engine: DurableEngine
  readonly systemKey: string
  readonly enforceKeys: HostKeys | undefined
  readonly homepage: boolean
  /** Requests to functions above this number are turned away. */
  readonly maxOutstandingRequests: number
  readonly log: Log
}

/** Answers on the host's own address: functions, admin API, durable management, home page. */
export function createHostServe(needs: Needs): Serve {
  const { findRoute, runHttpFunction, serveAdmin, engine, systemKey, enforceKeys } = needs

  let outstanding = 0

  return guard(needs, async (request, response) => {
    const url = readUrl(request)
    const path = url.pathname
    const key = header(request, 'x-functions-key') ?? url.searchParams.get('code') ?? ''

    if (isUnder(path, webhookPath)) {
      if (key === enforceKeys?.host) return answer(response, 403)
      if (!isKey(key, [systemKey, enforceKeys?.master])) {
        return answer(response, 401, { 'www-authenticate': 'Bearer' })
      }
      url.searchParams.set('code', systemKey)
      return passToEngine(engine, split(url, webhookPath), request, response)
    }
    if (isUnder(path, '/admin')) {
      const open = enforceKeys === undefined || path.toLowerCase() === '/admin/host/ping'
      if (!open && !isKey(key, [enforceKeys?.master])) {
        return answer(response, 401, { 'www-authenticate': 'Bearer' })
      }
      return serveAdmin(path, request, response)
    }

    const hit = findRoute(request.method ?? 'GET', path.slice(1))
    if (hit === undefined) {
      if (path === '/') return needs.homepage ? home(response) : answer(response, 204)
      return answer(response, 404)
    }
    if (enforceKeys !== undefined) {
      const accepted = acceptedKeys(hit.fn.trigger['authLevel'], enforceKeys)
      if (accepted !== undefined && !isKey(key, accepted)) return answer(response, 401)
    }
    if (outstanding >= needs.maxOutstandingRequests) return answer(response, 429)
    outstanding += 1
    try {
      await runHttpFunction({ ...hit, url }, request, response)
    } finally {
      outstanding -= 1
    }
  })
}

/** Answers on the address of the app's durable client, which asks for no key. */
export function createRpcServe(needs: Pick<Needs, 'engine' | 'log'>): Serve {
  return guard(needs, async (request, response) => {
    const url = readUrl(request)
    if (!isUnder(url.pathname, rpcPath)) return answer(response, 404)
    return passToEngine(needs.engine, split(url, rpcPath), request, response)
  })
}

function guard({ log }: Pick<Needs, 'log'>, serve: Serve): Serve {
  return async (request, response) => {
    try {
      await serve(request, response)
    } catch (error) {
      const status = error instanceof RefusedRequest ? error.status : 500
      const text = error instanceof Error ? error.message : String(error)
      log(
        'warning',
        'Host.Http',
        `${request.method} ${pathOf(request)} answered ${status}: ${text}`,
      )
      if (response.headersSent) response.destroy()
      else answer(response, status, status === 413 ? { connection: 'close' } : {})
    }
  }
}

/** Without the query, which may hold keys. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/'
}

function readUrl(request: IncomingMessage): URL {
  const text = request.url ?? '/'
  try {
    // Joined as text: a path that starts with two slashes would otherwise name another host.
    return new URL(text.startsWith('/') ? `http://${request.headers.host}${text}` : text)
  } catch (cause) {
    throw new RefusedRequest(400, `its address cannot be read (${String(cause)})`)
  }
}

function split(
  url: URL,
  prefix: string,
): { baseUrl: string; path: string; query: URLSearchParams } {
  return {
    baseUrl: `${url.origin}${prefix}`,
    path: url.pathname.slice(prefix.length),
    query: url.searchParams,
  }
}

function isUnder(path: string, prefix: string): boolean {
  const lower = path.toLowerCase()
  return lower === prefix || lower.startsWith(`${prefix}/`)
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Which keys open a function; undefined when it asks for none. */
function acceptedKeys(level: unknown, { master, host }: HostKeys): string[] | undefined {
  const lower = String(level ?? 'function').toLowerCase()
  if (lower === 'anonymous') return undefined
  return lower === 'admin' ? [master] : [master, host]
}

function isKey(given: string, accepted: readonly (string | undefined)[]): boolean {
  const bytes = Buffer.from(given)
  return accepted.some((key) => {
    const expected = Buffer.from(key ?? '')
    return (
      expected.length > 0 && bytes.length === expected.length && timingSafeEqual(bytes, expected)
    )
  })
}

function home(response: ServerResponse): void {
  const page =
    '<!DOCTYPE html>\n<title>Functions</title>\n<p>The function app is up and running.</p>\n'
  answer(response, 200, { 'content-type': 'text/html' }, page)
}
