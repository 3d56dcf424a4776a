import { approvalDueAt } from './approval.ts'
import { earliestEnd, wantedMove } from './giving.ts'
import { beginOf, endDueAt, type Limits, lookAt, type Pair, type Reason } from './pair.ts'

/** When an end that is not done is overdue: never before the directory would let it be done. */
export function overdueAt(pair: Pair, reason: Reason, { overdueAfter }: Limits): number {
  return Math.max(endDueAt(reason), earliestEnd(pair)) + overdueAfter
}

/**
 * When this pair next needs somebody to look at it; undefined when nothing is open.
 * Never later than the work itself: due rows are laid by it.
 */
export function dueAt(pair: Pair, limits: Limits, now: Date): Date | undefined {
  if (pair.reasons.length === 0 && pair.watch === undefined) return undefined
  const again = pair.retry === undefined ? now.getTime() : Date.parse(pair.retry.at)
  const look = pair.absentSince === undefined ? again : lookAt(pair, limits)
  const earliest = earliestEnd(pair)
  const standing = pair.standingUntil === undefined ? [] : [Date.parse(pair.standingUntil)]
  const moved = wantedMove(pair, [], now) === undefined ? [] : [again]
  const times = pair.reasons.map((reason) => {
    switch (reason.status) {
      case 'pending-approval':
        // One without an approval under way could never be decided: it is looked at at once.
        return reason.approval === undefined
          ? now.getTime()
          : approvalDueAt(reason.approval).getTime()
      case 'scheduled':
        return beginOf(reason)
      case 'active':
        return Math.min(endDueAt(reason), ...standing, ...moved)
      case 'granting':
        return Math.min(again, endDueAt(reason))
      case 'ending':
        return Math.min(
          Math.max(look, earliest),
          Math.max(now.getTime(), overdueAt(pair, reason, limits)),
        )
      default:
        return Math.max(look, earliest)
    }
  })
  const { watch } = pair
  const watched = watch === undefined ? [] : [watch.isBack ? look : Date.parse(watch.nextAt)]
  return new Date(Math.min(...times, ...watched))
}
