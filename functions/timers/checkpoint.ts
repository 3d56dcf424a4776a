import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { countEvents } from '../../shared/operations/count-events.ts'
import type { Broker } from '../broker.ts'

/** The checkpoint timer: covers, and counts, what changed in the audit since the former one. */
export function checkpointHandler({ needs, archive }: Broker) {
  return async (): Promise<void> => {
    const made = await makeCheckpoint(needs, archive)
    if (made !== undefined) {
      const { number, kind, leaves, hash } = made
      needs.log('information', 'Made a checkpoint', { number, kind, leaves, hash })
    }
    await countEvents(needs)
  }
}
