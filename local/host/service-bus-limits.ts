import { availableParallelism } from 'node:os'
import { type HostJson, hostJsonNumber, hostJsonValue } from './host-json.ts'
import type { RegisteredFunction } from './seams.ts'
import { parseTimeSpan } from './time-span.ts'

/** How a function receives messages, by `extensions.serviceBus` of host.json and its trigger. */
export interface ServiceBusLimits {
  readonly maxConcurrentCalls: number
  readonly maxMessageBatchSize: number
  readonly maxAutoLockRenewalDurationInMs: number
  readonly autoCompleteMessages: boolean
}

/** Reads the limits, with the host's own for what is not set. */
export function readServiceBusLimits(
  { trigger }: RegisteredFunction,
  hostJson: HostJson,
): ServiceBusLimits {
  const path = ['extensions', 'serviceBus'] as const
  const renewal = hostJsonValue(hostJson, ...path, 'maxAutoLockRenewalDuration') ?? '00:05:00'
  const autoComplete =
    trigger['autoCompleteMessages'] ?? hostJsonValue(hostJson, ...path, 'autoCompleteMessages')
  return {
    maxConcurrentCalls:
      hostJsonNumber(hostJson, ...path, 'maxConcurrentCalls') ?? 16 * availableParallelism(),
    maxMessageBatchSize: hostJsonNumber(hostJson, ...path, 'maxMessageBatchSize') ?? 1_000,
    maxAutoLockRenewalDurationInMs: parseTimeSpan(String(renewal)),
    autoCompleteMessages: String(autoComplete ?? true).toLowerCase() === 'true',
  }
}
