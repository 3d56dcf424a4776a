import type { DurableClient } from 'durable-functions'
import type { Clockwork } from '../../shared/operations/needs.ts'
import { accessLifeCycleName, changedEvent, type LifeCycleInput } from './access-life-cycle.ts'

/** Durable Functions as the clock and retry engine of the use cases. */
export function createClockwork(client: DurableClient, retryMaximum: number): Clockwork {
  return {
    async start(requestId, wait, projectedTo) {
      const input: LifeCycleInput = {
        requestId,
        ...(projectedTo === undefined ? {} : { projectedTo }),
        retryMaximumSeconds: retryMaximum / 1000,
        ...wait,
      }
      await client.startNew(accessLifeCycleName, { instanceId: requestId, input })
    },
    async nudge(requestId) {
      await client.raiseEvent(requestId, changedEvent, {})
    },
  }
}
