import type { CheckpointArchive } from './checkpoint-archive.ts'
import { hashOfLeaf, type Leaf, readLeaves, readLeavesFrom } from './checkpoint-leaves.ts'
import { type Checkpoint, checkpointPlace, readCheckpoint, readCheckpoints } from './checkpoints.ts'
import { createMerkleTree, type MerkleTree } from './merkle.ts'
import type { Tables } from './tables.ts'
import type { Report } from './verify-chain.ts'

/** How far back the archive is asked for a checkpoint that it keeps. */
const mostUnarchived = 100

export interface SeenCheckpoints {
  readonly count: number
  readonly leaves: number
  readonly last: Checkpoint | undefined
}

/**
 * Walks the checkpoints from a number on, with their leaves, and computes their roots anew. Their
 * chain is that of their stream, and is walked with the others.
 */
export async function walkCheckpoints(
  tables: Tables,
  from: number,
  report: Report,
  onLeaf: (leaf: Leaf, checkpoint: Checkpoint) => void,
): Promise<SeenCheckpoints> {
  const groups = readLeavesFrom(tables, from)
  let group = await groups.next()
  let count = 0
  let leaves = 0
  let last: Checkpoint | undefined
  for await (const checkpoint of readCheckpoints(tables, from)) {
    const tree = createMerkleTree()
    for (; group.done !== true; group = await groups.next()) {
      const { place } = group.value
      if (place.number > checkpoint.number) break
      if (place.number < checkpoint.number || place.run !== checkpoint.run) continue
      for (const leaf of group.value.leaves) {
        tree.add(hashOfLeaf(leaf))
        onLeaf(leaf, checkpoint)
      }
    }
    if (!isRootOf(tree, checkpoint)) {
      // One that was made after the walk over the leaves had begun: its own are there by now.
      const again = createMerkleTree()
      for await (const leaf of readLeaves(tables, checkpoint)) {
        again.add(hashOfLeaf(leaf))
        onLeaf(leaf, checkpoint)
      }
      if (!isRootOf(again, checkpoint)) report.add('checkpoint-broken', placeOf(checkpoint))
    }
    count += 1
    leaves += checkpoint.leaves
    last = checkpoint
  }
  return { count, leaves, last }
}

/**
 * Holds the last checkpoint against the archive. Its hash stands for all former ones, so one is
 * enough; a later one in the archive means that the tables were cut off.
 */
export async function checkArchive(
  tables: Tables,
  archive: CheckpointArchive,
  last: Checkpoint | undefined,
  report: Report,
): Promise<void> {
  const number = last?.number ?? 0
  const later = await archive.read(number + 1)
  if (later !== undefined && (await readCheckpoint(tables, number + 1)) === undefined) {
    const at = String(parsed(later)['at'] ?? '')
    report.add('event-missing', { stream: checkpointPlace.name, sequence: number + 1, at })
  }
  for (let each = number; each > Math.max(0, number - mostUnarchived); each--) {
    const kept = await archive.read(each)
    if (kept === undefined) continue
    const checkpoint = await readCheckpoint(tables, each)
    if (checkpoint !== undefined && checkpoint.hash !== parsed(kept)['hash']) {
      report.add('archive-differs', placeOf(checkpoint))
    }
    return
  }
}

function isRootOf(tree: MerkleTree, { root, leaves }: Checkpoint): boolean {
  return tree.root() === root && tree.size === leaves
}

function placeOf({ event }: Checkpoint) {
  return { stream: event.stream, sequence: event.sequence, at: event.at }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
