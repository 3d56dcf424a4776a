import type { EventName } from '../access/events.ts'
import type { LedgerEvent } from '../ledger/ledger-event.ts'
import type { Needs } from './needs.ts'

type Line = readonly [level: 'error' | 'warning', code: string, message: string]

/** The lines that alarms are made of: one for each such event, with a code that stays. */
const lines: Partial<Record<EventName, Line>> = {
  'grant.overdue': ['error', 'GRANT_OVERDUE', 'An end is overdue, and is tried for ever'],
  'drift.found': ['warning', 'DRIFT_FOUND', 'Others have changed what the ledger knows'],
  'standing.found': ['warning', 'DRIFT_FOUND', 'Access is there by the hand of others'],
}

/** Tells what was committed just now, as far as an operator should hear of it at once. */
export function tellOperator({ log }: Pick<Needs, 'log'>, events: readonly LedgerEvent[]): void {
  for (const { event, requestId, detail } of events) {
    const line = lines[event]
    if (line === undefined) continue
    const [level, code, message] = line
    const { kind, endsAt } = detail
    log(level, message, { code, event, requestId, ...(kind === undefined ? { endsAt } : { kind }) })
  }
}
