import { deciderPartition, pendingPartition, pendingWrite } from './approval-rows.ts'
import { cleanupPartition, endedWrite } from './cleanup-rows.ts'
import { eventColumns, type LedgerEvent } from './ledger-event.ts'
import { TableConflictError, type TableName, type Tables, type Write } from './tables.ts'

/** Partition of the list rows of one person's requests. */
export function personPartition(userId: string): string {
  return `u-${userId}`
}

/** Row key in the `Audit` table: by time, then by place in the stream. */
export function auditKey(event: Pick<LedgerEvent, 'at' | 'stream' | 'sequence'>): string {
  const sequence = String(event.sequence).padStart(10, '0')
  return `${event.at.replace(/[:]/g, '')}-${event.stream.replace(':', '-')}-${sequence}`
}

const auditKeyPattern = /^[0-9T.-]+Z-(.+)-(\d{10})$/

/** Which event a day row stands for, by its key, which nobody can change in place. */
export function placeOfAuditKey(key: string): Pick<LedgerEvent, 'stream' | 'sequence'> | undefined {
  const [, stream, sequence] = auditKeyPattern.exec(key) ?? []
  if (stream === undefined || sequence === undefined) return undefined
  return { stream: stream.replace('-', ':'), sequence: Number(sequence) }
}

export function auditDay(at: string): string {
  return at.slice(0, 10)
}

/** Newest first: the request's time counted down. */
function listKey(requestId: string, createdAt: Date): string {
  const countdown = String(9_999_999_999_999 - createdAt.getTime()).padStart(13, '0')
  return `${countdown}-${requestId}`
}

/** Whether a text can be the key of a list row. */
export function isListKey(text: string): boolean {
  return /^\d{13}-[0-9a-z-]+$/.test(text)
}

interface ViewWrite {
  readonly table: TableName
  readonly partition: string
  readonly write: Write
}

/**
 * The rows by day and by person that follow from an event. Projections only: no decision asks them.
 * List rows hold the id alone; status is read from the ledger.
 */
function viewsOf(event: LedgerEvent): readonly ViewWrite[] {
  const audit: ViewWrite = {
    table: 'Audit',
    partition: auditDay(event.at),
    write: { do: 'insert', key: auditKey(event), columns: eventColumns(event) },
  }
  const { requestId } = event
  if (requestId === undefined) return [audit]
  const ended = endedWrite(event)
  if (ended !== undefined) {
    return [audit, { table: 'Index', partition: cleanupPartition, write: ended }]
  }
  if (event.event !== 'request.created') return [audit, ...approvalViewsOf(event, requestId)]
  const people = new Set([event.actor.id, event.detail['requester'], event.grantee])
  const lists = [...people].flatMap((person): ViewWrite[] =>
    typeof person !== 'string' || person === 'system'
      ? []
      : [
          {
            table: 'Index',
            partition: personPartition(person),
            write: {
              do: 'put',
              key: listKey(requestId, new Date(event.at)),
              columns: { requestId },
            },
          },
        ],
  )
  const isPending = event.detail['status'] === 'pending-approval'
  return [audit, ...lists, ...(isPending ? [pendingView(requestId, true)] : [])]
}

/** What a word about a request, or the end of its waiting, changes in the rows for approvers. */
function approvalViewsOf(event: LedgerEvent, requestId: string): readonly ViewWrite[] {
  const isWord = event.event === 'request.approval-recorded'
  const isDecided =
    event.event === 'request.denied' ||
    (event.event === 'request.approved' && event.detail['by'] === 'approvers')
  const isOver =
    isDecided ||
    event.event === 'request.timed-out' ||
    event.event === 'request.cancelled' ||
    event.event === 'grant.failed'
  const decided: ViewWrite = {
    table: 'Index',
    partition: deciderPartition(event.actor.id),
    write: {
      do: 'put',
      key: listKey(requestId, new Date(event.at)),
      columns: { requestId },
    },
  }
  return [
    ...(isWord || isDecided ? [decided] : []),
    ...(isOver ? [pendingView(requestId, false)] : []),
  ]
}

function pendingView(requestId: string, isPending: boolean): ViewWrite {
  return {
    table: 'Index',
    partition: pendingPartition,
    write: pendingWrite(requestId, isPending),
  }
}

/** Puts back the list rows of a request that are missing or spoilt. */
export async function restoreLists(
  tables: Tables,
  requestId: string,
  { createdAt, people }: { readonly createdAt: string; readonly people: readonly string[] },
): Promise<void> {
  const key = listKey(requestId, new Date(createdAt))
  for (const person of new Set(people)) {
    const row = await tables.read('Index', personPartition(person), key)
    if (row?.columns['requestId'] === requestId) continue
    await tables.write('Index', personPartition(person), [
      { do: 'put', key, columns: { requestId } },
    ])
  }
}

/** Writes the views of some events. Repeating it changes nothing: a day row is never overwritten. */
export async function writeViews(tables: Tables, events: readonly LedgerEvent[]): Promise<void> {
  const batches = new Map<string, { table: TableName; partition: string; writes: Write[] }>()
  for (const { table, partition, write } of events.flatMap(viewsOf)) {
    const name = `${table}/${partition}`
    const batch = batches.get(name) ?? { table, partition, writes: [] }
    // One transaction takes a row once: of several writes the last one holds.
    batch.writes = [...batch.writes.filter(({ key }) => key !== write.key), write]
    batches.set(name, batch)
  }
  await Promise.all(
    [...batches.values()].map(({ table, partition, writes }) =>
      insertMissing(tables, table, partition, writes),
    ),
  )
}

async function insertMissing(
  tables: Tables,
  table: TableName,
  partition: string,
  writes: readonly Write[],
): Promise<void> {
  try {
    await tables.write(table, partition, writes)
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
    if (writes.length === 1) return
    for (const write of writes) await insertMissing(tables, table, partition, [write])
  }
}
