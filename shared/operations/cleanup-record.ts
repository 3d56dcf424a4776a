import type { CleanupDraft, CleanupRecord } from '../access/cleanup.ts'
import { layLook, listCase } from '../ledger/cleanup-rows.ts'
import { commitCleanup, type PersonStream } from '../ledger/person-stream.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import { layOutbox, moveDue } from '../ledger/work-rows.ts'
import type { Needs } from './needs.ts'
import { projectEvents } from './project-events.ts'

const outboxMilliseconds = 10_000

/**
 * Commits a change of somebody's cleanup under the version that was read. Undefined when somebody
 * else has changed it meanwhile: then nothing of what was decided holds any more.
 */
export async function recordCleanup(
  needs: Needs,
  stream: PersonStream,
  { record, case: moved, event }: CleanupDraft,
): Promise<PersonStream | undefined> {
  const { tables } = needs
  // The list first: a row without its case is skipped, a case without its row would be hidden.
  if (moved.id !== stream.state?.cleanup?.case?.id) await listCase(tables, moved.id, needs.now())
  const soon = new Date(needs.now().getTime() + outboxMilliseconds)
  const due = await layOutbox(tables, soon, stream.partition, stream.sequence + 1)
  const committed = await unlessChanged(() => commitCleanup(needs, stream, record, [event]))
  if (committed === undefined) return undefined
  if (await projectEvents(needs, committed.events)) {
    await moveDue(tables, stream.partition, due, undefined, committed.stream.sequence)
  }
  return committed.stream
}

/** The same for what is no change of state, such as an attempt: without an event. */
export async function noteCleanup(
  needs: Needs,
  stream: PersonStream,
  record: CleanupRecord,
): Promise<PersonStream | undefined> {
  const committed = await unlessChanged(() => commitCleanup(needs, stream, record, []))
  return committed?.stream
}

/** Lays a look ahead of a change that needs one. */
export function layAhead(needs: Needs, at: Date, person: string): Promise<void> {
  return layLook(needs.tables, 'look', at, person)
}

async function unlessChanged<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof LedgerConflictError) return undefined
    throw error
  }
}
