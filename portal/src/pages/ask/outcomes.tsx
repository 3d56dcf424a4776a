import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { CatalogItem } from '../../api/types.ts'
import { StatusBadge } from '../../parts/status.tsx'
import { Marked, UserText } from '../../parts/user-text.tsx'
import type { SubmittedItem } from './send.ts'

export interface Outcome {
  readonly item: CatalogItem
  readonly answer: SubmittedItem
}

/** What became of each of several requests that were sent together. */
export function Outcomes({ outcomes }: { outcomes: readonly Outcome[] }): ReactNode {
  return (
    <section className="section card" aria-labelledby="outcomes">
      <h2 id="outcomes">Sent</h2>
      <ul className="rows">
        {outcomes.map(({ item, answer: { request, problem } }) => (
          <li
            key={`${item.resource.type}${item.resource.id}${item.resource.scope ?? ''}`}
            className="row"
          >
            <span className="row-main">
              <UserText text={item.resource.name} />
              {problem === undefined ? null : (
                <span className="block quiet">
                  Refused: <Marked text={problem.detail} />
                </span>
              )}
            </span>
            {request === undefined ? null : (
              <>
                <StatusBadge status={request.status} />
                <Link href={`/requests/${request.id}`} className="link">
                  Follow<span className="visually-hidden"> {item.resource.name}</span>
                </Link>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
