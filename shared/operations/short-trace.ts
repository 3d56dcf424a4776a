import type { TraceEntry } from '../access/evaluate.ts'
import type { Refusal } from './refusal.ts'

/** What is stored of a trace stays below this, however many flows there are. */
const mostCharacters = 24_000

/**
 * A trace as it is stored: whole where it is short; else the nearest flow in full, and of the others
 * the rules that failed, as far as they fit.
 */
export function shortTrace({ trace = [], nearest }: Pick<Refusal, 'trace' | 'nearest'>): {
  readonly trace: readonly TraceEntry[]
  readonly truncated?: true
} {
  if (lengthOf(trace) <= mostCharacters) return { trace }
  const told = trace.filter(({ flow }) => flow === nearest?.flow)
  const failed = trace.filter(({ flow, verdict }) => flow !== nearest?.flow && verdict === 'fail')
  const kept: TraceEntry[] = []
  let length = 0
  for (const entry of [...told, ...failed]) {
    length += lengthOf(entry)
    if (length > mostCharacters) break
    kept.push(entry)
  }
  return { trace: kept, truncated: true }
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length
}
