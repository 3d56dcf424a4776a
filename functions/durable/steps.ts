import { isOpen, type Reason } from '../../shared/access/pair.ts'
import { pairOfRequest } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import type { SettlePair } from '../../shared/operations/settle-pair.ts'
import type { StepInput, StepResult } from './access-life-cycle.ts'

/** Timers fire up to a second early; a step waits this long inside instead of coming back. */
const patienceMilliseconds = 2_000

/** Makes the activities `grant` and `end`: both settle the pair of the request. */
export function createStep(
  needs: Needs,
  settlePair: SettlePair,
  step: 'grant' | 'end',
): (input: StepInput) => Promise<StepResult> {
  return async ({ requestId, projectedTo }) => {
    const pairId = pairOfRequest(requestId)
    if (pairId === undefined) return { status: 'unknown' }
    const settled = await settlePair(pairId, {
      patience: patienceMilliseconds,
      // A grant has done its part once the request is active; a short window is not waited out.
      isEnough: ({ reasons }) =>
        step === 'grant' &&
        reasons.some(({ id, status }) => id === requestId && status === 'active'),
      ...(projectedTo === undefined ? {} : { projectedTo }),
    })
    const known = settled.projectedTo === undefined ? {} : { projectedTo: settled.projectedTo }
    const reason = settled.pair?.reasons.find(({ id }) => id === requestId)
    if (reason !== undefined) {
      return { ...known, status: reason.status, ...wakeOf(reason, settled.nextAt) }
    }
    const closed =
      settled.closed.get(requestId) ?? (await readRequest(needs.tables, requestId))?.reason
    return { ...known, status: closed?.status ?? 'unknown' }
  }
}

function wakeOf(reason: Reason, nextAt: Date | undefined): { readonly wakeAt?: string } {
  if (!isOpen(reason.status)) return {}
  if (reason.status === 'active' && reason.endsAt !== undefined) return { wakeAt: reason.endsAt }
  return nextAt === undefined ? {} : { wakeAt: nextAt.toISOString() }
}
