import type { EventBody, HistoryEvent, Message } from './history.ts'

export type RuntimeStatus =
  | 'Pending'
  | 'Running'
  | 'Suspended'
  | 'Completed'
  | 'Failed'
  | 'Terminated'

/** What is known of an orchestration without its history. */
export interface InstanceHead {
  readonly id: string
  readonly name: string
  readonly version: string | null
  readonly executionId: string
  /** How often this id has been used before; null once it has continued as new. */
  readonly generation: number | null
  readonly status: RuntimeStatus
  /** JSON text. */
  readonly input: string | null
  /** JSON text. */
  readonly customStatus: string | null
  /** JSON text; a plain text after a failure, a termination or while suspended. */
  readonly output: string | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly parent?: Parent
}

/** The orchestration that waits for this one. */
export interface Parent {
  readonly id: string
  readonly executionId: string
  readonly name: string
  readonly version: string | null
  readonly taskId: number
}

export interface Instance {
  readonly head: InstanceHead
  readonly history: readonly HistoryEvent[]
}

/** An instance as storage holds it, with the events that it has not seen yet. */
export interface StoredInstance extends Instance {
  readonly inbox: readonly Message[]
}

export function isFinished({ status }: Pick<InstanceHead, 'status'>): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated'
}

interface NewInstance {
  readonly id: string
  readonly name: string
  readonly version?: string | null
  readonly executionId: string
  readonly generation?: number | null
  readonly input: string | null
  readonly parent?: Parent
  readonly time: string
}

/** An orchestration that has been asked for and has not run yet. */
export function newInstance({ time, version = null, generation = 0, ...rest }: NewInstance) {
  return {
    ...rest,
    version,
    generation,
    status: 'Pending',
    customStatus: null,
    output: null,
    createdAt: time,
    updatedAt: time,
  } as const satisfies InstanceHead
}

/** The event that an execution begins with. */
export function executionStarted(head: InstanceHead): EventBody {
  const { parent } = head
  return {
    EventType: 0,
    Name: head.name,
    Version: head.version,
    Input: head.input,
    OrchestrationInstance: { InstanceId: head.id, ExecutionId: head.executionId },
    ParentInstance:
      parent === undefined
        ? null
        : {
            Name: parent.name,
            OrchestrationInstance: { InstanceId: parent.id, ExecutionId: parent.executionId },
            TaskScheduleId: parent.taskId,
            Version: parent.version,
          },
    Tags: null,
    Correlation: null,
    ParentTraceContext: null,
    ScheduledStartTime: null,
    Generation: head.generation,
    GenerateNewTrace: false,
  }
}
