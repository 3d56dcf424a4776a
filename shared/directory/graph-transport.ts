import {
  AuthenticationHandler,
  AuthenticationHandlerOptions,
  Client,
  type Context,
  type GraphRequest,
  type Middleware,
  ResponseType,
  TelemetryHandler,
} from '@microsoft/microsoft-graph-client'
import type { ConnectorCredential } from './credential-cache.ts'
import { assertAccountPath } from './graph-account-paths.ts'
import type { GraphHost } from './graph-host.ts'
import { assertRemovalPath } from './graph-paths.ts'

/** One HTTP call to Graph. */
export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** This removal is meant to delete the account that it names, and nothing else may. */
  readonly deletesAccount?: true
  /** Relative to `/v1.0`, built by `graph-paths.ts`. */
  readonly path: string
  readonly body?: unknown
  /** Sent as `client-request-id`. */
  readonly requestId?: string
  /** Answered from the index that lags writes: the only one that can search. */
  readonly isEventual?: boolean
  /** Aborts the call, wherever it is. */
  readonly signal: AbortSignal
}

/** What came back, whatever its status. */
export interface GraphAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed JSON body; `undefined` where there is none or it could not be read. */
  readonly body: unknown
}

/** How far a call without an answer came. */
export type TransportFailureKind = 'no-token' | 'not-sent' | 'reply-lost'

/** No answer: `kind` tells whether the directory can have seen the call. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly kind: TransportFailureKind

  constructor(kind: TransportFailureKind, message: string, options?: { cause: unknown }) {
    super(message, options)
    this.kind = kind
  }
}

/** One line for each call, for logs: never a token, a body or a name. */
export interface GraphCallRecord {
  readonly method: string
  readonly path: string
  readonly status: number | TransportFailureKind
  readonly graphRequestId?: string
  readonly clientRequestId?: string
}

export type SendToGraph = (call: GraphCall) => Promise<GraphAnswer>

interface Needs {
  readonly credential: ConnectorCredential
  readonly host: GraphHost
  readonly fetch: typeof fetch
  readonly log: (record: GraphCallRecord) => void
}

/**
 * Sends one call through the official client, once: no retry, no redirect.
 *
 * A repeated write can undo the knowledge of who made a link, so repeating is left to callers who
 * know what they ask for.
 */
export function createGraphTransport({ credential, host, fetch, log }: Needs): SendToGraph {
  const client = Client.initWithMiddleware({
    baseUrl: host.canonical,
    defaultVersion: 'v1.0',
    middleware: chain(new AuthenticationHandler(noToken), [
      new TelemetryHandler(),
      lastMiddleware(host, fetch),
    ]),
  })

  return async (call) => {
    if (call.method === 'DELETE') {
      if (call.deletesAccount === true) assertAccountPath(call.path)
      else assertRemovalPath(call.path)
    }
    const record = { method: call.method, path: call.path.split('?')[0] ?? '' }
    const clientRequestId = call.requestId === undefined ? {} : { clientRequestId: call.requestId }
    try {
      const token = await tokenFor(credential, host, call.signal)
      const answer = await exchange(client.api(call.path), call, token)
      // Refused for this token: the next call has to bring another.
      if (answer.status === 401) credential.forget?.()
      const graphRequestId = requestIdOf(answer)
      log({
        ...record,
        ...clientRequestId,
        status: answer.status,
        ...(graphRequestId === undefined ? {} : { graphRequestId }),
      })
      return answer
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error
      log({ ...record, ...clientRequestId, status: error.kind })
      throw error
    }
  }
}

/** The directory's own id of the call, wherever it was put. */
export function requestIdOf({ headers, body }: GraphAnswer): string | undefined {
  const header = headers.get('request-id')
  if (header !== null) return header
  const inner = property(property(body, 'error'), 'innerError')
  const id = property(inner, 'request-id')
  return typeof id === 'string' ? id : undefined
}

async function tokenFor(
  credential: ConnectorCredential,
  host: GraphHost,
  signal: AbortSignal,
): Promise<string> {
  try {
    const asked = credential.getToken(`${host.canonical}/.default`, { abortSignal: signal })
    const answer = await orAborted(asked, signal)
    if (answer !== null) return answer.token
  } catch (error) {
    throw new TransportFailure('no-token', 'Cannot get a token for the directory', { cause: error })
  }
  throw new TransportFailure('no-token', 'Cannot get a token for the directory: none was given')
}

async function exchange(
  request: GraphRequest,
  { method, body, requestId, isEventual, signal }: GraphCall,
  token: string,
): Promise<GraphAnswer> {
  if (signal.aborted) throw new TransportFailure('not-sent', 'Cannot ask the directory: no time')
  request
    .responseType(ResponseType.RAW)
    .option('signal', signal)
    // A redirected write would be repeated at another place.
    .option('redirect', 'manual')
    .middlewareOptions([new AuthenticationHandlerOptions({ getAccessToken: async () => token })])
  if (requestId !== undefined) request.header('client-request-id', requestId)
  if (isEventual === true) request.header('ConsistencyLevel', 'eventual')
  try {
    const response = await orAborted(dispatch(request, method, body), signal)
    return {
      status: response.status,
      headers: response.headers,
      body: await bodyOf(response, signal),
    }
  } catch (error) {
    throw failureOf(error)
  }
}

function dispatch(request: GraphRequest, method: GraphCall['method'], body: unknown) {
  switch (method) {
    case 'GET':
      return request.get() as Promise<Response>
    case 'POST':
      return request.post(body) as Promise<Response>
    case 'PATCH':
      return request.patch(body) as Promise<Response>
    case 'DELETE':
      return request.delete() as Promise<Response>
  }
}

/** The status is known by now, so a body that breaks off changes what is told, not what happened. */
async function bodyOf(response: Response, signal: AbortSignal): Promise<unknown> {
  try {
    const text = await orAborted(response.text(), signal)
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Settles no later than the signal, even where what runs ignores it. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const listening = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(new Error('Cannot wait longer: the time is over'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { signal: listening.signal })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    listening.abort()
  }
}

// The client keeps of an error only its name and message, so the name has to carry the kind.
const notSentName = 'NotSent'

function failureOf(error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error
  const code = property(error, 'code')
  return code === notSentName
    ? new TransportFailure('not-sent', 'Cannot reach the directory: no connection', {
        cause: error,
      })
    : new TransportFailure('reply-lost', 'Cannot tell what the directory did: no reply', {
        cause: error,
      })
}

/** Failures to connect: the request has not left this machine. */
const unsentCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * Hands the request to `fetch`, at the address in use.
 *
 * The client gives tokens and its correlation header only to Graph's own hosts, so a local stand-in
 * is reached by changing the address last of all; `context.request` itself stays as it is.
 */
function lastMiddleware(host: GraphHost, send: typeof fetch): Middleware {
  return {
    async execute(context: Context) {
      const url = typeof context.request === 'string' ? context.request : context.request.url
      const address = `${host.origin}${url.slice(host.canonical.length)}`
      try {
        context.response = await send(address, context.options)
      } catch (error) {
        if (unsentCodes.has(property(property(error, 'cause'), 'code'))) {
          throw Object.assign(new Error('no connection', { cause: error }), { name: notSentName })
        }
        throw error
      }
    },
  }
}

function chain(first: AuthenticationHandler, rest: readonly [TelemetryHandler, Middleware]) {
  const [telemetry, last] = rest
  first.setNext(telemetry)
  telemetry.setNext(last)
  return first
}

const noToken = {
  getAccessToken: () => Promise.reject(new Error('Cannot ask the directory: no token was passed')),
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined
}
