import { Button } from '@fluentui/react-components'
import { KeyRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import type { AccessRequest } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { Page } from '../../parts/page.tsx'
import { Empty, Loading, Problem } from '../../parts/states.tsx'
import { isHeld, isWaiting } from '../../parts/status.tsx'
import { GrantCard } from './grant-card.tsx'
import { type MyRequests, useMyRequests } from './my-requests.ts'
import { PastRow } from './past-row.tsx'
import { WaitingCard } from './waiting-card.tsx'

/** What I hold now, what I wait for, and what I have had. */
export default function MyAccessPage(): ReactNode {
  const me = useMe()
  const mine = useMyRequests(me)
  const [, go] = useLocation()
  const asks = me.may.includes('request')
  return (
    <Page
      title="My access"
      lead="What you hold for a while, and when it ends."
      tabTitle={tabTitle(mine.requests)}
      actions={
        asks ? (
          <Button appearance="primary" onClick={() => go('/ask')}>
            Ask for access
          </Button>
        ) : undefined
      }
    >
      <Content mine={mine} asks={asks} />
    </Page>
  )
}

function Content({ mine, asks }: { mine: MyRequests; asks: boolean }): ReactNode {
  const { requests, problem, retry } = mine
  if (requests === undefined) {
    return problem === null ? (
      <Loading what="your access" />
    ) : (
      <Problem problem={problem} onRetry={retry} />
    )
  }
  const held = requests.filter(isHeld)
  const waiting = requests.filter(isWaiting)
  const past = requests.filter((request) => !isHeld(request) && !isWaiting(request))
  return (
    <>
      <section className="section" aria-labelledby="held">
        <h2 id="held">Active now</h2>
        {held.length === 0 ? (
          <NothingHeld asks={asks} />
        ) : (
          <Cards requests={held} card={GrantCard} />
        )}
      </section>
      {waiting.length === 0 ? null : (
        <section className="section" aria-labelledby="waiting">
          <h2 id="waiting">Waiting</h2>
          <Cards requests={waiting} card={WaitingCard} />
        </section>
      )}
      {past.length === 0 ? null : <Past requests={past} mine={mine} />}
    </>
  )
}

interface CardsProps {
  readonly requests: readonly AccessRequest[]
  readonly card: (props: { request: AccessRequest }) => ReactNode
}

function Cards({ requests, card: Card }: CardsProps): ReactNode {
  return (
    <ul className="cards">
      {requests.map((request) => (
        <li key={request.id} className="card">
          <Card request={request} />
        </li>
      ))}
    </ul>
  )
}

function Past({ requests, mine }: { requests: readonly AccessRequest[]; mine: MyRequests }) {
  return (
    <section className="section" aria-labelledby="past">
      <h2 id="past">History</h2>
      <ul className="rows">
        {requests.map((request) => (
          <li key={request.id}>
            <PastRow request={request} />
          </li>
        ))}
      </ul>
      {mine.hasMore ? (
        <Button
          className="gap-above"
          disabled={mine.isReadingMore}
          onClick={() => void mine.readMore()}
        >
          {mine.isReadingMore ? 'Reading …' : 'Show older ones'}
        </Button>
      ) : null}
    </section>
  )
}

function NothingHeld({ asks }: { asks: boolean }): ReactNode {
  return (
    <Empty title="You hold no access for a while" icon={<KeyRegular />}>
      {asks ? (
        <p>
          Ask when you need it, for as long as you need it.{' '}
          <Link href="/ask" className="link">
            See what you may ask for
          </Link>
        </p>
      ) : (
        <p>Your role reads everything and asks for nothing.</p>
      )}
    </Empty>
  )
}

function tabTitle(requests: readonly AccessRequest[] | undefined): string {
  const count = requests?.filter(isHeld).length ?? 0
  return count === 0 ? 'My access' : `(${count}) My access`
}
