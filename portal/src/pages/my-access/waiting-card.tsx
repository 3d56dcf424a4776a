import { Button } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import type { AccessRequest } from '../../api/types.ts'
import { ResourceTitle } from '../../parts/resource-title.tsx'
import { StatusBadge } from '../../parts/status.tsx'
import { When } from '../../parts/time.tsx'
import { WaitsFor } from '../../parts/waits-for.tsx'
import { CancelDialog } from '../request/cancel-dialog.tsx'
import { Remind } from '../request/remind.tsx'

/** What has not begun: with whom it waits, or when it starts. */
export function WaitingCard({ request }: { request: AccessRequest }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const { id, status, resource, startsAt, approval } = request
  return (
    <div className="stack">
      <div className="card-head">
        <ResourceTitle request={request} />
        <StatusBadge status={status} />
      </div>
      {status === 'pending-approval' ? <WaitsFor approval={approval} /> : null}
      <Remind request={request} />
      {startsAt === undefined ? null : (
        <p>
          Starts <When at={startsAt} />
        </p>
      )}
      <div className="actions">
        <Button onClick={() => setOpen(true)}>Cancel request</Button>
        <Link href={`/requests/${id}`} className="link card-link">
          Details<span className="visually-hidden"> of {resource.name}</span>
        </Link>
      </div>
      {isOpen ? <CancelDialog request={request} onClose={() => setOpen(false)} /> : null}
    </div>
  )
}
