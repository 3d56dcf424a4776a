import type { OrchestrationContext, Task } from 'durable-functions'

/**
 * Version of the orchestrations that this code starts. A change of their steps takes the next one;
 * docs/orchestrator-changes.md tells how.
 */
export const orchestrationVersion = 1

/** Name under which the orchestration is registered, and which its history carries. */
export const accessLifeCycleName = `accessLifeCycleV${orchestrationVersion}`

/** Event that tells a waiting life cycle that the ledger has changed. */
export const changedEvent = 'changed'

/** Every limit is in the input: a replay must not meet other settings. */
export interface LifeCycleInput {
  readonly requestId: string
  readonly startsAt?: string
  /** While people have to decide: when time alone would change something. */
  readonly decideBy?: string
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

const mayBeGranted = new Set(['pending-approval', 'scheduled', 'granting'])

/**
 * The life of one request: wait for the decision and its start, grant, wait for its end, end.
 *
 * Replayed from history, so it only coordinates: no clock, no randomness, no I/O. The ledger is the
 * truth; whatever is lost here costs time, never correctness.
 */
export function* accessLifeCycle(context: OrchestrationContext): Generator<Task, string, unknown> {
  const input = context.df.getInput<LifeCycleInput>()
  const sleepUntil = sleeper(context)
  const first = input.decideBy ?? input.startsAt
  if (first !== undefined) yield* sleepUntil(first)
  const granted = yield* persist(context, sleepUntil, 'grant', input, {
    status: statusAtFirst(input),
    ...(input.projectedTo === undefined ? {} : { projectedTo: input.projectedTo }),
  })
  if (granted.wakeAt === undefined || mayBeGranted.has(granted.status)) return outcome(granted)
  yield* sleepUntil(granted.wakeAt)
  return outcome(yield* persist(context, sleepUntil, 'end', input, granted))
}

function statusAtFirst({ decideBy, startsAt }: LifeCycleInput): string {
  if (decideBy !== undefined) return 'pending-approval'
  return startsAt === undefined ? 'granting' : 'scheduled'
}

function outcome({ status, wakeAt }: StepResult): string {
  return wakeAt === undefined ? status : 'handed-over'
}

/** Repeats a step until the request has moved on from where the step takes it up. */
function* persist(
  context: OrchestrationContext,
  sleepUntil: Sleep,
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
    // An end that came too early, people who take their time, or a word about another request.
    if (answer?.status === (step === 'end' ? 'active' : 'pending-approval')) tries--
    if (isDone || result.wakeAt === undefined || tries >= mostTries) return result
    yield* sleepUntil(result.wakeAt)
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

type Sleep = (at: string) => Generator<Task, void, unknown>

/**
 * Sleeps until a time has come, or until somebody says that the ledger has changed. One wait for the
 * word serves all sleeps: a word goes to the oldest wait, so one left behind would swallow it.
 */
function sleeper(context: OrchestrationContext): Sleep {
  let changed: Task | undefined
  return function* (at) {
    if (changed?.isCompleted === true) {
      // It came while a step ran: look at the ledger again at once.
      changed = undefined
      return
    }
    const timer = context.df.createTimer(new Date(at))
    changed ??= context.df.waitForExternalEvent(changedEvent)
    const winner = yield context.df.Task.any([changed, timer])
    if (winner === timer) return
    changed = undefined
    // A pending timer would keep the whole instance alive until it fires.
    timer.cancel()
  }
}
