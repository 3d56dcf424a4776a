import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultPorts, type PortName, type Ports, portNames } from './ports.ts'

export interface StackOptions {
  /** Folder of everything that is kept from one start to the next. */
  readonly state: string
  /** 0 means a free one. */
  readonly ports: Ports
  readonly sample: boolean
  readonly fresh: boolean
  readonly verbose: boolean
  /** Where to write the addresses, besides `ready.json` in the state folder. */
  readonly readyFile: string | undefined
}

/** A command line that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const help = `npm start [-- FLAGS]: the whole of entra-jit on this machine, without any cloud.

  --no-sample            do not run the two sample requests
  --fresh                forget the saved state first
  --state DIR            where state is kept (default .local/)
  --port N               Functions host        (7071)
  --entra-port N         Entra simulator       (7072)
  --blob-port N          Azurite, blobs       (10000)
  --queue-port N         Azurite, queues      (10001)
  --table-port N         Azurite, tables      (10002)
  --bus-port N           Service Bus stand-in  (5672)
  --ports auto           a free port wherever none is named
  --ready-file FILE      write all addresses there, as JSON, when everything is up
  --verbose              show what the parts print (else it goes to logs in the state folder)
  --help

All bind to 127.0.0.1. Stop it with Ctrl-C; the next start goes on where this one stopped.`

/** Reads the command line; undefined when only help is asked for. */
export function parseOptions(args: readonly string[], root: string): StackOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  if (values.ports !== undefined && values.ports !== 'auto') {
    throw new UsageError(`Cannot use --ports ${values.ports}: it takes only "auto"`)
  }
  const fallback = (name: PortName) => (values.ports === 'auto' ? 0 : defaultPorts[name])
  const port = (name: PortName) => {
    const flag = portNames[name].flag
    const text = values[flag]
    return text === undefined ? fallback(name) : parsePort(flag, text)
  }
  return {
    state: values.state === undefined ? join(root, '.local') : resolve(values.state),
    ports: {
      functions: port('functions'),
      entra: port('entra'),
      blob: port('blob'),
      queue: port('queue'),
      table: port('table'),
      bus: port('bus'),
    },
    sample: !values['no-sample'],
    fresh: values.fresh,
    verbose: values.verbose,
    readyFile: values['ready-file'] === undefined ? undefined : resolve(values['ready-file']),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'no-sample': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        state: { type: 'string' },
        port: { type: 'string' },
        'entra-port': { type: 'string' },
        'blob-port': { type: 'string' },
        'queue-port': { type: 'string' },
        'table-port': { type: 'string' },
        'bus-port': { type: 'string' },
        ports: { type: 'string' },
        'ready-file': { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(`Cannot read the command line: ${why}`, { cause })
  }
}

function parsePort(flag: string, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(
    `Cannot use --${flag} ${text}: a port is a number from 0 (a free one) to 65535`,
  )
}
