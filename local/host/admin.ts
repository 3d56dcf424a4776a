import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRecord } from './host-json.ts'
import { answer, answerJson, readBody } from './http-exchange.ts'
import type { AppFunction } from './invocation.ts'
import { routeOf } from './route-table.ts'
import type { Clock, Log, Worker } from './seams.ts'
import { unscheduledTimerInput } from './timer-trigger.ts'

interface Needs {
  readonly functions: ReadonlyMap<string, AppFunction>
  readonly worker: Worker
  readonly clock: Clock
  readonly log: Log
  readonly routePrefix: string
  readonly url: string
}

/** Answers what lies under `/admin/`. */
export type ServeAdmin = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>

const pingHeaders = { 'cache-control': 'no-store,no-cache', pragma: 'no-cache' }

/** The part of the host's admin API that tools and people use locally. */
export function createAdmin({
  functions,
  worker,
  clock,
  log,
  routePrefix,
  url,
}: Needs): ServeAdmin {
  const started = clock.now()

  return async (path, request, response) => {
    const [area, name, ...more] = path.split('/').slice(2).map(decodeURIComponent)
    const call = `${request.method} ${area?.toLowerCase()}`
    if (more.length > 0) return answer(response, 404)
    switch (name === undefined ? call : `${call}/*`) {
      case 'GET host/*':
      case 'POST host/*':
        return serveHost(name, request.method, response)
      case 'GET functions':
        return answerJson(response, [...functions.values()].map(describe))
      case 'GET functions/*':
        return withFunction(name, response, (fn) => answerJson(response, describe(fn)))
      case 'POST functions/*': {
        const input = readInput(await readBody(request))
        return withFunction(name, response, (fn) => {
          start(fn, input)
          answer(response, 202)
        })
      }
      default:
        return answer(response, 404)
    }
  }

  function serveHost(name: string | undefined, method: string | undefined, to: ServerResponse) {
    if (name === 'ping') return answer(to, 200, pingHeaders)
    if (name !== 'status' || method !== 'GET') return answer(to, 404)
    const processUptime = clock.now() - started
    return answerJson(to, { id: 'local', state: 'Running', version: '4.1037.0', processUptime })
  }

  function withFunction(
    name: string | undefined,
    response: ServerResponse,
    use: (fn: AppFunction) => void,
  ): void {
    const wanted = name?.toLowerCase()
    const fn = [...functions.values()].find((each) => each.name.toLowerCase() === wanted)
    if (fn === undefined) answer(response, 404)
    else use(fn)
  }

  /** Runs without being waited for. */
  function start(fn: AppFunction, input: string): void {
    const isTimer = fn.trigger.type.toLowerCase() === 'timertrigger'
    const data = isTimer ? unscheduledTimerInput : { string: input }
    worker.invoke(fn.name, data).catch((error: unknown) => {
      log('warning', 'Host.Admin', `${fn.name} was run by request and failed: ${String(error)}`)
    })
  }

  function describe(fn: AppFunction): object {
    const isHttp = fn.trigger.type.toLowerCase() === 'httptrigger'
    return {
      name: fn.name,
      href: `${url}/admin/functions/${fn.name}`,
      invoke_url_template: isHttp ? `${url}/${routeOf(fn, routePrefix).route}` : null,
      language: 'node',
      config: { name: fn.name, bindings: Object.values(fn.bindings) },
      isDisabled: false,
    }
  }
}

function readInput(body: Buffer): string {
  const text = body.toString('utf8')
  try {
    const parsed: unknown = JSON.parse(text)
    if (isRecord(parsed) && typeof parsed['input'] === 'string') return parsed['input']
  } catch {
    // Not the usual envelope: the text itself is the input.
  }
  return text
}
