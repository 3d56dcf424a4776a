import type {
  HttpHandler,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from '@azure/functions'
import { BrokerError } from '../../shared/access/errors.ts'
import { mayCall, type Route } from '../../shared/config/routes.ts'
import type { Authenticate, Caller } from '../../shared/identity/authenticate.ts'
import { sha256Hex } from '../../shared/ledger/ids.ts'
import type { Log } from '../../shared/operations/needs.ts'
import type { Refusal } from '../../shared/operations/refusal.ts'
import { BodyRefusedError } from './body.ts'
import { notFound, type Problem, problemResponse, refusalProblem, unavailable } from './problem.ts'

/** One authenticated and authorised call. */
export interface Call {
  readonly request: HttpRequest
  readonly caller: Caller
  readonly context: InvocationContext
}

/** A problem, a refusal, or an answer. */
export type Answer = HttpResponseInit | Refusal | Problem

export interface EndpointNeeds {
  readonly authenticate: Authenticate
  readonly log: Log
  /** Told of calls that a signed-in caller had no right to. */
  readonly onForbidden: (caller: Caller, route: Route) => Promise<void>
}

export type Endpoint = (route: Route, handle: (call: Call) => Promise<Answer>) => HttpHandler

/**
 * The frame around every endpoint: who calls, may he, what went wrong. Authorisation is the route
 * table and nothing else; errors become problem documents here and nowhere else.
 */
export function createEndpoint(needs: EndpointNeeds): Endpoint {
  return (route, handle) => async (request, context) => {
    const answer = await run(needs, route, handle, request, context)
    const response = responseOf(answer, context.invocationId)
    return route.method === 'GET' ? conditional(request, response) : response
  }
}

/** The same frame without a caller, for what anyone may read. */
export function createOpenEndpoint(
  needs: Pick<EndpointNeeds, 'log'>,
): (handle: (request: HttpRequest) => Promise<Answer>) => HttpHandler {
  return (handle) => async (request, context) => {
    try {
      return responseOf(await handle(request), context.invocationId)
    } catch (error) {
      return responseOf(problemOf(needs, error, context.invocationId), context.invocationId)
    }
  }
}

async function run(
  needs: EndpointNeeds,
  route: Route,
  handle: (call: Call) => Promise<Answer>,
  request: HttpRequest,
  context: InvocationContext,
): Promise<Answer> {
  try {
    if (!accepts(request)) return notAcceptable
    const caller = await needs.authenticate(request.headers.get('authorization'))
    if (!mayCall(route, caller)) {
      await needs.onForbidden(caller, route)
      return forbidden
    }
    return await handle({ request, caller, context })
  } catch (error) {
    return problemOf(needs, error, context.invocationId)
  }
}

const forbidden: Problem = {
  status: 403,
  code: 'forbidden',
  title: 'Not allowed',
  detail: 'Your roles do not allow this call.',
}

const served = [
  'application/json',
  'application/problem+json',
  'text/csv',
  'application/x-ndjson',
  'application/zip',
  'application/yaml',
  'text/plain',
]

const notAcceptable: Problem = {
  status: 406,
  code: 'not-acceptable',
  title: 'Nothing of that kind is answered here',
  detail: `The Accept header names none of ${served.join(', ')}.`,
}

function accepts(request: HttpRequest): boolean {
  const accept = request.headers.get('accept')
  if (accept === null || accept.trim() === '') return true
  const types = accept.split(',').map((part) => (part.split(';')[0] ?? '').trim().toLowerCase())
  return types.some((type) => type === '*/*' || type === 'application/*' || served.includes(type))
}

function problemOf(
  needs: Pick<EndpointNeeds, 'log'>,
  error: unknown,
  invocationId: string,
): Problem {
  if (error instanceof BodyRefusedError) return error.problem
  if (error instanceof BrokerError && error.code === 'TOKEN_INVALID') {
    needs.log('information', 'A call without a valid token', { cause: error.message, invocationId })
    return {
      status: 401,
      code: 'unauthenticated',
      title: 'A valid bearer token is needed',
      detail: 'The call needs an access token of the tenant for this API.',
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    }
  }
  if (error instanceof BrokerError && error.retryable) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined
    needs.log('warning', error.message, { code: error.code, cause, invocationId })
    return unavailable
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  needs.log('error', 'A call failed unexpectedly', { cause: text, invocationId })
  return {
    status: 500,
    code: 'internal',
    title: 'Something went wrong here',
    detail: 'The operator finds more in the log, by the id in "instance".',
  }
}

function responseOf(answer: Answer, invocationId: string): HttpResponseInit {
  if ('kind' in answer) return problemResponse(refusalProblem(answer), invocationId)
  if ('code' in answer) return problemResponse(answer, invocationId)
  return { ...answer, headers: { 'cache-control': 'no-store', ...answer.headers } }
}

/** A good answer in JSON with its ETag, or that it is still the one that the caller has. */
function conditional(request: HttpRequest, response: HttpResponseInit): HttpResponseInit {
  const { jsonBody, status = 200, ...rest } = response
  if (jsonBody === undefined || status !== 200) return response
  const body = JSON.stringify(jsonBody)
  const headers = { etag: `"${sha256Hex(body).slice(0, 32)}"`, ...response.headers }
  if (request.headers.get('if-none-match') === new Headers(headers).get('etag')) {
    return { status: 304, headers }
  }
  return { ...rest, headers: { 'content-type': 'application/json', ...headers }, body }
}

export { notFound }
