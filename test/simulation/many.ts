import { drawStory } from './draw-story.ts'
import { asItIs, type Implant } from './implant-tools.ts'
import { runStory } from './run-story.ts'
import { shrink } from './shrink.ts'
import { type Story, tell } from './story.ts'

/** What many runs came to. */
export interface Tally {
  runs: number
  grants: number
  virtualMilliseconds: number
  calls: number
  readonly faults: Record<string, number>
  readonly violations: { readonly story: Story; readonly message: string }[]
}

export function emptyTally(): Tally {
  return {
    runs: 0,
    grants: 0,
    virtualMilliseconds: 0,
    calls: 0,
    faults: {},
    violations: [],
  }
}

export function addTally(sum: Tally, part: Tally): void {
  sum.runs += part.runs
  sum.grants += part.grants
  sum.virtualMilliseconds += part.virtualMilliseconds
  sum.calls += part.calls
  for (const [kind, count] of Object.entries(part.faults)) {
    sum.faults[kind] = (sum.faults[kind] ?? 0) + count
  }
  sum.violations.push(...part.violations)
}

/** Runs one story and counts what came of it. */
export async function runAndCount(
  story: Story,
  tally: Tally,
  implant: Implant = asItIs,
): Promise<void> {
  const outcome = await runStory(story, implant)
  const { violation, grants, virtualMilliseconds, calls, faults } = outcome
  addTally(tally, {
    runs: 1,
    ...{ grants, virtualMilliseconds, calls },
    faults: Object.fromEntries(faults),
    violations: violation === undefined ? [] : [{ story, message: violation.message }],
  })
}

/** The stories of these seeds, in order. */
export async function runSeeds(seeds: Iterable<number>): Promise<Tally> {
  const tally = emptyTally()
  for (const seed of seeds) await runAndCount(drawStory(seed), tally)
  return tally
}

/** The shortest story found that breaks the same invariant, in plain words. */
export async function explain(story: Story, message: string): Promise<string> {
  const invariant = message.split(':')[0]
  const shortest = await shrink(story, async (candidate) => {
    const { violation } = await runStory(candidate)
    return violation?.invariant === invariant
  })
  const { violation } = await runStory(shortest)
  return `${violation?.message ?? message}\n${tell(shortest)}\n  as data: ${JSON.stringify(shortest)}`
}
