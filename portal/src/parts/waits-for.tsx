import type { ReactNode } from 'react'
import type { AccessRequest } from '../api/types.ts'
import { When } from './time.tsx'
import { UserText } from './user-text.tsx'

type Step = AccessRequest['approval']['steps'][number]

const roles: Readonly<Record<Step['approvers'][number]['as'], string>> = {
  'resource-owner': 'owner of the resource',
  'integration-owner': 'owner of the integration',
  manager: 'manager',
  user: '',
  group: '',
}

/** With whom a request waits, and until when. */
export function WaitsFor({ approval }: { approval: AccessRequest['approval'] }): ReactNode {
  const open = approval.steps.filter(({ state }) => state === 'open')
  const next = approval.steps.find(({ state }) => state === 'waiting')
  return (
    <div>
      <p>
        Waits for <Approvers steps={open} />
        {next?.opensAt === undefined ? null : (
          <>
            {'; '}
            from <When at={next.opensAt} relative={false} /> also for <Approvers steps={[next]} />
          </>
        )}
      </p>
      {approval.deadline === undefined ? null : (
        <p className="quiet">
          Lapses <When at={approval.deadline} /> if nobody decides.
        </p>
      )}
    </div>
  )
}

/** Names of those who may decide, with what they are asked as. */
function Approvers({ steps }: { steps: readonly Step[] }): ReactNode {
  const named = steps.flatMap(({ approvers }) =>
    approvers.flatMap(({ as, people, groups }) =>
      [...people, ...groups].map(({ id, name }) => ({ id, name, as })),
    ),
  )
  const unique = [...new Map(named.map((one) => [one.id, one])).values()]
  if (unique.length === 0) return 'an approver'
  return unique.map(({ id, name, as }, index) => (
    <span key={id}>
      {index === 0 ? '' : index === unique.length - 1 ? ' or ' : ', '}
      <b>
        <UserText text={name} />
      </b>
      {roles[as] === '' ? '' : ` (${roles[as]})`}
    </span>
  ))
}
