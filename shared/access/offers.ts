import type { Permission } from './access.ts'
import { holdsFor, type PeopleFacts } from './conditions.ts'
import type { Offer, Policy } from './evaluate.ts'
import { leastDemandingFirst } from './evaluate-demand.ts'
import { isActive, takes } from './evaluate-rules.ts'
import { createCoverage, type Subject } from './evaluate-target.ts'
import type { AccessFlow } from './flow.ts'
import { isWithin, localTime } from './timeframe.ts'

/** Who looks for something to ask for, and when. */
interface Seeker {
  readonly personId: string
  readonly facts: PeopleFacts
  readonly now: Date
}

/**
 * The flows by which a person may ask for a resource over HTTP, by the same conditions that decide a
 * request; first the one that would be taken now. A flow whose time is later is offered after those.
 */
export function createOffers(
  { personId, facts, now }: Seeker,
  { flows, integrations }: Policy,
): (resource: Subject['resource'], permission: Permission) => readonly Offer[] {
  const fitting = flows.filter(
    (flow) => isActive(flow) && holdsFor(flow.requesters, personId, facts),
  )
  // Whoever may be given it at another time may ask now for then.
  const denials = fitting.filter(
    (flow) =>
      flow.effect === 'deny' &&
      flow.timeframe === undefined &&
      (flow.grantees === undefined || holdsFor(flow.grantees, personId, facts, personId)),
  )
  const allowing = fitting.filter((flow) => flow.effect !== 'deny' && takes(flow, 'http'))
  const later = new Set(allowing.filter((flow) => isLater(flow, now)))

  return (resource, permission) => {
    const coverageOf = createCoverage({ resource, permission }, integrations)
    if (denials.some((flow) => coverageOf(flow).passes)) return []
    const offers = allowing.flatMap((flow) => {
      const coverage = coverageOf(flow)
      return coverage.passes ? [{ flow, integration: coverage.integration }] : []
    })
    return offers.sort(
      (a, b) => Number(later.has(a.flow)) - Number(later.has(b.flow)) || leastDemandingFirst(a, b),
    )
  }
}

function isLater({ timeframe }: AccessFlow, now: Date): boolean {
  return timeframe !== undefined && !isWithin(localTime(now, timeframe.timeZone), timeframe)
}
