import { Field, Textarea } from '@fluentui/react-components'
import { type ReactNode, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { call } from '../../api/client.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { DurationField } from '../../parts/duration-field.tsx'
import { EndTime } from '../../parts/time.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface ExtendDialogProps {
  readonly request: AccessRequest
  readonly onClose: () => void
}

/** Asks for more time: a new request that starts now and overlaps, so that there is no gap. */
export function ExtendDialog({ request, onClose }: ExtendDialogProps): ReactNode {
  const { id, resource, endsAt } = request
  const [duration, setDuration] = useState<string | undefined>(request.duration)
  const [justification, setJustification] = useState(request.justification ?? '')
  const key = useRef(crypto.randomUUID())
  const [, go] = useLocation()
  return (
    <ActionDialog
      title={
        <>
          Extend <UserText text={resource.name} />
        </>
      }
      action="Extend"
      isReady={duration !== undefined}
      done={`More time for ${resource.name} is asked for.`}
      onClose={onClose}
      run={async () => {
        const made = await call<AccessRequest>(`/requests/${id}/extend`, {
          method: 'POST',
          headers: { 'idempotency-key': key.current },
          body: { duration, ...(justification === '' ? {} : { justification }) },
        })
        await readAgain('/requests')
        if (made.status === 'pending-approval') go(`/requests/${made.id}`)
      }}
    >
      {endsAt === undefined ? null : (
        <p>
          It ends <EndTime at={endsAt} />. The new time counts from now on.
        </p>
      )}
      <DurationField
        label="For how long from now"
        value={duration}
        preset={request.duration}
        onChange={(value) => {
          key.current = crypto.randomUUID()
          setDuration(value)
        }}
      />
      <Field label="Justification">
        <Textarea
          value={justification}
          maxLength={2_000}
          onChange={(_, { value }) => {
            key.current = crypto.randomUUID()
            setJustification(value)
          }}
        />
      </Field>
    </ActionDialog>
  )
}
