import { Button } from '@fluentui/react-components'
import { KeyRegular } from '@fluentui/react-icons'
import { type ReactNode, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { usePages } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { type Filter, FilterForm, useFilters, withQuery } from '../../parts/filters.tsx'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { StatusBadge } from '../../parts/status.tsx'
import { EndTime } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { EmergencyStopCard } from './emergency-stop.tsx'
import { EndDialog } from './end-dialog.tsx'
import { MassEndDialog } from './mass-end-dialog.tsx'
import { MassEndProgress } from './mass-end-progress.tsx'

const filters: readonly Filter[] = [
  { name: 'grantee', label: 'Grantee (object id)' },
  { name: 'resource', label: 'Resource (object id)' },
  { name: 'integration', label: 'Integration' },
  { name: 'accessFlow', label: 'Access flow' },
]

/** What is held now by anybody, and its end: one, many, and the stop of new ones. */
export default function GrantsPage(): ReactNode {
  const [parameters, setParameters] = useSearchParams()
  const query = useFilters(filters)
  const me = useMe()
  const [isEnding, setEnding] = useState(false)
  const ordered = parameters.get('ended')
  const showOrdered = (id: string) =>
    setParameters((former) => {
      const next = new URLSearchParams(former)
      next.set('ended', id)
      return next
    })
  return (
    <Page title="Grants" tabTitle="Grants" lead="Who holds what now, and until when.">
      <EmergencyStopCard />
      <FilterForm filters={filters} />
      {ordered === null ? null : <MassEndProgress id={ordered} />}
      <section aria-labelledby="active">
        <div className="list-head">
          <h2 id="active">Held now</h2>
          {me.may.includes('grants.revoke') ? (
            <Button onClick={() => setEnding(true)}>
              {query.size === 0 ? 'End all …' : 'End all that are filtered …'}
            </Button>
          ) : null}
        </div>
        <Grants path={withQuery('/grants', query)} />
      </section>
      {isEnding ? (
        <MassEndDialog query={query} onOrdered={showOrdered} onClose={() => setEnding(false)} />
      ) : null}
    </Page>
  )
}

function Grants({ path }: { path: string }): ReactNode {
  const pages = usePages<AccessRequest>(path, { live: true })
  const [ending, setEnding] = useState<AccessRequest>()
  if (pages.data === undefined) {
    return pages.error === null ? (
      <Loading what="the grants" rows={4} />
    ) : (
      <Problem problem={pages.error} onRetry={pages.refetch} />
    )
  }
  const grants = pages.data.pages.flatMap(({ items }) => items)
  if (grants.length === 0 && !pages.hasNextPage) {
    return (
      <Empty title="Nobody holds anything" icon={<KeyRegular />}>
        <p>Grants appear here while they are active.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="rows" aria-label="Grants">
        {grants.map((grant) => (
          <li key={grant.id}>
            <GrantRow grant={grant} onEnd={() => setEnding(grant)} />
          </li>
        ))}
      </ul>
      <More pages={pages} words="Show more" />
      {ending === undefined ? null : (
        <EndDialog grant={ending} onClose={() => setEnding(undefined)} />
      )}
    </>
  )
}

function GrantRow({ grant, onEnd }: { grant: AccessRequest; onEnd: () => void }): ReactNode {
  const { id, status, resource, grantee, granteeName, integration, accessFlow, endsAt } = grant
  const mayEnd = useMe().may.includes('grants.revoke')
  return (
    <div className="row">
      <div className="row-main">
        <Link href={`/requests/${id}`} className="link row-title">
          <UserText text={resource.name} />
        </Link>
        <p>
          <UserText text={granteeName} />{' '}
          <Link href={`/manage/grants?grantee=${grantee}`} className="link quiet">
            only theirs<span className="visually-hidden">: grants of {granteeName}</span>
          </Link>
        </p>
        <p className="quiet">
          {integration} · access flow {accessFlow.name}
          {endsAt === undefined ? null : (
            <>
              {' · until '}
              <EndTime at={endsAt} />
            </>
          )}
        </p>
      </div>
      <StatusBadge status={status} />
      {mayEnd && status === 'active' ? (
        <Button size="small" onClick={onEnd}>
          End
          <span className="visually-hidden">
            {' '}
            {resource.name} of {granteeName}
          </span>
        </Button>
      ) : null}
    </div>
  )
}
