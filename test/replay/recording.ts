import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HistoryEvent } from '../../local/host/durable/history.ts'

/** What an orchestration of a released version did, as Durable Functions keeps it. */
export interface Recording {
  readonly orchestrationVersion: number
  /** Events as the worker is sent them. */
  readonly history: readonly HistoryEvent[]
  /** What the orchestrator asked for in all, and what it ended with. */
  readonly ended: Ended
}

export interface Ended {
  readonly output: unknown
  readonly actions: readonly unknown[]
}

/** Every recording that is kept, by version and story: `v1/approved`. */
export async function readRecordings(): Promise<ReadonlyMap<string, Recording>> {
  const recordings = new Map<string, Recording>()
  const entries = await readdir(import.meta.dirname, { recursive: true })
  for (const file of entries.filter((name) => name.endsWith('.json')).sort()) {
    const text = await readFile(join(import.meta.dirname, file), 'utf8')
    recordings.set(file.replace('.json', ''), JSON.parse(text) as Recording)
  }
  return recordings
}
