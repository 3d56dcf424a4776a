import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface RequestDialogProps {
  readonly request: AccessRequest
  readonly onClose: () => void
}

/** Gives access back before its time is over. */
export function GiveBackDialog({ request, onClose }: RequestDialogProps): ReactNode {
  const { id, resource } = request
  return (
    <ActionDialog
      title="Give it back now?"
      action="Give back"
      dismiss="Keep it"
      done={`${resource.name} is given back.`}
      onClose={onClose}
      run={async () => {
        await call(`/requests/${id}/revoke`, { method: 'POST', body: {} })
        await readAgain('/requests')
      }}
    >
      <p>
        Your access to{' '}
        <b>
          <UserText text={resource.name} />
        </b>{' '}
        ends within seconds. You can ask for it again at any time.
      </p>
    </ActionDialog>
  )
}
