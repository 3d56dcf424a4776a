import { readChangedHeads } from '../ledger/changed-heads.ts'
import type { CheckpointArchive } from '../ledger/checkpoint-archive.ts'
import type { Leaf } from '../ledger/checkpoint-leaves.ts'
import { type Checkpoint, checkpointPlace, firstSince } from '../ledger/checkpoints.ts'
import { partitionOfStream } from '../ledger/ids.ts'
import type { LedgerEvent } from '../ledger/ledger-event.ts'
import { everyRowOf, type KeyRange, type Row, rowsOf, type Tables } from '../ledger/tables.ts'
import { type Broken, createReport, type Report } from '../ledger/verify-chain.ts'
import {
  checkArchive,
  type SeenCheckpoints,
  walkCheckpoints,
} from '../ledger/verify-checkpoints.ts'
import { createDayCheck, type DayCheck, dayRows } from '../ledger/verify-days.ts'
import { createCovers, streamKeys, walkStreams } from '../ledger/verify-streams.ts'
import { auditDay } from '../ledger/views.ts'
import type { Needs } from './needs.ts'

/** What verifying found, as the contract shows it. */
export interface Verdict {
  readonly verdict: 'intact' | 'broken'
  /** Day rows that were looked at. */
  readonly rows: number
  readonly streams: number
  readonly checkpoints: number
  /** A change in any row up to then is found; null without a checkpoint. */
  readonly coveredUntil: string | null
  /** Events that no checkpoint covers yet. */
  readonly uncovered: number
  /** Events whose day row is still on its way. */
  readonly pending: number
  readonly firstBroken?: Broken
}

/** Days to look at; without an end everything. */
export interface VerifyRange {
  readonly from?: Date | undefined
  /** Exclusive. */
  readonly to?: Date | undefined
  /** More leaves than this are taken up slice by slice of the streams. */
  readonly leavesAtOnce?: number
}

const usualLeavesAtOnce = 200_000
const pairLetters = '0123456789abcdefghjkmnpqrstvwxyz'

interface Run {
  readonly tables: Tables
  readonly report: Report
  readonly days: KeyRange
  readonly dayCheck: DayCheck
  /** The first checkpoint that matters. */
  readonly from: number
  streams: number
  uncovered: number
  /** In milliseconds. */
  firstUncovered: number
}

/**
 * Verifies the audit: chains, day rows against them, checkpoints against both. With a range only its
 * days, and the streams that have to do with them. Memory does not grow with the number of rows.
 */
export async function verifyAudit(
  needs: Pick<Needs, 'tables' | 'now' | 'random'>,
  archive: CheckpointArchive | undefined,
  range: VerifyRange = {},
): Promise<Verdict> {
  const { tables, now } = needs
  const report = createReport()
  const run: Run = {
    tables,
    report,
    days: daysOf(range),
    dayCheck: await createDayCheck({ tables, report, now, secret: needs.random(32) }),
    from: range.from === undefined ? 1 : await firstSince(tables, range.from),
    streams: 0,
    uncovered: 0,
    firstUncovered: Number.POSITIVE_INFINITY,
  }
  const isWhole = range.from === undefined && range.to === undefined
  const touched = createTouched(range)
  const seen = await walkCheckpoints(tables, run.from, report, (leaf, checkpoint) => {
    if (!isWhole) touched.addLeaf(leaf, checkpoint)
  })
  if (archive !== undefined) await checkArchive(tables, archive, seen.last, report)

  if (isWhole) {
    for (const slice of slicesOf(seen.leaves, range.leavesAtOnce)) await verifySlice(run, slice)
  } else {
    const { heads } = await readChangedHeads(tables, now())
    for (const { stream } of heads) touched.streams.add(stream)
    for await (const { columns } of dayRows(tables, run.days)) {
      touched.streams.add(String(columns['stream']))
    }
    await verifyStreams(run, touched.streams)
  }
  for await (const row of dayRows(tables, run.days)) await run.dayCheck.takeDayRow(row)
  await run.dayCheck.finish(() =>
    isWhole
      ? everyRowOf(tables, 'Ledger', { keys: { from: 'e-', before: 'e.' } })
      : rowsOfStreams(tables, touched.streams, { from: 'e-', before: 'e.' }),
  )
  return verdictOf(run, seen)
}

