import { holdsFor } from '../access/conditions.ts'
import { factsAsked } from '../access/evaluate.ts'
import { isActive, takes } from '../access/evaluate-rules.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Principal } from '../directory/directory.ts'
import { type CallRate, takeCall } from './call-rate.ts'
import { type CallerFacts, isAdministrator } from './callers.ts'
import type { Needs } from './needs.ts'
import { peopleFactsOf } from './people-facts.ts'
import { type Refusal, refused } from './refusal.ts'
import type { ReadConfiguration } from './system-stream.ts'

export type SearchOutcome =
  | { readonly kind: 'found'; readonly items: readonly Principal[] }
  | Refusal

export interface Search {
  readonly q: string
  readonly type: Principal['type']
}

/** Answered at most. */
const mostItems = 20
/** Looked at for whoever sees only some of them; a longer text finds the rest. */
const mostCandidates = 60
const rate: CallRate = { most: 30, milliseconds: 60_000 }

const notAdmitted = refused(
  'not-allowed',
  'not-admitted',
  'No access flow lets you ask for other people.',
)

/**
 * Searches users or groups by name. Administrators see all; others only enabled people for whom a
 * flow lets them ask.
 */
export async function searchDirectory(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  { q, type }: Search,
): Promise<SearchOutcome> {
  const seesAll = isAdministrator(caller)
  const flows = seesAll ? [] : (await readConfiguration()).accessFlows.filter(isForOthers)
  if (!seesAll && (caller.kind !== 'user' || type !== 'user' || flows.length === 0)) {
    return notAdmitted
  }
  const refusal = await takeCall(needs, `directory-${caller.id}`, rate)
  if (refusal !== undefined) return refusal
  if (seesAll) {
    return { kind: 'found', items: await needs.directory.search(type, q, mostItems) }
  }
  return searchForOthers(needs, flows, caller, q)
}

/** Whether a flow lets people ask for others at all. */
function isForOthers(flow: AccessFlow): boolean {
  const isAllowing = isActive(flow) && flow.effect !== 'deny' && takes(flow, 'http')
  return isAllowing && flow.grantees !== undefined
}

async function searchForOthers(
  needs: Needs,
  flows: readonly AccessFlow[],
  caller: CallerFacts,
  q: string,
): Promise<SearchOutcome> {
  const own = peopleFactsOf(
    await needs.directory.lookUp({ people: [caller.id], ...factsAsked(flows) }),
  )
  const open = flows.filter(({ requesters }) => holdsFor(requesters, caller.id, own))
  if (open.length === 0) return notAdmitted
  const candidates = await needs.directory.search('user', q, mostCandidates)
  if (candidates.length === 0) return { kind: 'found', items: [] }
  const looked = await needs.directory.lookUp({
    people: candidates.map(({ id }) => id),
    ...factsAsked(open),
  })
  const facts = peopleFactsOf(looked)
  const isAdmitted = ({ id }: Principal) =>
    looked.people.get(id)?.enabled === true &&
    open.some(({ grantees }) => grantees && holdsFor(grantees, id, facts, caller.id))
  return { kind: 'found', items: candidates.filter(isAdmitted).slice(0, mostItems) }
}
