import { Button } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { call } from '../../api/client.ts'
import { readAgain, useRead, useWhole } from '../../api/queries.ts'
import type { AccessRequest, EmergencyStop } from '../../api/types.ts'
import { useMe } from '../../app/me.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { ReasonField } from '../../parts/reason-field.tsx'
import { Loading, Problem } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

/** Whether new grants are blocked, and the switch. */
export function EmergencyStopCard(): ReactNode {
  const me = useMe()
  const { data, error, refetch } = useRead<EmergencyStop>('/emergency-stop', { live: true })
  const [isAsking, setAsking] = useState(false)
  return (
    <section className="section card" aria-labelledby="stop">
      <div className="list-head">
        <h2 id="stop">Emergency stop</h2>
        {data !== undefined && me.may.includes('emergency-stop') ? (
          <Button onClick={() => setAsking(true)}>
            {data.active ? 'Allow new grants again' : 'Stop new grants'}
          </Button>
        ) : null}
      </div>
      {data === undefined ? (
        error === null ? (
          <p className="quiet">Reading …</p>
        ) : (
          <Problem problem={error} onRetry={refetch} />
        )
      ) : (
        <State stop={data} />
      )}
      {isAsking && data !== undefined ? (
        <StopDialog isActive={data.active} onClose={() => setAsking(false)} />
      ) : null}
    </section>
  )
}

function State({ stop }: { stop: EmergencyStop }): ReactNode {
  const { active, reason, changedAt } = stop
  if (!active) return <p>It is off: access flows decide about new grants.</p>
  return (
    <>
      <p>
        <b>It is on: nothing new is granted.</b> What is active goes on until its end.
      </p>
      {changedAt === undefined ? null : (
        <p className="quiet">
          Since <When at={changedAt} />
        </p>
      )}
      {reason === undefined ? null : (
        <p className="note gap-above">
          <UserText text={reason} lines />
        </p>
      )}
    </>
  )
}

interface StopDialogProps {
  readonly isActive: boolean
  readonly onClose: () => void
}

function StopDialog({ isActive, onClose }: StopDialogProps): ReactNode {
  const pending = useWhole<AccessRequest>('/requests?status=pending-approval', { staleTime: 0 })
  const scheduled = useWhole<AccessRequest>('/requests?status=scheduled', { staleTime: 0 })
  const [reason, setReason] = useState('')
  const problem = pending.error ?? scheduled.error
  const isCounted = pending.data !== undefined && scheduled.data !== undefined
  return (
    <ActionDialog
      title={isActive ? 'Allow new grants again?' : 'Stop all new grants?'}
      action={isActive ? 'Allow them' : 'Stop them'}
      dismiss="Leave it"
      done={isActive ? 'New grants are allowed again.' : 'New grants are stopped.'}
      isReady={isCounted && reason.trim() !== ''}
      onClose={onClose}
      run={async () => {
        await call('/emergency-stop', { method: 'PUT', body: { active: !isActive, reason } })
        await readAgain('/emergency-stop')
      }}
    >
      {isCounted ? (
        <p>
          {isActive
            ? 'Access flows decide again. Of what is open there are now '
            : 'No request is granted until it is allowed again. That blocks '}
          <b>{pending.data.length} waiting for approval</b> and{' '}
          <b>{scheduled.data.length} scheduled</b>
          {isActive ? '.' : ', and all that are asked for meanwhile.'}
        </p>
      ) : problem === null ? (
        <Loading what="what is open" rows={1} />
      ) : (
        <Problem problem={problem} />
      )}
      {isActive ? null : <p>Nothing that is active ends by it.</p>}
      <ReasonField value={reason} onChange={setReason} hint="It is kept in the audit log." />
    </ActionDialog>
  )
}
