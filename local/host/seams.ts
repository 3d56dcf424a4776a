/**
 * The seams inside the embedded host: what its shell (loading, HTTP, timers, Service Bus) and its
 * durable engine know of each other. Neither imports the other's files.
 */

/** Milliseconds since the epoch, and wake-up calls. A virtual clock implements the same. */
export interface Clock {
  now(): number
  /** Calls `run` once when `now() >= time`; times years ahead are fine. */
  at(time: number, run: () => void): { cancel(): void }
  /**
   * Says that work is under way which no wake-up shows (a running function, a write to storage). A
   * virtual clock does not move before the returned function was called; a real one lacks this.
   */
  hold?(): () => void
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical'

/** One line for the host's log. Categories are those of host.json, such as `Host.Triggers`. */
export type Log = (level: LogLevel, category: string, message: string) => void

/** What the durable engine is built with, besides the worker. */
export interface EngineContext {
  readonly clock: Clock
  /** Environment and `local.settings.json` in one. */
  readonly settings: Readonly<Record<string, string>>
  /** The app's `host.json` with its overrides applied. */
  readonly hostJson: Readonly<Record<string, unknown>>
  readonly log: Log
}

/** What crosses the worker's wire, the parts of `RpcTypedData` that this host uses. */
export type RpcData =
  | { readonly string: string }
  | { readonly json: string }
  | { readonly bytes: Uint8Array }
  | { readonly int: number }
  | { readonly double: number }
  | { readonly collectionString: { readonly string: readonly string[] } }
  | Record<string, never>

/** A binding as the app registered it: its options plus type, direction and name. */
export interface Binding {
  readonly type: string
  readonly direction: string
  readonly name: string
  readonly [option: string]: unknown
}

/** A function the app registered. */
export interface RegisteredFunction {
  readonly name: string
  readonly trigger: Binding
  readonly bindings: Readonly<Record<string, Binding>>
}

/** Runs functions of the loaded app, hooks included, as the real worker does. */
export interface Worker {
  readonly functions: ReadonlyMap<string, RegisteredFunction>
  /**
   * Invokes a function that is not an HTTP one. Resolves with its return value (undefined when it
   * returned nothing) and rejects with the very error that the function threw.
   */
  invoke(
    name: string,
    trigger: RpcData,
    metadata?: Readonly<Record<string, RpcData>>,
  ): Promise<RpcData | undefined>
}

/** An HTTP exchange without a socket: what the durable engine answers on its two addresses. */
export interface PlainRequest {
  readonly method: string
  /** Path after `/runtime/webhooks/durabletask` or the RPC base, no leading slash, not decoded. */
  readonly path: string
  /** On the keyed address it holds the system key as `code`, however the caller sent it. */
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Everything before `path`, such as `http://localhost:7071/runtime/webhooks/durabletask`. */
  readonly baseUrl: string
}

export interface PlainResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The durable engine as the shell sees it. */
export interface DurableEngine {
  start(): Promise<void>
  /** Stops taking work; what is under way is left to be found again by the next start. */
  stop(): Promise<void>
  /** JSON text of the `durableClient` input binding; its URLs carry the key as `code`. */
  clientInput(webhookBaseUrl: string, rpcBaseUrl: string, systemKey: string): string
  /** Answers the client protocol and the management API. The shell has checked the key already. */
  handle(request: PlainRequest): Promise<PlainResponse>
}
