import { Field, Input } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { call } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import { readAgain, useWhole } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { withQuery } from '../../parts/filters.tsx'
import { ReasonField } from '../../parts/reason-field.tsx'
import { Loading, Problem } from '../../parts/states.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface MassEndDialogProps {
  readonly query: URLSearchParams
  readonly onOrdered: (id: string) => void
  readonly onClose: () => void
}

const shownPeople = 10

/**
 * Ends everything that is filtered. Nothing ends unless the number is typed, and unless it is still
 * the true one at the moment of the end.
 */
export function MassEndDialog({ query, onOrdered, onClose }: MassEndDialogProps): ReactNode {
  const active = new URLSearchParams([...query, ['status', 'active']])
  const { data, error } = useWhole<AccessRequest>(withQuery('/grants', active), { staleTime: 0 })
  const [corrected, setCorrected] = useState<number>()
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const count = corrected ?? data?.length
  const run = async () => {
    const filter = query.size === 0 ? { all: true } : Object.fromEntries(query)
    const body = { filter, reason, expectedCount: count }
    try {
      const { id } = await call<{ id: string }>('/grants/revoke', { method: 'POST', body })
      onOrdered(id)
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.count !== undefined) {
        setCorrected(problem.count)
        setTyped('')
      }
      throw problem
    } finally {
      void readAgain('/grants', '/requests')
    }
  }
  return (
    <ActionDialog
      title={query.size === 0 ? 'End every grant?' : 'End every grant that is filtered?'}
      action="End all of them"
      dismiss="Leave them"
      done="The end of all of them is ordered."
      isReady={count !== undefined && count > 0 && typed === String(count) && reason.trim() !== ''}
      onClose={onClose}
      run={run}
    >
      {data === undefined || count === undefined ? (
        error === null ? (
          <Loading what="the grants" rows={1} />
        ) : (
          <Problem problem={error} />
        )
      ) : (
        <>
          <p>
            <b>{grants(count)}</b> {count === 1 ? 'ends' : 'end'} within seconds. {scheduledWords}
          </p>
          <People grants={data} />
          <ReasonField value={reason} onChange={setReason} hint="Every grantee can read it." />
          <Field label={`Type ${count} to confirm`} required>
            <Input
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={(_, { value }) => setTyped(value.trim())}
            />
          </Field>
        </>
      )}
    </ActionDialog>
  )
}

const scheduledWords =
  'Scheduled ones of the same filter are cancelled with them; what waits for approval stays.'

/** Some of the people whom it concerns, each once. */
function People({ grants: concerned }: { grants: readonly AccessRequest[] }): ReactNode {
  const people = new Map(concerned.map(({ grantee, granteeName }) => [grantee, granteeName]))
  const first = [...people].slice(0, shownPeople)
  return (
    <div className="note">
      <p className="note-title">
        {people.size === 1 ? 'One person' : `${people.size} people`}
        {people.size > shownPeople ? `, the first ${shownPeople} of them` : ''}
      </p>
      <ul className="plain-list">
        {first.map(([id, name]) => (
          <li key={id}>
            <UserText text={name} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function grants(count: number): string {
  return count === 1 ? '1 grant' : `${count} grants`
}
