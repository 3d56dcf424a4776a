import { randomUUID } from 'node:crypto'
import type {
  CoreCallback,
  CoreContext,
  CoreMetadata,
  HookCallback,
  InvocationContext,
  InvocationModel,
  Library,
  Registrations,
} from './core-types.ts'
import type { Clock, Log, LogLevel, RegisteredFunction } from './seams.ts'

/** A registered function with what it takes to run it. */
export interface AppFunction extends RegisteredFunction {
  readonly metadata: CoreMetadata
  readonly callback: CoreCallback
  readonly library: Library
}

/** One call of a function: what the host sends for its bindings. */
export interface Call {
  readonly inputData: readonly { readonly name: string; readonly data: object }[]
  readonly triggerMetadata: Readonly<Record<string, object>>
  /** Handed to the function as they are, before what `inputData` gives it. */
  readonly inputs?: readonly unknown[]
}

interface Invoked {
  readonly model: InvocationModel
  readonly context: InvocationContext
  /** What the function returned, hooks considered, not yet turned into wire data. */
  readonly result: unknown
}

export type Invoke = (fn: AppFunction, call: Call) => Promise<Invoked>

interface Needs {
  readonly hooks: Registrations['hooks']
  readonly appHookData: Record<string, unknown>
  readonly clock: Clock
  readonly log: Log
}

/** Runs functions the way the Node worker does: arguments, hooks, function, hooks. */
export function createInvoke({ hooks, appHookData, clock, log }: Needs): Invoke {
  return async (fn, call) => {
    const release = clock.hold?.()
    const started = clock.now()
    const invocationId = randomUUID()
    const category = `Function.${fn.name}`
    const short = invocationId.slice(0, 8)
    log('information', category, `started (${short})`)
    try {
      const invoked = await run(fn, call, coreContext(fn, call, invocationId, log))
      log('information', category, `succeeded in ${clock.now() - started} ms (${short})`)
      return invoked
    } catch (error) {
      log('error', category, `failed in ${clock.now() - started} ms (${short}): ${textOf(error)}`)
      throw error
    } finally {
      release?.()
    }
  }

  async function run(fn: AppFunction, call: Call, coreCtx: CoreContext): Promise<Invoked> {
    const { model: programmingModel } = fn.library
    if (programmingModel === undefined) {
      throw new Error(`Cannot run ${fn.name}: its library has set no programming model`)
    }
    const model = programmingModel.getInvocationModel(coreCtx)
    const { context, inputs } = await model.getArguments()
    const shared = { hookData: {}, appHookData, invocationContext: context }

    coreCtx.state = 'preInvocationHooks'
    const before = {
      ...shared,
      inputs: [...(call.inputs ?? []), ...inputs],
      functionCallback: fn.callback,
    }
    await runHooks(hooks.preInvocation, before)

    coreCtx.state = 'invocation'
    const outcome = await settle(() =>
      model.invokeFunction(context, before.inputs, before.functionCallback),
    )

    coreCtx.state = 'postInvocationHooks'
    const after = { ...shared, inputs: before.inputs, ...outcome }
    await runHooks(hooks.postInvocation, after)
    if (after.error !== undefined && after.error !== null) throw after.error
    return { model, context, result: after.result }
  }
}

/** Runs hooks one after another on the same context, which they may change. */
export async function runHooks(
  callbacks: readonly HookCallback[],
  context: Record<string, unknown>,
): Promise<void> {
  for (const callback of callbacks) await callback(context)
}

async function settle(run: () => Promise<unknown>): Promise<{ result: unknown; error: unknown }> {
  try {
    return { result: await run(), error: undefined }
  } catch (thrown) {
    const error = thrown ?? new Error('the function threw nothing (undefined or null)')
    return { result: undefined, error }
  }
}

function coreContext(fn: AppFunction, call: Call, invocationId: string, log: Log): CoreContext {
  return {
    invocationId,
    metadata: fn.metadata,
    state: undefined,
    request: {
      invocationId,
      functionId: fn.name,
      inputData: call.inputData,
      triggerMetadata: call.triggerMetadata,
      traceContext: { traceParent: '', traceState: '', attributes: {} },
    },
    log(level, category, message) {
      const suffix = category === 'user' ? '.User' : ''
      if (isLevel(level)) log(level, `Function.${fn.name}${suffix}`, message)
    },
  }
}

function isLevel(level: string): level is LogLevel {
  return ['trace', 'debug', 'information', 'warning', 'error', 'critical'].includes(level)
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
