import type { Leaf } from './checkpoint-leaves.ts'
import { checkpointPlace } from './checkpoints.ts'
import { partitionOfStream } from './ids.ts'
import { eventKey, eventOfRow, type LedgerEvent } from './ledger-event.ts'
import { type KeyRange, type Row, rowsOf, type Tables } from './tables.ts'
import { type ChainEnd, chainProblem, chainStart, type Report } from './verify-chain.ts'

/** Keys of a stream's events and of its head. */
export const streamKeys: KeyRange = { from: 'e-', before: 'head!' }

const eventKeyPattern = /^e-\d{10}$/

/** A head that grows under our eyes is read again so many times. */
const mostLooks = 5

/** What checkpoints say about streams: for each, what has to stand at which place. */
export interface Covers {
  add(leaf: Leaf): void
  of(stream: string): ReadonlyMap<number, Leaf>
  /** Leaves of streams that nobody has asked for. */
  unvisited(): IterableIterator<Leaf>
}

export function createCovers(): Covers {
  const covers = new Map<string, Map<number, Leaf>>()
  const visited = new Set<string>()
  const none: ReadonlyMap<number, Leaf> = new Map()
  return {
    add(leaf) {
      const known = covers.get(leaf.stream) ?? new Map<number, Leaf>()
      covers.set(leaf.stream, known.set(leaf.sequence, leaf))
    },
    of(stream) {
      visited.add(stream)
      return covers.get(stream) ?? none
    },
    *unvisited() {
      for (const [stream, leaves] of covers) {
        const [first] = leaves.values()
        if (!visited.has(stream) && first !== undefined) yield first
      }
    },
  }
}

export interface StreamWalkNeeds {
  readonly tables: Tables
  readonly report: Report
  readonly covers: Covers
  readonly onEvent: (row: Row, event: LedgerEvent, isCovered: boolean) => Promise<void>
}

/** A stream half-way through. */
interface Walk {
  readonly partition: string
  end: ChainEnd
  at: string
  name: string | undefined
  covers: ReadonlyMap<number, Leaf>
  coveredTo: number
}

/**
 * Walks streams whose rows come in order, events before their head: every event against its
 * predecessor, its own hash and the checkpoints, every head against its last event.
 */
export async function walkStreams(
  needs: StreamWalkNeeds,
  rows: AsyncIterable<Row>,
): Promise<{ readonly streams: number }> {
  let walk: Walk | undefined
  let streams = 0
  const leave = async (head: Row | undefined) => {
    if (walk === undefined) return
    await close(needs, walk, head)
    streams += 1
    walk = undefined
  }
  for await (const row of rows) {
    const isHead = row.key === 'head'
    if (!isHead && !row.key.startsWith('e-')) continue
    if (walk !== undefined && walk.partition !== row.partition) await leave(undefined)
    walk ??= begin(row.partition)
    if (isHead) await leave(row)
    else await step(needs, walk, row)
  }
  await leave(undefined)
  return { streams }
}

function begin(partition: string): Walk {
  return {
    partition,
    end: chainStart,
    at: '',
    name: undefined,
    covers: new Map(),
    coveredTo: 0,
  }
}

function enter({ covers }: StreamWalkNeeds, walk: Walk, name: string): void {
  if (walk.name !== undefined) return
  walk.name = name
  walk.covers = covers.of(name)
  for (const sequence of walk.covers.keys()) walk.coveredTo = Math.max(walk.coveredTo, sequence)
}

async function step(needs: StreamWalkNeeds, walk: Walk, row: Row): Promise<void> {
  const { report } = needs
  const event = eventOfRow(row)
  if (!eventKeyPattern.test(row.key)) {
    const { name: stream = walk.partition, end, at } = walk
    report.add('event-surplus', { stream, sequence: end.sequence, at: event?.at ?? at })
    return
  }
  const sequence = Number(row.key.slice('e-'.length))
  const isItself =
    event !== undefined &&
    event.sequence === sequence &&
    partitionOfStream(event.stream) === row.partition
  if (event !== undefined && isItself) enter(needs, walk, event.stream)
  const stream = walk.name ?? row.partition
  const problem = isItself ? chainProblem(event, walk.end) : 'content-changed'
  const at = typeof row.columns['at'] === 'string' ? row.columns['at'] : walk.at
  if (problem !== undefined) {
    const place = problem === 'event-missing' ? walk.end.sequence + 1 : sequence
    report.add(problem, { stream, sequence: place, at })
  }
  const cover = walk.covers.get(sequence)
  if (cover !== undefined && (cover.hash !== event?.hash || cover.at !== at)) {
    report.add('checkpoint-differs', { stream, sequence, at })
  }
  walk.end = { sequence, hash: event?.hash ?? '' }
  walk.at = at
  if (event === undefined) return
  const isCovered = sequence <= walk.coveredTo || stream === checkpointPlace.name
  await needs.onEvent(row, event, isCovered)
}

async function close(needs: StreamWalkNeeds, walk: Walk, head: Row | undefined): Promise<void> {
  const { report } = needs
  if (head === undefined) {
    const { name: stream = walk.partition, at } = walk
    report.add('head-missing', { stream, sequence: walk.end.sequence, at })
  } else {
    enter(needs, walk, String(head.columns['stream']))
    await meetHead(needs, walk, head)
  }
  const { name: stream = walk.partition } = walk
  const { sequence } = walk.end
  if (walk.coveredTo <= sequence) return
  const next = walk.covers.get(sequence + 1) ?? walk.covers.get(walk.coveredTo)
  report.add('event-missing', { stream, sequence: sequence + 1, at: next?.at ?? walk.at })
}

/** Compares the end of the chain with the head, which others may be moving on meanwhile. */
async function meetHead(needs: StreamWalkNeeds, walk: Walk, first: Row): Promise<void> {
  const { tables, report } = needs
  let head: Row | undefined = first
  for (let look = 0; look < mostLooks && isAhead(head, walk); look++) {
    const from = eventKey(walk.end.sequence + 1)
    const range = { from, before: 'e.' }
    for await (const row of rowsOf(tables, 'Ledger', walk.partition, range)) {
      await step(needs, walk, row)
    }
    head = await tables.read('Ledger', walk.partition, 'head')
  }
  const { name: stream = walk.partition } = walk
  const { sequence } = walk.end
  const says = { sequence: Number(head?.columns['sequence']), hash: head?.columns['hash'] }
  const at = String(head?.columns['at'] ?? walk.at)
  if (says.sequence > sequence) {
    report.add('event-missing', { stream, sequence: sequence + 1, at })
  } else if (says.sequence < sequence) {
    report.add('event-surplus', { stream, sequence: says.sequence + 1, at: walk.at })
  } else if (
    sequence > 0 &&
    (says.hash !== walk.end.hash || at !== walk.at || head?.columns['stream'] !== stream)
  ) {
    report.add('head-changed', { stream, sequence, at: walk.at })
  }
}

function isAhead(head: Row | undefined, { end }: Walk): boolean {
  return Number(head?.columns['sequence']) > end.sequence
}
