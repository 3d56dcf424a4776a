import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useRead } from '../../api/queries.ts'
import type { MassEnd } from '../../api/types.ts'
import { Problem } from '../../parts/states.tsx'

/** How far an ordered mass end is, until the last one is proven. */
export function MassEndProgress({ id }: { id: string }): ReactNode {
  const { data, error } = useRead<MassEnd>(`/grants/revoke/${encodeURIComponent(id)}`, {
    live: true,
  })
  if (data === undefined) return error === null ? null : <Problem problem={error} />
  const { count, ended, overdue, remaining } = data
  return (
    <div className="section" role="status">
      <MessageBar intent={remaining === 0 ? 'success' : 'info'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>
            {remaining === 0 ? 'The mass end is done' : 'The mass end is under way'}
          </MessageBarTitle>
          <span className="block">
            {ended} of {count} have ended, each with its proof.
          </span>
          {overdue === 0 ? null : (
            <span className="block">
              {overdue} could not be ended yet; the broker tries again and again.
            </span>
          )}
          <progress className="progress" max={count} value={ended} aria-label="Ended grants" />
        </MessageBarBody>
      </MessageBar>
    </div>
  )
}
