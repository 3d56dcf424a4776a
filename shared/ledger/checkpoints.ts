import { type Leaf, readLeaves } from './checkpoint-leaves.ts'
import { eventKey, eventOfRow, type LedgerEvent } from './ledger-event.ts'
import type { StreamPlace } from './stream.ts'
import { type Row, rowsOf, type Tables } from './tables.ts'

/**
 * Checkpoints are the events of a stream of their own: so they are numbered, chained, projected and
 * published like every other event, and the hash of one is the hash of a checkpoint.
 */
export const checkpointPlace: StreamPlace = { name: 'checkpoints', partition: 'checkpoints' }

/** State of that stream. */
export interface CheckpointState {
  /** The last one that is in the archive, too; 0 for none. */
  readonly archived: number
  /** When all heads were covered, changed or not. */
  readonly fullAt?: string
}

/** What a checkpoint says, in the `detail` of its event. */
export interface CheckpointDetail {
  /** `changes`: the heads that changed since the former one. `full`: all heads. */
  readonly kind: 'changes' | 'full'
  /** Merkle root over the leaves, lower-case hex. */
  readonly root: string
  readonly leaves: number
  /** Names the rows of the leaves. */
  readonly run: string
  /** When reading the heads began: what happened up to then is covered. */
  readonly until: string
}

/** A checkpoint as it stands in its stream. */
export interface Checkpoint extends CheckpointDetail {
  readonly number: number
  readonly hash: string
  readonly event: LedgerEvent
}

function checkpointOf(event: LedgerEvent): Checkpoint {
  const detail = event.detail as unknown as CheckpointDetail
  return { ...detail, number: event.sequence, hash: event.hash, event }
}

export async function readCheckpoint(
  tables: Tables,
  number: number,
): Promise<Checkpoint | undefined> {
  const row = await tables.read('Ledger', checkpointPlace.partition, eventKey(number))
  return row && checkpointOfRow(row)
}

/** Checkpoints in order, from a number on; what hands have made unreadable is none. */
export async function* readCheckpoints(tables: Tables, from = 1): AsyncGenerator<Checkpoint> {
  const range = { from: eventKey(from), before: 'e.' }
  for await (const row of rowsOf(tables, 'Ledger', checkpointPlace.partition, range)) {
    const checkpoint = checkpointOfRow(row)
    if (checkpoint !== undefined) yield checkpoint
  }
}

function checkpointOfRow(row: Row): Checkpoint | undefined {
  const event = eventOfRow(row)
  return event && checkpointOf(event)
}

/** The first checkpoint that covers so much of a stream, of those made from a time on. */
export async function findCovering(
  tables: Tables,
  wanted: { readonly stream: string; readonly sequence: number },
  since: Date,
): Promise<{ readonly checkpoint: Checkpoint; readonly leaf: Leaf } | undefined> {
  for await (const checkpoint of readCheckpoints(tables, await firstSince(tables, since))) {
    for await (const leaf of readLeaves(tables, checkpoint)) {
      if (leaf.stream === wanted.stream && leaf.sequence >= wanted.sequence) {
        return { checkpoint, leaf }
      }
    }
  }
  return undefined
}

/** Number of the first checkpoint that was not made before a time: found by halving. */
export async function firstSince(tables: Tables, since: Date): Promise<number> {
  const head = await tables.read('Ledger', checkpointPlace.partition, 'head')
  let low = 1
  let high = Number(head?.columns['sequence'] ?? 0) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const checkpoint = await readCheckpoint(tables, middle)
    if (checkpoint !== undefined && Date.parse(checkpoint.event.at) < since.getTime()) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return low
}
