import { useWhole } from '../../api/queries.ts'
import type { ApprovalItem, Me } from '../../api/types.ts'

/** What waits for the word of whoever is signed in, kept live. */
export function useQueue({ may }: Me, enabled = true) {
  return useWhole<ApprovalItem>('/approvals', {
    enabled: enabled && may.includes('request'),
    live: true,
  })
}
