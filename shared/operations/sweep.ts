import { openPair, readEvents } from '../ledger/pair-ledger.ts'
import { openStream } from '../ledger/stream.ts'
import { type DueRow, dueRows, moveDue } from '../ledger/work-rows.ts'
import type { Needs } from './needs.ts'
import { projectEvents } from './project-events.ts'
import type { SettlePair } from './settle-pair.ts'

/** A due row laid ahead of a transaction that has not come yet is left alone this long. */
export const laidAheadMilliseconds = 10 * 60_000
const rowsAtOnce = 200
/** A sweep takes up more rows for as long as this; the next one begins at the oldest again. */
const budgetMilliseconds = 120_000
const atOnce = 8

export interface SweepReport {
  readonly seen: number
  readonly failed: number
}

/** Carries on the rows of something that is no stream, such as a mass end; false: not its kind. */
export type CarryOn = (row: DueRow) => Promise<boolean>

/**
 * Finishes whatever is due and was not finished: lost orchestrations, lost events, crashes between
 * any two steps. Reads the due rows up to now and nothing else, so an idle broker costs one read.
 * Of many rows it takes up one page after the other: after an outage the quota of writes sets the
 * pace, not the schedule, and rows that nothing can be done about do not stand before others.
 */
export async function sweep(
  needs: Needs,
  settlePair: SettlePair,
  carryOn: CarryOn,
): Promise<SweepReport> {
  const before = new Date(needs.now().getTime() - needs.rules.sweepGrace)
  const until = needs.now().getTime() + budgetMilliseconds
  let report: SweepReport = { seen: 0, failed: 0 }
  let rows: readonly DueRow[] = []
  do {
    rows = await dueRows(needs.tables, before, rowsAtOnce, rows.at(-1))
    const failed = await eachAtOnce(
      rows,
      (row) => sweepRow(needs, settlePair, carryOn, row, before),
      needs,
    )
    report = { seen: report.seen + rows.length, failed: report.failed + failed }
  } while (rows.length === rowsAtOnce && needs.now().getTime() < until)
  return report
}

async function sweepRow(
  needs: Needs,
  settlePair: SettlePair,
  carryOn: CarryOn,
  row: DueRow,
  before: Date,
): Promise<void> {
  if (await carryOn(row)) return
  const isPair = row.subject.startsWith('p-')
  const stream = isPair
    ? await openPair(needs.tables, row.subject.slice('p-'.length))
    : await openStream<unknown>(needs.tables, { name: row.subject, partition: row.subject })
  const state = stream.state as { readonly due?: string } | undefined
  // Whichever row it is: whoever tries again moves the work on, and leaves the row where it stood.
  const isDue = isPair && state?.due !== undefined && Date.parse(state.due) <= before.getTime()
  const age = needs.now().getTime() - row.at.getTime()
  if (!isDue && row.from > stream.sequence && age < laidAheadMilliseconds) return

  const missing =
    row.from > stream.sequence ? [] : await readEvents(needs.tables, row.subject, row.from)
  if (!(await projectEvents(needs, missing))) return
  if (!isPair) {
    await moveDue(needs.tables, row.subject, row.at, undefined, stream.sequence)
    return
  }
  const projectedTo = missing.at(-1)?.sequence ?? stream.sequence
  await settlePair(row.subject.slice('p-'.length), { projectedTo, calledBy: row.at, patience: 0 })
}

/** A few at once; one that fails is told and tried again by the next run, the others go on. */
export async function eachAtOnce<Item>(
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
  needs: Pick<Needs, 'log'>,
): Promise<number> {
  const queue = [...items]
  let failed = 0
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await run(item)
      } catch (error) {
        failed++
        needs.log('error', 'Cannot finish due work now: the next sweep tries again', {
          cause: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return failed
}
