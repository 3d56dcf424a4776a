import { carryOnCleanup } from '../../shared/operations/cleanup-order.ts'
import { runCleanup } from '../../shared/operations/cleanup-run.ts'
import type { Broker } from '../broker.ts'

/** The cleanup timer: announces, and acts on accounts whose time has come. */
export function cleanupHandler({ cleanupNeeds }: Broker) {
  return async (): Promise<void> => {
    const report = await runCleanup(cleanupNeeds)
    cleanupNeeds.log('information', 'Cleaned up', { ...report })
  }
}

/** Takes up what was ordered and what broke off; apart from the sweep, which ends access on time. */
export function carryOnCleanupHandler({ cleanupNeeds }: Broker) {
  return (): Promise<void> => carryOnCleanup(cleanupNeeds)
}
