import type { OrchestratorAnswer } from './actions.ts'
import { type EventBody, type HistoryEvent, historyEvent, type Message, played } from './history.ts'
import { executionStarted, type Instance, type InstanceHead } from './instance.ts'
import { type NumberedTask, numberTasks, type Task, type TimerLimits } from './number-tasks.ts'

/**
 * One episode of an orchestration, as pure functions: events are taken in, the orchestrator function
 * says what it wants by now, and out comes what has to be stored and what has to be done.
 */

export interface Draft {
  readonly head: InstanceHead
  /** With what is new at the end, not yet played. */
  readonly history: readonly HistoryEvent[]
  /** How many events of the history were there before. */
  readonly known: number
  /** The execution follows another one that continued as new. */
  readonly isContinued: boolean
}

/** What the orchestrator function did when it was called. */
export type Reply =
  | { readonly kind: 'answered'; readonly answer: OrchestratorAnswer }
  /** It could not be called, or asked for what is not offered. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It did what the real host takes no notice of. */
  | { readonly kind: 'ignored' }

export interface Outcome {
  readonly head: InstanceHead
  /** Everything, of the execution that goes on from here. */
  readonly history: readonly HistoryEvent[]
  /** Events to store after those that are there; those with a number are work to be done. */
  readonly added: readonly HistoryEvent[]
  /** Numbers of timers that nobody waits for any more. */
  readonly cancelled?: readonly number[]
  /** Input of the next execution, as JSON text, when the orchestration continues as new. */
  readonly continueWith?: { readonly input: string | null }
}

export interface EpisodeRules extends TimerLimits {
  readonly isActivity: (name: string) => boolean
  readonly isOrchestrator: (name: string) => boolean
}

/** Takes events in; undefined when none of them is meant for this execution. */
export function openEpisode(
  { head, history }: Instance,
  messages: readonly Message[],
  now: string,
  isContinued = false,
): Draft | undefined {
  const events = messages
    .filter(({ executionId }) => executionId === undefined || executionId === head.executionId)
    .map(({ event }) => event)
    .filter((event, index, all) => !isRepeated(event, [...history, ...all.slice(0, index)]))
  const isFirst = history.every(({ EventType }) => EventType !== 0)
  if (!isFirst && events.length === 0) return undefined
  const started = historyEvent({ EventType: 12 }, now)
  const first = historyEvent(executionStarted(head), head.createdAt)
  // The real host goes on within one work item, whose end it has noted by then.
  const turn = isContinued ? [historyEvent({ EventType: 13 }, now)] : []
  const opening = isFirst ? [started, first, ...turn] : [started]
  const added = [...opening, ...events.map((event) => historyEvent(event, now))]
  return { head, history: [...history, ...added], known: history.length, isContinued }
}

/** A completion that was delivered twice, after a crash between its delivery and its record. */
function isRepeated(event: EventBody, before: readonly EventBody[]): boolean {
  const id = completedId(event)
  return id !== undefined && before.some((other) => completedId(other) === id)
}

function completedId(event: EventBody): number | undefined {
  if ('TaskScheduledId' in event) return event.TaskScheduledId
  return 'TimerId' in event ? event.TimerId : undefined
}

/** Decides what follows from the reply. */
export function closeEpisode(
  draft: Draft,
  reply: Reply,
  rules: EpisodeRules,
  now: string,
): Outcome {
  const terminated = draft.history.slice(draft.known).find(({ EventType }) => EventType === 3)
  if (terminated?.EventType === 3) return finish(draft, 'Terminated', terminated.Input, now)

  const suspended = suspension(draft.history)
  if (suspended !== undefined) {
    return goOn(draft, { status: 'Suspended', output: suspended.reason }, now)
  }
  if (reply.kind === 'failed') return finish(draft, 'Failed', reply.reason, now)
  if (reply.kind === 'ignored') return goOn(draft, {}, now)

  const { answer } = reply
  const customStatus = { customStatus: jsonText(answer.customStatus ?? null) }
  const bytes = customStatus.customStatus.length * 2
  if (bytes > mostCustomStatusBytes) return finish(draft, 'Failed', tooLarge(draft, bytes), now)
  const tasks = numberTasks(answer.actions, draft.history, rules)
  const clash = findClash(tasks, draft.history)
  if (clash !== undefined) return finish(draft, 'Failed', clash, now)

  const fresh = tasks.filter(({ id }) => !draft.history.some(({ EventId }) => EventId === id))
  const unknown = fresh.find(({ task }) => !isKnown(task, rules))
  // As in the real host, an orchestration that calls what is not there stays running for ever.
  if (unknown !== undefined) return goOn(draft, customStatus, now)

  const head = { ...draft.head, ...customStatus }
  const scheduled = fresh.flatMap((numbered) => scheduling(numbered, head, now))
  const withTasks = { ...draft, head, history: [...draft.history, ...scheduled] }

  if (answer.error !== undefined) {
    const reason = `Orchestrator function '${head.name}' failed: ${answer.error}`
    return finish(withTasks, 'Failed', reason, now)
  }
  const isWaiting = tasks.some(
    ({ task, isOpen }) => isOpen && !(task.kind === 'timer' && task.isCanceled),
  )
  if (!answer.isDone || isWaiting) {
    const cancelled = tasks.filter(({ task }) => task.kind === 'timer' && task.isCanceled)
    return { ...goOn(withTasks, customStatus, now), cancelled: cancelled.map(({ id }) => id) }
  }

  const again = answer.actions.find(({ actionType }) => actionType === 4)
  if (again?.actionType === 4) {
    const last = finish(withTasks, 'Completed', null, now)
    return { ...last, continueWith: { input: jsonText(again.input ?? null) } }
  }
  return finish(withTasks, 'Completed', jsonText(answer.output ?? null), now)
}

