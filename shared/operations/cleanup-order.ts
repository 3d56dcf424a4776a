import { cleanupOrder, dropRows, putCleanupOrder } from '../ledger/cleanup-rows.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'
import { assessCleanup, type CleanupOrder, runCleanup, settleAttempts } from './cleanup-run.ts'
import { confirmRule } from './cleanup-stream.ts'
import { type Refusal, refused } from './refusal.ts'

/** What an administrator asks for. */
export interface RunOrder {
  readonly integration?: string | undefined
  readonly dryRun: boolean
  readonly expectedCount?: number | undefined
}

/**
 * Orders a run, or only counts what it would touch. The true number lifts the stop by share, and
 * ends the first days of reporting of an integration that is named; a wrong one changes nothing.
 */
export async function orderCleanup(
  needs: CleanupNeeds,
  caller: CallerFacts,
  { integration, dryRun, expectedCount }: RunOrder,
): Promise<{ readonly kind: 'ordered'; readonly count: number } | Refusal> {
  const named = integration === undefined ? {} : { integration }
  const count = await assessCleanup(needs, named)
  if (expectedCount !== undefined && expectedCount !== count) {
    return refused(
      'conflict',
      'count-differs',
      `${count} accounts would be touched, not ${expectedCount}; nothing was done.`,
      { facts: { count } },
    )
  }
  if (dryRun) return { kind: 'ordered', count }
  if (integration !== undefined && expectedCount !== undefined)
    await confirmRule(needs, integration)
  const expected = expectedCount === undefined ? {} : { expectedCount }
  await putCleanupOrder(needs.tables, { ...named, ...expected, by: actorOf(caller) })
  return { kind: 'ordered', count }
}

/** Carries out an ordered run, and finds out what became of calls that broke off. */
export async function carryOnCleanup(needs: CleanupNeeds): Promise<void> {
  await settleAttempts(needs)
  const found = await cleanupOrder(needs.tables)
  if (found === undefined) return
  const report = await runCleanup(needs, found.order as CleanupOrder)
  await dropRows(needs.tables, [found.key])
  needs.log('information', 'Carried out an ordered cleanup', { ...report })
}
