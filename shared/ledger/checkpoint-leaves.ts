import { joinJson, splitJson } from './columns.ts'
import { createMerkleTree, leafHash } from './merkle.ts'
import { type Row, rowsOf, type Tables, type Write } from './tables.ts'

/** How far a stream had come when a checkpoint was made, with the time of its last event. */
export interface Leaf {
  readonly stream: string
  readonly sequence: number
  readonly hash: string
  readonly at: string
}

/** A leaf as it is stored and shown: `[stream, sequence, hash, at]`. */
export type LeafTuple = readonly [stream: string, sequence: number, hash: string, at: string]

export function tupleOf({ stream, sequence, hash, at }: Leaf): LeafTuple {
  return [stream, sequence, hash, at]
}

export function leafOf([stream, sequence, hash, at]: LeafTuple): Leaf {
  return { stream, sequence, hash, at }
}

/** Hash of a leaf in the Merkle tree, over its JSON text without white space. */
export function hashOfLeaf(leaf: Leaf): Buffer {
  return leafHash(Buffer.from(JSON.stringify(tupleOf(leaf)), 'utf8'))
}

/** Which rows hold the leaves of a checkpoint. */
export interface LeafPlace {
  readonly number: number
  /** Of the run that made it: a run that was interrupted leaves rows that no checkpoint names. */
  readonly run: string
}

export const checkpointPartition = 'checkpoints'
/** About 25,000 characters: they fit one column. */
const leavesARow = 150
const rowsAWrite = 20

function leafKeys({ number, run }: LeafPlace): string {
  return `l-${String(number).padStart(10, '0')}-${run}`
}

/** Stores leaves and answers the root over them; memory is that of one write. */
export async function writeLeaves(
  tables: Tables,
  place: LeafPlace,
  leaves: AsyncIterable<Leaf> | Iterable<Leaf>,
): Promise<{ readonly root: string; readonly count: number }> {
  const tree = createMerkleTree()
  let open: LeafTuple[] = []
  let writes: Write[] = []
  let rows = 0
  const closeRow = async (isLast: boolean) => {
    if (open.length > 0) {
      const key = `${leafKeys(place)}-${String(rows++).padStart(6, '0')}`
      writes.push({ do: 'insert', key, columns: splitJson('leaves', open) })
      open = []
    }
    if (writes.length === rowsAWrite || (isLast && writes.length > 0)) {
      await tables.write('Ledger', checkpointPartition, writes)
      writes = []
    }
  }
  for await (const leaf of leaves) {
    tree.add(hashOfLeaf(leaf))
    open.push(tupleOf(leaf))
    if (open.length === leavesARow) await closeRow(false)
  }
  await closeRow(true)
  return { root: tree.root(), count: tree.size }
}

/** The leaves of a checkpoint, in the order of its tree. */
export async function* readLeaves(tables: Tables, place: LeafPlace): AsyncGenerator<Leaf> {
  const keys = leafKeys(place)
  const range = { from: `${keys}-`, before: `${keys}.` }
  for await (const row of rowsOf(tables, 'Ledger', checkpointPartition, range, 100)) {
    yield* leavesOfRow(row)
  }
}

/** The leaves of many checkpoints in one walk, those of each with their place. */
export async function* readLeavesFrom(
  tables: Tables,
  number: number,
): AsyncGenerator<{ readonly place: LeafPlace; readonly leaves: readonly Leaf[] }> {
  const range = { from: `l-${String(number).padStart(10, '0')}`, before: 'l.' }
  for await (const row of rowsOf(tables, 'Ledger', checkpointPartition, range, 100)) {
    const [, of = '', run = ''] = row.key.split('-')
    yield { place: { number: Number(of), run }, leaves: leavesOfRow(row) }
  }
}

/** Leaves that hands have made unreadable are none: then the root does not fit. */
function leavesOfRow(row: Row): readonly Leaf[] {
  try {
    return ((joinJson('leaves', row.columns) ?? []) as LeafTuple[]).map(leafOf)
  } catch {
    return []
  }
}
