import { type Actor, system } from '../access/events.ts'
import { dropChanges, readAllHeads, readChangedHeads } from '../ledger/changed-heads.ts'
import type { CheckpointArchive } from '../ledger/checkpoint-archive.ts'
import { type Leaf, readLeaves, tupleOf, writeLeaves } from '../ledger/checkpoint-leaves.ts'
import {
  type Checkpoint,
  type CheckpointDetail,
  type CheckpointState,
  checkpointPlace,
  readCheckpoint,
} from '../ledger/checkpoints.ts'
import { newUlid } from '../ledger/ids.ts'
import { changeStream, LedgerConflictError, openStream, type Stream } from '../ledger/stream.ts'
import { eventView } from './audit-log.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import type { Needs } from './needs.ts'

const fullEveryMilliseconds = 7 * 24 * 3_600_000
/** Two that make one at once: the second looks again at what has changed. */
const mostTries = 3

const nothing: CheckpointState = { archived: 0 }

/** Somebody who wants a checkpoint now, whether anything has changed or not. */
export interface CheckpointOrder {
  readonly actor: Actor
}

/**
 * Makes a checkpoint over the heads that changed since the former one. The timer, which comes without
 * an order, makes none when nothing has changed, and once a week another one over all heads.
 */
export async function makeCheckpoint(
  needs: Needs,
  archive: CheckpointArchive | undefined,
  order?: CheckpointOrder,
): Promise<Checkpoint | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const made = await tryCheckpoint(needs, order)
      if (archive !== undefined) await archiveMissing(needs, archive)
      return made
    } catch (error) {
      if (!(error instanceof LedgerConflictError) || attempt === mostTries) throw error
    }
  }
}

async function tryCheckpoint(
  needs: Needs,
  order: CheckpointOrder | undefined,
): Promise<Checkpoint | undefined> {
  const { tables } = needs
  const until = needs.now()
  const { heads, changes } = await readChangedHeads(tables, until)
  if (heads.length + changes.length === 0 && order === undefined) return undefined
  const stream = await openStream<CheckpointState>(tables, checkpointPlace)
  let made: Checkpoint | undefined
  if (order !== undefined || (await hasNews(needs, stream.sequence, heads))) {
    const actor = order?.actor ?? system
    made = await write(needs, stream, { kind: 'changes', until, leaves: heads, actor })
  }
  await dropChanges(tables, changes)
  const fullAt = Date.parse(stream.state?.fullAt ?? '1970-01-01T00:00:00Z')
  const isFullDue = until.getTime() - fullAt >= fullEveryMilliseconds
  // Whoever waits for an answer does not wait for a look at everything.
  if (made === undefined || order !== undefined || !isFullDue) return made
  const next = await openStream<CheckpointState>(tables, checkpointPlace)
  const leaves = readAllHeads(tables)
  return write(needs, next, { kind: 'full', until: needs.now(), leaves, actor: system })
}

/** What an interrupted run or a stuck outbox shows again is no news. */
async function hasNews(needs: Needs, last: number, heads: readonly Leaf[]): Promise<boolean> {
  const former = await readCheckpoint(needs.tables, last)
  if (former === undefined) return heads.length > 0
  const known = new Set<string>()
  for await (const { hash } of readLeaves(needs.tables, former)) known.add(hash)
  return heads.some(({ hash }) => !known.has(hash))
}

interface Writing {
  readonly kind: CheckpointDetail['kind']
  readonly until: Date
  readonly leaves: Iterable<Leaf> | AsyncIterable<Leaf>
  readonly actor: Actor
}

/** Leaves first, then the event that names them: what it names is there. */
async function write(
  needs: Needs,
  { sequence }: Stream<CheckpointState>,
  { kind, until, leaves, actor }: Writing,
): Promise<Checkpoint> {
  const number = sequence + 1
  const run = newUlid(until, needs.random)
  const { root, count } = await writeLeaves(needs.tables, { number, run }, leaves)
  const detail: CheckpointDetail = { kind, root, leaves: count, run, until: until.toISOString() }
  await changeStreamAndProject<CheckpointState, void>(needs, checkpointPlace, (stream) => {
    if (stream.sequence !== sequence) return { result: undefined }
    const former = stream.state ?? nothing
    const state = kind === 'full' ? { ...former, fullAt: detail.until } : former
    const event = { event: 'checkpoint.written', at: needs.now().toISOString(), actor } as const
    return {
      change: { state, events: [{ ...event, detail: { ...detail } }] },
      result: undefined,
    }
  })
  const written = await readCheckpoint(needs.tables, number)
  if (written?.run !== run) throw new LedgerConflictError(checkpointPlace.name)
  return written
}

/**
 * Brings the archive up to the last checkpoint. When it cannot be reached the next run does; when
 * it keeps another checkpoint under a number, somebody has rewritten the tables.
 */
async function archiveMissing(needs: Needs, archive: CheckpointArchive): Promise<void> {
  const { sequence, state = nothing } = await openStream<CheckpointState>(
    needs.tables,
    checkpointPlace,
  )
  let archived = state.archived
  try {
    while (archived < sequence) {
      const checkpoint = await readCheckpoint(needs.tables, archived + 1)
      if (checkpoint === undefined) break
      const kept = await archive.keep(checkpoint.number, await archiveText(needs, checkpoint))
      if (kept === 'differs') {
        needs.log('error', 'The archive keeps another checkpoint: the tables were rewritten', {
          checkpoint: checkpoint.number,
        })
      }
      archived = checkpoint.number
    }
  } catch (error) {
    needs.log('warning', 'Cannot archive a checkpoint now: the next run does', {
      checkpoint: archived + 1,
      cause: String(error),
    })
  }
  if (archived === state.archived) return
  await changeStream<CheckpointState, void>(needs, checkpointPlace, ({ state: now = nothing }) =>
    now.archived >= archived
      ? { result: undefined }
      : { result: undefined, change: { state: { ...now, archived }, events: [] } },
  )
}

/** A checkpoint as it is archived: its event as exports show it, and its leaves. */
async function archiveText(needs: Needs, checkpoint: Checkpoint): Promise<string> {
  const leaves = []
  for await (const leaf of readLeaves(needs.tables, checkpoint)) leaves.push(tupleOf(leaf))
  return `${JSON.stringify({ ...eventView(checkpoint.event), leaves })}\n`
}
