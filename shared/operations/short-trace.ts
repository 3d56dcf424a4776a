import type { Refusal } from './refusal.ts'

/** What is stored of a trace stays below this, however many flows there are. */
const mostCharacters = 24_000

/**
 * A refusal with a trace that fits where it is kept: of a long one the nearest flow in full, and of
 * the others the rules that failed, beginning with the flows that cover the resource.
 */
export function shortened(refusal: Refusal): Refusal {
  const { trace = [], nearest } = refusal
  if (JSON.stringify(trace).length <= mostCharacters) return refusal
  const failed = trace.filter(({ flow, verdict }) => flow !== nearest?.flow && verdict === 'fail')
  const nearestFirst = [
    ...trace.filter(({ flow }) => flow === nearest?.flow),
    ...failed.filter(({ rule }) => rule !== 'target'),
    ...failed.filter(({ rule }) => rule === 'target'),
  ]
  let length = 0
  const fitting = nearestFirst.filter((entry) => {
    length += JSON.stringify(entry).length + 1
    return length <= mostCharacters
  })
  return { ...refusal, trace: fitting, facts: { ...refusal.facts, truncated: true } }
}
