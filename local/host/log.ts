import type { HostJson } from './host-json.ts'
import { isRecord } from './host-json.ts'
import type { Log, LogLevel } from './seams.ts'

const levels: readonly LogLevel[] = [
  'trace',
  'debug',
  'information',
  'warning',
  'error',
  'critical',
]
const marks: Record<LogLevel, string> = {
  trace: 'trce',
  debug: 'dbug',
  information: 'info',
  warning: 'WARN',
  error: 'FAIL',
  critical: 'CRIT',
}

/** Drops what `logging.logLevel` of host.json does not ask for. */
export function filterLog(sink: Log, hostJson: HostJson): Log {
  const wanted = readLevels(hostJson)
  return (level, category, message) => {
    if (levels.indexOf(level) >= lowestLevel(wanted, category)) sink(level, category, message)
  }
}

/** Writes one compact line an entry to standard output. */
export const consoleLog: Log = (level, category, message) => {
  const time = new Date().toISOString().slice(11, 23)
  process.stdout.write(`${time} ${marks[level]} ${category}: ${message}\n`)
}

function readLevels(hostJson: HostJson): Map<string, string> {
  const logging = hostJson['logging']
  const configured = isRecord(logging) ? logging['logLevel'] : undefined
  const wanted = new Map<string, string>([['default', 'information']])
  if (!isRecord(configured)) return wanted
  for (const [category, level] of Object.entries(configured)) {
    wanted.set(category.toLowerCase(), String(level).toLowerCase())
  }
  return wanted
}

/** The setting of the longest matching category counts: `Function.a.User`, `Function.a`, `Function`. */
function lowestLevel(wanted: ReadonlyMap<string, string>, category: string): number {
  const words = category.toLowerCase().split('.')
  for (let length = words.length; length > 0; length -= 1) {
    const level = wanted.get(words.slice(0, length).join('.'))
    if (level !== undefined) return rank(level)
  }
  return rank(wanted.get('default') ?? 'information')
}

function rank(level: string): number {
  const names: readonly string[] = levels
  const index = names.indexOf(level)
  return index === -1 ? levels.length : index
}
