import { openPair } from '../ledger/pair-ledger.ts'
import { type DueRow, layDue, moveDue, openSubjects } from '../ledger/work-rows.ts'
import type { Needs } from './needs.ts'
import type { SettlePair } from './settle-pair.ts'
import { eachAtOnce, type SweepReport } from './sweep.ts'

const orderSubject = 'reconcile'

/** Orders a reconcile; the next sweep carries it out. */
export async function orderReconcile(needs: Needs): Promise<void> {
  await layDue(needs.tables, needs.now(), orderSubject, 1)
}

/** Carries out an ordered reconcile; false when the row is none. */
export async function carryOnReconcile(
  needs: Needs,
  settlePair: SettlePair,
  row: DueRow,
): Promise<boolean> {
  if (row.subject !== orderSubject) return false
  await reconcile(needs, settlePair)
  await moveDue(needs.tables, row.subject, row.at, undefined)
  return true
}

export interface ReconcileReport extends SweepReport {
  readonly open: number
}

/**
 * Pages over everything open and settles it, due or not, so that even what lost its due row or its
 * orchestration is found. Costs O(open); the sweep in between costs O(due).
 */
export async function reconcile(needs: Needs, settlePair: SettlePair): Promise<ReconcileReport> {
  let open = 0
  let failed = 0
  let after: string | undefined
  do {
    const page = await openSubjects(needs.tables, after)
    const pairs = page.subjects.filter((subject) => subject.startsWith('p-'))
    const others = page.subjects.filter(
      (subject) => !subject.startsWith('p-') && subject !== orderSubject,
    )
    // Outboxes and mass ends whose due row was lost are left to the sweep.
    for (const subject of others) await layDue(needs.tables, needs.now(), subject, 1)
    open += pairs.length
    failed += await eachAtOnce(pairs, (subject) => reconcilePair(needs, settlePair, subject), needs)
    after = page.next
  } while (after !== undefined)
  return { seen: open, open, failed }
}

async function reconcilePair(needs: Needs, settlePair: SettlePair, subject: string): Promise<void> {
  const pairId = subject.slice('p-'.length)
  const stream = await openPair(needs.tables, pairId)
  const due = stream.state?.due
  // From the first event: whoever lost the due row may have lost views as well. Where nothing is open
  // any more, the marker that led here is itself what was left, and goes with a row that is due now.
  const at = due === undefined ? needs.now() : new Date(due)
  await layDue(needs.tables, at, subject, 1)
  await settlePair(pairId, { patience: 0 })
}
