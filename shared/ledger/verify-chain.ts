import { genesisHash, hashOf, type LedgerEvent } from './ledger-event.ts'

/** What can be wrong with the audit; told in `docs/audit.md`. */
export type Problem =
  | 'content-changed'
  | 'event-missing'
  | 'event-surplus'
  | 'chain-broken'
  | 'head-changed'
  | 'head-missing'
  | 'stream-missing'
  | 'checkpoint-differs'
  | 'checkpoint-broken'
  | 'archive-differs'
  | 'day-row-missing'
  | 'day-row-changed'
  | 'day-row-surplus'

/** Where the audit is broken, and how. */
export interface Broken {
  readonly stream: string
  readonly sequence: number
  readonly day: string
  readonly problem: Problem
}

/** The first thing that was found broken; what follows from it is not told. */
export interface Report {
  readonly first: () => Broken | undefined
  readonly add: (problem: Problem, at: Omit<Broken, 'problem' | 'day'> & { at: string }) => void
}

export function createReport(): Report {
  let first: Broken | undefined
  return {
    first: () => first,
    add(problem, { stream, sequence, at }) {
      first ??= { stream, sequence, day: at.slice(0, 10), problem }
    },
  }
}

/** The end of a chain so far. */
export interface ChainEnd {
  readonly sequence: number
  readonly hash: string
}

export const chainStart: ChainEnd = { sequence: 0, hash: genesisHash }

/** What is wrong with an event at its place in the chain; undefined when nothing is. */
export function chainProblem(
  { txId: _, hash, ...content }: Omit<LedgerEvent, 'txId'> & { readonly txId?: string },
  former: ChainEnd,
): Problem | undefined {
  if (content.sequence > former.sequence + 1) return 'event-missing'
  if (content.sequence <= former.sequence) return 'event-surplus'
  if (!fits(content, hash)) return 'content-changed'
  return content.previousHash === former.hash ? undefined : 'chain-broken'
}

/** Content without a canonical form was never written by us. */
function fits(content: Parameters<typeof hashOf>[0], hash: string): boolean {
  try {
    return hashOf(content) === hash
  } catch {
    return false
  }
}
