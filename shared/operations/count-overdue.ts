import { openPair } from '../ledger/pair-ledger.ts'
import { type DueRow, dueRows } from '../ledger/work-rows.ts'
import type { Needs } from './needs.ts'

/** What is overdue is tried again sooner than this, whatever the directory asks for. */
const horizonMilliseconds = 15 * 60_000
const rowsAtOnce = 200
const readsAtOnce = 16

/** How many grants should have ended and are not proven to have; costs what is due soon, not what is open. */
export async function countOverdue({
  tables,
  now,
  limits,
}: Pick<Needs, 'tables' | 'now' | 'limits'>): Promise<number> {
  const until = new Date(now().getTime() + limits.retryMaximum + horizonMilliseconds)
  const pairs = new Set<string>()
  let rows: readonly DueRow[] = []
  do {
    rows = await dueRows(tables, until, rowsAtOnce, rows.at(-1))
    for (const { subject } of rows) if (subject.startsWith('p-')) pairs.add(subject)
  } while (rows.length === rowsAtOnce)

  let overdue = 0
  const left = [...pairs]
  while (left.length > 0) {
    const some = left.splice(0, readsAtOnce)
    const heads = await Promise.all(some.map((each) => openPair(tables, each.slice('p-'.length))))
    const reasons = heads.flatMap(({ state }) => state?.pair.reasons ?? [])
    overdue += reasons.filter(({ status }) => status === 'overdue').length
  }
  return overdue
}
