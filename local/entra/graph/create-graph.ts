import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Authority } from '../authority/create-authority.ts'
import type { CallLog } from '../call-log.ts'
import type { SimulatorAnswer, SimulatorRequest } from '../exchange.ts'
import type { ActiveFault, Faults } from '../faults.ts'
import { isQuestion, type Quota } from '../quota.ts'
import type { State } from '../state.ts'
import { badRequest, errorAnswer, GraphRefusal, notSimulated } from './answers.ts'
import { type BatchStep, batchAnswer } from './batch.ts'
import type { GraphCall } from './graph-call.ts'
import { createGraphRoutes } from './routes.ts'

interface Needs {
  readonly state: State
  readonly authority: Authority
  readonly faults: Faults
  readonly quota: Quota
  readonly log: CallLog
  readonly now: () => Date
}

/** Answers, or `undefined` where the connection is to be cut without a word. */
export type Graph = (request: SimulatorRequest) => Promise<SimulatorAnswer | undefined>

interface Caller {
  readonly permissions: readonly string[]
  readonly appId: string
}

interface Asked {
  readonly method: string
  /** Below `/v1.0`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
}

const prefix = '/v1.0'

/** Graph v1.0 as the product and a curious person need it. */
export function createGraph(needs: Needs): Graph {
  const { state, authority, faults, quota, log, now } = needs
  const findRoute = createGraphRoutes(state.tenant)

  async function answer(request: SimulatorRequest): Promise<SimulatorAnswer | undefined> {
    const caller = await authority.checkGraphToken(request.headers['authorization'])
    if (caller === undefined) {
      const text = 'Access token validation failure. Invalid audience.'
      throw new GraphRefusal(401, 'InvalidAuthenticationToken', text)
    }
    const asked: Asked = {
      method: request.method,
      path: pathOf(request.url),
      query: request.url.searchParams,
      headers: request.headers,
      body: bodyOf(request.body),
    }
    const who = { permissions: caller.roles, appId: caller.clientId }
    if (asked.method === 'POST' && asked.path === '/$batch') {
      return withFault(asked, () =>
        batchAnswer(asked.body, (step) => runStep(stepOf(step, request.headers), who)),
      )
    }
    return run(asked, who)
  }

  /** A step of a batch; a connection cannot be cut for one step alone. */
  async function runStep(asked: Asked, caller: Caller): Promise<SimulatorAnswer> {
    const gatewayTimeout = new GraphRefusal(504, 'UnknownError', '')
    return (await run(asked, caller)) ?? errorAnswer(gatewayTimeout, now())
  }

  function run(asked: Asked, caller: Caller): Promise<SimulatorAnswer | undefined> {
    return withFault(asked, async (fault) => handle(asked, caller, fault))
  }

  /** Does what was asked with whatever is to go wrong, and writes it down. */
  async function withFault(
    asked: Asked,
    work: (fault: ActiveFault | undefined) => Promise<SimulatorAnswer>,
  ): Promise<SimulatorAnswer | undefined> {
    const fault = faults.take(asked.method, asked.path)
    const before = state.now()
    const result = await answerOf(asked, fault, work)
    log.add({
      at: now().toISOString(),
      method: asked.method,
      path: `${prefix}${asked.path}${queryOf(asked.query)}`,
      status: result?.status ?? null,
      requestId: result?.headers?.['request-id'] ?? '',
      ...clientRequestId(asked),
      ...(asked.method === 'GET' || isQuestion(asked.path)
        ? {}
        : { applied: state.now() !== before }),
      ...(result?.status === 501 ? { unknown: true as const } : {}),
    })
    if (fault?.effect === 'slow') await wait((fault.seconds ?? 1) * 1000)
    return result
  }

  async function answerOf(
    asked: Asked,
    fault: ActiveFault | undefined,
    work: (fault: ActiveFault | undefined) => Promise<SimulatorAnswer>,
  ): Promise<SimulatorAnswer | undefined> {
    if (fault?.effect === 'drop-before') return undefined
    let result: SimulatorAnswer
    try {
      if (fault?.effect === 'throttle') throw throttled(fault)
      if (fault?.effect === 'unavailable-before') throw unavailable()
      result = await work(fault)
      if (fault?.effect === 'unavailable-after') throw unavailable()
    } catch (error) {
      if (!(error instanceof GraphRefusal)) throw error
      result = errorAnswer(error, now(), asked.headers['client-request-id'])
    }
    if (fault?.effect === 'drop-after') return undefined
    const headers = { 'request-id': randomUUID(), ...echo(asked), ...result.headers }
    return { ...result, headers }
  }

  function handle(asked: Asked, caller: Caller, fault: ActiveFault | undefined): SimulatorAnswer {
    const { method, path, query, headers, body } = asked
    const told = quota.take(method, path, query)
    const route = findRoute(method, path)
    if (route === undefined) throw notSimulated(`${method} ${path}`)
    const isStale = fault?.effect === 'stale' || fault?.effect === 'stale-writes'
    const call: GraphCall = {
      ...{ method, path, query, body },
      params: route.params,
      isAdvanced: headers['consistencylevel']?.toLowerCase() === 'eventual',
      ...maxPageSize(headers['prefer']),
      tenant: isStale ? fault.before : state.now(),
      now: now(),
      permissions: caller.permissions,
      appId: caller.appId,
      apply: (changes) => state.apply(changes),
    }
    const result = route.handle(call)
    return { ...result, headers: { ...told, ...result.headers } }
  }

  return async (request) => {
    try {
      return await answer(request)
    } catch (error) {
      if (!(error instanceof GraphRefusal)) throw error
      return errorAnswer(error, now(), request.headers['client-request-id'])
    }
  }
}

function stepOf(step: BatchStep, outer: SimulatorRequest['headers']): Asked {
  const url = new URL(`${prefix}${step.url}`, 'http://localhost')
  const headers = Object.entries(step.headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: step.method.toUpperCase(),
    path: pathOf(url),
    query: url.searchParams,
    headers: { 'client-request-id': outer['client-request-id'], ...Object.fromEntries(headers) },
    body: step.body,
  }
}

function pathOf({ pathname }: URL): string {
  return pathname.slice(prefix.length).replace(/\/$/, '')
}

function bodyOf(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('Unable to read JSON request payload.', 'BadRequest')
  }
}

function queryOf(query: URLSearchParams): string {
  return query.size === 0 ? '' : `?${decodeURIComponent(query.toString().replaceAll('+', ' '))}`
}

function maxPageSize(prefer = ''): { readonly maxPageSize?: number } {
  const size = Number(/\bodata\.maxpagesize=(\d{1,4})\b/i.exec(prefer)?.[1])
  return size > 0 ? { maxPageSize: size } : {}
}

function clientRequestId({ headers }: Asked) {
  const id = headers['client-request-id']
  return id === undefined ? {} : { clientRequestId: id }
}

function echo({ headers }: Asked): Record<string, string> {
  const id = headers['client-request-id']
  return id === undefined ? {} : { 'client-request-id': id }
}

function throttled({ seconds }: ActiveFault): GraphRefusal {
  return new GraphRefusal(429, 'TooManyRequests', 'Please retry again later.', {
    'retry-after': String(seconds ?? 1),
  })
}

function unavailable(): GraphRefusal {
  return new GraphRefusal(503, 'ServiceUnavailable', 'Service unavailable.')
}
