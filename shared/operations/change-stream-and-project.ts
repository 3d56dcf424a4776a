import { type Change, changeStream, type Stream, type StreamPlace } from '../ledger/stream.ts'
import { layOutbox, moveDue } from '../ledger/work-rows.ts'
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
  let due: Date | undefined
  const { result, committed } = await changeStream<State, Result>(needs, place, async (stream) => {
    const decided = decide(stream)
    if (decided.change !== undefined) {
      // The sweep starts at the first event that may be missing: ours, whichever try succeeds.
      const soon = new Date(needs.now().getTime() + outboxMilliseconds)
      due ??= await layOutbox(needs.tables, soon, place.partition, stream.sequence + 1)
    }
    return decided
  })
  if (due === undefined || committed === undefined) return result
  if (await projectEvents(needs, committed.events)) {
    await moveDue(needs.tables, place.partition, due, undefined, committed.stream.sequence)
  }
  return result
}
