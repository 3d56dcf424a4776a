import type { Action, RetryOptions, SimpleAction } from './actions.ts'
import type { HistoryEvent } from './history.ts'

/** A piece of work with its number: what becomes a scheduling event of the same `EventId`. */
export type Task =
  | { readonly kind: 'activity'; readonly name: string; readonly input: unknown }
  | {
      readonly kind: 'sub-orchestration'
      readonly name: string
      readonly version: string | null
      readonly input: unknown
      readonly instanceId?: string
    }
  | { readonly kind: 'timer'; readonly fireAt: number; readonly isCanceled: boolean }

export interface NumberedTask {
  readonly id: number
  readonly task: Task
  readonly isOpen: boolean
}

export interface TimerLimits {
  /** A timer that is further away than this goes in hops. */
  readonly longestMilliseconds: number
  readonly hopMilliseconds: number
}

type Outcome = 'succeeded' | 'failed'
type Settle = (outcome: Outcome) => void

/**
 * Gives the actions of an orchestrator the numbers that durable-functions gives its tasks: one for
 * each leaf in the order in which it is first waited for, retries, their delays and the hops of long
 * timers included. To know that order, the history is played against the actions: an action begins
 * when the one before it has settled.
 */
export function numberTasks(
  actions: readonly Action[],
  history: readonly HistoryEvent[],
  limits: TimerLimits,
): readonly NumberedTask[] {
  const tasks: { id: number; task: Task; isOpen: boolean }[] = []
  const whenSettled = new Map<number, Settle>()
  const waiters = new Map<string, Settle[]>()
  const unclaimed = new Map<string, number>()
  let now = 0
  let next = 0

  function add(task: Task, settle: Settle): void {
    const id = tasks.length
    tasks.push({ id, task, isOpen: true })
    whenSettled.set(id, settle)
  }

  function settled(id: number, outcome: Outcome): void {
    const task = tasks[id]
    if (task === undefined || !task.isOpen) return
    task.isOpen = false
    whenSettled.get(id)?.(outcome)
  }

  function begin(action: Action, settle: Settle): void {
    switch (action.actionType) {
      case 0:
      case 2:
        add(taskOf(action), settle)
        return
      case 1:
      case 3:
        attempt(taskOf(action), action.retryOptions, 1, settle)
        return
      case 4:
        return
      case 5:
        beginTimer(Date.parse(action.fireAt), action.isCanceled, settle)
        return
      case 6:
        waitFor(action.externalEventName, settle)
        return
      case 11:
      case 12:
        beginAll(action, settle)
        return
    }
  }

  /** The real host waits once more after the last failure, and the worker counts on it. */
  function attempt(task: Task, options: RetryOptions, count: number, settle: Settle): void {
    add(task, (outcome) => {
      if (outcome === 'succeeded') {
        settle(outcome)
        return
      }
      const isLast = count >= options.maxNumberOfAttempts
      const fireAt = now + (isLast ? 0 : retryDelay(options, count))
      add({ kind: 'timer', fireAt, isCanceled: false }, () =>
        isLast ? settle('failed') : attempt(task, options, count + 1, settle),
      )
    })
  }

  function beginTimer(fireAt: number, isCanceled: boolean, settle: Settle): void {
    if (fireAt - now <= limits.longestMilliseconds) {
      add({ kind: 'timer', fireAt, isCanceled }, settle)
      return
    }
    add({ kind: 'timer', fireAt: now + limits.hopMilliseconds, isCanceled }, () =>
      beginTimer(fireAt, isCanceled, settle),
    )
  }

  function waitFor(name: string, settle: Settle): void {
    const early = unclaimed.get(name) ?? 0
    if (early > 0) {
      unclaimed.set(name, early - 1)
      settle('succeeded')
      return
    }
    waiters.set(name, [...(waiters.get(name) ?? []), settle])
  }

  function raised(name: string): void {
    // Of several that wait for one name the newest is served first, as the worker does.
    const settle = waiters.get(name)?.pop()
    if (settle === undefined) unclaimed.set(name, (unclaimed.get(name) ?? 0) + 1)
    else settle('succeeded')
  }

  function beginAll(
    { actionType, compoundActions }: Extract<Action, { compoundActions: unknown }>,
    settle: Settle,
  ): void {
    let open = compoundActions.length
    let isSettled = false
    const once: Settle = (outcome) => {
      if (isSettled) return
      isSettled = true
      settle(outcome)
    }
    for (const part of compoundActions) {
      begin(part, (outcome) => {
        open -= 1
        if (actionType === 11 || outcome === 'failed' || open === 0) once(outcome)
      })
    }
    if (open === 0) once('succeeded')
  }

  function beginNext(): void {
    const action = actions[next]
    if (action === undefined) return
    next += 1
    begin(action, beginNext)
  }

  for (const event of history) {
    switch (event.EventType) {
      case 0:
        beginNext()
        break
      case 5:
      case 8:
        settled(event.TaskScheduledId, 'succeeded')
        break
      case 6:
      case 9:
        settled(event.TaskScheduledId, 'failed')
        break
      case 11:
        settled(event.TimerId, 'succeeded')
        break
      case 12:
        now = Math.max(now, Date.parse(event.Timestamp))
        break
      case 15:
        raised(event.Name)
        break
      default:
    }
  }
  return tasks
}

function taskOf(action: Extract<SimpleAction, { actionType: 0 | 1 | 2 | 3 }>): Task {
  const { functionName: name, input } = action
  if (action.actionType === 0 || action.actionType === 1) return { kind: 'activity', name, input }
  return {
    kind: 'sub-orchestration',
    name,
    input,
    version: action.version ?? null,
    ...(action.instanceId ? { instanceId: action.instanceId } : {}),
  }
}

function retryDelay(options: RetryOptions, failures: number): number {
  const delay =
    options.firstRetryIntervalInMilliseconds * options.backoffCoefficient ** (failures - 1)
  return Math.min(delay, options.maxRetryIntervalInMilliseconds)
}
