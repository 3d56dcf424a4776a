import { Button } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { Link, useParams } from 'wouter'
import { useRead } from '../../api/queries.ts'
import type { AccessRequest, AuditEvent, List, Me } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { AccessDetails } from '../../parts/access-details.tsx'
import { Page } from '../../parts/page.tsx'
import { ResourceTitle } from '../../parts/resource-title.tsx'
import { Loading, Problem } from '../../parts/states.tsx'
import { endWords, isHeld, isWaiting, StatusBadge, statusWords } from '../../parts/status.tsx'
import { Countdown, EndTime, TimeBar, When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { WaitsFor } from '../../parts/waits-for.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { Decision } from './decision.tsx'
import { ExtendDialog } from './extend-dialog.tsx'
import { GiveBackDialog } from './give-back-dialog.tsx'
import { Remind } from './remind.tsx'
import { RequestFacts } from './request-facts.tsx'
import { Timeline } from './timeline.tsx'

/** One request, for everybody whom it concerns: where it stands, what happened, what can be done. */
export default function RequestPage(): ReactNode {
  const { id = '' } = useParams()
  const path = `/requests/${encodeURIComponent(id)}`
  const { data: request, error, refetch } = useRead<AccessRequest>(path, { live: true })
  const events = useRead<List<AuditEvent>>(`${path}/events`, { live: true })
  if (request === undefined) {
    return (
      <Page title="Request" tabTitle="Request">
        {error === null ? (
          <Loading what="the request" rows={4} />
        ) : (
          <Problem problem={error} onRetry={refetch} />
        )}
      </Page>
    )
  }
  return (
    <Page
      title={
        <>
          Request for <UserText text={request.resource.name} />
        </>
      }
      tabTitle={`${statusWords(request.status)}: ${request.resource.name}`}
      actions={<Actions request={request} />}
    >
      <section className="section card stack" aria-label="Where it stands">
        <div className="card-head">
          <ResourceTitle request={request} level={2} />
          <StatusBadge status={request.status} />
        </div>
        <Standing request={request} />
        {request.accessDetails === undefined ? null : (
          <div className="note">
            <p className="note-title">How to use it</p>
            <AccessDetails text={request.accessDetails} />
          </div>
        )}
      </section>
      <Decision request={request} />
      <section className="section" aria-labelledby="events">
        <h2 id="events">What happened</h2>
        {events.data === undefined ? (
          <Loading what="what happened" />
        ) : (
          <Timeline events={events.data.items} request={request} />
        )}
      </section>
      <section className="section" aria-labelledby="facts">
        <h2 id="facts">What was asked</h2>
        <RequestFacts request={request} />
      </section>
    </Page>
  )
}

function Standing({ request }: { request: AccessRequest }): ReactNode {
  const { status, approval, startsAt, grantedAt, createdAt, endsAt, endedAt, problem } = request
  if (isHeld(request) && endsAt !== undefined) {
    return (
      <div>
        <Countdown until={endsAt} what={request.resource.name} />
        <TimeBar from={startsAt ?? grantedAt ?? createdAt} until={endsAt} />
        <p>
          Ends <EndTime at={endsAt} />
        </p>
      </div>
    )
  }
  return (
    <>
      {status === 'pending-approval' ? <WaitsFor approval={approval} /> : null}
      <Remind request={request} />
      {isWaiting(request) && startsAt !== undefined ? (
        <p>
          Starts <When at={startsAt} />
        </p>
      ) : null}
      {endedAt === undefined ? null : (
        <p>
          {statusWords(status)} <When at={endedAt} />
          {request.endReason === undefined ? '' : `: ${endWords(request.endReason)}`}.
        </p>
      )}
      {problem === undefined ? null : (
        <p>
          <UserText text={problem.detail} />
        </p>
      )}
    </>
  )
}

function Actions({ request }: { request: AccessRequest }): ReactNode {
  const me = useMe()
  const [open, setOpen] = useState<ActionName>()
  const close = () => setOpen(undefined)
  return (
    <>
      {actionsOf(request, me).map(([name, label]) => (
        <Button key={name} onClick={() => setOpen(name)}>
          {label}
        </Button>
      ))}
      {!isHeld(request) && !isWaiting(request) && me.may.includes('request') ? (
        <Link href={`/ask?repeat=${request.id}`} className="link card-link">
          Ask again
        </Link>
      ) : null}
      {open === 'extend' ? <ExtendDialog request={request} onClose={close} /> : null}
      {open === 'give-back' ? <GiveBackDialog request={request} onClose={close} /> : null}
      {open === 'cancel' ? <CancelDialog request={request} onClose={close} /> : null}
    </>
  )
}

type ActionName = 'extend' | 'give-back' | 'cancel'

/** What this person can do about it now; the API decides again. */
function actionsOf(
  request: AccessRequest,
  { id, may }: Me,
): readonly (readonly [name: ActionName, label: string])[] {
  const canCancel = request.requester === id || may.includes('config.write')
  if (isWaiting(request) && canCancel) return [['cancel', 'Cancel request']]
  if (request.status !== 'active' || request.grantee !== id) return []
  return [
    ['extend', 'Extend'],
    ['give-back', 'Give back'],
  ]
}
