import type { DiscoveryOrder, DiscoveryRun } from './discover-state.ts'

/** How far a discovery is, as the API tells it. */
export interface DiscoveryView {
  readonly id: string
  /** `failed`: something could not be read for long, and is left to the next discovery. */
  readonly state: 'waiting' | 'running' | 'finished' | 'failed'
  readonly full?: boolean
  readonly pages: number
  readonly found: number
  readonly changed: number
  readonly gone: number
  readonly startedAt: string
  readonly finishedAt?: string
  readonly seconds: number
  readonly problem?: string
}

export function viewOfOrder({ id, at }: DiscoveryOrder, now: Date): DiscoveryView {
  const nothing = { pages: 0, found: 0, changed: 0, gone: 0 }
  return { id, state: 'waiting', ...nothing, startedAt: at, seconds: secondsOf(at, now) }
}

export function viewOfRun(run: DiscoveryRun, now: Date): DiscoveryView {
  const { id, pages, found, changed, gone, startedAt, finishedAt } = run
  const end = finishedAt === undefined ? now : new Date(finishedAt)
  const problem = problemOf(run)
  return {
    id,
    state: finishedAt === undefined ? 'running' : run.givenUp.length > 0 ? 'failed' : 'finished',
    full: run.isFull,
    pages,
    found,
    changed,
    gone,
    startedAt,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    seconds: secondsOf(startedAt, end),
    ...(problem === undefined ? {} : { problem }),
  }
}

function problemOf(run: DiscoveryRun): string | undefined {
  const told = run.problem ?? run.givenUp.at(-1)
  if (told !== undefined) return told.detail
  return run.attributesRefused === true
    ? `The directory knows no such attributes of groups: ${run.attributes.join(', ')}`
    : undefined
}

function secondsOf(from: string, to: Date): number {
  return Math.max(0, (to.getTime() - Date.parse(from)) / 1000)
}
