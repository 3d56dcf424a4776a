import { readRequest } from '../ledger/pair-ledger.ts'
import type { Tables } from '../ledger/tables.ts'
import { personPartition } from '../ledger/views.ts'

const waiting: ReadonlySet<string> = new Set(['pending-approval', 'scheduled'])
const idsAtOnce = 100
/** Whoever asks more often than this in ninety days meets the limit on pending ones too late. */
const newestPages = 20

/**
 * How many requests of this person wait for a decision or for their start, counted no further than `enough`. Asked only
 * when one more would wait.
 */
export async function countPending(
  tables: Tables,
  requesterId: string,
  enough: number,
): Promise<number> {
  const range = { from: '0', before: ':' }
  let pending = 0
  let after: string | undefined
  for (let pages = 0; pages < newestPages && pending < enough; pages++) {
    const page = await tables.page('Index', personPartition(requesterId), range, {
      limit: idsAtOnce,
      ...(after === undefined ? {} : { after }),
    })
    const requests = await Promise.all(
      page.rows.map((row) => readRequest(tables, String(row.columns['requestId']))),
    )
    pending += requests.filter(
      (request) =>
        request !== undefined &&
        waiting.has(request.reason.status) &&
        request.submission.requester.id === requesterId,
    ).length
    if (page.next === undefined) break
    after = page.next
  }
  return pending
}
