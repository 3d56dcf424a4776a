import { eventFromRow, eventKey, type LedgerEvent } from '../ledger/ledger-event.ts'
import { rowsOf, type Tables } from '../ledger/tables.ts'
import { auditDay } from '../ledger/views.ts'
import { systemPlace } from './system-stream.ts'

/** What an auditor looks for; absent means anything. */
export interface AuditFilter {
  readonly from?: Date
  readonly to?: Date
  readonly actor?: string
  readonly grantee?: string
  readonly resource?: string
  readonly request?: string
  readonly event?: string
  readonly integration?: string
}

export interface AuditPage {
  readonly events: readonly (LedgerEvent & { readonly key: string })[]
  /** Where to read on; absent at the end. */
  readonly next?: string
}

const dayMilliseconds = 24 * 3_600_000
/** Days read in one call at most; beyond them the caller is told where to read on. */
const daysACall = 400
/** No event is older than the product. */
const earliest = new Date('2020-01-01T00:00:00Z')
/** How far back a broker looks that was never configured. */
const unconfiguredDays = 31

/**
 * Events newest first, read from the rows by day. A page costs the rows of its days and no more
 * memory than one day's matches; after a long stretch of nothing it may hold less than asked for.
 */
export async function listAudit(
  tables: Tables,
  filter: AuditFilter,
  now: Date,
  limit: number,
  after?: string,
): Promise<AuditPage> {
  const tomorrow = new Date(now.getTime() + dayMilliseconds)
  const to = filter.to === undefined || filter.to > tomorrow ? tomorrow : filter.to
  const wanted = filter.from ?? (await firstDay(tables, now))
  const from = wanted < earliest ? earliest : wanted
  const events: (LedgerEvent & { readonly key: string })[] = []
  let cursor = after
  let day = startOfDay(cursor === undefined ? to : new Date(`${cursor.slice(0, 10)}T00:00:00Z`))
  for (let days = 0; day >= startOfDay(from); days++) {
    if (days === daysACall) return { events, next: endOfDay(day) }
    const matches = await matchesOf(tables, day, filter, from, to, cursor)
    for (const event of matches.reverse()) {
      events.push(event)
      if (events.length === limit) return { events, next: event.key }
    }
    cursor = undefined
    day = new Date(day.getTime() - dayMilliseconds)
  }
  return { events }
}

/** Whether a text is where a page of this log may end. */
export function isAuditCursor(text: string): boolean {
  return /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T~][0-9A-Za-z.-]*$/.test(text)
}

/** A cursor behind every row of a day: the letter after its date is below this one. */
function endOfDay(day: Date): string {
  return `${auditDay(day.toISOString())}~`
}

/** A broker begins with its configuration; refusals from before it are found by naming a start. */
export async function firstDay(tables: Tables, now: Date): Promise<Date> {
  const first = await tables.read('Ledger', systemPlace.partition, eventKey(1))
  return first === undefined
    ? new Date(now.getTime() - unconfiguredDays * dayMilliseconds)
    : new Date(eventFromRow(first).at)
}

async function matchesOf(
  tables: Tables,
  day: Date,
  filter: AuditFilter,
  from: Date,
  to: Date,
  before: string | undefined,
): Promise<(LedgerEvent & { readonly key: string })[]> {
  const matches: (LedgerEvent & { readonly key: string })[] = []
  const range = before === undefined ? {} : { before }
  for await (const row of rowsOf(tables, 'Audit', auditDay(day.toISOString()), range)) {
    const event = eventFromRow(row)
    const at = Date.parse(event.at)
    if (at < from.getTime() || at >= to.getTime() || !matchesFilter(event, filter)) continue
    matches.push({ ...event, key: row.key })
  }
  return matches
}

/** Whether an event is what somebody looks for, whenever it was. */
export function matchesFilter(event: LedgerEvent, filter: AuditFilter): boolean {
  const is = (wanted: string | undefined, value: string | undefined) =>
    wanted === undefined || wanted.toLowerCase() === value?.toLowerCase()
  return (
    is(filter.actor, event.actor.id) &&
    is(filter.grantee, event.grantee) &&
    is(filter.resource, event.resourceId) &&
    is(filter.request, event.requestId) &&
    is(filter.event, event.event) &&
    is(filter.integration, event.integration)
  )
}

function startOfDay(at: Date): Date {
  return new Date(`${at.toISOString().slice(0, 10)}T00:00:00Z`)
}

/** An event as the API and exports show it: its columns, with the actor flat. */
export function eventView(of: LedgerEvent & { readonly key?: string }): Record<string, unknown> {
  const { actor, txId: _, key: __, ...event } = of
  return { ...event, actor: actor.id, actorType: actor.type }
}
