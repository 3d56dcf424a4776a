import type { RpcData, Worker } from '../seams.ts'
import type { EventBody } from './history.ts'

interface Call {
  readonly instanceId: string
  readonly name: string
  /** The number it was scheduled under. */
  readonly id: number
  /** JSON text of the input. */
  readonly input: string | null
}

/** Runs an activity; the event says how it went. */
export async function callActivity(worker: Worker, call: Call): Promise<EventBody> {
  const { instanceId, name, id, input } = call
  const value: unknown = input === null ? null : JSON.parse(input)
  // The library has put a text input into JSON once already.
  const text = typeof value === 'string' ? value : input
  const data: RpcData = text === null ? {} : { string: text }
  const binding = worker.functions.get(name)?.trigger.name ?? 'data'
  const metadata = {
    instanceId: { string: instanceId },
    ...(text === null ? {} : { [binding]: data, data: { json: text }, ...propertiesOf(value) }),
  }
  try {
    const result = await worker.invoke(name, data, metadata)
    return { EventType: 5, TaskScheduledId: id, Result: resultText(result) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      EventType: 6,
      TaskScheduledId: id,
      Reason: `Activity function '${name}' failed:  ${message}`,
      Details: JSON.stringify(exception(error, message)),
      FailureDetails: null,
    }
  }
}

export function isActivity(worker: Worker, name: string): boolean {
  return worker.functions.get(name)?.trigger.type.toLowerCase() === 'activitytrigger'
}

function propertiesOf(value: unknown): Record<string, RpcData> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const named = Object.entries(value).map(([name, property]): [string, RpcData] => [
    name,
    { string: typeof property === 'string' ? property : JSON.stringify(property) },
  ])
  return Object.fromEntries(named)
}

function resultText(result: RpcData | undefined): string | null {
  if (result === undefined) return null
  const [[kind, value] = []] = Object.entries(result)
  if (kind === 'json') return String(value)
  if (kind === 'bytes' && value instanceof Uint8Array) {
    return JSON.stringify(Buffer.from(value).toString('base64'))
  }
  return JSON.stringify(value ?? null)
}

/** The shape in which the real host passes an exception of its worker on. */
function exception(error: unknown, message: string) {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return {
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: ` ${message}`,
    Data: null,
    InnerException: {
      $type:
        'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
      IsUserException: false,
      RemoteStackTrace: stack,
      RemoteMessage: message,
      RemoteTypeName: null,
      Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
    },
  }
}
