import { DirectoryUnavailableError } from '../access/errors.ts'
import { retryAfterOf } from './classify-graph-error.ts'
import { batchShape, parsed } from './graph-objects.ts'
import { type ReadGraph, unavailable } from './graph-reads.ts'

export interface BatchNeeds {
  readonly read: ReadGraph
  readonly now: () => Date
}

/** One step of a `$batch`, relative to `/v1.0`. */
export interface Step {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly body?: unknown
  /** A missing permission is an answer, too: whoever asked knows what not knowing means. */
  readonly mayBeForbidden?: true
}

export interface StepAnswer {
  readonly status: number
  readonly body?: unknown
}

/** Limit of one `$batch` (graph.md 8.3). */
const stepsInBatch = 20

/**
 * Runs reads as `$batch`, as many as needed, and answers them by their keys. 200, 204, 400 and 404 are
 * answers; throttling, faults and a missing permission throw `DirectoryUnavailableError`.
 */
export function createBatches(action: string, { read, now }: BatchNeeds) {
  const runBatch = async (steps: readonly (readonly [string, Step])[]) => {
    const requests = steps.map(([, { mayBeForbidden: _, ...step }], index) => ({
      id: String(index),
      ...step,
      ...(step.method === 'POST' ? { headers: { 'Content-Type': 'application/json' } } : {}),
    }))
    const answer = await read({ action, method: 'POST', path: '/$batch', body: { requests } })
    if (answer.status !== 200) throw unavailable(action, answer, now())
    const { responses } = parsed(batchShape, answer.body)
    return steps.map(([key, step], index) => {
      const response = responses.find(({ id }) => id === String(index))
      if (response === undefined) throw unusable(action)
      const isAnswer = step.mayBeForbidden === true && response.status === 403
      if (!isAnswer) refuseFailure(action, response, now())
      return [key, response] as const
    })
  }

  return async (steps: ReadonlyMap<string, Step>): Promise<Map<string, StepAnswer>> => {
    const answers = new Map<string, StepAnswer>()
    const all = [...steps]
    for (let start = 0; start < all.length; start += stepsInBatch) {
      for (const [key, answer] of await runBatch(all.slice(start, start + stepsInBatch))) {
        answers.set(key, answer)
      }
    }
    return answers
  }
}

/** "No such thing" is an answer; throttling, faults and a missing permission are none. */
function refuseFailure(
  action: string,
  { status, headers }: { status: number; headers?: Record<string, string> | null | undefined },
  now: Date,
): void {
  if ([200, 204, 400, 404].includes(status)) return
  const header = Object.entries(headers ?? {}).find(([name]) => /^retry-after$/i.test(name))?.[1]
  throw new DirectoryUnavailableError(action, {
    cause: new Error(`The directory answered ${status} to a step of a batch`),
    ...retryAfterOf(header, now),
  })
}

function unusable(action: string): DirectoryUnavailableError {
  return new DirectoryUnavailableError(action, {
    cause: new Error("The directory's answer cannot be used: a step without an answer"),
  })
}
