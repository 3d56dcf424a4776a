import { createRequire } from 'node:module'
import type { OrchestrationContext, Task } from 'durable-functions'
import { parseAnswer } from '../../local/host/durable/actions.ts'
import { payloadOf } from '../../local/host/durable/call-orchestrator.ts'
import { closeEpisode, type Draft, type Reply } from '../../local/host/durable/episode.ts'
import type { HistoryEvent } from '../../local/host/durable/history.ts'
import { newInstance } from '../../local/host/durable/instance.ts'
import { timerLimits } from '../../local/host/durable/timer-limits.ts'
import type { Ended, Recording } from './recording.ts'

export type OrchestratorCode = (context: OrchestrationContext) => Generator<Task, unknown, unknown>

/** What the library `durable-functions` makes of an orchestrator function before it is registered. */
const { Orchestrator } = createRequire(import.meta.url)(
  'durable-functions/lib/src/orchestrations/Orchestrator',
) as {
  readonly Orchestrator: new (
    code: OrchestratorCode,
  ) => { handle(trigger: unknown, context: object): Promise<unknown> }
}

export interface Replayed {
  /** What the code does otherwise than the history; undefined when it carries it on. */
  readonly difference?: string
  readonly ended: Ended
}

/**
 * Replays a history with the code of today, episode by episode, as the host does after a deployment:
 * whatever an instance has behind it, the code has to ask for the same again, in the same order.
 */
export async function replay(
  history: readonly HistoryEvent[],
  code: OrchestratorCode,
): Promise<Replayed> {
  let ended: Ended = { output: undefined, actions: [] }
  for (const episode of episodesOf(history)) {
    const draft = draftOf(history, episode)
    const reply = await call(code, draft)
    if (reply.kind === 'answered') {
      const { output, actions } = reply.answer
      ended = { output, actions }
    }
    const outcome = closeEpisode(draft, reply, rules, history[episode.end]?.Timestamp ?? '')
    const [was, is] = [stepsOf(history.slice(0, episode.end)), stepsOf(outcome.history)]
    const at = was.findIndex((step, index) => step !== is[index])
    if (at < 0 && was.length === is.length) continue
    const differs = at < 0 ? was.length : at
    const difference = `${was[differs] ?? 'nothing more'} has become ${is[differs] ?? 'nothing more'}`
    return { difference, ended }
  }
  return { ended }
}

/** What a recording and the code of today do not agree about; undefined when they agree. */
export async function differenceOf(
  { history, ended }: Recording,
  code: OrchestratorCode,
): Promise<string | undefined> {
  const replayed = await replay(history, code)
  if (replayed.difference !== undefined) return replayed.difference
  const [was, is] = [JSON.stringify(ended), JSON.stringify(replayed.ended)]
  return was === is ? undefined : `${was} has become ${is}`
}

interface Episode {
  readonly start: number
  /** Where what the orchestrator asked for in this episode begins. */
  readonly answered: number
  readonly end: number
}

const asked: ReadonlySet<number> = new Set([1, 4, 7, 10, 13])

function episodesOf(history: readonly HistoryEvent[]): readonly Episode[] {
  return history.flatMap(({ EventType }, start): Episode[] => {
    if (EventType !== 12) return []
    const answered = history.findIndex(
      (event, index) => index > start && asked.has(event.EventType),
    )
    const end = history.findIndex((event, index) => index > start && event.EventType === 13)
    return end < 0 ? [] : [{ start, answered, end }]
  })
}

/** The history as the host hands it out in an episode: what came earlier has been played. */
function draftOf(history: readonly HistoryEvent[], { start, answered }: Episode): Draft {
  const started = history.find(({ EventType }) => EventType === 0)
  if (started?.EventType !== 0) throw new Error('Cannot replay: the history has no beginning')
  const { Name, Input, OrchestrationInstance, Timestamp } = started
  return {
    head: newInstance({
      id: OrchestrationInstance.InstanceId,
      name: Name,
      executionId: OrchestrationInstance.ExecutionId,
      input: Input,
      time: Timestamp,
    }),
    history: history
      .slice(0, answered)
      .map((event, index) => (index < start ? event : { ...event, IsPlayed: false })),
    known: start,
    isContinued: false,
  }
}

const rules = { ...timerLimits, isActivity: () => true, isOrchestrator: () => true }

async function call(code: OrchestratorCode, draft: Draft): Promise<Reply> {
  const trigger = JSON.parse(JSON.stringify(payloadOf(draft))) as unknown
  try {
    const state = await new Orchestrator(code).handle(trigger, {})
    return { kind: 'answered', answer: parseAnswer(JSON.stringify(state)) }
  } catch (error) {
    return { kind: 'failed', reason: String(error) }
  }
}

/** What an orchestration did, in words that can be compared. */
export function stepsOf(history: readonly HistoryEvent[]): readonly string[] {
  return history.flatMap((event): string[] => {
    switch (event.EventType) {
      case 1:
        return [`${event.OrchestrationStatus} with ${event.Result}`]
      case 4:
        return [`activity ${event.Name} as ${event.EventId}`]
      case 7:
        return [`orchestration ${event.Name} as ${event.EventId}`]
      case 10:
        return [`timer of ${event.FireAt} as ${event.EventId}`]
      default:
        return []
    }
  })
}
