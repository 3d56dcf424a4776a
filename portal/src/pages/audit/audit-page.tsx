import { HistoryRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { usePages } from '../../api/queries.ts'
import type { AuditEvent } from '../../api/types.ts'
import { type Filter, FilterForm, useFilters, withQuery } from '../../parts/filters.tsx'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { EventRow } from './event-row.tsx'
import { eventChoices } from './event-words.ts'
import { Export } from './export.tsx'
import { Verify } from './verify.tsx'

const filters: readonly Filter[] = [
  { name: 'from', label: 'From the day (UTC)', type: 'date' },
  { name: 'to', label: 'Before the day (UTC)', type: 'date' },
  { name: 'event', label: 'Event', choices: eventChoices },
  { name: 'grantee', label: 'Grantee (object id)' },
  { name: 'resource', label: 'Resource (object id)' },
  { name: 'request', label: 'Request (id)' },
  { name: 'actor', label: 'Actor (object id)' },
]

/** What happened, newest first, with its proof. */
export default function AuditPage(): ReactNode {
  const query = useFilters(filters)
  const path = withQuery('/audit', query)
  return (
    <Page title="Audit log" tabTitle="Audit log" lead="Everything that happened, newest first.">
      <Verify query={query} />
      <FilterForm filters={filters} />
      <section aria-labelledby="events">
        <div className="list-head">
          <h2 id="events">Events</h2>
          <Export path={path} />
        </div>
        <Events path={path} />
      </section>
    </Page>
  )
}

function Events({ path }: { path: string }): ReactNode {
  const pages = usePages<AuditEvent>(path)
  if (pages.data === undefined) {
    return pages.error === null ? (
      <Loading what="the events" rows={6} />
    ) : (
      <Problem problem={pages.error} onRetry={pages.refetch} />
    )
  }
  const events = pages.data.pages.flatMap(({ items }) => items)
  if (events.length === 0 && !pages.hasNextPage) {
    return (
      <Empty title="No event matches" icon={<HistoryRegular />}>
        <p>Take a filter away, or look at other days.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="rows" aria-label="Events, newest first">
        {events.map((event) => (
          <li key={`${event.stream} ${event.sequence}`}>
            <EventRow event={event} />
          </li>
        ))}
      </ul>
      <More pages={pages} words="Show older ones" />
    </>
  )
}
