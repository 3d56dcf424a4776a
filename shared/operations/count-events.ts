import { countEvent, isCounted, noCounters } from '../access/counters.ts'
import { requestTime } from '../ledger/ids.ts'
import { eventOfRow, type LedgerEvent } from '../ledger/ledger-event.ts'
import {
  type CountedTo,
  type DayCounters,
  nameless,
  type ReportBy,
  readCountedTo,
  readCounters,
  reportKinds,
  writeCountedTo,
  writeCounters,
} from '../ledger/report-rows.ts'
import { rowsOf } from '../ledger/tables.ts'
import { auditDay } from '../ledger/views.ts'
import { firstDay } from './audit-log.ts'
import type { Needs } from './needs.ts'

type CountNeeds = Pick<Needs, 'tables' | 'now'>

const dayMilliseconds = 24 * 3_600_000
/** Day rows follow their events within moments; those that come later wait for the second count. */
const lagMilliseconds = 60_000
/** A day is counted once more when it has been over for so long. */
const recountAfterMilliseconds = dayMilliseconds
/** Days counted by one run; a broker that is to count years anew does so by and by. */
const daysARun = 40

/**
 * Counts what the day rows have to tell since the last run, for the reports. Costs an idle broker two
 * reads, and a life cycle nothing: the rows that are counted are written anyway.
 */
export async function countEvents(needs: CountNeeds): Promise<void> {
  const { tables, now } = needs
  const until = new Date(now().getTime() - lagMilliseconds)
  const today = auditDay(until.toISOString())
  const over = auditDay(
    new Date(now().getTime() - dayMilliseconds - recountAfterMilliseconds).toISOString(),
  )
  let state = (await readCountedTo(tables)) ?? (await beginning(needs))
  for (let days = 0; days < daysARun; days += 1) {
    const older = dayAfter(state.recounted)
    if (older < state.day && older <= over) {
      await countDay(needs, older, { through: '', isAnew: true })
      state = { ...state, recounted: older }
    } else if (state.day < today) {
      await countDay(needs, state.day, { through: state.through, isAnew: false })
      state = { ...state, day: dayAfter(state.day), through: '' }
    } else {
      const before = until.toISOString().replaceAll(':', '')
      const { day, through } = state
      const last = await countDay(needs, day, { through, before, isAnew: false })
      if (last !== through) await writeCountedTo(tables, { ...state, through: last })
      return
    }
    await writeCountedTo(tables, state)
  }
}

async function beginning({ tables, now }: CountNeeds): Promise<CountedTo> {
  const day = auditDay((await firstDay(tables, now())).toISOString())
  return { day, through: '', recounted: dayBefore(day) }
}

interface Stretch {
  /** Key of the last row that is counted already. */
  readonly through: string
  readonly before?: string
  /** What was counted before is forgotten. */
  readonly isAnew: boolean
}

/** Counts the rows of a day, or some of them; answers the key of the last one. */
async function countDay(
  { tables }: CountNeeds,
  day: string,
  { through, before, isAnew }: Stretch,
): Promise<string> {
  const range = {
    ...(through === '' ? {} : { from: `${through}!` }),
    ...(before === undefined ? {} : { before }),
  }
  let last = through
  const counts = new Map<ReportBy, Map<string, DayCounters>>()
  for await (const row of rowsOf(tables, 'Audit', day, range)) {
    last = row.key
    const event = eventOfRow(row)
    if (event === undefined || !isCounted(event.event)) continue
    for (const by of reportKinds) {
      const known = counts.get(by) ?? (isAnew ? new Map() : await countersOf(tables, by, day))
      counts.set(by, known)
      const name = nameOf(event, by)
      const former = known.get(name.toLowerCase()) ?? { ...noDay, day, name }
      // A run that was cut short has counted it here, and not yet there.
      if (former.through >= row.key) continue
      const counters = countEvent(former.counters, event, requestTime(event.requestId ?? ''))
      known.set(name.toLowerCase(), { ...former, counters, through: row.key })
    }
  }
  for (const [by, rows] of counts) await writeCounters(tables, by, [...rows.values()])
  return last
}

const noDay = { counters: noCounters, through: '' }

async function countersOf(
  tables: CountNeeds['tables'],
  by: ReportBy,
  day: string,
): Promise<Map<string, DayCounters>> {
  const known = new Map<string, DayCounters>()
  for await (const row of readCounters(tables, by, day, dayAfter(day))) {
    known.set(row.name.toLowerCase(), row)
  }
  return known
}

/** Whoever is refused may have named anything: only what can be a name is one. */
function nameOf(event: LedgerEvent, by: ReportBy): string {
  if (by === 'day') return nameless
  const name = by === 'flow' ? event.accessFlow : event.integration
  return name !== undefined && /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name) ? name : nameless
}

function dayAfter(day: string): string {
  return auditDay(new Date(Date.parse(day) + dayMilliseconds).toISOString())
}

function dayBefore(day: string): string {
  return auditDay(new Date(Date.parse(day) - dayMilliseconds).toISOString())
}
