import { type Row, rowsOf, TableConflictError, type Tables, type Write } from './tables.ts'

/**
 * Due rows and open markers, in one partition of `Index`.
 *
 * For every stream with open work a due row exists at or before that work, written before the
 * ledger transaction and moved or dropped after it. It is also the outbox: events from `from` on
 * may not have reached views and topic yet. A surplus row is harmless; the sweep drops it. The
 * marker `o-…` stands as long as work is open, so that reconcile finds what lost its due row.
 *
 * To the checkpoints of the audit a due row says that its stream may be changing. So it never goes
 * without leaving a change row `c-…` in the same write, which says how far the stream has come.
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

/** Checkpoints cover the other streams and are chained themselves: else each would ask for the next. */
const checkpointSubject = 'checkpoints'

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
  if (await tryLayDue(tables, at, subject, from)) return
  await tables.write('Index', workPartition, [markerWrite(subject)])
}

/**
 * Lays a due row for one change alone, at the first free millisecond from a time on: whoever drops
 * it can be sure that it is nobody else's outbox.
 */
export async function layOutbox(
  tables: Tables,
  from: Date,
  subject: string,
  sequence: number,
): Promise<Date> {
  for (let time = from.getTime(); ; time++) {
    const at = new Date(time)
    if (await tryLayDue(tables, at, subject, sequence)) return at
  }
}

/** False when a row stands at that very time already. */
async function tryLayDue(
  tables: Tables,
  at: Date,
  subject: string,
  from: number,
): Promise<boolean> {
  const due: Write = { do: 'insert', key: dueKey(at, subject), columns: { subject, from } }
  try {
    await tables.write('Index', workPartition, [due, markerWrite(subject)])
    return true
  } catch (error) {
    if (error instanceof TableConflictError) return false
    throw error
  }
}

function markerWrite(subject: string): Write {
  return { do: 'put', key: markerKey(subject), columns: { subject } }
}

/** How far a stream has come; what a checkpoint reads after that covers at least so much. */
function changeKey(subject: string, reached: number): string {
  return `c-${subject}-${String(reached).padStart(10, '0')}`
}

/**
 * Moves a due row; without a new time the work is done and the marker goes with it. A stream says
 * with `reached` how far it has come; something else that is due, such as an order, does not.
 */
export async function moveDue(
  tables: Tables,
  subject: string,
  former: Date,
  next: { readonly at: Date; readonly from: number } | undefined,
  reached?: number,
): Promise<void> {
  const isMoved = next?.at.getTime() !== former.getTime()
  if (!isMoved && reached === undefined) return
  const writes: Write[] = []
  if (reached !== undefined && subject !== checkpointSubject) {
    writes.push({ do: 'put', key: changeKey(subject, reached), columns: { subject } })
  }
  if (next !== undefined) {
    const columns = { subject, from: next.from }
    writes.push({ do: 'put', key: dueKey(next.at, subject), columns })
    // The marker as well: whoever closed the stretch before this one may have dropped it late.
    if (isMoved) writes.push(markerWrite(subject))
  }
  if (isMoved) writes.push({ do: 'drop', key: dueKey(former, subject) })
  if (next === undefined) writes.push({ do: 'drop', key: markerKey(subject) })
  await dropTolerant(tables, writes)
}

/**
 * Due rows up to `now`, oldest first, from behind the row `after` on: the only thing a sweep reads
 * besides the work itself.
 */
export async function dueRows(
  tables: Tables,
  now: Date,
  limit: number,
  after?: DueRow,
): Promise<readonly DueRow[]> {
  const from = after === undefined ? 'd-' : `${after.key}!`
  const page = await tables.page(
    'Index',
    workPartition,
    { from, before: `d-${now.toISOString()}` },
    { limit },
  )
  return page.rows.map(dueRowFrom)
}

/** Subjects with open work, page after page, from one of them on. */
export async function openSubjects(
  tables: Tables,
  after?: string,
  from = '',
): Promise<{ subjects: readonly string[]; next?: string }> {
  const page = await tables.page(
    'Index',
    workPartition,
    { from: `o-${from}`, before: 'o.' },
    { limit: 500, ...(after === undefined ? {} : { after }) },
  )
  const subjects = page.rows.map(({ key }) => key.slice('o-'.length))
  return page.next === undefined ? { subjects } : { subjects, next: page.next }
}

/** Reads a due row, by its key alone: a row whose columns were spoilt must not stop a sweep. */
export function dueRowFrom({ key, columns }: Row): DueRow {
  const [at = '', subject = ''] = [key.slice(2, 26), key.slice(27)]
  const from = Number(columns['from'])
  return { key, at: new Date(at), subject, from: Number.isInteger(from) ? from : 1 }
}

/** Whether a due row stands for this work. */
export async function isDueLaid(tables: Tables, at: Date, subject: string): Promise<boolean> {
  return (await tables.read('Index', workPartition, dueKey(at, subject))) !== undefined
}

/**
 * Whether a due row was lost, and with it perhaps the outbox of events: the row that the head tells
 * of, or, where it tells of none, any that the marker stands for.
 */
export async function isDueLost(
  tables: Tables,
  due: Date | undefined,
  subject: string,
): Promise<boolean> {
  if (due !== undefined) return !(await isDueLaid(tables, due, subject))
  return (await tables.read('Index', workPartition, markerKey(subject))) !== undefined
}

/** Subjects with a due row that lack their marker: nobody who reads markers would find them. */
export async function unmarkedSubjects(tables: Tables): Promise<ReadonlySet<string>> {
  const unmarked = new Set<string>()
  for await (const row of rowsOf(tables, 'Index', workPartition, { from: 'd-', before: 'd.' })) {
    unmarked.add(dueRowFrom(row).subject)
  }
  for await (const row of rowsOf(tables, 'Index', workPartition, { from: 'o-', before: 'o.' })) {
    unmarked.delete(row.key.slice('o-'.length))
  }
  return unmarked
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
