import { readRequest } from '../ledger/pair-ledger.ts'
import type { Tables } from '../ledger/tables.ts'
import { personPartition } from '../ledger/views.ts'

/** Newest requests that are looked at; the limit on pending ones is far lower. */
const newest = 100

/** How many requests of this person wait for a decision or for their start. Asked only when one more would wait. */
export async function countPending(tables: Tables, requesterId: string): Promise<number> {
  const page = await tables.page(
    'Index',
    personPartition(requesterId),
    { from: '0', before: ':' },
    { limit: newest },
  )
  const requests = await Promise.all(
    page.rows.map((row) => readRequest(tables, String(row.columns['requestId']))),
  )
  return requests.filter(
    (request) =>
      (request?.reason.status === 'scheduled' || request?.reason.status === 'pending-approval') &&
      request.submission.requester.id === requesterId,
  ).length
}
