import type { RpcData, Worker } from '../seams.ts'
import { NotOfferedError, parseAnswer } from './actions.ts'
import type { Draft, Reply } from './episode.ts'
import { shown } from './history.ts'
import { durationsForWorker } from './timer-limits.ts'

/** Stands between a text and the state of the orchestrator in the error of one that threw. */
const stateMarker = '\n\n$OutOfProcData$:'

/** Calls the orchestrator function with the history of a draft. */
export async function callOrchestrator(worker: Worker, draft: Draft): Promise<Reply> {
  const { name } = draft.head
  const failed = (text: string): Reply => ({
    kind: 'failed',
    reason: `Orchestrator function '${name}' failed: ${text}`,
  })
  const fn = worker.functions.get(name)
  if (!isOrchestrator(worker, name) || fn === undefined) return failed(unknownText(worker, name))

  const payload = payloadOf(draft)
  const data = { string: JSON.stringify(payload, null, 2) }
  try {
    const metadata = { [fn.trigger.name]: data, ...scalars(payload) }
    return {
      kind: 'answered',
      answer: parseAnswer(textOf(await worker.invoke(name, data, metadata))),
    }
  } catch (error) {
    if (error instanceof NotOfferedError) return failed(error.message)
    const message = error instanceof Error ? error.message : String(error)
    const marker = message.indexOf(stateMarker)
    if (marker < 0) return failed(message)
    return readThrown(message.slice(marker + stateMarker.length), failed)
  }
}

export function isOrchestrator(worker: Worker, name: string): boolean {
  return worker.functions.get(name)?.trigger.type.toLowerCase() === 'orchestrationtrigger'
}

function readThrown(text: string, failed: (text: string) => Reply): Reply {
  try {
    const answer = parseAnswer(text)
    // Whoever throws something that is no Error is not heard of by the real host.
    return answer.error === undefined ? { kind: 'ignored' } : { kind: 'answered', answer }
  } catch (error) {
    if (error instanceof NotOfferedError) return failed(error.message)
    throw error
  }
}

/** What the orchestrator function is called with. */
export function payloadOf({ head, history }: Draft) {
  return {
    history: history.map(shown),
    input: head.input === null ? null : JSON.parse(head.input),
    instanceId: head.id,
    isReplaying: history.some(({ EventType, IsPlayed }) => EventType === 0 && IsPlayed),
    parentInstanceId: head.parent?.id ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    ...durationsForWorker,
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  }
}

/** The real host repeats the scalars of the payload as trigger metadata, in .NET's spelling. */
function scalars(payload: Readonly<Record<string, unknown>>): Record<string, RpcData> {
  const named = Object.entries(payload).flatMap(([name, value]): [string, RpcData][] => {
    if (value === null || typeof value === 'object') return []
    const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
    return [[name, { string: text }]]
  })
  return Object.fromEntries(named)
}

function textOf(answer: RpcData | undefined): string {
  if (answer !== undefined && 'json' in answer && typeof answer.json === 'string')
    return answer.json
  if (answer !== undefined && 'string' in answer) return String(answer.string)
  throw new Error('it gave no answer')
}

function unknownText(worker: Worker, name: string): string {
  const known = [...worker.functions.keys()].filter((other) => isOrchestrator(worker, other))
  return (
    `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. ` +
    'Additional info: The following are the known orchestrator functions: ' +
    `${known.map((other) => `'${other}'`).join(', ')}.`
  )
}
