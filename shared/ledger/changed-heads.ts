import type { Leaf } from './checkpoint-leaves.ts'
import { checkpointPartition } from './checkpoint-leaves.ts'
import { eventFromRow, eventKey } from './ledger-event.ts'
import { everyRowOf, type Row, rowsOf, TableConflictError, type Tables } from './tables.ts'
import { dueRowFrom, workPartition } from './work-rows.ts'

/** A due row that may belong to a change under way is not further off than this. */
const reachMilliseconds = 60_000
const readsAtOnce = 16

export interface ChangedHeads {
  /** In the order of their partitions. */
  readonly heads: readonly Leaf[]
  /** Change rows that these heads answer; dropped once a checkpoint has them. */
  readonly changes: readonly string[]
}

/**
 * The heads of the streams that may have changed since the former checkpoint, by the change rows
 * and by the due rows of what is not finished yet. Costs one read when nothing has.
 */
export async function readChangedHeads(tables: Tables, now: Date): Promise<ChangedHeads> {
  const before = `d-${new Date(now.getTime() + reachMilliseconds).toISOString()}`
  const changes: string[] = []
  /** With the first sequence that makes a head news; a change row says that it is. */
  const subjects = new Map<string, number>()
  for await (const row of rowsOf(tables, 'Index', workPartition, { from: 'c-', before })) {
    const subject = String(row.columns['subject'])
    if (row.key.startsWith('c-')) changes.push(row.key)
    if (subject === checkpointPartition) continue
    const from = row.key.startsWith('c-') ? 1 : dueRowFrom(row).from
    subjects.set(subject, Math.min(from, subjects.get(subject) ?? from))
  }
  const heads: Leaf[] = []
  const sorted = [...subjects].sort(([a], [b]) => (a < b ? -1 : 1))
  for (let start = 0; start < sorted.length; start += readsAtOnce) {
    const some = sorted.slice(start, start + readsAtOnce)
    const read = await Promise.all(
      some.map(async ([subject, from]) => {
        const row = await tables.read('Ledger', subject, 'head')
        const head = row && (await headOf(tables, row))
        return head !== undefined && head.sequence >= from ? [head] : []
      }),
    )
    heads.push(...read.flat())
  }
  return { heads, changes }
}

/** The heads of all streams, in the order of their partitions. */
export async function* readAllHeads(tables: Tables): AsyncGenerator<Leaf> {
  for await (const row of everyRowOf(tables, 'Ledger', {
    keys: { from: 'head', before: 'head!' },
  })) {
    const head = row.partition === checkpointPartition ? undefined : await headOf(tables, row)
    if (head !== undefined) yield head
  }
}

/** Drops change rows that a checkpoint has answered; somebody else may have done it first. */
export async function dropChanges(tables: Tables, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += 100) {
    const some = keys.slice(start, start + 100)
    try {
      await tables.write(
        'Index',
        workPartition,
        some.map((key) => ({ do: 'drop', key })),
      )
    } catch (error) {
      if (!(error instanceof TableConflictError)) throw error
      if (some.length > 1) for (const key of some) await dropChanges(tables, [key])
    }
  }
}

async function headOf(tables: Tables, { partition, columns }: Row): Promise<Leaf | undefined> {
  const sequence = Number(columns['sequence'])
  if (!(sequence > 0)) return undefined
  const at = columns['at'] ?? (await timeOf(tables, partition, sequence))
  return {
    stream: String(columns['stream']),
    sequence,
    hash: String(columns['hash']),
    at: String(at),
  }
}

/** Heads from before checkpoints do not say when their last event was. */
async function timeOf(tables: Tables, partition: string, sequence: number): Promise<string> {
  const row = await tables.read('Ledger', partition, eventKey(sequence))
  return row === undefined ? '' : eventFromRow(row).at
}
