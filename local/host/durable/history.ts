/**
 * The events of an orchestration's history, with the numbers and field names that the worker is sent
 * (those of DurableTask.Core).
 */

export interface ParentInstance {
  readonly Name: string
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string }
  readonly TaskScheduleId: number
  readonly Version: string | null
}

/** What happened, without its place in the history. */
export type EventBody =
  | {
      readonly EventType: 0
      readonly Name: string
      readonly Version: string | null
      /** JSON text. */
      readonly Input: string | null
      readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string }
      readonly ParentInstance: ParentInstance | null
      readonly Tags: null
      readonly Correlation: null
      readonly ParentTraceContext: null
      readonly ScheduledStartTime: null
      readonly Generation: number | null
      readonly GenerateNewTrace: false
    }
  | {
      readonly EventType: 1
      readonly OrchestrationStatus: 'Completed' | 'Failed' | 'Terminated'
      /** JSON text, or a plain text for what is not JSON. */
      readonly Result: string | null
      readonly FailureDetails: null
    }
  | { readonly EventType: 3; readonly Input: string | null }
  | {
      readonly EventType: 4
      readonly Name: string
      readonly Version: ''
      readonly ParentTraceContext: null
      readonly Tags: null
      /** JSON text, kept to give the work out again; the worker never sees it here. */
      readonly Input: string | null
    }
  | {
      readonly EventType: 5 | 8
      readonly TaskScheduledId: number
      /** JSON text. */
      readonly Result: string | null
    }
  | {
      readonly EventType: 6 | 9
      readonly TaskScheduledId: number
      readonly Reason: string
      readonly Details: string
      readonly FailureDetails: null
    }
  | {
      readonly EventType: 7
      readonly Name: string
      readonly Version: string | null
      readonly InstanceId: string
      readonly ClientSpanId: null
      readonly Tags: null
      /** As that of an activity. */
      readonly Input: string | null
    }
  | { readonly EventType: 10; readonly FireAt: string }
  | { readonly EventType: 11; readonly TimerId: number; readonly FireAt: string }
  | { readonly EventType: 12 | 13 }
  | {
      readonly EventType: 15
      readonly Name: string
      readonly Input: string | null
      readonly ParentTraceContext: null
    }
  | { readonly EventType: 19 | 20; readonly Reason: string | null }

export type HistoryEvent = EventBody & {
  /** The number of what was scheduled; -1 for everything else. */
  readonly EventId: number
  /** Whether the orchestrator had seen it before the present episode. */
  readonly IsPlayed: boolean
  readonly Timestamp: string
}

/** An event on its way to an instance. */
export interface Message {
  /** Set where the event waits in storage. */
  readonly key?: string
  /** The execution it belongs to; events raised from outside go to whichever is there. */
  readonly executionId?: string
  readonly event: EventBody
}

export function historyEvent(event: EventBody, time: string, eventId = -1): HistoryEvent {
  return { ...event, EventId: eventId, IsPlayed: false, Timestamp: time }
}

/** Kinds of event that the orchestrator receives, which count as played once an episode is over. */
const received: ReadonlySet<number> = new Set([0, 5, 6, 8, 9, 11, 15, 19, 20])

export function played(event: HistoryEvent): HistoryEvent {
  return received.has(event.EventType) && !event.IsPlayed ? { ...event, IsPlayed: true } : event
}

/** An event as the real host shows it to the worker and to callers: work without its input. */
export function shown(event: HistoryEvent): HistoryEvent {
  return event.EventType === 4 || event.EventType === 7 ? { ...event, Input: null } : event
}
