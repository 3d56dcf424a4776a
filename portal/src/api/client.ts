import { accessToken, renew } from '../auth/session.ts'
import { noteAnswer, noteFailure } from './connection.ts'
import { ApiProblem, notReached } from './problem.ts'
import { learnServerTime } from './server-clock.ts'

interface Sent {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The last good answers with their ETags, so that what has not changed is not sent again. */
const kept = new Map<string, { readonly etag: string; readonly value: unknown }>()
const mostKept = 200

/** One call to the API, by its path below `/api`. Throws `ApiProblem` and nothing else. */
export async function call<Answer>(path: string, sent: Sent = {}): Promise<Answer> {
  const response = await signedIn(path, sent)
  const isGet = (sent.method ?? 'GET') === 'GET'
  const former = kept.get(path)
  if (response.status === 304 && former !== undefined) return former.value as Answer
  if (!response.ok) throw await problemOf(response)
  const text = await response.text()
  const value: unknown = text === '' ? undefined : JSON.parse(text)
  const etag = response.headers.get('etag')
  if (isGet && etag !== null) keep(path, etag, value)
  return value as Answer
}

/** What a path has to say in another form than JSON, as it comes. */
export async function callFor(path: string, accept: string): Promise<Blob> {
  const response = await signedIn(path, { headers: { accept } })
  if (!response.ok) throw await problemOf(response)
  return response.blob()
}

async function signedIn(path: string, sent: Sent): Promise<Response> {
  const first = await send(path, sent, await accessToken())
  return first.status === 401 ? send(path, sent, await renew()) : first
}

async function send(path: string, sent: Sent, token: string): Promise<Response> {
  const { method = 'GET', body, signal } = sent
  // Kept answers are JSON: another form of them is always read whole.
  const isKept = method === 'GET' && sent.headers?.['accept'] === undefined
  const former = isKept ? kept.get(path) : undefined
  const sentAt = Date.now()
  try {
    const response = await fetch(`/api${path}`, {
      method,
      cache: 'no-store',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(former === undefined ? {} : { 'if-none-match': former.etag }),
        ...sent.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    learnServerTime(response.headers.get('date'), sentAt, Date.now())
    if (response.status === 502 || response.status === 504) noteFailure()
    else noteAnswer()
    return response
  } catch (error) {
    if (signal?.aborted !== true) noteFailure()
    throw new ApiProblem({ ...notReached, ...(signal?.aborted ? { detail: String(error) } : {}) })
  }
}

function keep(path: string, etag: string, value: unknown): void {
  kept.delete(path)
  kept.set(path, { etag, value })
  const [oldest] = kept.keys()
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const after = Number(response.headers.get('retry-after'))
  const retryAfter = after > 0 ? after : undefined
  const isProblem = response.headers.get('content-type')?.includes('json') === true
  const document = isProblem ? await response.json().catch(() => undefined) : undefined
  if (document === undefined) {
    const detail = 'The service is busy or being updated. It is tried again by itself.'
    return new ApiProblem({ status: response.status, title: 'No good answer', detail }, retryAfter)
  }
  return new ApiProblem({ ...document, status: response.status }, retryAfter)
}
