import { PlugConnectedRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { usePages } from '../../api/queries.ts'
import type { Integration } from '../../api/types.ts'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'

/** Every integration, with the way to what it covers. */
export default function IntegrationsPage(): ReactNode {
  return (
    <Page
      title="Integrations"
      tabTitle="Integrations"
      lead="Which groups and roles may be given for a while, and how."
    >
      <Integrations />
    </Page>
  )
}

function Integrations(): ReactNode {
  const pages = usePages<Integration>('/integrations')
  if (pages.data === undefined) {
    return pages.error === null ? (
      <Loading what="the integrations" />
    ) : (
      <Problem problem={pages.error} onRetry={pages.refetch} />
    )
  }
  const integrations = pages.data.pages.flatMap(({ items }) => items)
  if (integrations.length === 0) {
    return (
      <Empty title="There is no integration" icon={<PlugConnectedRegular />}>
        <p>Put one with the command line or with the API; then flows can aim at what it covers.</p>
      </Empty>
    )
  }
  return (
    <>
      <ul className="rows" aria-label="Integrations">
        {integrations.map(({ name, resourceTypes, connector = 'default' }) => (
          <li key={name} className="row">
            <div className="row-main">
              <Link href={`/manage/integrations/${name}`} className="link row-title">
                {name}
              </Link>
              <p className="quiet">
                {resourceTypes.join(', ')} · connector {connector}
              </p>
            </div>
            <Link href={`/manage/resources?integration=${name}`} className="link nowrap">
              Resources<span className="visually-hidden"> of {name}</span>
            </Link>
          </li>
        ))}
      </ul>
      <More pages={pages} words="Show more" />
    </>
  )
}
