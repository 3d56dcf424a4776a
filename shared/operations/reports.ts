import { addCounters, type Counters, noCounters, quantile } from '../access/counters.ts'
import { type ReportBy, readCounters } from '../ledger/report-rows.ts'
import type { Tables } from '../ledger/tables.ts'
import { auditDay } from '../ledger/views.ts'

/** A line of a report: a day, an access flow or an integration. */
export interface ReportItem
  extends Pick<Counters, 'requested' | 'refused' | 'granted' | 'ended' | 'overdue'> {
  readonly key: string
  /** Null where nobody was asked. */
  readonly medianApprovalSeconds: number | null
  /** Null where no window ran out. */
  readonly p95EndLatenessSeconds: number | null
}

export interface ReportRange {
  readonly from: Date
  /** The day of this instant counts, unless it is the very beginning of it. */
  readonly to: Date
  readonly by: ReportBy
}

const dayMilliseconds = 24 * 3_600_000

/** What happened in some days, from the counters: costs their rows, however much happened. */
export async function readReport(
  tables: Tables,
  { from, to, by }: ReportRange,
): Promise<readonly ReportItem[]> {
  const lines = new Map<string, { readonly key: string; readonly counters: Counters }>()
  const before = new Date(Math.ceil(to.getTime() / dayMilliseconds) * dayMilliseconds)
  for await (const { day, name, counters } of readCounters(
    tables,
    by,
    dayOf(from),
    dayOf(before),
  )) {
    const key = by === 'day' ? day : name
    const former = lines.get(key.toLowerCase())
    lines.set(key.toLowerCase(), {
      key: former?.key ?? key,
      counters: addCounters(former?.counters ?? noCounters, counters),
    })
  }
  return [...lines.values()]
    .sort((one, other) => (one.key.toLowerCase() < other.key.toLowerCase() ? -1 : 1))
    .map(({ key, counters: { approval, lateness, ...counts } }) => ({
      key,
      ...counts,
      medianApprovalSeconds: quantile(approval, 0.5),
      p95EndLatenessSeconds: quantile(lateness, 0.95),
    }))
}

function dayOf(at: Date): string {
  return auditDay(at.toISOString())
}
