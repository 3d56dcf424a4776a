import { Button } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import type { ApiProblem } from '../../api/problem.ts'
import { readAgain, useRead } from '../../api/queries.ts'
import type { Discovery } from '../../api/types.ts'
import { Problem } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface DiscoveryCardProps {
  readonly path: string
  readonly mayOrder: boolean
}

/** When the directory was last looked through, how that goes, and the order to do it now. */
export function DiscoveryCard({ path, mayOrder }: DiscoveryCardProps): ReactNode {
  const { data, error } = useRead<Discovery>(path, { live: true })
  const { mutate, isPending, ...order } = useMutation<unknown, ApiProblem>({
    mutationFn: () => call(path, { method: 'POST' }),
    onSuccess: () => readAgain(path, '/resources'),
  })
  const isUnderWay = data?.state === 'waiting' || data?.state === 'running'
  return (
    <section className="section card" aria-labelledby="discovery">
      <div className="list-head">
        <h2 id="discovery">Discovery</h2>
        {mayOrder ? (
          <Button disabled={isPending || isUnderWay} onClick={() => mutate()}>
            {isPending || isUnderWay ? 'Looking …' : 'Discover now'}
          </Button>
        ) : null}
      </div>
      {order.error === null ? null : <Problem problem={order.error} />}
      <div role="status">
        {data !== undefined ? (
          <State discovery={data} />
        ) : error === null ? null : error.status === 404 ? (
          <p>The directory has not been looked through yet.</p>
        ) : (
          <Problem problem={error} />
        )}
      </div>
    </section>
  )
}

const states: Readonly<Record<Discovery['state'], string>> = {
  waiting: 'It will begin in a moment.',
  running: 'It is under way.',
  finished: 'It is finished.',
  failed: 'It failed.',
}

function State({ discovery }: { discovery: Discovery }): ReactNode {
  const { state, pages, found, changed, gone, startedAt, finishedAt, problem } = discovery
  return (
    <>
      <p>
        {states[state]} {found} resources found, {changed} changed, {gone} gone, in {pages} pages of
        the directory.
      </p>
      <p className="quiet">
        {finishedAt === undefined ? 'Begun ' : 'Finished '}
        <When at={finishedAt ?? startedAt} />
      </p>
      {problem === undefined ? null : (
        <p className="note gap-above">
          <UserText text={problem} />
        </p>
      )}
    </>
  )
}
