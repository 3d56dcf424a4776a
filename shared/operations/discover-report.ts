import { newUlid } from '../ledger/ids.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import type { Stepped } from './discover-groups.ts'
import type { DiscoveryRun, DiscoveryState } from './discover-state.ts'
import { viewOfRun } from './discover-view.ts'
import type { Needs } from './needs.ts'
import { emptySystem, type SystemState, systemPlace } from './system-stream.ts'

/**
 * Closes a run: an event where somebody asked for it or something has changed, and a word to the
 * readers of what is stored.
 */
export async function reportDiscovery(
  needs: Needs,
  state: DiscoveryState,
  run: DiscoveryRun,
): Promise<Stepped> {
  const at = needs.now().toISOString()
  const finished = { ...run, finishedAt: at }
  const isWorthTelling = run.by.type !== 'system' || run.changed + run.gone + run.givenUp.length > 0
  if (isWorthTelling) await record(needs, finished, at)
  const known = {
    version: newUlid(needs.now(), needs.random),
    ...(run.complete.includes('groups') ? { groups: at } : {}),
    ...(run.complete.includes('roles') ? { roles: at } : {}),
  }
  return { state: { ...state, run: finished }, isDone: true, known }
}

function record(needs: Needs, run: DiscoveryRun, at: string): Promise<void> {
  const { state, full, pages, found, changed, gone, seconds } = viewOfRun(run, needs.now())
  return changeStreamAndProject<SystemState, void>(needs, systemPlace, (stream) => {
    const system = stream.state ?? emptySystem
    // A crash after the record and before the state was saved leads here a second time.
    if (system.lastDiscovery === run.id) return { result: undefined }
    return {
      result: undefined,
      change: {
        state: { ...system, lastDiscovery: run.id },
        events: [
          {
            event: 'discovery.finished',
            at,
            actor: run.by,
            ...(run.integration === undefined ? {} : { integration: run.integration }),
            detail: { discovery: run.id, state, full, pages, found, changed, gone, seconds },
          },
        ],
      },
    }
  })
}
