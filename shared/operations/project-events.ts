import type { LedgerEvent } from '../ledger/ledger-event.ts'
import { writeViews } from '../ledger/views.ts'
import type { Needs } from './needs.ts'

/**
 * Carries committed events to views and topic. A failure loses nothing, since the due row that
 * stands before them is their outbox; it is reported, so that the caller leaves that row alone.
 */
export async function projectEvents(
  needs: Pick<Needs, 'tables' | 'publisher' | 'log'>,
  events: readonly LedgerEvent[],
): Promise<boolean> {
  if (events.length === 0) return true
  const results = await Promise.allSettled([
    writeViews(needs.tables, events),
    needs.publisher.publish(events),
  ])
  for (const result of results) {
    if (result.status === 'rejected') {
      needs.log('warning', 'Cannot project events now: the sweep will repeat it', {
        streams: [...new Set(events.map((event) => event.stream))],
        cause: String(result.reason),
      })
    }
  }
  return results.every((result) => result.status === 'fulfilled')
}
