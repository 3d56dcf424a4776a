import { type Actor, type EventDraft, type EventName, system } from './events.ts'
import { isOpen, type Pair, type Reason, type RequestStatus } from './pair.ts'

/**
 * Which event stands for which change of status. Every change has exactly one (invariant I8), and
 * whatever is not in this table cannot happen.
 */
const transitions: Readonly<Record<RequestStatus, Partial<Record<RequestStatus, EventName>>>> = {
  'pending-approval': {
    granting: 'request.approved',
    scheduled: 'request.approved',
    denied: 'request.denied',
    cancelled: 'request.cancelled',
    'timed-out': 'request.timed-out',
    failed: 'grant.failed',
  },
  scheduled: {
    granting: 'grant.attempted',
    cancelled: 'request.cancelled',
    failed: 'grant.failed',
  },
  granting: {
    granting: 'grant.attempted',
    active: 'grant.active',
    ending: 'grant.ending',
    failed: 'grant.failed',
  },
  active: { ending: 'grant.ending' },
  ending: { overdue: 'grant.overdue', ended: 'grant.ended' },
  overdue: { ended: 'grant.ended' },
  ended: {},
  denied: {},
  cancelled: {},
  'timed-out': {},
  failed: {},
}

/** The event of a change of status; throws for a change that must not happen. */
function eventOf(from: RequestStatus, to: RequestStatus): EventName {
  const event = transitions[from][to]
  if (event === undefined) throw new Error(`Cannot go from ${from} to ${to}: no such transition`)
  return event
}

/** A pair under change: the new state, the events so far, and the reasons that were touched. */
export interface Draft {
  readonly pair: Pair
  readonly events: readonly EventDraft[]
  readonly touched: ReadonlyMap<string, Reason>
}

export function draftOf(pair: Pair): Draft {
  return { pair, events: [], touched: new Map() }
}

/** One draft after another: the second was made from the pair of the first. */
export function append(first: Draft, second: Draft): Draft {
  return {
    pair: second.pair,
    events: [...first.events, ...second.events],
    touched: new Map([...first.touched, ...second.touched]),
  }
}

/** Replaces facts about the pair as a whole; no status changes, so no event. */
export function amend(draft: Draft, change: (pair: Pair) => Pair): Draft {
  return { ...draft, pair: change(draft.pair) }
}

export interface Move {
  readonly to: RequestStatus
  readonly at: Date
  readonly actor?: Actor
  readonly change?: Partial<Reason>
  readonly detail?: Readonly<Record<string, unknown>>
  readonly comment?: string
  readonly graphRequestId?: string
}

/** Moves one reason to another status and records the one event that stands for it. */
export function move(draft: Draft, reason: Reason, step: Move): Draft {
  return record(draft, reason, eventOf(reason.status, step.to), step)
}

/** Records what happened to a reason whose status stays: a word of an approver, a reminder, a new end, a drift. */
export function note(
  draft: Draft,
  reason: Reason,
  event:
    | 'request.approval-recorded'
    | 'request.escalated'
    | 'request.reminded'
    | 'grant.renewed'
    | 'standing.found'
    | 'drift.found'
    | 'drift.repaired',
  step: Omit<Move, 'to'>,
): Draft {
  return record(draft, reason, event, { ...step, to: reason.status })
}

function record(draft: Draft, reason: Reason, event: EventName, step: Move): Draft {
  const moved: Reason = { ...reason, ...step.change, status: step.to }
  return {
    pair: {
      ...draft.pair,
      reasons: draft.pair.reasons.flatMap((each) =>
        each.id !== reason.id ? [each] : isOpen(step.to) ? [moved] : [],
      ),
    },
    touched: new Map(draft.touched).set(reason.id, moved),
    events: [
      ...draft.events,
      {
        ...subjectOf(draft.pair, moved),
        event,
        at: step.at.toISOString(),
        actor: step.actor ?? system,
        detail: { ...timesOf(moved), ...step.detail },
        ...(step.comment === undefined ? {} : { reason: step.comment }),
        ...(step.graphRequestId === undefined ? {} : { graphRequestId: step.graphRequestId }),
      },
    ],
  }
}

/** Changes a reason without changing its status. */
export function touch(draft: Draft, reason: Reason, change: Partial<Reason>): Draft {
  const touched = { ...reason, ...change }
  return {
    ...draft,
    pair: {
      ...draft.pair,
      reasons: draft.pair.reasons.map((each) => (each.id === reason.id ? touched : each)),
    },
    touched: new Map(draft.touched).set(reason.id, touched),
  }
}

/** What every event about a reason says: who, what, under which flow. */
export function subjectOf(
  pair: Pair,
  reason: Reason,
): Pick<
  EventDraft,
  | 'requestId'
  | 'correlationId'
  | 'grantee'
  | 'integration'
  | 'resourceType'
  | 'resourceId'
  | 'resourceName'
  | 'scope'
  | 'permission'
  | 'accessFlow'
> {
  const { resource, grantee, permission } = pair.key
  return {
    requestId: reason.id,
    correlationId: reason.correlationId,
    grantee,
    integration: reason.integration,
    resourceType: resource.type,
    resourceId: resource.id,
    resourceName: reason.resourceName,
    ...(resource.scope === undefined ? {} : { scope: resource.scope }),
    permission,
    accessFlow: reason.accessFlow.name,
  }
}

function timesOf(reason: Reason): Record<string, unknown> {
  return {
    status: reason.status,
    ...(reason.endsAt === undefined ? {} : { endsAt: reason.endsAt }),
    ...(reason.mechanism === undefined ? {} : { mechanism: reason.mechanism }),
    ...(reason.endReason === undefined ? {} : { endReason: reason.endReason }),
  }
}
