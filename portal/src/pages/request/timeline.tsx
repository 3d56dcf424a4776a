import type { ReactNode } from 'react'
import type { AccessRequest, AuditEvent } from '../../api/types.ts'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

const words: Readonly<Record<string, string>> = {
  'request.created': 'Asked for',
  'request.approval-recorded': 'One approval was given; more are needed',
  'request.reminded': 'The approvers were reminded',
  'request.escalated': 'Others are asked, too',
  'request.approved': 'Approved',
  'request.denied': 'Denied',
  'request.cancelled': 'Cancelled',
  'request.timed-out': 'Nobody decided in time',
  'grant.attempted': 'Access is being given; its end is fixed',
  'grant.active': 'Access is there',
  'grant.renewed': 'Access was renewed',
  'grant.failed': 'Access could not be given',
  'grant.ending': 'Access is being taken away',
  'grant.overdue': 'The end is due and not yet proven; it is tried again and again',
  'grant.ended': 'Access is gone, and that is proven',
  'standing.found': 'Access was there before; it will not be taken away',
  'drift.found': 'Somebody else changed this access',
  'drift.repaired': 'That change was undone',
}

interface TimelineProps {
  readonly events: readonly AuditEvent[]
  readonly request: AccessRequest
}

/** The audit events of a request as what they mean, in order. */
export function Timeline({ events, request }: TimelineProps): ReactNode {
  return (
    <ol className="timeline card">
      {events.map((event) => (
        <li key={`${event.stream} ${event.sequence}`} data-kind={event.event}>
          <p className="timeline-what">{words[event.event] ?? event.event}</p>
          <p className="quiet">
            <When at={event.at} />
            <By event={event} request={request} />
          </p>
          {event.reason === undefined ? null : (
            <p className="timeline-reason">
              <UserText text={event.reason} lines />
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}

function By({ event, request }: { event: AuditEvent; request: AccessRequest }): ReactNode {
  if (event.actorType === 'system') return null
  const name = nameOf(event.actor, request)
  return name === undefined ? null : (
    <>
      {' · by '}
      <UserText text={name} />
    </>
  )
}

/** The name of somebody whom the request itself names. */
function nameOf(
  id: string,
  { requester, requesterName, grantee, granteeName, approval }: AccessRequest,
) {
  if (id === requester) return requesterName
  if (id === grantee) return granteeName
  const decisions = approval.steps.flatMap((step) => step.decisions)
  return decisions.find(({ approver }) => approver === id)?.name
}
