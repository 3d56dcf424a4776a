import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import { partitionOfStream } from './ids.ts'
import { eventKey, eventOfRow, type LedgerEvent } from './ledger-event.ts'
import { everyRowOf, type KeyRange, type Row, rowsOf, type Tables } from './tables.ts'
import type { Report } from './verify-chain.ts'
import { auditDay, auditKey, placeOfAuditKey } from './views.ts'
import { dueRowFrom, workPartition } from './work-rows.ts'

/** Events younger than this may still be on their way to their day row. */
const youngMilliseconds = 120_000
/** Outboxes of what is not finished are not further off than this. */
const reachMilliseconds = 60_000
const modulus = 2n ** 256n

export interface DayCheckNeeds {
  readonly tables: Tables
  readonly report: Report
  readonly now: () => Date
  /** Unknown to whoever may have made the rows: so that no two sums can be made to agree. */
  readonly secret: Uint8Array
}

/** Compares the rows by day with the events that they stand for, in whatever order they come. */
export interface DayCheck {
  takeEvent(row: Row, event: LedgerEvent): Promise<void>
  takeDayRow(row: Row): Promise<void>
  /** Looks for the first difference in the days whose sums differ; `again` gives the events anew. */
  finish(again: () => AsyncIterable<Row>): Promise<void>
  readonly rows: number
  readonly pending: number
}

/**
 * Two walks, one over the events and one over the day rows, add up a keyed hash of each row by day:
 * days whose sums agree hold the same rows. So memory is a number a day, and every row is read
 * once. What is young or has an open outbox is looked up row by row instead.
 */
export async function createDayCheck(needs: DayCheckNeeds): Promise<DayCheck> {
  const { tables, report, now, secret } = needs
  const young = new Date(now().getTime() - youngMilliseconds).toISOString()
  const open = await openOutboxes(tables, now())
  const sums = new Map<string, bigint>()
  let rows = 0
  let pending = 0

  const add = (day: string, text: string, sign: 1n | -1n) => {
    const digest = createHmac('sha256', secret).update(text, 'utf8').digest('hex')
    const sum = (sums.get(day) ?? 0n) + sign * BigInt(`0x${digest}`)
    sums.set(day, ((sum % modulus) + modulus) % modulus)
  }
  const isApart = (at: string, stream: string, sequence: number) =>
    at > young || sequence >= (open.get(partitionOfStream(stream)) ?? Number.POSITIVE_INFINITY)

  const compare = (event: LedgerEvent, row: Row, dayRow: Row | undefined): boolean => {
    if (dayRow !== undefined && textOf(dayRow) === textOf(dayRowOf(event, row))) return true
    report.add(dayRow === undefined ? 'day-row-missing' : 'day-row-changed', event)
    return false
  }

  /** An event's day row, read by its key; missing is allowed as long as its outbox is open. */
  const lookUp = async (event: LedgerEvent, row: Row): Promise<boolean> => {
    const read = () => tables.read('Audit', auditDay(event.at), auditKey(event))
    const dayRow = await read()
    if (dayRow !== undefined) return compare(event, row, dayRow)
    // An outbox is closed after the day row was written. So while one is open it may be missing; and
    // when one that nobody knew of at first is closed by now, the row is there.
    const isOpen = (outboxes: ReadonlyMap<string, number>) =>
      event.sequence >= (outboxes.get(row.partition) ?? Number.POSITIVE_INFINITY)
    if (isOpen(open) || isOpen(await openOutboxes(tables, now()))) {
      pending += 1
      return true
    }
    return compare(event, row, await read())
  }

  /** A day row's event, read by the place that the key of the day row names. */
  const lookBack = async (dayRow: Row): Promise<boolean> => {
    const place = placeOfAuditKey(dayRow.key)
    const row =
      place &&
      (await tables.read('Ledger', partitionOfStream(place.stream), eventKey(place.sequence)))
    const event = row && eventOfRow(row)
    if (
      row !== undefined &&
      event !== undefined &&
      auditKey(event) === dayRow.key &&
      auditDay(event.at) === dayRow.partition
    ) {
      return compare(event, row, dayRow)
    }
    const stream = place?.stream ?? String(dayRow.columns['stream'])
    report.add('day-row-surplus', { stream, sequence: place?.sequence ?? 0, at: dayRow.partition })
    return false
  }

  return {
    async takeEvent(row, event) {
      if (isApart(event.at, event.stream, event.sequence)) await lookUp(event, row)
      else add(auditDay(event.at), textOf(dayRowOf(event, row)), 1n)
    },
    async takeDayRow(row) {
      rows += 1
      const { at, stream, sequence } = row.columns
      if (isApart(String(at), String(stream), Number(sequence))) await lookBack(row)
      else add(row.partition, textOf(row), -1n)
    },
    async finish(again) {
      const days = [...sums].flatMap(([day, sum]) => (sum === 0n ? [] : [day])).sort()
      if (days.length === 0 || report.first() !== undefined) return
      for (const day of days) {
        for await (const row of rowsOf(tables, 'Audit', day, {})) {
          if (!(await lookBack(row))) return
        }
      }
      const different = new Set(days)
      for await (const row of again()) {
        const event = eventOfRow(row)
        if (event === undefined || !different.has(auditDay(event.at))) continue
        if (!(await lookUp(event, row))) return
      }
    },
    get rows() {
      return rows
    },
    get pending() {
      return pending
    },
  }
}

/** All day rows of a range of days, in order. */
export function dayRows(tables: Tables, days: KeyRange): AsyncGenerator<Row> {
  return everyRowOf(tables, 'Audit', { partitions: days })
}

/** The day row that an event's own row has to have. */
function dayRowOf(
  event: LedgerEvent,
  { columns }: Row,
): Pick<Row, 'partition' | 'key' | 'columns'> {
  return { partition: auditDay(event.at), key: auditKey(event), columns }
}

function textOf({ partition, key, columns }: Pick<Row, 'partition' | 'key' | 'columns'>): string {
  return canonicalize([partition, key, columns]) ?? ''
}

/** Streams whose outbox is open, with the first sequence that their day rows may lack. */
async function openOutboxes(tables: Tables, now: Date): Promise<ReadonlyMap<string, number>> {
  const open = new Map<string, number>()
  const before = `d-${new Date(now.getTime() + reachMilliseconds).toISOString()}`
  for await (const row of rowsOf(tables, 'Index', workPartition, { from: 'd-', before })) {
    const { subject, from } = dueRowFrom(row)
    open.set(subject, Math.min(from, open.get(subject) ?? from))
  }
  return open
}
