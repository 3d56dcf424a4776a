import { Button } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { ApprovalItem } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { isoWords } from '../../parts/duration.ts'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { decisionsOf } from './changes.ts'
import type { Verdict } from './decide-dialog.tsx'
import { HeldAlready } from './held-already.tsx'
import { WhatItGives } from './what-it-gives.tsx'

/** Everything that one looks at before saying yes or no. */
export function DecisionFacts({ item }: { item: ApprovalItem }): ReactNode {
  const { requester, requesterName, grantee, granteeName, justification, ticket } = item
  const { startsAt, duration, createdAt, approval, context } = item
  const decisions = decisionsOf(item)
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      'Who',
      <span key="v">
        <UserText text={requesterName} />
        {requester === grantee ? null : (
          <>
            {' '}
            for <UserText text={granteeName} />
          </>
        )}
        <span className="quiet">
          {', asked '}
          <When at={createdAt} />
        </span>
      </span>,
    ],
    [
      'Why',
      justification === undefined ? (
        'No reason was given'
      ) : (
        <UserText key="v" text={justification} lines />
      ),
    ],
    ...(ticket === undefined ? [] : [['Ticket', <UserText key="v" text={ticket} />] as const]),
    ['How long', isoWords(duration)],
    ...(startsAt === undefined ? [] : [['Starts', <When key="v" at={startsAt} />] as const]),
    ['What it gives', <WhatItGives key="v" request={item} duration={duration} />],
    ...(context === undefined
      ? []
      : [['Holds already', <HeldAlready key="v" context={context} />] as const]),
    ...(decisions.length === 0
      ? []
      : [['Approved by', <Approvals key="v" decisions={decisions} />] as const]),
    ...(approval.deadline === undefined
      ? []
      : [['Lapses', <When key="v" at={approval.deadline} />] as const]),
  ]
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Approvals({ decisions }: { decisions: ReturnType<typeof decisionsOf> }): ReactNode {
  return (
    <ul className="plain-list">
      {decisions.map(({ approver, name = 'An approver', at, duration }) => (
        <li key={approver}>
          <UserText text={name} />
          {duration === undefined ? '' : `, for ${isoWords(duration)}`}, <When at={at} />
        </li>
      ))}
    </ul>
  )
}

interface DecideButtonsProps {
  readonly item: ApprovalItem
  readonly onDecide: (verdict: Verdict) => void
}

/** The two words; whoever has said his is told so. */
export function DecideButtons({ item, onDecide }: DecideButtonsProps): ReactNode {
  const me = useMe()
  if (decisionsOf(item).some(({ approver }) => approver === me.id)) {
    return <p className="card-link">You have approved it; others are still asked.</p>
  }
  const of = (
    <span className="visually-hidden">
      {' '}
      {item.resource.name} for {item.granteeName}
    </span>
  )
  return (
    <>
      <Button appearance="primary" onClick={() => onDecide('approve')}>
        Approve{of}
      </Button>
      <Button onClick={() => onDecide('deny')}>Deny{of}</Button>
    </>
  )
}
