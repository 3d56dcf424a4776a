import type { ReactNode } from 'react'
import { call } from '../../api/client.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { UserText } from '../../parts/user-text.tsx'

interface CancelDialogProps {
  readonly request: AccessRequest
  readonly onClose: () => void
}

/** Takes a request back that has not begun. */
export function CancelDialog({ request, onClose }: CancelDialogProps): ReactNode {
  const { id, resource } = request
  return (
    <ActionDialog
      title="Cancel this request?"
      action="Cancel request"
      dismiss="Leave it"
      done={`The request for ${resource.name} is cancelled.`}
      onClose={onClose}
      run={async () => {
        await call(`/requests/${id}/cancel`, { method: 'POST', body: {} })
        await readAgain('/requests', '/approvals')
      }}
    >
      <p>
        Nobody will be asked to decide about{' '}
        <b>
          <UserText text={resource.name} />
        </b>{' '}
        any more.
      </p>
    </ActionDialog>
  )
}
