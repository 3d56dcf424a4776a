import type { InvocationContext } from '@azure/functions'
import * as durable from 'durable-functions'
import { carryOnMassEnd } from '../../shared/operations/mass-end.ts'
import { carryOnReconcile, orderReconcile, reconcile } from '../../shared/operations/reconcile.ts'
import { sweep } from '../../shared/operations/sweep.ts'
import type { Broker } from '../broker.ts'
import { createClockwork } from '../durable/clockwork.ts'

/** The sweep timer: finishes what is due, whatever happened to its orchestration. */
export function sweepHandler({ needs, settlePair }: Broker) {
  return async (_timer: unknown, context: InvocationContext): Promise<void> => {
    const clockwork = createClockwork(durable.getClient(context), needs.limits.retryMaximum)
    const { seen, failed } = await sweep(
      needs,
      settlePair,
      async (row) =>
        (await carryOnMassEnd(needs, row, clockwork)) ||
        (await carryOnReconcile(needs, settlePair, row, clockwork)),
    )
    if (seen > 0) needs.log('information', 'Swept', { seen, failed })
  }
}

/** The reconcile timer: looks at everything open, and so finds what lost even its due row. */
export function reconcileHandler({ needs, settlePair }: Broker) {
  return async (_timer: unknown, context: InvocationContext): Promise<void> => {
    const clockwork = createClockwork(durable.getClient(context), needs.limits.retryMaximum)
    const report = await reconcile(needs, settlePair, clockwork)
    if (!report.isFinished) await orderReconcile(needs)
    needs.log('information', 'Reconciled', { ...report })
  }
}
