import type { OrchestrationContext, Task } from 'durable-functions'
import {
  accessLifeCycle,
  changedEvent,
  type LifeCycleInput,
  type StepInput,
  type StepResult,
} from '../../functions/durable/access-life-cycle.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Runs one activity somewhere; rejects when its worker dies. */
export type RunStep = (step: 'grant' | 'end', input: StepInput) => Promise<StepResult>

/** Durable Functions as the life cycles see it: they outlive every worker, unless they are dropped. */
export interface Orchestrations {
  start(input: LifeCycleInput): void
  nudge(requestId: string): void
  /** As if the task hub had been deleted. */
  drop(requestId: string): void
  running(): number
}

interface Waiting {
  isCompleted: boolean
  result?: unknown
  error?: unknown
  whenDone?: () => void
  cancel?: () => void
}

/** Drives the real orchestrator; only what it is driven by is made up. */
export function createOrchestrations(
  time: VirtualTime,
  runStep: RunStep,
  timerLateness: () => number,
): Orchestrations {
  const instances = new Map<string, Instance>()
  return {
    start(input) {
      if (instances.has(input.requestId)) return
      const instance = startInstance(time, input, runStep, timerLateness)
      instances.set(input.requestId, instance)
    },
    nudge: (requestId) => instances.get(requestId)?.raise(),
    drop: (requestId) => instances.get(requestId)?.drop(),
    running: () => [...instances.values()].filter(({ isOver }) => !isOver()).length,
  }
}

interface Instance {
  raise(): void
  drop(): void
  isOver(): boolean
}

function startInstance(
  time: VirtualTime,
  input: LifeCycleInput,
  runStep: RunStep,
  timerLateness: () => number,
): Instance {
  let isOver = false
  let raised = 0
  const listening: Waiting[] = []

  const complete = (task: Waiting, answer: { result?: unknown; error?: unknown }) => {
    if (task.isCompleted) return
    task.isCompleted = true
    Object.assign(task, answer)
    task.whenDone?.()
  }
  const df = {
    getInput: () => input,
    get currentUtcDateTime() {
      return new Date(time.now())
    },
    callActivity(step: 'grant' | 'end', stepInput: StepInput) {
      const task: Waiting = { isCompleted: false }
      runStep(step, stepInput).then(
        (result) => complete(task, { result }),
        (error) => complete(task, { error }),
      )
      return task
    },
    createTimer(at: Date) {
      const task: Waiting = { isCompleted: false }
      let isCancelled = false
      task.cancel = () => {
        isCancelled = true
      }
      time.at(at.getTime() + timerLateness(), () => {
        if (!isCancelled) complete(task, { result: undefined })
      })
      return task
    },
    waitForExternalEvent(name: string) {
      if (name !== changedEvent) throw new Error(`Cannot wait for ${name}: nobody raises it`)
      const task: Waiting = { isCompleted: false }
      if (raised > 0) {
        raised--
        task.isCompleted = true
      } else {
        listening.push(task)
      }
      return task
    },
    Task: {
      any(tasks: readonly Waiting[]) {
        const any: Waiting = { isCompleted: false }
        for (const task of tasks) {
          task.whenDone = () => complete(any, { result: task })
          if (task.isCompleted) complete(any, { result: task })
        }
        return any
      },
    },
  }
  // The part of the context that the life cycle uses; its rules forbid it any other.
  const life = accessLifeCycle({ df } as unknown as OrchestrationContext)

  const wait = (task: Waiting) => {
    const go = () => {
      if (isOver) return
      const { error, result } = task
      advance(() => (error === undefined ? life.next(result) : life.throw(error)))
    }
    task.whenDone = go
    if (task.isCompleted) go()
  }
  const advance = (go: () => IteratorResult<Task, string>) => {
    const step = go()
    if (step.done === true) isOver = true
    // A task of ours: the life cycle hands back what it was given.
    else wait(step.value as unknown as Waiting)
  }
  advance(() => life.next())

  return {
    raise() {
      if (isOver) return
      const task = listening.shift()
      if (task === undefined) raised++
      else complete(task, { result: {} })
    },
    drop: () => {
      isOver = true
    },
    isOver: () => isOver,
  }
}
