import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord, parseJson } from './host-json.ts'

/** When a timer last ran and is to run next; it shows after a restart whether a run was missed. */
interface TimerRecord {
  readonly schedule: string
  readonly last: number | null
  readonly next: number | null
}

export interface TimerRecords {
  read(name: string): TimerRecord | undefined
  write(name: string, record: TimerRecord): void
}

/** Keeps timer records in a folder, or in memory without one. */
export function createTimerRecords(stateDirectory: string | undefined): TimerRecords {
  const file = stateDirectory === undefined ? undefined : join(stateDirectory, 'timers.json')
  const records = new Map<string, TimerRecord>(file === undefined ? [] : load(file))
  return {
    read: (name) => records.get(name),
    write(name, record) {
      records.set(name, record)
      if (file === undefined) return
      // Renaming replaces the file in one step, so a killed host leaves the old or the new one.
      writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(records)))
      renameSync(`${file}.new`, file)
    },
  }
}

function load(file: string): [string, TimerRecord][] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const parsed = parseJson(text, file)
  if (!isRecord(parsed)) throw new Error(`Cannot read ${file}: it holds no object`)
  return Object.entries(parsed) as [string, TimerRecord][]
}
