import type { ResourceRef } from '../access/access.ts'
import { system } from '../access/events.ts'
import {
  type Departure,
  departureKey,
  dropDeparture,
  readDepartures,
} from '../ledger/resource-rows.ts'
import { changeResources } from './discover-store.ts'
import { endRequest } from './end-request.ts'
import { openPairs } from './grants.ts'
import type { Clockwork, Needs } from './needs.ts'

const departuresAStep = 100

/** What ends with its resource; the ends of everything else are under way already. */
const endsWithIt: ReadonlySet<string> = new Set([
  'pending-approval',
  'scheduled',
  'granting',
  'active',
])

interface Stranded {
  readonly resource: ResourceRef
  readonly requests: readonly string[]
}

/**
 * Ends the requests for resources that have gone; true when there are none left. What has begun is
 * taken back, by a removal whose "not there" proves it; what has not begun is cancelled.
 */
export async function endOfGone(
  needs: Needs,
  clockwork: Pick<Clockwork, 'nudge'>,
): Promise<boolean> {
  const gone = await readDepartures(needs.tables, departuresAStep)
  if (gone.length === 0) return true
  const stranded = await findStranded(needs, new Set(gone.map(departureKey)))
  for (const departure of gone) {
    for (const { resource, requests } of stranded.get(departureKey(departure)) ?? []) {
      // Access is people's work: taken away only when the directory itself says that it is gone.
      if (await isThere(needs, resource)) await bringBack(needs, departure)
      else for (const requestId of requests) await end(needs, requestId, clockwork)
    }
    await dropDeparture(needs.tables, departure)
  }
  return gone.length < departuresAStep
}

/** Open requests by the departure that strands them: one look at all that is open. */
async function findStranded(
  needs: Needs,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly Stranded[]>> {
  const found = new Map<string, Map<string, Stranded>>()
  for await (const { key, reasons } of openPairs(needs.tables)) {
    const requests = reasons.filter(({ status }) => endsWithIt.has(status)).map(({ id }) => id)
    if (requests.length === 0) continue
    const place = JSON.stringify(key.resource)
    for (const name of departuresOf(key.resource).map(departureKey)) {
      if (!wanted.has(name)) continue
      const here = found.get(name) ?? new Map<string, Stranded>()
      const others = here.get(place)?.requests ?? []
      here.set(place, { resource: key.resource, requests: [...others, ...requests] })
      found.set(name, here)
    }
  }
  return new Map([...found].map(([name, here]) => [name, [...here.values()]]))
}

/** What may go so that a resource goes: itself, or the unit at which a role counts. */
function departuresOf({ type, id, scope = '/' }: ResourceRef): readonly Departure[] {
  const unit = /^\/administrativeUnits\/(.+)$/i.exec(scope)?.[1]
  const itself: Departure = { type, id: id.toLowerCase() }
  if (unit === undefined) return [itself]
  return [itself, { type: 'administrative-unit', id: unit.toLowerCase() }]
}

async function isThere({ directory }: Needs, resource: ResourceRef): Promise<boolean> {
  const facts = await directory.lookUp({ people: [], groups: [], resource })
  return facts.resource !== undefined
}

async function bringBack(needs: Needs, { type, id }: Departure): Promise<void> {
  await changeResources(needs, type, [id], (former) => {
    if (former?.goneAt === undefined) return undefined
    const { goneAt: _, ...back } = former
    return back
  })
}

async function end(
  needs: Needs,
  requestId: string,
  clockwork: Pick<Clockwork, 'nudge'>,
): Promise<void> {
  await endRequest(needs, { requestId, actor: system, endReason: 'resource-gone' }, clockwork)
}
