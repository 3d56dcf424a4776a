import { type HistoryEvent, shown } from './history.ts'
import type { Instance } from './instance.ts'

interface Wanted {
  readonly showInput: boolean
  readonly showHistory: boolean
  readonly showHistoryOutput: boolean
}

/** What the management API tells of an instance. */
export function statusView(instance: Pick<Instance, 'head'> & Partial<Instance>, wanted: Wanted) {
  const { head, history = [] } = instance
  return {
    name: head.name,
    instanceId: head.id,
    runtimeStatus: head.status,
    input: wanted.showInput ? parsedOrText(head.input) : null,
    customStatus: parsedOrText(head.customStatus),
    output: parsedOrText(head.output),
    createdTime: wholeSeconds(head.createdAt),
    lastUpdatedTime: wholeSeconds(head.updatedAt),
    ...(wanted.showHistory ? { historyEvents: historyView(history, wanted) } : {}),
  }
}

const names: Readonly<Record<number, string>> = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  3: 'ExecutionTerminated',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  6: 'TaskFailed',
  7: 'SubOrchestrationInstanceCreated',
  8: 'SubOrchestrationInstanceCompleted',
  9: 'SubOrchestrationInstanceFailed',
  10: 'TimerCreated',
  11: 'TimerFired',
  15: 'EventRaised',
  19: 'ExecutionSuspended',
  20: 'ExecutionResumed',
}

/** The events one by one, with each completion in the place of what it completes. */
function historyView(history: readonly HistoryEvent[], wanted: Wanted): unknown[] {
  const scheduled = new Map<number, HistoryEvent>()
  const completed = new Set(
    history.flatMap((event) => ('TaskScheduledId' in event ? [event.TaskScheduledId] : [])),
  )
  return history.flatMap((event) => {
    const EventType = names[event.EventType]
    if (EventType === undefined) return []
    if (event.EventType === 4 || event.EventType === 7) {
      scheduled.set(event.EventId, event)
      if (completed.has(event.EventId)) return []
    }
    return [{ EventType, ...fieldsOf(event, scheduled, wanted), Timestamp: event.Timestamp }]
  })
}

function fieldsOf(
  event: HistoryEvent,
  scheduled: ReadonlyMap<number, HistoryEvent>,
  { showInput, showHistoryOutput }: Wanted,
): Record<string, unknown> {
  const { EventType, EventId, IsPlayed, Timestamp, ...fields } = shown(event) as HistoryEvent &
    Record<string, unknown>
  switch (event.EventType) {
    case 0:
      return {
        ...(showInput ? { Input: event.Input } : {}),
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: null,
        Generation: event.Generation,
        GenerateNewTrace: false,
        FunctionName: event.Name,
      }
    case 1:
      return {
        OrchestrationStatus: event.OrchestrationStatus,
        ...(showHistoryOutput ? { Result: parsedOrText(event.Result) } : {}),
        FailureDetails: null,
      }
    case 4: {
      const { Version, ...rest } = fields
      return rest
    }
    case 5:
    case 6:
    case 8:
    case 9: {
      const { TaskScheduledId, Result, ...rest } = fields
      const origin = scheduled.get(event.TaskScheduledId)
      return {
        ...rest,
        ...(showHistoryOutput && 'Result' in event ? { Result: parsedOrText(event.Result) } : {}),
        ScheduledTime: origin?.Timestamp.replace('Z', '+00:00'),
        FunctionName: origin !== undefined && 'Name' in origin ? origin.Name : undefined,
        ...(showInput ? { Input: null } : {}),
      }
    }
    case 11:
      return { FireAt: event.FireAt }
    default:
      return fields
  }
}

function parsedOrText(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    // What ended badly has its reason here, in words.
    return text
  }
}

function wholeSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`
}
