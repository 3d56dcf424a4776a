import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { AccessRequest } from '../../api/types.ts'
import { isoWords } from '../../parts/duration.ts'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

const intakes = {
  http: 'Portal, command line or API',
  'service-bus': 'Message',
  automatic: 'By itself',
}

/** What was asked for, by whom, and under which rule. */
export function RequestFacts({ request }: { request: AccessRequest }): ReactNode {
  const { resource, accessFlow, justification, ticket, extends: extended } = request
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Asked by', <UserText key="v" text={request.requesterName} />],
    ['For', <UserText key="v" text={request.granteeName} />],
    ['Asked', <When key="v" at={request.createdAt} />],
    ['For how long', isoWords(request.duration)],
    [
      'Justification',
      justification === undefined ? 'None' : <UserText key="v" text={justification} lines />,
    ],
    ...(ticket === undefined ? [] : [['Ticket', <UserText key="v" text={ticket} />] as const]),
    ['Access flow', `${accessFlow.name}, version ${accessFlow.version}`],
    ['Integration', request.integration],
    ['Came by', intakes[request.intake]],
    ...(extended === undefined
      ? []
      : [
          [
            'Extends',
            <Link key="v" href={`/requests/${extended}`} className="link">
              the request before it
            </Link>,
          ] as const,
        ]),
    ['Object id', <code key="v">{resource.id}</code>],
    ['Request id', <code key="v">{request.id}</code>],
  ]
  return (
    <dl className="facts card">
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
