import { Field, Textarea } from '@fluentui/react-components'
import { type ReactNode, useState } from 'react'
import { call } from '../../api/client.ts'
import { ApiProblem } from '../../api/problem.ts'
import { readAgain } from '../../api/queries.ts'
import type { AccessRequest } from '../../api/types.ts'
import { ActionDialog } from '../../parts/dialog.tsx'
import { millisecondsOf } from '../../parts/duration.ts'
import { DurationField } from '../../parts/duration-field.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { changesOf } from './changes.ts'
import { WhatItGives } from './what-it-gives.tsx'

export type Verdict = 'approve' | 'deny'

interface DecideDialogProps {
  /** As it was when the button was pressed: what is decided about. */
  readonly request: AccessRequest
  readonly verdict: Verdict
  readonly onClose: () => void
}

/**
 * Says yes or no to a request. It is read once more before the word is sent: where it is not what
 * was looked at, the difference is shown, and it takes another press.
 */
export function DecideDialog({ request, verdict, onClose }: DecideDialogProps): ReactNode {
  const [seen, setSeen] = useState(request)
  const [duration, setDuration] = useState<string | undefined>(request.duration)
  const [reason, setReason] = useState('')
  const { resource, requesterName } = seen
  const isApproval = verdict === 'approve'
  const isShorter = duration !== undefined && duration !== seen.duration
  const isReady = isApproval
    ? duration !== undefined && millisecondsOf(duration) <= millisecondsOf(seen.duration)
    : reason.trim() !== ''
  return (
    <ActionDialog
      title={
        <>
          {isApproval ? 'Approve ' : 'Deny '}
          <UserText text={resource.name} />?
        </>
      }
      action={isApproval ? 'Approve' : 'Deny'}
      isReady={isReady && seen.status === 'pending-approval'}
      done={`${isApproval ? 'Approved' : 'Denied'}: ${resource.name} for ${seen.granteeName}.`}
      onClose={onClose}
      run={async () => {
        await assertUnchanged(seen, setSeen)
        try {
          await call(`/requests/${seen.id}/${verdict}`, {
            method: 'POST',
            body: {
              ...(reason.trim() === '' ? {} : { reason }),
              ...(isApproval && isShorter ? { duration } : {}),
            },
          })
        } catch (error) {
          if (error instanceof ApiProblem && error.status === 409) {
            await assertUnchanged(seen, setSeen)
          }
          throw error
        }
        await readAgain('/requests', '/approvals')
      }}
    >
      {isApproval ? (
        <>
          <WhatItGives request={seen} duration={duration} />
          <DurationField
            label="For how long"
            value={duration}
            maximum={seen.duration}
            preset={seen.duration}
            onChange={setDuration}
          />
        </>
      ) : (
        <p>
          One denial ends the request. <UserText text={requesterName} /> reads your reason.
        </p>
      )}
      <Field label={isApproval ? 'Reason (optional)' : 'Reason'} required={!isApproval}>
        <Textarea value={reason} maxLength={2_000} onChange={(_, { value }) => setReason(value)} />
      </Field>
    </ActionDialog>
  )
}

/** Throws what has changed, where something has, and takes the new state as the one looked at. */
async function assertUnchanged(
  seen: AccessRequest,
  take: (now: AccessRequest) => void,
): Promise<void> {
  const now = await call<AccessRequest>(`/requests/${seen.id}`)
  const changes = changesOf(seen, now)
  if (changes.length === 0) return
  take(now)
  await readAgain('/requests', '/approvals')
  throw new ApiProblem({
    status: 409,
    title: 'It has changed since you looked at it',
    detail: `${changes.join(' ')} Nothing of yours was recorded.`,
  })
}