function verdictOf({ report, dayCheck, ...run }: Run, { count, last }: SeenCheckpoints): Verdict {
  const firstBroken = report.first()
  const until = Math.min(Date.parse(last?.until ?? ''), run.firstUncovered - 1)
  return {
    verdict: firstBroken === undefined ? 'intact' : 'broken',
    rows: dayCheck.rows,
    streams: run.streams,
    checkpoints: count,
    coveredUntil: Number.isNaN(until) ? null : new Date(until).toISOString(),
    uncovered: run.uncovered,
    pending: dayCheck.pending,
    ...(firstBroken === undefined ? {} : { firstBroken }),
  }
}

/** The streams that have to do with a range: changed in it, by what checkpoints and day rows say. */
function createTouched({ to }: VerifyRange) {
  const streams = new Set<string>([checkpointPlace.name])
  /** The first checkpoint after the range; it still covers what happened within it. */
  let closing = Number.POSITIVE_INFINITY
  return {
    streams,
    addLeaf(leaf: Leaf, { kind, until, number }: Checkpoint) {
      if (to !== undefined && Date.parse(until) >= to.getTime()) {
        closing = Math.min(closing, number)
      }
      if (kind === 'changes' && number <= closing) streams.add(leaf.stream)
    },
  }
}

/** Ranges of streams that are verified one after the other, so that no more leaves are at hand. */
function slicesOf(leaves: number, leavesAtOnce = usualLeavesAtOnce): readonly KeyRange[] {
  if (leaves <= leavesAtOnce) return [{}]
  const starts = [...pairLetters].map((letter) => `p-${letter}`)
  return [undefined, ...starts].map((from, index) => {
    const before = starts[index]
    return { ...(from === undefined ? {} : { from }), ...(before === undefined ? {} : { before }) }
  })
}

async function verifySlice(run: Run, slice: KeyRange): Promise<void> {
  const isOf = (stream: string) => isWithin(slice, partitionOfStream(stream))
  const range = { partitions: slice, keys: streamKeys }
  await verifyRows(run, isOf, everyRowOf(run.tables, 'Ledger', range))
}

async function verifyStreams(run: Run, streams: ReadonlySet<string>): Promise<void> {
  const isOf = (stream: string) => streams.has(stream)
  await verifyRows(run, isOf, rowsOfStreams(run.tables, streams, streamKeys))
}

async function verifyRows(
  run: Run,
  isOf: (stream: string) => boolean,
  rows: AsyncIterable<Row>,
): Promise<void> {
  const { tables, report, days, dayCheck } = run
  const covers = createCovers()
  await walkCheckpoints(tables, run.from, report, (leaf) => {
    if (isOf(leaf.stream)) covers.add(leaf)
  })
  const onEvent = async (row: Row, event: LedgerEvent, isCovered: boolean) => {
    if (!isWithin(days, auditDay(event.at))) return
    if (!isCovered) {
      run.uncovered += 1
      run.firstUncovered = Math.min(run.firstUncovered, Date.parse(event.at) || 0)
    }
    await dayCheck.takeEvent(row, event)
  }
  run.streams += (await walkStreams({ tables, report, covers, onEvent }, rows)).streams
  for (const { stream, at } of covers.unvisited()) {
    report.add('stream-missing', { stream, sequence: 1, at })
  }
}

async function* rowsOfStreams(
  tables: Tables,
  streams: ReadonlySet<string>,
  keys: KeyRange,
): AsyncGenerator<Row> {
  for (const stream of [...streams].sort()) {
    yield* rowsOf(tables, 'Ledger', partitionOfStream(stream), keys)
  }
}

/** The UTC days that a range touches. */
function daysOf({ from, to }: VerifyRange): KeyRange {
  const lastDay = to && new Date(to.getTime() - 1)
  return {
    ...(from === undefined ? {} : { from: auditDay(from.toISOString()) }),
    // The character behind a day's own name: the day is in, the next one is not.
    ...(lastDay === undefined ? {} : { before: `${auditDay(lastDay.toISOString())}!` }),
  }
}

function isWithin({ from, before }: KeyRange, text: string): boolean {
  return (from === undefined || text >= from) && (before === undefined || text < before)
}
