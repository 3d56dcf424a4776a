import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { AuditEvent } from '../../api/types.ts'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { eventWords } from './event-words.ts'

/** One event: what happened to what, by whom, and the whole of it on demand. */
export function EventRow({ event }: { event: AuditEvent }): ReactNode {
  const { requestId, resourceName, reason } = event
  const said = eventWords(event.event)
  return (
    <div className="row">
      <div className="row-main">
        <p className="row-title">
          {said}
          {resourceName === undefined ? null : (
            <>
              {': '}
              <UserText text={resourceName} />
            </>
          )}
        </p>
        <p className="quiet">
          <When at={event.at} /> · <code>{event.event}</code>
        </p>
        <Who event={event} />
        {reason === undefined ? null : (
          <p className="note gap-above">
            <UserText text={reason} lines />
          </p>
        )}
        <details className="disclosure gap-above">
          <summary>The whole event</summary>
          <div className="code">
            <UserText text={JSON.stringify(event, null, 2)} lines />
          </div>
        </details>
      </div>
      {requestId === undefined ? null : (
        <Link href={`/requests/${requestId}`} className="link nowrap">
          Request<span className="visually-hidden"> of the event: {said}</span>
        </Link>
      )}
    </div>
  )
}

function Who({ event }: { event: AuditEvent }): ReactNode {
  const { actor, actorType, grantee, integration, accessFlow } = event
  return (
    <p className="quiet">
      {actorType === 'system' ? 'By the broker itself' : <By id={actor} />}
      {grantee === undefined || grantee === actor ? null : (
        <>
          {' · for '}
          <Narrowed by="grantee" id={grantee} />
        </>
      )}
      {integration === undefined ? null : ` · ${integration}`}
      {accessFlow === undefined ? null : ` · access flow ${accessFlow}`}
    </p>
  )
}

function By({ id }: { id: string }): ReactNode {
  return (
    <>
      By <Narrowed by="actor" id={id} />
    </>
  )
}

/** Somebody by his object id, with everything of his one press away. */
function Narrowed({ by, id }: { by: 'actor' | 'grantee'; id: string }): ReactNode {
  return (
    <Link href={`/audit?${by}=${encodeURIComponent(id)}`} className="link">
      {id}
    </Link>
  )
}
