import type { ReactNode } from 'react'
import { Link, useParams } from 'wouter'
import { useRead } from '../../api/queries.ts'
import type { Integration } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { AccessDetails } from '../../parts/access-details.tsx'
import { Page } from '../../parts/page.tsx'
import { Loading, Problem } from '../../parts/states.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { ConnectorTestCard } from './connector-test.tsx'
import { DiscoveryCard } from './discovery.tsx'
import { ViewAsCode } from './view-as-code.tsx'

/** One integration: what it says, as fields and as code, and whether its connector can do it. */
export default function IntegrationPage(): ReactNode {
  const { name = '' } = useParams<{ name: string }>()
  const path = `/integrations/${encodeURIComponent(name)}`
  const { data, error, refetch } = useRead<Integration>(path)
  const me = useMe()
  return (
    <Page
      title={data?.name ?? name}
      tabTitle={`Integration ${data?.name ?? name}`}
      lead={
        <Link href={`/manage/resources?integration=${encodeURIComponent(name)}`} className="link">
          Resources that it covers
        </Link>
      }
    >
      {data === undefined ? (
        error === null ? (
          <Loading what="the integration" />
        ) : (
          <Problem problem={error} onRetry={refetch} />
        )
      ) : (
        <>
          <Fields integration={data} />
          <ViewAsCode path={`${path}/code`} />
          <DiscoveryCard path={`${path}/discover`} mayOrder={me.may.includes('config.write')} />
          {me.may.includes('connectors.test') ? <ConnectorTestCard path={`${path}/test`} /> : null}
        </>
      )}
    </Page>
  )
}

function Fields({ integration }: { integration: Integration }): ReactNode {
  const { name: _, customAccessDetails, ...fields } = integration
  return (
    <section className="section card" aria-labelledby="fields">
      <h2 id="fields">Fields</h2>
      <dl className="facts">
        {Object.entries(fields).map(([field, value]) => (
          <div key={field} className="fact">
            <dt>{field}</dt>
            <dd>
              <UserText text={wordsOf(value)} lines />
            </dd>
          </div>
        ))}
        {customAccessDetails === undefined ? null : (
          <div className="fact">
            <dt>customAccessDetails</dt>
            <dd>
              <AccessDetails text={customAccessDetails} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

/** A value as one reads it aloud where it is simple, and as JSON where it is not. */
function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join('\n')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
