import { pairOfRequest } from '../ledger/ids.ts'
import { readExtensions } from '../ledger/pair-ledger.ts'
import type { Tables } from '../ledger/tables.ts'

/** How many extensions there are of what a request began with, by whichever way. */
export async function countExtensions(tables: Tables, requestId: string): Promise<number> {
  const extended = await readExtensions(tables, pairOfRequest(requestId) ?? '')
  const rootOf = (id: string): string => {
    let root = id
    for (let next = extended.get(id); next !== undefined; next = extended.get(next)) root = next
    return root
  }
  const root = rootOf(requestId)
  return [...extended.keys()].filter((id) => rootOf(id) === root).length
}
