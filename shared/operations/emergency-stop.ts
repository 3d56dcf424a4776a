import { orderAutomatic } from './automatic-state.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import type { Needs } from './needs.ts'
import { type EmergencyStop, emptySystem, type SystemState, systemPlace } from './system-stream.ts'

/**
 * Switches the emergency stop. Setting it to what it is already changes and records nothing. When it
 * is over, what automatic flows could not give meanwhile is looked at again.
 */
export async function setEmergencyStop(
  needs: Needs,
  caller: CallerFacts,
  wanted: { readonly active: boolean; readonly reason: string },
): Promise<EmergencyStop> {
  const set = await changeStreamAndProject<SystemState, EmergencyStop>(
    needs,
    systemPlace,
    (stream) => {
      const state = stream.state ?? emptySystem
      if (state.stop.active === wanted.active) return { result: state.stop }
      const at = needs.now().toISOString()
      const stop = {
        active: wanted.active,
        reason: wanted.reason,
        changedBy: caller.id,
        changedAt: at,
      }
      return {
        result: stop,
        change: {
          state: { ...state, stop },
          events: [
            {
              event: 'emergency-stop.changed',
              at,
              actor: actorOf(caller),
              reason: wanted.reason,
              detail: { active: wanted.active },
            },
          ],
        },
      }
    },
  )
  if (!wanted.active) await orderAutomatic(needs)
  return set
}
