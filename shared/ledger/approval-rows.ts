import { TableConflictError, type Tables, type Write } from './tables.ts'

/**
 * Rows for approvers, in `Index`: which requests are pending, and which somebody has decided about.
 * Projections only: the status is read from the ledger, the right to decide from the directory.
 */
export const pendingPartition = 'pending'

/** Partition of the requests that a person has said a word about. */
export function deciderPartition(userId: string): string {
  return `a-${userId}`
}

/** A pending request's row, and its end. */
export function pendingWrite(requestId: string, isPending: boolean): Write {
  return isPending
    ? { do: 'put', key: requestId, columns: { requestId } }
    : { do: 'drop', key: requestId }
}

/** Ids of pending requests, page after page. */
export async function pendingRows(
  tables: Tables,
  limit: number,
  after?: string,
): Promise<{ readonly ids: readonly string[]; readonly next?: string }> {
  const range = { from: after === undefined ? '0' : `${after}!`, before: '~' }
  const page = await tables.page('Index', pendingPartition, range, { limit })
  const ids = page.rows.map(({ key }) => key)
  const last = ids.at(-1)
  return page.next === undefined || last === undefined ? { ids } : { ids, next: last }
}

/** Drops the row of a request that is pending no more; somebody else may have done it first. */
export async function dropPending(tables: Tables, requestId: string): Promise<void> {
  try {
    await tables.write('Index', pendingPartition, [pendingWrite(requestId, false)])
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
  }
}
