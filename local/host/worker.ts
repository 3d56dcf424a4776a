import type { AppFunction, Invoke } from './invocation.ts'
import type { RpcData, Worker } from './seams.ts'

interface Needs {
  readonly functions: ReadonlyMap<string, AppFunction>
  readonly invoke: Invoke
  /** JSON text for the `durableClient` bindings of a function. */
  readonly durableClient: () => string
}

/** Runs the functions that HTTP does not trigger. */
export function createWorker({ functions, invoke, durableClient }: Needs): Worker {
  return {
    functions,
    async invoke(name, trigger, metadata = {}) {
      const fn = functions.get(name)
      if (fn === undefined) throw new Error(`Cannot run ${name}: the app has no such function`)
      refuse(fn)
      const { model, context, result } = await invoke(fn, {
        inputData: [{ name: fn.trigger.name, data: trigger }, ...clientInputs(fn, durableClient)],
        triggerMetadata: metadata,
      })
      const response = await model.getResponse(context, result)
      const [output] = response.outputData ?? []
      if (output !== undefined) {
        throw new Error(
          `Cannot deliver output ${output.name} of ${name}: this host offers no output bindings`,
        )
      }
      return toRpcData(response.returnValue)
    },
  }
}

/** What the `durableClient` inputs of a function receive. */
export function clientInputs(fn: AppFunction, durableClient: () => string): Call['inputData'] {
  return Object.values(fn.bindings)
    .filter(({ type, direction }) => direction === 'in' && isClient(type))
    .map(({ name }) => ({ name, data: { string: durableClient() } }))
}

type Call = Parameters<Invoke>[1]

function isClient(type: string): boolean {
  return ['durableclient', 'orchestrationclient'].includes(type.toLowerCase())
}

function refuse(fn: AppFunction): void {
  const type = fn.trigger.type.toLowerCase()
  if (type === 'httptrigger') {
    throw new Error(`Cannot run ${fn.name} directly: it is called through its HTTP route`)
  }
  if (type === 'entitytrigger') {
    throw new Error(`Cannot run ${fn.name}: this host offers no durable entities`)
  }
}

function toRpcData(
  value: Readonly<Record<string, unknown>> | null | undefined,
): RpcData | undefined {
  // The library made it: one of the kinds that RpcData lists.
  return value === null || value === undefined ? undefined : (value as RpcData)
}
