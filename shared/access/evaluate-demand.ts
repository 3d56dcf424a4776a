import { necessaryDecisions } from './approval-stages.ts'
import { durationOf } from './duration.ts'
import type { Offer, VersionedFlow } from './evaluate.ts'
import type { AccessFlow } from './flow.ts'
import { oncePer } from './once.ts'

/**
 * What a flow demands: automatic before approval, fewer necessary decisions first. The longer maximum
 * and the name only settle which of equally demanding flows is taken.
 */
export function leastDemandingFirst(a: Offer, b: Offer): number {
  return (
    decisionsOf(a.flow) - decisionsOf(b.flow) ||
    maximumOf(b.flow) - maximumOf(a.flow) ||
    byName(a, b)
  )
}

/** By name, the same for everybody and wherever it runs. */
export function byName(
  a: { readonly flow: VersionedFlow },
  b: { readonly flow: VersionedFlow },
): number {
  if (a.flow.name === b.flow.name) return 0
  return a.flow.name < b.flow.name ? -1 : 1
}

function decisionsOf({ approval }: AccessFlow): number {
  return necessaryDecisions(approval)
}

function maximumOf({ duration }: AccessFlow): number {
  return duration === undefined ? 0 : maximumMilliseconds(duration)
}

/** The longest time of a flow, read once. */
const maximumMilliseconds = oncePer(
  ({ maximum }: NonNullable<AccessFlow['duration']>) => durationOf(maximum) ?? 0,
)
