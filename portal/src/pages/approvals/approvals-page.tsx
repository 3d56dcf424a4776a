import { Tab, TabList } from '@fluentui/react-components'
import { CheckmarkCircleRegular } from '@fluentui/react-icons'
import { type ReactNode, useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import type { AccessRequest, ApprovalItem } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { Page } from '../../parts/page.tsx'
import { ResourceTitle } from '../../parts/resource-title.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { DecideDialog, type Verdict } from '../request/decide-dialog.tsx'
import { DecideButtons, DecisionFacts } from '../request/decision-facts.tsx'
import { useQueue } from '../request/queue.ts'
import { Decided } from './decided.tsx'

/** What waits for my word, and what I have said a word about. */
export default function ApprovalsPage(): ReactNode {
  const queue = useQueue(useMe())
  const [parameters, setParameters] = useSearchParams()
  const tab = parameters.get('decided') === 'mine' ? 'decided' : 'waiting'
  const count = queue.data?.length ?? 0
  return (
    <Page
      title="Approvals"
      lead="Who asks for what, and why. The right to decide is yours; it is checked again when you do."
      tabTitle={count === 0 ? 'Approvals' : `(${count}) Approvals`}
    >
      <TabList
        className="section"
        selectedValue={tab}
        onTabSelect={(_, { value }) =>
          setParameters(value === 'decided' ? { decided: 'mine' } : {})
        }
      >
        <Tab value="waiting" id="tab-waiting" aria-controls="tab-panel">
          {count === 0 ? 'Waits for me' : `Waits for me (${count})`}
        </Tab>
        <Tab value="decided" id="tab-decided" aria-controls="tab-panel">
          Decided by me
        </Tab>
      </TabList>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'decided' ? <Decided /> : <Waiting queue={queue} />}
      </div>
    </Page>
  )
}

function Waiting({ queue }: { queue: ReturnType<typeof useQueue> }): ReactNode {
  const [deciding, setDeciding] = useState<{ request: AccessRequest; verdict: Verdict }>()
  return (
    <>
      <Queue queue={queue} onDecide={setDeciding} />
      {deciding === undefined ? null : (
        <DecideDialog {...deciding} onClose={() => setDeciding(undefined)} />
      )}
    </>
  )
}

interface QueueProps {
  readonly queue: ReturnType<typeof useQueue>
  readonly onDecide: (deciding: { request: AccessRequest; verdict: Verdict }) => void
}

function Queue({ queue: { data: items, error, refetch }, onDecide }: QueueProps): ReactNode {
  if (items === undefined) {
    return error === null ? (
      <Loading what="what waits for you" />
    ) : (
      <Problem problem={error} onRetry={refetch} />
    )
  }
  if (items.length === 0) {
    return (
      <Empty title="Nothing waits for you" icon={<CheckmarkCircleRegular />}>
        <p>What others ask you to decide comes here by itself.</p>
      </Empty>
    )
  }
  return (
    <ul className="cards" aria-label="Waits for me">
      {items.map((item) => (
        <li key={item.id} className="card">
          <ApprovalCard item={item} onDecide={(verdict) => onDecide({ request: item, verdict })} />
        </li>
      ))}
    </ul>
  )
}

interface ApprovalCardProps {
  readonly item: ApprovalItem
  readonly onDecide: (verdict: Verdict) => void
}

function ApprovalCard({ item, onDecide }: ApprovalCardProps): ReactNode {
  return (
    <div className="stack">
      <ResourceTitle request={item} level={2} />
      <DecisionFacts item={item} />
      <div className="actions">
        <DecideButtons item={item} onDecide={onDecide} />
        <Link href={`/requests/${item.id}`} className="link card-link">
          Details
          <span className="visually-hidden">
            {' '}
            of {item.resource.name} for {item.granteeName}
          </span>
        </Link>
      </div>
    </div>
  )
}
