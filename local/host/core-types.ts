/** What the library `@azure/functions` and its host know of each other. */

/** A binding as it crosses the library's border. */
export type CoreBinding = Readonly<Record<string, unknown>> & {
  readonly type: string
  readonly direction: string
}

export interface CoreMetadata {
  readonly name: string
  readonly bindings: Readonly<Record<string, CoreBinding>>
  readonly retryOptions?: unknown
}

export type CoreCallback = (...inputs: unknown[]) => unknown

/** What one invocation is to the library. */
export interface CoreContext {
  readonly invocationId: string
  readonly metadata: CoreMetadata
  readonly request: Readonly<Record<string, unknown>>
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined
  log(level: string, category: string, message: string): void
}

/** The library's own steps of one invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ context: InvocationContext; inputs: unknown[] }>
  invokeFunction(
    context: InvocationContext,
    inputs: unknown[],
    callback: CoreCallback,
  ): Promise<unknown>
  getResponse(context: InvocationContext, result: unknown): Promise<InvocationResponse>
}

export interface InvocationContext {
  readonly extraInputs: { get(name: string): unknown }
}

interface InvocationResponse {
  readonly returnValue?: Readonly<Record<string, unknown>> | null
  readonly outputData?: readonly { readonly name: string }[]
}

export interface ProgrammingModel {
  getInvocationModel(context: CoreContext): InvocationModel
}

/** One loaded copy of `@azure/functions`. */
export interface Library {
  model: ProgrammingModel | undefined
  /** The app asked for HTTP streaming, so bodies are not gathered in memory first. */
  streams: boolean
}

export const hookNames = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate'] as const

export type HookName = (typeof hookNames)[number]

export type HookCallback = (context: Record<string, unknown>) => unknown

/** What an app did while it was loaded. */
export interface Registrations {
  readonly functions: {
    readonly metadata: CoreMetadata
    readonly callback: CoreCallback
    readonly library: Library
  }[]
  readonly hooks: Record<HookName, HookCallback[]>
}
