import { type Row, TableConflictError, type Tables, type Write } from './tables.ts'

/**
 * Due rows and open markers, in one partition of `Index`.
 *
 * For every stream with open work a due row exists at or before that work, written before the
 * ledger transaction and moved or dropped after it. It is also the outbox: events from `from` on
 * may not have reached views and topic yet. A surplus row is harmless; the sweep drops it. The
 * marker `o-…` stands as long as work is open, so that reconcile finds what lost its due row.
 */
export const workPartition = 'work'

export interface DueRow {
  readonly key: string
  readonly at: Date
  readonly subject: string
  /** Lowest sequence that views and topic may lack. */
  readonly from: number
}

export function dueKey(at: Date, subject: string): string {
  return `d-${at.toISOString()}-${subject}`
}

function markerKey(subject: string): string {
  return `o-${subject}`
}

/**
 * Lays a due row and the open marker, in one write. A row that stands at that very time is left as
 * it is: it may be the outbox of earlier events.
 */
export async function layDue(
  tables: Tables,
  at: Date,
  subject: string,
  from: number,
): Promise<void> {
  const marker: Write = { do: 'put', key: markerKey(subject), columns: { subject } }
  const due: Write = { do: 'insert', key: dueKey(at, subject), columns: { subject, from } }
  try {
    await tables.write('Index', workPartition, [due, marker])
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
    await tables.write('Index', workPartition, [marker])
  }
}

/** Moves a due row; without a new time the work is done and the marker goes with it. */
export async function moveDue(
  tables: Tables,
  subject: string,
  former: Date,
  next: { readonly at: Date; readonly from: number } | undefined,
): Promise<void> {
  const drop: Write = { do: 'drop', key: dueKey(former, subject) }
  if (next === undefined) {
    await dropTolerant(tables, [drop, { do: 'drop', key: markerKey(subject) }])
  } else if (next.at.getTime() !== former.getTime()) {
    // The marker as well: whoever closed the stretch before this one may have dropped it late.
    await dropTolerant(tables, [
      { do: 'put', key: dueKey(next.at, subject), columns: { subject, from: next.from } },
      { do: 'put', key: markerKey(subject), columns: { subject } },
      drop,
    ])
  }
}

/** Due rows up to `now`, oldest first: the only thing a sweep reads besides the work itself. */
export async function dueRows(
  tables: Tables,
  now: Date,
  limit: number,
): Promise<readonly DueRow[]> {
  const page = await tables.page(
    'Index',
    workPartition,
    { from: 'd-', before: `d-${now.toISOString()}` },
    { limit },
  )
  return page.rows.map(dueRowFrom)
}

/** Subjects with open work, page after page. */
export async function openSubjects(
  tables: Tables,
  after?: string,
): Promise<{ subjects: readonly string[]; next?: string }> {
  const page = await tables.page(
    'Index',
    workPartition,
    { from: 'o-', before: 'o.' },
    { limit: 500, ...(after === undefined ? {} : { after }) },
  )
  const subjects = page.rows.map((row) => String(row.columns['subject']))
  return page.next === undefined ? { subjects } : { subjects, next: page.next }
}

function dueRowFrom(row: Row): DueRow {
  const subject = String(row.columns['subject'])
  const at = new Date(row.key.slice('d-'.length, row.key.length - subject.length - 1))
  return { key: row.key, at, subject, from: Number(row.columns['from']) }
}

/** Somebody else may have dropped a surplus row first; that must not undo the rest. */
async function dropTolerant(tables: Tables, writes: readonly Write[]): Promise<void> {
  try {
    await tables.write('Index', workPartition, writes)
  } catch (error) {
    if (!(error instanceof TableConflictError) || writes.length === 1) {
      if (error instanceof TableConflictError && error.found === 'missing') return
      throw error
    }
    for (const write of writes) await dropTolerant(tables, [write])
  }
}
