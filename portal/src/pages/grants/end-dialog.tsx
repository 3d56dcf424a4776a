import { type ReactNode, useState } from 'react'
import { call } from '../../api/client.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { ReasonField } from '../../parts/reason-field.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface EndDialogProps {
  readonly grant: AccessRequest
  readonly onClose: () => void
}

/** Takes one grant back. */
export function EndDialog({ grant, onClose }: EndDialogProps): ReactNode {
  const { id, resource, granteeName } = grant
  const [reason, setReason] = useState('')
  return (
    <ActionDialog
      title="End this grant now?"
      action="End grant"
      dismiss="Leave it"
      done={`The end of ${resource.name} for ${granteeName} is ordered.`}
      isReady={reason.trim() !== ''}
      onClose={onClose}
      run={async () => {
        await call(`/requests/${id}/revoke`, { method: 'POST', body: { reason } })
        await readAgain('/grants', '/requests')
      }}
    >
      <p>
        <b>
          <UserText text={granteeName} />
        </b>{' '}
        loses{' '}
        <b>
          <UserText text={resource.name} />
        </b>{' '}
        within seconds, and may ask for it again.
      </p>
      <ReasonField value={reason} onChange={setReason} hint="The grantee can read it." />
    </ActionDialog>
  )
}
