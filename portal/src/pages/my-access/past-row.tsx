import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { AccessRequest } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { endWords, StatusBadge } from '../../parts/status.tsx'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

/** One line of the history. */
export function PastRow({ request }: { request: AccessRequest }): ReactNode {
  const { id, status, resource, endedAt, decidedAt, createdAt, endReason, problem } = request
  const asks = useMe().may.includes('request')
  return (
    <div className="row">
      <div className="row-main">
        <Link href={`/requests/${id}`} className="link row-title">
          <UserText text={resource.name} />
        </Link>
        <p className="quiet">
          <When at={endedAt ?? decidedAt ?? createdAt} />
          {endReason === undefined ? null : `; ${endWords(endReason)}`}
          {problem === undefined ? null : `; ${problem.detail}`}
        </p>
      </div>
      <StatusBadge status={status} />
      {asks ? (
        <Link href={`/ask?repeat=${id}`} className="link nowrap">
          Ask again<span className="visually-hidden"> for {resource.name}</span>
        </Link>
      ) : null}
    </div>
  )
}
