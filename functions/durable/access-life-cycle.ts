import type { OrchestrationContext, Task } from 'durable-functions'

/** Name under which the orchestration is registered; a change of its steps takes a new one. */
export const accessLifeCycleName = 'accessLifeCycleV1'

/** Event that tells a waiting life cycle that the ledger has changed. */
export const changedEvent = 'changed'

/** Every limit is in the input: a replay must not meet other settings. */
export interface LifeCycleInput {
  readonly requestId: string
  readonly startsAt?: string
  /** Last sequence known to be in views and topic; saves work, never decides. */
  readonly projectedTo?: number
  readonly retryMaximumSeconds: number
}

/** Where a request stands after `grant` or `end`. */
export interface StepResult {
  readonly status: string
  /** When to come back; absent when there is nothing left to do. */
  readonly wakeAt?: string
  readonly projectedTo?: number
}

export interface StepInput {
  readonly requestId: string
  readonly projectedTo?: number
}

/** After this many tries of one step the sweep goes on alone; it never gives up. */
const mostTries = 10

const mayBeGranted = new Set(['scheduled', 'granting'])

/**
 * The life of one request: wait for its start, grant, wait for its end, end.
 *
 * Replayed from history, so it only coordinates: no clock, no randomness, no I/O. The ledger is the
 * truth; whatever is lost here costs time, never correctness.
 */
export function* accessLifeCycle(context: OrchestrationContext): Generator<Task, string, unknown> {
  const input = context.df.getInput<LifeCycleInput>()
  if (input.startsAt !== undefined) yield* sleepUntil(context, input.startsAt)
  const granted = yield* persist(context, 'grant', input, {
    status: input.startsAt === undefined ? 'granting' : 'scheduled',
    ...(input.projectedTo === undefined ? {} : { projectedTo: input.projectedTo }),
  })
  if (granted.wakeAt === undefined || mayBeGranted.has(granted.status)) return outcome(granted)
  yield* sleepUntil(context, granted.wakeAt)
  return outcome(yield* persist(context, 'end', input, granted))
}

function outcome({ status, wakeAt }: StepResult): string {
  return wakeAt === undefined ? status : 'handed-over'
}

/** Repeats a step until the request has moved on from where the step takes it up. */
function* persist(
  context: OrchestrationContext,
  step: 'grant' | 'end',
  { requestId, retryMaximumSeconds }: LifeCycleInput,
  from: StepResult,
): Generator<Task, StepResult, unknown> {
  let result = from
  for (let tries = 1; ; tries++) {
    const answer = yield* call(context, step, {
      requestId,
      ...(result.projectedTo === undefined ? {} : { projectedTo: result.projectedTo }),
    })
    const pause = Math.min(2 ** tries, retryMaximumSeconds) * 1000
    const later = new Date(context.df.currentUtcDateTime.getTime() + pause).toISOString()
    result = answer ?? { status: result.status, wakeAt: later }
    const isDone = step === 'end' ? result.wakeAt === undefined : !mayBeGranted.has(result.status)
    // An end that came too early, or a word about another request, is no failed try.
    if (step === 'end' && result.status === 'active') tries--
    if (isDone || result.wakeAt === undefined || tries >= mostTries) return result
    yield* sleepUntil(context, result.wakeAt)
  }
}

/** Undefined when the activity failed: a worker that dies makes its activity fail at once. */
function* call(
  context: OrchestrationContext,
  step: 'grant' | 'end',
  input: StepInput,
): Generator<Task, StepResult | undefined, unknown> {
  try {
    return (yield context.df.callActivity(step, input)) as StepResult
  } catch {
    return undefined
  }
}

/** Until the time has come, or until somebody says that the ledger has changed. */
function* sleepUntil(context: OrchestrationContext, at: string): Generator<Task, void, unknown> {
  const timer = context.df.createTimer(new Date(at))
  const changed = context.df.waitForExternalEvent(changedEvent)
  const winner = yield context.df.Task.any([changed, timer])
  // A pending timer would keep the whole instance alive until it fires.
  if (winner !== timer) timer.cancel()
}
