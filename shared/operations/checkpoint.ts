import { type Actor, system } from '../access/events.ts'
import {
  type ChangedHeads,
  dropChanges,
  readAllHeads,
  readChangedHeads,
} from '../ledger/changed-heads.ts'
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

/**
 * What the timer does: a checkpoint over the heads that changed since the former one, and once a week
 * another one over all heads. When nothing has changed it makes none, so an idle broker stays idle.
 */
export function makeCheckpoint(
  needs: Needs,
  archive: CheckpointArchive | undefined,
): Promise<Checkpoint | undefined> {
  return carryOut(needs, archive, async () => {
    const until = needs.now()
    const changed = await readChangedHeads(needs.tables, until)
    if (changed.heads.length + changed.changes.length === 0) return undefined
    const stream = await openStream<CheckpointState>(needs.tables, checkpointPlace)
    const isNews = await hasNews(needs, stream.sequence, changed.heads)
    const made = isNews ? await writeChanges(needs, stream, until, changed, system) : undefined
    await dropChanges(needs.tables, changed.changes)
    const fullAt = Date.parse(stream.state?.fullAt ?? '1970-01-01T00:00:00Z')
    const isFullDue = until.getTime() - fullAt >= fullEveryMilliseconds
    return made === undefined || !isFullDue ? made : writeFull(needs)
  })
}

/** Makes a checkpoint because somebody wants one now, whether anything has changed or not. */
export function orderCheckpoint(
  needs: Needs,
  archive: CheckpointArchive | undefined,
  actor: Actor,
): Promise<Checkpoint> {
  return carryOut(needs, archive, async () => {
    const until = needs.now()
    const changed = await readChangedHeads(needs.tables, until)
    const stream = await openStream<CheckpointState>(needs.tables, checkpointPlace)
    const made = await writeChanges(needs, stream, until, changed, actor)
    await dropChanges(needs.tables, changed.changes)
    return made
  })
}

async function carryOut<Result>(
  needs: Needs,
  archive: CheckpointArchive | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await run()
      if (archive !== undefined) await archiveMissing(needs, archive)
      return result
    } catch (error) {
      if (!(error instanceof LedgerConflictError) || attempt === mostTries) throw error
    }
  }
}

function writeChanges(
  needs: Needs,
  stream: Stream<CheckpointState>,
  until: Date,
  { heads }: ChangedHeads,
  actor: Actor,
): Promise<Checkpoint> {
  return write(needs, stream, { kind: 'changes', until, leaves: heads, actor })
}

async function writeFull(needs: Needs): Promise<Checkpoint> {
  const stream = await openStream<CheckpointState>(needs.tables, checkpointPlace)
  const leaves = readAllHeads(needs.tables)
  return write(needs, stream, { kind: 'full', until: needs.now(), leaves, actor: system })
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
