import { Button } from '@fluentui/react-components'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { announce } from '../../parts/announce.ts'
import { Problem } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'

/** Reminds those who may decide; for whoever made a request that waits for them. */
export function Remind({ request }: { request: AccessRequest }): ReactNode {
  const { id, status, requester, resource } = request
  const { remindedAt } = request.approval
  const isMine = useMe().id === requester
  const { mutate, error, isPending } = useMutation<unknown, ApiProblem>({
    mutationFn: async () => {
      await call(`/requests/${id}/remind`, { method: 'POST', body: {} })
      await readAgain('/requests')
    },
    onSuccess: () => announce('The approvers are reminded.'),
  })
  if (!isMine || status !== 'pending-approval') return null
  return (
    <div className="stack">
      <div className="actions">
        <Button disabled={isPending} onClick={() => mutate()}>
          {isPending ? 'Reminding …' : 'Remind the approvers'}
          <span className="visually-hidden"> of {resource.name}</span>
        </Button>
        {remindedAt === undefined ? null : (
          <p className="quiet card-link">
            Reminded <When at={remindedAt} />
          </p>
        )}
      </div>
      {error === null ? null : <Problem problem={inWords(error)} />}
    </div>
  )
}

function inWords(problem: ApiProblem): ApiProblem {
  if (problem.status !== 429) return problem
  return new ApiProblem(
    {
      status: 429,
      title: 'They are reminded already',
      detail: 'Approvers are reminded once an hour at most.',
    },
    problem.retryAfter,
  )
}
