import type { DurableClient } from 'durable-functions'
import type { Clockwork, Revival } from '../../shared/operations/needs.ts'
import { accessLifeCycleName, changedEvent, type LifeCycleInput } from './access-life-cycle.ts'

/** Durable Functions as the clock and retry engine of the use cases. */
export function createClockwork(client: DurableClient, retryMaximum: number): Clockwork & Revival {
  const clockwork: Clockwork & Revival = {
    async start(requestId, wait, projectedTo) {
      const input: LifeCycleInput = {
        requestId,
        projectedTo,
        retryMaximumSeconds: retryMaximum / 1000,
        ...wait,
      }
      await client.startNew(accessLifeCycleName, { instanceId: requestId, input })
    },
    async nudge(requestId) {
      await client.raiseEvent(requestId, changedEvent, {})
    },
    async revive(requestId, wait) {
      if (await isUnderWay(client, requestId)) return false
      // Nothing is known to be in views and topic.
      await clockwork.start(requestId, wait, 0)
      return true
    },
  }
  return clockwork
}

const underWay: ReadonlySet<string> = new Set(['Running', 'Pending', 'ContinuedAsNew', 'Suspended'])

async function isUnderWay(client: DurableClient, requestId: string): Promise<boolean> {
  try {
    return underWay.has((await client.getStatus(requestId)).runtimeStatus)
  } catch (error) {
    // The client tells of an instance that is not there by its words only.
    if (error instanceof Error && error.message.includes('HTTP 404')) return false
    throw error
  }
}