/** UTF-16, as the real host counts. */
const mostCustomStatusBytes = 16 * 1024

function tooLarge({ head }: Draft, bytes: number): string {
  return `Orchestrator function '${head.name}' failed: The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is ${Math.floor(bytes / 1024)} KB.`
}

/** Set while the latest of suspend and resume is a suspend. */
function suspension(
  history: readonly HistoryEvent[],
): { readonly reason: string | null } | undefined {
  const last = history.findLast(({ EventType }) => EventType === 19 || EventType === 20)
  return last?.EventType === 19 ? { reason: last.Reason } : undefined
}

function goOn(draft: Draft, change: Partial<InstanceHead>, now: string): Outcome {
  const running = { status: 'Running', output: null } as const
  const head = { ...draft.head, ...running, ...change, updatedAt: now }
  return close({ ...draft, head }, [{ EventType: 13 }], now)
}

function finish(
  draft: Draft,
  status: 'Completed' | 'Failed' | 'Terminated',
  output: string | null,
  now: string,
): Outcome {
  const head = { ...draft.head, status, output, updatedAt: now }
  const completed = {
    EventType: 1,
    OrchestrationStatus: status,
    Result: output,
    FailureDetails: null,
  } as const
  return close({ ...draft, head }, [completed, { EventType: 13 }], now)
}

function close(
  { head, history, known, isContinued }: Draft,
  last: readonly EventBody[],
  now: string,
): Outcome {
  const closed = [...history, ...last.map((event) => historyEvent(event, now))].map(played)
  const all = closed.map((event, index) =>
    isContinued && index === 2 ? { ...event, IsPlayed: true } : event,
  )
  return { head, history: all, added: all.slice(known) }
}

function scheduling({ id, task }: NumberedTask, head: InstanceHead, now: string): HistoryEvent[] {
  switch (task.kind) {
    case 'activity': {
      const Input = inputText(task.input)
      const rest = { Version: '', ParentTraceContext: null, Tags: null } as const
      const event = { EventType: 4, Name: task.name, Input, ...rest } as const
      return [historyEvent(event, now, id)]
    }
    case 'timer': {
      // Cancelled before it was ever set.
      if (task.isCanceled) return []
      const event = { EventType: 10, FireAt: new Date(task.fireAt).toISOString() } as const
      return [historyEvent(event, now, id)]
    }
    case 'sub-orchestration': {
      const event = {
        EventType: 7,
        Name: task.name,
        Version: task.version,
        InstanceId: task.instanceId ?? `${head.executionId}:${id}`,
        Input: inputText(task.input),
        ClientSpanId: null,
        Tags: null,
      } as const
      return [historyEvent(event, now, id)]
    }
  }
}

function inputText(input: unknown): string | null {
  return input === undefined || input === null ? null : JSON.stringify(input)
}

function isKnown(task: Task, rules: EpisodeRules): boolean {
  switch (task.kind) {
    case 'activity':
      return rules.isActivity(task.name)
    case 'sub-orchestration':
      return rules.isOrchestrator(task.name)
    case 'timer':
      return true
  }
}

/** What stands in the history under a number has to be what the function asks for under it now. */
function findClash(
  tasks: readonly NumberedTask[],
  history: readonly HistoryEvent[],
): string | undefined {
  for (const { id, task } of tasks) {
    const event = history.find(({ EventId }) => EventId === id)
    if (event === undefined) continue
    const [before, after] = [describeEvent(event), describeTask(task)]
    if (before.join() === after.join()) continue
    return (
      `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ` +
      `${before[0]} with sequence number ${id}${before[1]}, but the current orchestration replay ` +
      `instead scheduled ${after[0]}${after[1]} with this sequence number.  Was a change made to the ` +
      'orchestrator code after this instance had already started running?'
    )
  }
  const surplus = history.find(({ EventId }) => EventId >= tasks.length)
  if (surplus === undefined) return undefined
  const [what, name] = describeEvent(surplus)
  return (
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ` +
    `${what} with sequence number ${surplus.EventId}${name}, but the current orchestration replay ` +
    'does not schedule it.  Was a change made to the orchestrator code after this instance had ' +
    'already started running?'
  )
}

type Described = readonly [what: string, name: string]

function describeEvent(event: HistoryEvent): Described {
  switch (event.EventType) {
    case 4:
      return ['an activity task', ` named '${event.Name}'`]
    case 7:
      return ['a sub-orchestration', ` named '${event.Name}'`]
    default:
      return ['a timer task', '']
  }
}

function describeTask(task: Task): Described {
  switch (task.kind) {
    case 'activity':
      return ['an activity task', ` named '${task.name}'`]
    case 'sub-orchestration':
      return ['a sub-orchestration', ` named '${task.name}'`]
    case 'timer':
      return ['a timer task', '']
  }
}

function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
