import { Badge } from '@fluentui/react-components'
import { BoxSearchRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { usePages } from '../../api/queries.ts'
import type { Resource } from '../../api/types.ts'
import { type Filter, FilterForm, useFilters, withQuery } from '../../parts/filters.tsx'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { UserText } from '../../parts/user-text.tsx'

const filters: readonly Filter[] = [
  { name: 'q', label: 'Name, description or id' },
  { name: 'integration', label: 'Integration' },
  {
    name: 'type',
    label: 'Type',
    choices: [
      ['group', 'Group'],
      ['directory-role', 'Directory role'],
      ['administrative-unit', 'Administrative unit'],
    ],
  },
]

/** Everything that discovery knows, and why some of it cannot be managed. */
export default function ResourcesPage(): ReactNode {
  const query = useFilters(filters)
  return (
    <Page
      title="Resources"
      tabTitle="Resources"
      lead="What discovery has found in the directory, and what of it can be managed."
    >
      <FilterForm filters={filters} />
      <Resources path={withQuery('/resources', query)} />
    </Page>
  )
}

function Resources({ path }: { path: string }): ReactNode {
  const pages = usePages<Resource>(path)
  if (pages.data === undefined) {
    return pages.error === null ? (
      <Loading what="the resources" rows={6} />
    ) : (
      <Problem problem={pages.error} onRetry={pages.refetch} />
    )
  }
  const resources = pages.data.pages.flatMap(({ items }) => items)
  if (resources.length === 0) {
    return (
      <Empty title="Nothing of that kind was discovered" icon={<BoxSearchRegular />}>
        <p>Take a filter away, or discover anew from the page of an integration.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="rows" aria-label="Resources">
        {resources.map((resource) => (
          <li key={`${resource.type} ${resource.id}`}>
            <ResourceRow resource={resource} />
          </li>
        ))}
      </ul>
      <More pages={pages} words="Show more" />
    </>
  )
}

function ResourceRow({ resource }: { resource: Resource }): ReactNode {
  const { id, name, description, kind, manageable, reason, goneAt, integrations } = resource
  return (
    <div className="row">
      <div className="row-main">
        <p className="row-title">
          <UserText text={name} />
        </p>
        {description === undefined ? null : (
          <p className="quiet clamp">
            <UserText text={description} />
          </p>
        )}
        <p className="quiet">
          {kind} · <code>{id}</code>
          {integrations.map((each) => (
            <span key={each}>
              {' · '}
              <Link href={`/manage/integrations/${each}`} className="link">
                {each}
              </Link>
            </span>
          ))}
        </p>
        {reason === undefined ? null : <p className="gap-above">{reason.detail}</p>}
        {goneAt === undefined ? null : <p className="gap-above">It is gone from the directory.</p>}
      </div>
      <Badge appearance="tint" color={manageable ? 'success' : 'warning'} className="nowrap">
        {manageable ? 'Can be managed' : 'Cannot be managed'}
      </Badge>
    </div>
  )
}
