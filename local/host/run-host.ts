import { parseArgs } from 'node:util'
import { systemClock } from './clock.ts'
import { createLateClock } from './late-clock.ts'
import type { DurableEngine, EngineContext, Worker } from './seams.ts'
import { readSetting } from './settings.ts'
import { type Host, startHost } from './start-host.ts'

const help = `Runs a built function app on this machine.

  --port N        port of the host, 0 for a free one (7071, or the one of local.settings.json)
  --app DIR       folder of the app (default: this one)
  --state DIR     folder for the host's own key and records (default: kept in memory only)
  --timers WHEN   durable timers fire: exact (default), early or late, by up to a second
  --help          show this

Settings come from the environment, then from local.settings.json.`

const skewMilliseconds = 1_000
const patienceMilliseconds = 15_000

/** What the durable engine is made of, when this command makes it. */
interface EngineParts extends EngineContext {
  readonly worker: Worker
  readonly earlyTimers?: { readonly maximumMilliseconds: number }
}

type Timers = 'exact' | 'early' | 'late'

/** The command: starts the host, says when it is ready, and runs until it is told to leave. */
export async function runHost(
  args: readonly string[],
  createEngine: (parts: EngineParts) => DurableEngine,
): Promise<void> {
  try {
    const options = readOptions(args)
    if (options === 'help') {
      console.log(help)
      return
    }
    const { timers, ...hostOptions } = options
    const host = await startHost({
      ...hostOptions,
      engine: (worker, context) => createEngine(partsFor(timers, worker, context)),
    })
    leaveWhenTold(host)
    const { url, rpcUrl } = host
    console.log(`READY ${JSON.stringify({ url, rpcUrl })}`)
    process.send?.({ ready: { url, rpcUrl } })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      app: { type: 'string', default: '.' },
      state: { type: 'string' },
      timers: { type: 'string', default: 'exact' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    appDirectory: values.app,
    timers: readTimers(values.timers),
    ...(values.port === undefined ? {} : { port: readPort(values.port) }),
    ...(values.state === undefined ? {} : { stateDirectory: values.state }),
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536 && text.trim() !== '') return port
  throw new Error(`Cannot use --port ${text}: it is no port`)
}

function readTimers(text: string): Timers {
  if (text === 'exact' || text === 'early' || text === 'late') return text
  throw new Error(`Cannot use --timers ${text}: it is none of exact, early, late`)
}

function partsFor(timers: Timers, worker: Worker, context: EngineContext): EngineParts {
  if (!readSetting(context.settings, 'AzureWebJobsStorage')) {
    throw new Error('Cannot start the host: the setting AzureWebJobsStorage is missing')
  }
  const parts = { ...context, worker }
  switch (timers) {
    case 'exact':
      return parts
    case 'early':
      return { ...parts, earlyTimers: { maximumMilliseconds: skewMilliseconds } }
    case 'late':
      return { ...parts, clock: createLateClock(systemClock, skewMilliseconds, Math.random) }
  }
}

function leaveWhenTold(host: Host): void {
  let leaving = false
  const leave = () => {
    // Who asks twice does not want to wait.
    if (leaving) process.exit(1)
    leaving = true
    setTimeout(() => process.exit(1), patienceMilliseconds).unref()
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
  // The process that started this one has died.
  process.on('disconnect', leave)
}
