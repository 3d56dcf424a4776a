import type { Actor } from './events.ts'
import { type Draft, draftOf, move } from './life-cycle.ts'
import { type EndReason, isOpen, type Pair, type Reason } from './pair.ts'

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
  if (reason === undefined || !isOpen(reason.status)) return { kind: 'closed' }
  switch (reason.status) {
    case 'pending-approval':
    case 'scheduled':
      return { kind: 'cancelled', draft: moveByHand(pair, reason, 'cancelled', wish) }
    case 'granting':
    case 'active':
      return { kind: 'ending', draft: moveByHand(pair, reason, 'ending', wish) }
    default:
      return { kind: 'unchanged' }
  }
}

/** Cancels a request that has not begun; `closed` and `unchanged` mean that it is too late. */
export function cancel(pair: Pair, wish: Omit<EndWish, 'endReason'>): EndOutcome {
  const reason = pair.reasons.find((each) => each.id === wish.requestId)
  if (reason === undefined) return { kind: 'closed' }
  if (reason.status !== 'scheduled' && reason.status !== 'pending-approval') {
    return { kind: 'unchanged' }
  }
  return { kind: 'cancelled', draft: moveByHand(pair, reason, 'cancelled', wish) }
}

function moveByHand(
  pair: Pair,
  reason: Reason,
  to: 'ending' | 'cancelled',
  { now, actor, comment, ...wish }: Omit<EndWish, 'endReason'> & { endReason?: EndReason },
): Draft {
  const at = now.toISOString()
  const change =
    to === 'cancelled'
      ? { endedAt: at }
      : {
          endRequestedAt: at,
          ...(wish.endReason === undefined ? {} : { endReason: wish.endReason }),
        }
  return move(draftOf(pair), reason, {
    to,
    at: now,
    actor,
    change,
    ...(comment === undefined ? {} : { comment }),
  })
}
