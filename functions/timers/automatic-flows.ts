import type { InvocationContext } from '@azure/functions'
import * as durable from 'durable-functions'
import { carryOnAutomatic, orderRegularAutomatic } from '../../shared/operations/automatic-flows.ts'
import type { ReadResources } from '../../shared/operations/read-resources.ts'
import type { Broker } from '../broker.ts'
import { createClockwork } from '../durable/clockwork.ts'

/** Well within the time that the host gives a function; the next call goes on. */
const milliseconds = 120_000

/** The timer of automatic access flows: looks at everybody, as often as discovery does. */
export function automaticHandler(broker: Broker, readResources: ReadResources) {
  const carryOn = carryOnAutomaticHandler(broker, readResources)
  return async (timer: unknown, context: InvocationContext): Promise<void> => {
    await orderRegularAutomatic(broker.needs)
    await carryOn(timer, context)
  }
}

/**
 * Takes up what a changed flow has ordered, what broke off, and windows at their half time. A timer
 * of its own: a directory that answers slowly must never keep the sweep from ending access on time.
 */
export function carryOnAutomaticHandler(broker: Broker, readResources: ReadResources) {
  return (_timer: unknown, context: InvocationContext): Promise<void> => {
    const { needs, settlePair, readConfiguration } = broker
    const clockwork = createClockwork(durable.getClient(context), needs.limits.retryMaximum)
    const work = { settlePair, clockwork, readConfiguration, readResources, milliseconds }
    return carryOnAutomatic(needs, work)
  }
}
