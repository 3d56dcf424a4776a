import { createHash } from 'node:crypto'
import { readLeaves, tupleOf } from '../ledger/checkpoint-leaves.ts'
import { checkpointPlace, readCheckpoint } from '../ledger/checkpoints.ts'
import type { FilteredManifest, StreamEnds } from '../ledger/export-manifest.ts'
import { eventFromRow, type LedgerEvent } from '../ledger/ledger-event.ts'
import { everyRowOf, type KeyRange, rowsOf, type Tables } from '../ledger/tables.ts'
import { auditDay } from '../ledger/views.ts'
import { type AuditFilter, eventView, matchesFilter } from './audit-log.ts'

/** The ends of each stream as they have come by. */
type Ends = Map<string, { first: LedgerEvent; last: LedgerEvent }>

/**
 * The audit as lines of JSON, newest first, and a manifest as the last one. Without a filter but a
 * stretch of time it can be verified without us (`verify-export.ts`). Events that come while it is
 * being written are left to the next one.
 */
export async function* exportAudit(
  tables: Tables,
  filter: AuditFilter,
  now: Date,
): AsyncGenerator<string> {
  const { from: wanted, to: until, ...rest } = filter
  const from = wanted ?? new Date(0)
  const end = new Date(now.getTime() + 1)
  const to = until === undefined || until > end ? end : until
  const isFiltered = Object.values(rest).some((value) => value !== undefined)
  const bytes = createHash('sha256')
  const ends: Ends = new Map()
  const checkpoints: number[] = []
  let rows = 0
  for await (const event of newestFirst(tables, from, to)) {
    if (!matchesFilter(event, filter)) continue
    const line = `${JSON.stringify(eventView(event))}\n`
    bytes.update(line, 'utf8')
    rows += 1
    const known = ends.get(event.stream)
    if (known === undefined) ends.set(event.stream, { first: event, last: event })
    else if (event.sequence < known.first.sequence) known.first = event
    else if (event.sequence > known.last.sequence) known.last = event
    if (event.stream === checkpointPlace.name) checkpoints.push(event.sequence)
    yield line
  }
  if (isFiltered) {
    const manifest: FilteredManifest = { manifest: 1, kind: 'filtered', rows, verifiable: false }
    yield `${JSON.stringify(manifest)}\n`
    return
  }
  const times = { from: from.toISOString(), to: to.toISOString() }
  yield* manifestOf(tables, { ...times, rows, sha256: bytes.digest('hex'), ends, checkpoints })
}

interface Exported {
  readonly from: string
  readonly to: string
  readonly rows: number
  readonly sha256: string
  readonly ends: Ends
  readonly checkpoints: readonly number[]
}

/** A manifest in canonical form, written piece by piece: the leaves of a year may be many. */
async function* manifestOf(tables: Tables, exported: Exported): AsyncGenerator<string> {
  const { from, to, rows, sha256, ends, checkpoints } = exported
  const hash = createHash('sha256')
  const piece = (text: string) => {
    hash.update(text, 'utf8')
    return text
  }
  const checkpoint = ends.get(checkpointPlace.name)?.last.hash ?? null
  yield piece(`{"checkpoint":${JSON.stringify(checkpoint)},"checkpoints":[`)
  let comma = ''
  for (const number of checkpoints.toReversed()) {
    const seen = await readCheckpoint(tables, number)
    if (seen?.kind !== 'changes') continue
    const leaves = []
    for await (const leaf of readLeaves(tables, seen)) leaves.push(tupleOf(leaf))
    yield piece(`${comma}${JSON.stringify([number, leaves])}`)
    comma = ','
  }
  const streams = [...ends].map(
    ([stream, { first, last }]): StreamEnds => [
      stream,
      first.sequence,
      first.previousHash,
      last.sequence,
      last.hash,
    ],
  )
  const others = { from, kind: 'days', manifest: 1, rows, sha256, streams, to }
  yield piece(`],${JSON.stringify(others).slice(1, -1)}`)
  hash.update('}')
  yield `,"hash":"${hash.digest('hex')}"}\n`
}

/** Memory is that of one day. */
async function* newestFirst(tables: Tables, from: Date, to: Date): AsyncGenerator<LedgerEvent> {
  const days: string[] = []
  const before = `${auditDay(to.toISOString())}!`
  let day = await firstDay(tables, { from: auditDay(from.toISOString()), before })
  for (; day !== undefined; day = await firstDay(tables, { from: `${day}!`, before }))
    days.push(day)
  for (const each of days.reverse()) {
    const events: LedgerEvent[] = []
    for await (const row of rowsOf(tables, 'Audit', each, {})) events.push(eventFromRow(row))
    for (const event of events.reverse()) {
      const at = Date.parse(event.at)
      if (at >= from.getTime() && at < to.getTime()) yield event
    }
  }
}

/** The first day of a range that has any row: a stretch without any costs nothing. */
async function firstDay(tables: Tables, partitions: KeyRange): Promise<string | undefined> {
  for await (const row of everyRowOf(tables, 'Audit', { partitions }, 1)) return row.partition
  return undefined
}
