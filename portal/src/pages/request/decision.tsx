import { type ReactNode, useState } from 'react'
import type { AccessRequest } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { DecideDialog, type Verdict } from './decide-dialog.tsx'
import { DecideButtons, DecisionFacts } from './decision-facts.tsx'
import { useQueue } from './queue.ts'

/** On the page of one request, for whoever may decide it now: what he has to know, and the words. */
export function Decision({ request }: { request: AccessRequest }): ReactNode {
  const me = useMe()
  const isParty = [request.requester, request.grantee].includes(me.id)
  const isPending = request.status === 'pending-approval'
  const queue = useQueue(me, isPending && !isParty)
  const item = isPending ? queue.data?.find(({ id }) => id === request.id) : undefined
  const [deciding, setDeciding] = useState<{ request: AccessRequest; verdict: Verdict }>()
  return (
    <>
      {item === undefined ? null : (
        <section className="section card stack" aria-labelledby="decision">
          <h2 id="decision">Your decision</h2>
          <DecisionFacts item={item} />
          <div className="actions">
            <DecideButtons
              item={item}
              onDecide={(verdict) => setDeciding({ request: item, verdict })}
            />
          </div>
        </section>
      )}
      {deciding === undefined ? null : (
        <DecideDialog {...deciding} onClose={() => setDeciding(undefined)} />
      )}
    </>
  )
}
