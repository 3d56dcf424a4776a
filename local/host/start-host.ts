import { resolve } from 'node:path'
import { createAdmin } from './admin.ts'
import { systemClock } from './clock.ts'
import type { Registrations } from './core-types.ts'
import { rpcPath, webhookPath } from './durable-addresses.ts'
import { warnOfGaps } from './gaps.ts'
import { type HostJson, hostJsonNumber, hostJsonValue, readHostJson } from './host-json.ts'
import { openServer } from './host-server.ts'
import { createRunHttpFunction } from './http-trigger.ts'
import { indexFunctions } from './index-functions.ts'
import { createInvoke, runHooks } from './invocation.ts'
import { loadApp } from './load-app.ts'
import { consoleLog, filterLog } from './log.ts'
import { createRouteTable } from './route-table.ts'
import type {
  Clock,
  DurableEngine,
  EngineContext,
  Log,
  RegisteredFunction,
  Worker,
} from './seams.ts'
import { createHostServe, createRpcServe, type HostKeys } from './serve-host.ts'
import { startServiceBusTriggers } from './service-bus-trigger.ts'
import { applyEnvironment, mergeSettings, readLocalSettings, readSetting } from './settings.ts'
import { readSystemKey } from './system-key.ts'
import { createTimerRecords } from './timer-records.ts'
import { startTimers } from './timer-trigger.ts'
import { createWorker } from './worker.ts'

export interface HostOptions {
  /** Folder with `host.json` and the `package.json` whose `main` is loaded. */
  readonly appDirectory: string
  /** 0 takes any free one; default: the one of `local.settings.json`, else 7071. */
  readonly port?: number
  readonly engine: (worker: Worker, context: EngineContext) => DurableEngine
  readonly clock?: Clock
  /** Win over the environment, which wins over `local.settings.json`. */
  readonly settings?: Readonly<Record<string, string>>
  readonly log?: Log
  /** Without it every function is open, as under Core Tools. */
  readonly enforceKeys?: HostKeys
  /** Folder for the system key and the records of timers; without it they last as long as the host. */
  readonly stateDirectory?: string
}

/** A running host. */
export interface Host {
  readonly url: string
  /** Where the app's durable client reaches the engine without a key. */
  readonly rpcUrl: string
  /** Opens `/runtime/webhooks/durabletask`. */
  readonly systemKey: string
  readonly functions: readonly RegisteredFunction[]
  readonly worker: Worker
  readonly engine: DurableEngine
  stop(): Promise<void>
}

/** Loads a built function app and runs it. */
export async function startHost(options: HostOptions): Promise<Host> {
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return await start(options, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

/** Whatever was started adds how to stop it to `closers`; they run in reverse order. */
async function start(
  options: HostOptions,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Host> {
  const { clock = systemClock, stateDirectory } = options
  const appDirectory = resolve(options.appDirectory)
  const local = await readLocalSettings(appDirectory)
  const configured = mergeSettings(options.settings ?? {}, process.env, local.values)
  const hostJson = await readHostJson(appDirectory, configured)
  const log = filterLog(options.log ?? consoleLog, hostJson)
  const systemKey = readSystemKey(stateDirectory)

  const rpcServer = await openServer(0)
  closers.push(rpcServer.close)
  const server = await openServer(options.port ?? local.port ?? 7071)
  closers.push(server.close)
  const url = `http://localhost:${server.port}`
  const rpcUrl = `http://127.0.0.1:${rpcServer.port}${rpcPath}/`

  const settings = { ...configured, ...ownSettings(appDirectory, server.port) }
  closers.push(applyEnvironment(settings))
  const registrations = await loadApp(appDirectory)
  const functions = indexFunctions(registrations, { settings, hostJson, log })
  warnOfGaps(functions.values(), log)

  const appHookData = {}
  const invoke = createInvoke({ hooks: registrations.hooks, appHookData, clock, log })
  const durableClient = () => engine.clientInput(`${url}${webhookPath}`, rpcUrl, systemKey)
  const worker = createWorker({ functions, invoke, durableClient })
  const engine = options.engine(worker, { clock, settings, hostJson, log })

  const terminate = await startApp(registrations, appHookData, appDirectory)
  closers.push(terminate)
  await engine.start()
  closers.push(() => engine.stop())

  const routePrefix = String(hostJsonValue(hostJson, 'extensions', 'http', 'routePrefix') ?? 'api')
  const shared = { engine, log }
  rpcServer.serve(createRpcServe(shared))
  server.serve(
    createHostServe({
      ...shared,
      findRoute: createRouteTable(functions.values(), routePrefix, log),
      runHttpFunction: createRunHttpFunction({ invoke, durableClient }),
      serveAdmin: createAdmin({ functions, worker, clock, log, routePrefix, url }),
      systemKey,
      enforceKeys: options.enforceKeys,
      maxOutstandingRequests: outstandingLimit(hostJson),
      homepage: readSetting(settings, 'AzureWebJobsDisableHomepage')?.toLowerCase() !== 'true',
    }),
  )
  const timers = startTimers({
    worker,
    clock,
    log,
    records: createTimerRecords(stateDirectory),
    timeZone: readSetting(settings, 'WEBSITE_TIME_ZONE'),
  })
  closers.push(() => timers.stop())
  const receivers = startServiceBusTriggers({ worker, settings, hostJson, log })
  closers.push(() => receivers.stop())
  // First of all nobody is let in any more, while everything is there to answer those inside.
  closers.push(server.close)

  log('information', 'Host.Startup', `${functions.size} functions of ${appDirectory} on ${url}`)
  return {
    url,
    rpcUrl,
    systemKey,
    functions: [...functions.values()],
    worker,
    engine,
    stop: close,
  }
}

/** -1 stands for no limit. */
function outstandingLimit(hostJson: HostJson): number {
  const limit = hostJsonNumber(hostJson, 'extensions', 'http', 'maxOutstandingRequests')
  return limit === undefined || limit < 0 ? Number.POSITIVE_INFINITY : limit
}

/** What the host tells the app of itself, whatever the environment says. */
function ownSettings(appDirectory: string, port: number): Record<string, string> {
  return {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    AzureWebJobsScriptRoot: appDirectory,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_HOSTNAME: `localhost:${port}`,
  }
}

/** Runs the app's start hooks, and returns what runs its end hooks. */
async function startApp(
  { hooks }: Registrations,
  appHookData: Record<string, unknown>,
  functionAppDirectory: string,
): Promise<() => Promise<void>> {
  const hookData = {}
  await runHooks(hooks.appStart, { hookData, appHookData, functionAppDirectory })
  return () => runHooks(hooks.appTerminate, { hookData, appHookData })
}
