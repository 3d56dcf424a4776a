import { pairOfRequest } from '../ledger/ids.ts'
import { readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import type { CallerFacts } from './callers.ts'
import { type GrantFilter, openReasons } from './grants.ts'
import { isRequestCursor, listRequests, type RequestPage } from './list-requests.ts'
import type { Needs } from './needs.ts'

/** Requests whose access is in the directory, or may be. */
const held: ReadonlySet<string> = new Set(['active', 'ending', 'overdue'])

export interface HeldFilter extends GrantFilter {
  /** One of the three of a grant. */
  readonly status?: string | undefined
  readonly requester?: string | undefined
}

/**
 * What is held now. Of a person by the rows of his requests, newest first; else by the markers of
 * open work, in the order of their ids, from where the last page ended: a page never costs all of it.
 */
export async function listGrants(
  needs: Pick<Needs, 'tables' | 'now'>,
  caller: CallerFacts,
  filter: HeldFilter,
  limit: number,
  after?: string,
): Promise<RequestPage> {
  const { status, requester: _, ...rest } = filter
  const statuses = status === undefined ? held : new Set([status.toLowerCase()])
  if (![...statuses].every((each) => held.has(each))) return { requests: [] }
  if (isByPerson(filter)) {
    return listRequests(needs, caller, { ...present(filter), statuses }, limit, after)
  }
  const ids: string[] = []
  const from = after === undefined ? undefined : pairOfRequest(after)
  for await (const { id } of openReasons(needs.tables, rest, statuses, from)) {
    if (after === undefined || id > after) ids.push(id)
    if (ids.length > limit) break
  }
  const shown = ids.slice(0, limit)
  const read = await Promise.all(shown.map((id) => readRequest(needs.tables, id)))
  const requests = read.filter((request): request is StoredRequest => request !== undefined)
  const next = ids.length > limit ? shown.at(-1) : undefined
  return { requests, ...(next === undefined ? {} : { next }) }
}

/** Whether a text is where a page of this list may end. */
export function isGrantCursor(caller: CallerFacts, filter: HeldFilter, text: string): boolean {
  return isByPerson(filter)
    ? isRequestCursor(caller, present(filter), text)
    : pairOfRequest(text) !== undefined
}

function isByPerson({ grantee, requester }: HeldFilter): boolean {
  return grantee !== undefined || requester !== undefined
}

/** What was said, without the status, which is a matter of its own. */
function present({ status: _, ...filter }: HeldFilter): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
