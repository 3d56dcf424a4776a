import type { Actor } from './events.ts'
import { earliestEnd } from './giving.ts'
import { type Draft, draftOf, type Move, move } from './life-cycle.ts'
import type { EndReason, Pair, Reason } from './pair.ts'

/** Requests of one pair that may be open at once; the head has to hold them all. */
export const mostOpenReasons = 20

/** Adds a decided request to the pair. Its events are the caller's: it knows the whole request. */
export function addReason(pair: Pair, reason: Reason): Draft {
  const draft = draftOf({ ...pair, reasons: [...pair.reasons, reason] })
  return { ...draft, touched: new Map([[reason.id, reason]]) }
}

/** What became of a wish to end or to cancel. */
export type EndOutcome =
  | { readonly kind: 'ending'; readonly draft: Draft }
  | { readonly kind: 'cancelled'; readonly draft: Draft }
  /** It is ending already. */
  | { readonly kind: 'unchanged' }
  /** The pair does not know it as open: it has ended, or never was. */
  | { readonly kind: 'closed' }

export interface EndWish {
  readonly requestId: string
  readonly actor: Actor
  readonly endReason: EndReason
  readonly comment?: string
  readonly now: Date
}

/** Ends a request early: what has not begun is cancelled, what has begun is taken back. */
export function requestEnd(pair: Pair, wish: EndWish): EndOutcome {
  const reason = pair.reasons.find((each) => each.id === wish.requestId)
  if (reason === undefined) return { kind: 'closed' }
  switch (reason.status) {
    case 'pending-approval':
    case 'scheduled':
      return cancelled(pair, reason, wish)
    case 'granting':
    case 'active': {
      const change = { endRequestedAt: wish.now.toISOString(), endReason: wish.endReason }
      const detail = notBeforeOf(pair, wish.now)
      const step = { to: 'ending', change, detail } as const
      return { kind: 'ending', draft: moveByHand(pair, reason, wish, step) }
    }
    default:
      return { kind: 'unchanged' }
  }
}

/** Cancels a request that has not begun; `closed` and `unchanged` mean that it is too late. */
export function cancel(pair: Pair, wish: Omit<EndWish, 'endReason'>): EndOutcome {
  const reason = pair.reasons.find((each) => each.id === wish.requestId)
  if (reason === undefined) return { kind: 'closed' }
  return reason.status === 'scheduled' || reason.status === 'pending-approval'
    ? cancelled(pair, reason, wish)
    : { kind: 'unchanged' }
}

/** Where the directory lets nothing be taken yet, the event says from when on it does. */
function notBeforeOf(pair: Pair, now: Date): Readonly<Record<string, unknown>> {
  const earliest = earliestEnd(pair)
  return earliest > now.getTime() ? { notBefore: new Date(earliest).toISOString() } : {}
}

function cancelled(pair: Pair, reason: Reason, wish: Omit<EndWish, 'endReason'>): EndOutcome {
  const change = { endedAt: wish.now.toISOString() }
  return { kind: 'cancelled', draft: moveByHand(pair, reason, wish, { to: 'cancelled', change }) }
}

function moveByHand(
  pair: Pair,
  reason: Reason,
  { now, actor, comment }: Omit<EndWish, 'endReason'>,
  step: Pick<Move, 'to' | 'change' | 'detail'>,
): Draft {
  const said = comment === undefined ? {} : { comment }
  return move(draftOf(pair), reason, { ...step, at: now, actor, ...said })
}
