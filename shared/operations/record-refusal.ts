import { type Actor, type EventDraft, system } from '../access/events.ts'
import { sha256Hex } from '../ledger/ids.ts'
import { type PersonState, personPlace } from '../ledger/person-stream.ts'
import type { StreamPlace } from '../ledger/stream.ts'
import type { Arrival } from './arrival.ts'
import type { CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import type { Asked } from './decide-request.ts'
import type { Needs } from './needs.ts'
import type { Refusal } from './refusal.ts'

/** Refusals that a caller's stream knows by id, so that recording one again changes nothing. */
const rememberedRefusals = 50

/** Stream of a caller: refusals stand there, never in a pair's or the system's. */
function callerPlace(arrival: Pick<Arrival, 'actor' | 'requester'>): StreamPlace {
  if (arrival.actor !== undefined) {
    return personPlace(arrival.actor.id)
  }
  const hash = sha256Hex(arrival.requester).slice(0, 26)
  return { name: `bus:${hash}`, partition: `bus-${hash}` }
}

/**
 * Writes a refusal to the audit. It makes no request, so the pair's stream never hears of it.
 * Recording the same one again, after a crash or beside another call, changes nothing.
 */
export async function recordRefusal(
  needs: Needs,
  arrival: Arrival,
  asked: Asked,
  refusal: Refusal,
  requestId: string,
): Promise<void> {
  const actor = arrival.actor ?? system
  await appendEvent(needs, callerPlace(arrival), {
    event: 'request.refused',
    at: needs.now().toISOString(),
    actor,
    requestId,
    grantee: asked.grantee,
    resourceType: asked.resource.type,
    resourceId: asked.resource.id,
    permission: asked.permission,
    ...(asked.resource.scope === undefined ? {} : { scope: asked.resource.scope }),
    ...(asked.integration === undefined ? {} : { integration: asked.integration }),
    ...(asked.accessFlow === undefined ? {} : { accessFlow: asked.accessFlow }),
    ...(arrival.correlationId === undefined ? {} : { correlationId: arrival.correlationId }),
    ...(asked.justification === undefined ? {} : { reason: asked.justification }),
    detail: {
      code: refusal.code,
      detail: refusal.detail,
      intake: arrival.intake,
      requester: arrival.requester,
      trace: refusal.trace ?? [],
      ...refusal.facts,
    },
  })
}

/** Something refused before it could be understood as a request, such as a broken message. */
export async function recordUnreadable(
  needs: Needs,
  place: StreamPlace,
  actor: Actor,
  correlationId: string | undefined,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendEvent(needs, place, {
    event: 'request.refused',
    at: needs.now().toISOString(),
    actor,
    ...(correlationId === undefined ? {} : { correlationId }),
    detail,
  })
}

async function appendEvent(needs: Needs, place: StreamPlace, event: EventDraft): Promise<void> {
  const { requestId } = event
  await changeStreamAndProject<PersonState, void>(needs, place, ({ state }) => {
    const latest = state?.latest ?? []
    if (requestId !== undefined && latest.includes(requestId)) return { result: undefined }
    const remembered = requestId === undefined ? latest : [...latest, requestId]
    return {
      change: {
        state: {
          ...state,
          refused: (state?.refused ?? 0) + 1,
          latest: remembered.slice(-rememberedRefusals),
        },
        events: [event],
      },
      result: undefined,
    }
  })
}

/** Writes to the audit that a signed-in caller tried something his roles do not allow. */
export async function recordForbidden(
  needs: Needs,
  caller: CallerFacts,
  operation: string,
): Promise<void> {
  const actor: Actor = { id: caller.id, type: caller.kind }
  await appendEvent(needs, callerPlace({ actor, requester: caller.id }), {
    event: 'authorization.refused',
    at: needs.now().toISOString(),
    actor,
    detail: { operation, roles: caller.roles },
  })
}
