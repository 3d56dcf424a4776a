import type { InvocationContext } from '@azure/functions'
import * as durable from 'durable-functions'
import { carryOnDiscovery, orderRegularDiscovery } from '../../shared/operations/discover.ts'
import type { Broker } from '../broker.ts'
import { createClockwork } from '../durable/clockwork.ts'

/** Well within the time that the host gives a function; the next call goes on. */
const milliseconds = 120_000

/** The discovery timer: looks for what is new, as often as the schedule says. */
export function discoveryHandler(broker: Broker) {
  return async (_timer: unknown, context: InvocationContext): Promise<void> => {
    await orderRegularDiscovery(broker.needs)
    await carryOn(broker, context)
  }
}

/**
 * Takes up what was ordered by hand or broke off. A timer of its own, beside the sweep: a directory
 * that answers slowly must never keep the sweep from ending access on time.
 */
export function carryOnDiscoveryHandler(broker: Broker) {
  return (_timer: unknown, context: InvocationContext): Promise<void> => carryOn(broker, context)
}

function carryOn(broker: Broker, context: InvocationContext): Promise<void> {
  const { needs, readConfiguration } = broker
  const clockwork = createClockwork(durable.getClient(context), needs.limits.retryMaximum)
  return carryOnDiscovery(needs, readConfiguration, { milliseconds, clockwork })
}
