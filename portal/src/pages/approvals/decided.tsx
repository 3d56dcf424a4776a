import { Button } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { usePages } from '../../api/queries.ts'
import type { ApprovalItem } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { isoWords } from '../../parts/duration.ts'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { StatusBadge } from '../../parts/status.tsx'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { decisionsOf } from '../request/changes.ts'

/** What I have said a word about, the latest first, and what became of it. */
export function Decided(): ReactNode {
  const pages = usePages<ApprovalItem>('/approvals?decided=mine')
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = pages
  if (data === undefined) {
    return error === null ? (
      <Loading what="what you have decided" />
    ) : (
      <Problem problem={error} onRetry={refetch} />
    )
  }
  const items = data.pages.flatMap((page) => page.items)
  if (items.length === 0) {
    return (
      <Empty title="You have decided nothing yet">
        <p>Whatever you approve or deny is listed here.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="rows" aria-label="Decided by me">
        {items.map((item) => (
          <li key={item.id}>
            <DecidedRow item={item} />
          </li>
        ))}
      </ul>
      {hasNextPage ? (
        <Button
          className="gap-above"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {isFetchingNextPage ? 'Reading …' : 'Show older ones'}
        </Button>
      ) : null}
    </>
  )
}

function DecidedRow({ item }: { item: ApprovalItem }): ReactNode {
  const me = useMe()
  const mine = decisionsOf(item).findLast(({ approver }) => approver === me.id)
  return (
    <div className="row">
      <div className="row-main">
        <Link href={`/requests/${item.id}`} className="link row-title">
          <UserText text={item.resource.name} />
        </Link>{' '}
        for <UserText text={item.granteeName} />
        {mine === undefined ? null : (
          <p className="quiet">
            {mine.decision === 'approve' ? 'You approved it' : 'You denied it'}
            {mine.duration === undefined ? '' : ` for ${isoWords(mine.duration)}`}{' '}
            <When at={mine.at} />
          </p>
        )}
        {mine?.reason === undefined ? null : (
          <p>
            <UserText text={mine.reason} lines />
          </p>
        )}
      </div>
      <StatusBadge status={item.status} />
    </div>
  )
}
