import { readRequest, type StoredRequest } from '../ledger/pair-ledger.ts'
import { isListKey, personPartition } from '../ledger/views.ts'
import { isAuditCursor, listAudit } from './audit-log.ts'
import { type CallerFacts, seesEverything } from './callers.ts'
import type { Needs } from './needs.ts'

/** What a caller asks of the list; absent means anything. */
export interface RequestFilter {
  readonly status?: string
  /** One of them; instead of `status`. */
  readonly statuses?: ReadonlySet<string>
  readonly requester?: string
  readonly grantee?: string
  readonly resource?: string
  readonly integration?: string
  readonly accessFlow?: string
  readonly from?: Date
  readonly to?: Date
}

export interface RequestPage {
  readonly requests: readonly StoredRequest[]
  readonly next?: string
}

/** Ids looked at in one go while a page fills. */
const idsAtOnce = 50
/** Looked at for one page at most: what is rare is found over several pages that hold little. */
const idsAPage = 1_000

/** Whether this caller may see this request at all. */
export function maySee(caller: CallerFacts, { submission, key, reason }: StoredRequest): boolean {
  const involved = [submission.requester.id, submission.submittedBy, key.grantee]
  // Whoever has decided about it may see what became of it.
  const deciders = (reason.approval?.decisions ?? []).map(({ approver }) => approver)
  return seesEverything(caller) || [...involved, ...deciders].includes(caller.id)
}

/**
 * Requests newest first. List rows give the ids, the ledger the status. Whoever may see all of them
 * and names no person reads the rows by day, everybody else the rows by person. A page may hold less
 * than asked for although there are more.
 */
export async function listRequests(
  needs: Pick<Needs, 'tables' | 'now'>,
  caller: CallerFacts,
  filter: RequestFilter,
  limit: number,
  after?: string,
): Promise<RequestPage> {
  const person = personOf(caller, filter)
  const requests: StoredRequest[] = []
  let cursor = after
  let looked = 0
  for (;;) {
    const ids =
      person === undefined
        ? await idsByDay(needs, filter, cursor)
        : await idsByPerson(needs, person, cursor)
    const read = await Promise.all(ids.rows.map(({ id }) => readRequest(needs.tables, id)))
    for (const [index, request] of read.entries()) {
      if (request === undefined || !maySee(caller, request) || !matches(request, filter)) continue
      requests.push(request)
      if (requests.length === limit) {
        const last = ids.rows[index]
        const isEnd = index === ids.rows.length - 1 && ids.next === undefined
        return last === undefined || isEnd ? { requests } : { requests, next: last.cursor }
      }
    }
    if (ids.next === undefined) return { requests }
    cursor = ids.next
    looked += ids.rows.length
    if (looked >= idsAPage) return { requests, next: cursor }
  }
}

/** Whether a text is where a page of this list may end. */
export function isRequestCursor(caller: CallerFacts, filter: RequestFilter, text: string): boolean {
  return personOf(caller, filter) === undefined ? isAuditCursor(text) : isListKey(text)
}

/** Whose rows the list is read from; undefined means everybody's. */
function personOf(caller: CallerFacts, filter: RequestFilter): string | undefined {
  if (!seesEverything(caller)) return caller.id
  return (filter.requester ?? filter.grantee)?.toLowerCase()
}

interface Ids {
  readonly rows: readonly { readonly id: string; readonly cursor: string }[]
  readonly next?: string
}

async function idsByPerson(
  { tables }: Pick<Needs, 'tables'>,
  person: string,
  after: string | undefined,
): Promise<Ids> {
  // Row keys of lists begin with a digit; the cursor is the last key seen.
  const from = after === undefined ? '0' : `${after}!`
  const page = await tables.page(
    'Index',
    personPartition(person),
    { from, before: ':' },
    { limit: idsAtOnce },
  )
  const rows = page.rows.map((row) => ({ id: String(row.columns['requestId']), cursor: row.key }))
  const last = rows.at(-1)
  return page.next === undefined || last === undefined ? { rows } : { rows, next: last.cursor }
}

async function idsByDay(
  { tables, now }: Pick<Needs, 'tables' | 'now'>,
  filter: RequestFilter,
  after: string | undefined,
): Promise<Ids> {
  const created = {
    event: 'request.created',
    ...(filter.resource === undefined ? {} : { resource: filter.resource }),
    ...(filter.integration === undefined ? {} : { integration: filter.integration }),
    ...(filter.from === undefined ? {} : { from: filter.from }),
    ...(filter.to === undefined ? {} : { to: filter.to }),
  }
  const page = await listAudit(tables, created, now(), idsAtOnce, after)
  const rows = page.events.flatMap(({ requestId, key }) =>
    requestId === undefined ? [] : [{ id: requestId, cursor: key }],
  )
  return page.next === undefined ? { rows } : { rows, next: page.next }
}

function matches({ key, submission, reason }: StoredRequest, filter: RequestFilter): boolean {
  const is = (wanted: string | undefined, value: string) =>
    wanted === undefined || wanted.toLowerCase() === value.toLowerCase()
  const createdAt = Date.parse(submission.createdAt)
  return (
    is(filter.status, reason.status) &&
    filter.statuses?.has(reason.status) !== false &&
    is(filter.requester, submission.requester.id) &&
    is(filter.grantee, key.grantee) &&
    is(filter.resource, key.resource.id) &&
    is(filter.integration, reason.integration) &&
    is(filter.accessFlow, reason.accessFlow.name) &&
    (filter.from === undefined || createdAt >= filter.from.getTime()) &&
    (filter.to === undefined || createdAt < filter.to.getTime())
  )
}
