import { type Change, changeStream, type Stream, type StreamPlace } from '../ledger/stream.ts'
import { layDue, moveDue } from '../ledger/work-rows.ts'
import type { Needs } from './needs.ts'
import { projectEvents } from './project-events.ts'

/** How long the sweep leaves the outbox of a change to the call that makes it. */
const outboxMilliseconds = 10_000

/**
 * Changes a stream other than a pair's, and carries its events outside. The due row that is laid
 * first is their outbox: a crash anywhere between leaves it to the sweep.
 */
export async function changeStreamAndProject<State, Result>(
  needs: Needs,
  place: StreamPlace,
  decide: (stream: Stream<State>) => { change?: Change<State>; result: Result },
): Promise<Result> {
  const due = new Date(needs.now().getTime() + outboxMilliseconds)
  let laid = false
  const { result, committed } = await changeStream<State, Result>(needs, place, async (stream) => {
    const decided = decide(stream)
    if (decided.change !== undefined) {
      // The sweep starts at the first event that may be missing: ours, whichever try succeeds.
      if (!laid) await layDue(needs.tables, due, place.partition, stream.sequence + 1)
      laid = true
    }
    return decided
  })
  if (committed !== undefined && (await projectEvents(needs, committed.events))) {
    await moveDue(needs.tables, place.partition, due, undefined)
  }
  return result
}
