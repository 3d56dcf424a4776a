import { approvalDueAt, beginApproval } from '../access/approval.ts'
import { durationOf, parseDuration } from '../access/duration.ts'
import { type ActorType, type EventDraft, system } from '../access/events.ts'
import { givingOf } from '../access/giving.ts'
import { subjectOf } from '../access/life-cycle.ts'
import type { Pair, Reason } from '../access/pair.ts'
import type { Submission } from '../ledger/pair-ledger.ts'
import type { Arrival } from './arrival.ts'
import type { AskedApproval } from './ask-approval.ts'
import type { Allowed } from './decide-request.ts'
import type { Needs, Wait } from './needs.ts'

/** A request with everything that was decided about it before it is written. */
export interface Decided {
  readonly arrival: Arrival
  readonly decision: Allowed
  /** Where people have to say yes first. */
  readonly approval: AskedApproval | undefined
  /** No integration cleans accounts up, so that nobody can be about to be. */
  readonly isCleanupOff?: boolean
}

/** The part of a new request that its life cycle changes. */
export function reasonOf(
  needs: Pick<Needs, 'rules'>,
  { arrival, decision, approval }: Decided,
  requestId: string,
  now: Date,
): Reason {
  const { flow, integration } = decision.verdict
  const start = arrival.body.startsAt
  const startsAt = start === undefined ? undefined : new Date(start).toISOString()
  const durationMilliseconds = parseDuration(arrival.body.duration)
  const giving = givingOf(integration, arrival.body.resource.type)
  const base = {
    id: requestId,
    requester: { id: decision.requester.id, type: requesterType(arrival) },
    integration: integration.name,
    accessFlow: { name: flow.name, version: flow.version },
    resourceName: decision.resourceName,
    correlationId: arrival.correlationId ?? requestId,
    durationMilliseconds,
    ...(giving === undefined ? {} : { giving }),
    ...(startsAt === undefined ? {} : { startsAt }),
  }
  if (approval === undefined) {
    const status = startsAt === undefined ? 'granting' : 'scheduled'
    return { ...base, status, approvedAt: now.toISOString() }
  }
  const patience = durationOf(approval.rule.timeout ?? '') ?? needs.rules.requestTimeout
  // What would be over when it is approved is not worth waiting for.
  const windowEnd =
    startsAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(startsAt) + durationMilliseconds
  const deadline = new Date(Math.min(now.getTime() + patience, windowEnd))
  return {
    ...base,
    status: 'pending-approval',
    approval: beginApproval(approval.rule, now, deadline),
  }
}

/** The part of a new request that never changes. */
export function submissionOf({ arrival, decision, approval }: Decided, now: Date): Submission {
  const { justification, ticket } = arrival.body
  const submittedBy = arrival.actor?.id
  return {
    requester: { ...decision.requester, type: requesterType(arrival) },
    grantee: decision.grantee,
    ...(submittedBy === undefined || submittedBy === decision.requester.id ? {} : { submittedBy }),
    resourceName: decision.resourceName,
    intake: arrival.intake,
    createdAt: now.toISOString(),
    ...(justification === undefined ? {} : { justification }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(arrival.extends === undefined ? {} : { extends: arrival.extends }),
    ...(approval === undefined ? {} : { approval: { rule: approval.rule, asked: approval.asked } }),
  }
}

/** Created and, where nobody has to be asked, approved by the flow: each change has its event. */
export function createdEvents(
  pair: Pair,
  reason: Reason,
  { arrival, decision, approval }: Decided,
  now: Date,
): readonly EventDraft[] {
  const subject = subjectOf(pair, reason)
  const at = now.toISOString()
  const { justification, ticket, duration } = arrival.body
  const trace = decision.verdict.trace.filter(({ flow }) => flow === reason.accessFlow.name)
  const created: EventDraft = {
    ...subject,
    event: 'request.created',
    at,
    actor: arrival.actor ?? reason.requester,
    detail: {
      requester: decision.requester.id,
      duration,
      intake: arrival.intake,
      status: reason.status,
      ...(reason.startsAt === undefined ? {} : { startsAt: reason.startsAt }),
      ...(ticket === undefined ? {} : { ticket }),
      ...(arrival.extends === undefined ? {} : { extends: arrival.extends }),
      ...(approval === undefined
        ? {}
        : { accessFlow: reason.accessFlow, deadline: reason.approval?.deadline, trace }),
    },
    ...(justification === undefined ? {} : { reason: justification }),
  }
  if (approval !== undefined) return [created]
  const by = { by: 'access-flow', accessFlow: reason.accessFlow, trace }
  const detail = { status: reason.status, ...by }
  return [created, { ...subject, event: 'request.approved', at, actor: system, detail }]
}

/** What the life cycle of a request waits for first. */
export function waitOf({ approval, startsAt }: Reason): Wait {
  if (approval !== undefined) return { decideBy: approvalDueAt(approval).toISOString() }
  return startsAt === undefined ? {} : { startsAt }
}

function requesterType({ intake, requesterIsApplication }: Decided['arrival']): ActorType {
  if (intake === 'automatic') return system.type
  return requesterIsApplication ? 'application' : 'user'
}
