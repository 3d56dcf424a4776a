import { DirectoryUnavailableError } from '../access/errors.ts'
import { retryAfterOf } from './classify-graph-error.ts'
import {
  type GraphAnswer,
  type GraphCall,
  type SendToGraph,
  TransportFailure,
} from './graph-transport.ts'

/** Sleeps; ends early, by throwing, when the signal says so. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<unknown>

interface Needs {
  readonly send: SendToGraph
  readonly now: () => Date
  readonly wait: Wait
}

/** A read whose repetition is harmless; a `POST` only where it changes nothing. */
export interface GraphRead {
  /** What the caller is about to know, for the error's text: `look up a group`. */
  readonly action: string
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Answered from the index that lags writes. */
  readonly isEventual?: boolean
  /** Ends the read earlier than its own time. */
  readonly signal?: AbortSignal
}

/** Answers below 500 other than 401 and 429, and 501; anything else throws `DirectoryUnavailableError`. */
export type ReadGraph = (read: GraphRead) => Promise<GraphAnswer>

const tries = 3
const budgetMilliseconds = 10_000
const firstPauseMilliseconds = 500

/** Reads with a few repetitions, all of them together within ten seconds. */
export function createGraphReads({ send, now, wait }: Needs): ReadGraph {
  return async (read) => {
    const { method = 'GET', path, body, isEventual = false } = read
    const call = { method, path, body, isEventual } as const
    const giveUpAt = now().getTime() + budgetMilliseconds
    return withinTime(wait, budgetMilliseconds, async (inTime) => {
      const signal = read.signal === undefined ? inTime : AbortSignal.any([inTime, read.signal])
      for (let count = 1; ; count += 1) {
        const answer = await attempt(send, { ...call, signal }, read.action)
        if (isAnswer(answer)) return answer
        const pause = pauseBefore(count, answer, now())
        const isOver = count === tries || now().getTime() + pause >= giveUpAt
        if (isOver) throw unavailable(read.action, answer, now())
        await wait(pause, signal)
      }
    }).catch((error: unknown) => {
      if (error instanceof DirectoryUnavailableError) throw error
      throw new DirectoryUnavailableError(read.action, { cause: error })
    })
  }
}

/** Runs work under a signal that fires when its time is over. */
export async function withinTime<T>(
  wait: Wait,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const finished = new AbortController()
  void wait(milliseconds, finished.signal).then(
    () => deadline.abort(),
    () => undefined, // Cut short because the work is done.
  )
  try {
    return await work(deadline.signal)
  } finally {
    finished.abort()
  }
}

/** Says that a read failed, with what the directory told about it. */
export function unavailable(
  action: string,
  answer: GraphAnswer | TransportFailure,
  now: Date,
): DirectoryUnavailableError {
  if (answer instanceof TransportFailure) {
    return new DirectoryUnavailableError(action, { cause: answer })
  }
  const { code, message } = errorOf(answer.body)
  const cause = new Error(`The directory answered ${answer.status} ${code} ${message}`.trim())
  return new DirectoryUnavailableError(action, { cause, ...retryAfter(answer, now) })
}

/** Code and message of an error body, empty where it told none. */
export function errorOf(body: unknown): { readonly code: string; readonly message: string } {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error
  return {
    code: typeof error?.code === 'string' ? error.code : '',
    message: typeof error?.message === 'string' ? error.message : '',
  }
}

async function attempt(send: SendToGraph, call: GraphCall, action: string) {
  try {
    return await send(call)
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error
    // Without a token the next try would fare no better.
    if (error.kind === 'no-token') throw new DirectoryUnavailableError(action, { cause: error })
    return error
  }
}

function isAnswer(answer: GraphAnswer | TransportFailure): answer is GraphAnswer {
  if (answer instanceof TransportFailure) return false
  // "Not implemented" will not change by asking again.
  if (answer.status === 501) return true
  return answer.status >= 200 && answer.status < 500 && ![401, 429].includes(answer.status)
}

function pauseBefore(count: number, answer: GraphAnswer | TransportFailure, now: Date): number {
  const wish = answer instanceof TransportFailure ? {} : retryAfter(answer, now)
  return wish.retryAfterSeconds === undefined
    ? firstPauseMilliseconds * 2 ** (count - 1)
    : wish.retryAfterSeconds * 1000
}

function retryAfter({ headers }: GraphAnswer, now: Date) {
  return retryAfterOf(headers.get('retry-after') ?? undefined, now)
}
