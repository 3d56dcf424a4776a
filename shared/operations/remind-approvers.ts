import { dueAt } from '../access/due.ts'
import { remind } from '../access/pending.ts'
import { pairOfRequest } from '../ledger/ids.ts'
import { commitPair, openPair, readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import { tooOften } from './call-rate.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import type { Needs } from './needs.ts'
import { projectEvents } from './project-events.ts'
import { type Refusal, refused } from './refusal.ts'

/**
 * Reminds those who may decide a pending request, by an event that carries who they are; what is
 * made of it is the matter of whoever listens. Once an hour.
 */
export async function remindApprovers(
  needs: Needs,
  request: StoredRequest,
  caller: CallerFacts,
): Promise<{ readonly kind: 'reminded'; readonly request: StoredRequest } | Refusal> {
  const requestId = request.reason.id
  for (;;) {
    const stream = await openPair(needs.tables, pairOfRequest(requestId) ?? '')
    const pair = stream.state?.pair
    const now = needs.now()
    const outcome =
      pair === undefined
        ? ({ kind: 'not-pending' } as const)
        : remind(pair, requestId, { now, actor: actorOf(caller), asked: askedOf(request) })
    if (outcome.kind === 'too-early') return tooOften(outcome.nextAt - now.getTime())
    if (outcome.kind === 'not-pending') return notPending
    const { draft } = outcome
    try {
      const due = dueAt(draft.pair, needs.limits, now) ?? now
      const committed = await commitPair(needs, stream, draft, due)
      await projectEvents(needs, committed.events)
    } catch (error) {
      if (error instanceof LedgerConflictError) continue
      throw error
    }
    return { kind: 'reminded', request: (await readRequest(needs.tables, requestId)) ?? request }
  }
}

const notPending = refused(
  'conflict',
  'not-pending',
  'It waits for nobody: it is decided, or over.',
)

/** Ids of people and groups, by stage and tier. */
function askedOf({ submission }: StoredRequest): readonly (readonly (readonly string[])[])[] {
  return (submission.approval?.asked ?? []).map((tiers) =>
    tiers.map((entries) =>
      entries.flatMap(({ people, groups }) => [...people, ...groups].map(({ id }) => id)),
    ),
  )
}
