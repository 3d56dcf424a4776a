import type { Clockwork, Needs } from './needs.ts'

/** Tells an orchestration that its ledger has changed; where it cannot be reached, the sweep does. */
export async function nudge(
  needs: Pick<Needs, 'log'>,
  clockwork: Pick<Clockwork, 'nudge'>,
  requestId: string,
): Promise<void> {
  try {
    await clockwork.nudge(requestId)
  } catch (error) {
    needs.log('warning', 'Cannot reach an orchestration: the sweep carries the request on', {
      requestId,
      cause: String(error),
    })
  }
}
