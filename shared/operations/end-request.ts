import type { Actor } from '../access/events.ts'
import type { EndReason } from '../access/pair.ts'
import { cancel, type EndOutcome, requestEnd } from '../access/requests.ts'
import { pairOfRequest } from '../ledger/ids.ts'
import { commitPair, openPair, readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import type { Clockwork, Needs } from './needs.ts'
import { nudge } from './nudge.ts'
import { projectEvents } from './project-events.ts'

/** A request that a person wants to end or to cancel; the right to it was checked before. */
export interface EndOrder {
  readonly requestId: string
  readonly actor: Actor
  /** Absent for a cancellation. */
  readonly endReason?: EndReason
  readonly comment?: string
}

export interface Ended {
  readonly kind: EndOutcome['kind']
  readonly request: StoredRequest
}

/**
 * Ends or cancels a request: one ledger transaction, then a word to its orchestration. The removal
 * itself is done by `settle`, whoever comes to it first.
 */
export async function endRequest(
  needs: Needs,
  order: EndOrder,
  clockwork: Pick<Clockwork, 'nudge'>,
): Promise<Ended | undefined> {
  const pairId = pairOfRequest(order.requestId)
  if (pairId === undefined) return undefined
  for (;;) {
    const stream = await openPair(needs.tables, pairId)
    if (stream.state === undefined) return undefined
    const now = needs.now()
    const wish = {
      requestId: order.requestId,
      actor: order.actor,
      now,
      ...(order.comment === undefined ? {} : { comment: order.comment }),
    }
    const outcome =
      order.endReason === undefined
        ? cancel(stream.state.pair, wish)
        : requestEnd(stream.state.pair, { ...wish, endReason: order.endReason })
    if (outcome.kind === 'closed' || outcome.kind === 'unchanged') {
      return answer(needs, order, outcome.kind)
    }
    try {
      // Due at once: an end to be made, or an orchestration that has to notice its cancellation.
      const committed = await commitPair(needs, stream, outcome.draft, now)
      await projectEvents(needs, committed.events)
    } catch (error) {
      if (error instanceof LedgerConflictError) continue
      throw error
    }
    await nudge(needs, clockwork, order.requestId)
    return answer(needs, order, outcome.kind)
  }
}

async function answer(
  needs: Needs,
  order: EndOrder,
  kind: EndOutcome['kind'],
): Promise<Ended | undefined> {
  const request = await readRequest(needs.tables, order.requestId)
  return request === undefined ? undefined : { kind, request }
}
