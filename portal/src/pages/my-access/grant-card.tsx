import { Button } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import type { AccessRequest } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { AccessDetails } from '../../parts/access-details.tsx'
import { ResourceTitle } from '../../parts/resource-title.tsx'
import { StatusBadge } from '../../parts/status.tsx'
import { Countdown, EndTime, TimeBar } from '../../parts/time.tsx'
import { ExtendDialog } from '../request/extend-dialog.tsx'
import { GiveBackDialog } from '../request/give-back-dialog.tsx'

/** Access that somebody holds: how long still, what to do with it, and the ways to change that. */
export function GrantCard({ request }: { request: AccessRequest }): ReactNode {
  const [open, setOpen] = useState<'extend' | 'give-back'>()
  const { id, status, resource, startsAt, grantedAt, createdAt, endsAt, accessDetails } = request
  const isMine = useMe().id === request.grantee
  const canChange = status === 'active' && isMine
  return (
    <div className="stack">
      <div className="card-head">
        <ResourceTitle request={request} />
        <StatusBadge status={status} />
      </div>
      {endsAt === undefined ? (
        <p>Access is being given; this takes a few seconds.</p>
      ) : (
        <div>
          <Countdown until={endsAt} what={resource.name} />
          <TimeBar from={startsAt ?? grantedAt ?? createdAt} until={endsAt} />
          <p>
            Ends <EndTime at={endsAt} />
          </p>
        </div>
      )}
      {accessDetails === undefined ? null : (
        <div className="note">
          <p className="note-title">How to use it</p>
          <AccessDetails text={accessDetails} />
        </div>
      )}
      <div className="actions">
        {canChange ? (
          <>
            <Button onClick={() => setOpen('extend')}>Extend</Button>
            <Button onClick={() => setOpen('give-back')}>Give back</Button>
          </>
        ) : null}
        <Link href={`/requests/${id}`} className="link card-link">
          Details<span className="visually-hidden"> of {resource.name}</span>
        </Link>
      </div>
      {open === 'extend' ? (
        <ExtendDialog request={request} onClose={() => setOpen(undefined)} />
      ) : null}
      {open === 'give-back' ? (
        <GiveBackDialog request={request} onClose={() => setOpen(undefined)} />
      ) : null}
    </div>
  )
}
