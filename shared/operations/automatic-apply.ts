import { mayCover, nameOfAccess } from '../access/automatic.ts'
import type { Facts } from '../directory/directory.ts'
import {
  type CoveredPerson,
  coveredPage,
  dropCovered,
  dropEvaluatedFlow,
  type EvaluatedFlow,
  type GivenAccess,
  keepCovered,
  keepEvaluatedFlow,
} from '../ledger/automatic-rows.ts'
import {
  type AccessOutcome,
  type AutomaticHands,
  carryOutAccess,
  type Permits,
} from './automatic-access.ts'
import { factsOf } from './automatic-collect.ts'
import type { AutomaticPolicy, WantedAccess } from './automatic-policy.ts'
import type { AutomaticRun, FlowProgress } from './automatic-state.ts'
import type { Needs } from './needs.ts'
import type { Configuration } from './system-stream.ts'

const peopleAPage = 20
const longestRetryMilliseconds = 5 * 60_000

/** One flow under evaluation; without a policy it gives nothing (any more). */
export interface Applied {
  readonly configuration: Configuration
  readonly policy: AutomaticPolicy | undefined
  readonly current: FlowProgress
  readonly kind: AutomaticRun['kind']
}

/** Gives one page of people what they should have, and takes what they should not; undefined at the end. */
export async function applyPage(
  needs: Needs,
  hands: AutomaticHands,
  applied: Applied,
): Promise<FlowProgress | undefined> {
  const { current, policy } = applied
  const page = await coveredPage(needs.tables, current.name, {
    limit: peopleAPage,
    after: current.after,
  })
  const now = needs.now()
  const judged = page.people.filter((person) => !mayBeSkipped(person, applied, now))
  const ids = judged.map(({ id }) => id)
  const dues = page.people.flatMap((person) =>
    judged.includes(person) || person.dueAt === undefined ? [] : [person.dueAt],
  )
  // Nothing has to be known of people to whom nothing is given.
  const nothing: Facts = { people: new Map(), memberOf: new Map() }
  const looks = policy === undefined ? [{ ids, facts: nothing }] : factsOf(needs, policy, ids)
  for await (const look of looks) {
    for (const person of judged.filter(({ id }) => look.ids.includes(id))) {
      const dueAt = await applyTo(needs, hands, applied, person, look.facts)
      if (dueAt !== undefined) dues.push(dueAt.toISOString())
    }
  }
  const dueAt = [...dues, ...(current.dueAt === undefined ? [] : [current.dueAt])].sort()[0]
  const carried = { ...current, ...(dueAt === undefined ? {} : { dueAt }) }
  if (page.next !== undefined) return { ...carried, after: page.next }
  await finishFlow(needs, { ...applied, current: carried })
  return undefined
}

/** Whoever is as he was when he was last looked at has what he should have until his time comes. */
function mayBeSkipped(
  { mark, print, dueAt }: CoveredPerson,
  { policy, current, kind }: Applied,
  now: Date,
): boolean {
  if (policy === undefined) return false
  const isLater = dueAt !== undefined && dueAt > now.toISOString()
  if (kind === 'due') return isLater || dueAt === undefined
  return isLater && mark === current.mark && print === policy.print && !policy.judgesAlways
}

/** Answers when the person has to be looked at again, whether anything changes or not. */
async function applyTo(
  needs: Needs,
  hands: AutomaticHands,
  { configuration, policy, current }: Applied,
  person: CoveredPerson,
  facts: Facts,
): Promise<Date | undefined> {
  const now = needs.now()
  const isCovered = policy?.covers(person.id, facts) === true
  const allowed = new Map(
    isCovered
      ? [...policy.wanted].flatMap(([name, wanted]) => {
          const verdict = policy.allows(person.id, wanted, facts, now)
          return verdict === undefined ? [] : [[name, { wanted, verdict }] as const]
        })
      : [],
  )
  const given = [...allowed.values()].map(({ wanted }) => accessOf(wanted))
  const concerned = new Map([...person.given, ...given].map((each) => [nameOfAccess(each), each]))
  // Written ahead: what is given from here on is found again, whatever breaks off.
  if (concerned.size > person.given.length) {
    await keepCovered(needs.tables, current.name, { ...person, given: [...concerned.values()] })
  }
  const permits = permitsOf(configuration, policy, current)
  const by = policy ?? { flow: { name: current.name, version: 0 }, maximumMilliseconds: 0 }
  const outcomes: AccessOutcome[] = []
  for (const [name, { resource, permission }] of concerned) {
    const key = { tenantId: needs.tenantId, grantee: person.id, resource, permission }
    const may = allowed.get(name)
    const judged = { key, person: facts.people.get(person.id), ...(may && { allowed: may }) }
    const outcome = await carryOutAccess(needs, hands, by, judged, permits)
    if (may !== undefined) outcomes.push(outcome)
  }
  if (!isCovered || policy === undefined) {
    await dropCovered(needs.tables, current.name, person.id)
    return undefined
  }
  const starts = outcomes.some(({ did }) => did === 'started') ? (person.starts ?? 0) + 1 : 0
  const dueAt = dueOf(policy, permits, outcomes, starts, now)
  const waits = !permits.mayStart && outcomes.some(isUnsettled)
  await keepCovered(needs.tables, current.name, {
    id: person.id,
    mark: current.mark,
    given,
    starts,
    // Whoever was not given everything is looked at by every evaluation.
    ...(waits ? {} : { print: policy.print }),
    ...(dueAt === undefined ? {} : { dueAt: dueAt.toISOString() }),
  })
  return dueAt
}

function permitsOf(
  { stop, confirmed }: Configuration,
  policy: AutomaticPolicy | undefined,
  { people = 0, name }: FlowProgress,
): Permits {
  if (policy === undefined || stop.active) return { mayStart: false, mayRenew: false }
  const isConfirmed = mayCover(people, policy.flow, confirmed[name.toLowerCase()])
  return { mayStart: isConfirmed && !policy.tooMany, mayRenew: true }
}

function isUnsettled({ did, until }: AccessOutcome): boolean {
  return did === 'nothing' && until === undefined
}

/**
 * The earliest half time; sooner where something is under way. What nobody may start now waits for
 * an evaluation of everything: one is ordered when that changes.
 */
function dueOf(
  { maximumMilliseconds }: AutomaticPolicy,
  { mayStart }: Permits,
  outcomes: readonly AccessOutcome[],
  starts: number,
  now: Date,
): Date | undefined {
  const retry = Math.min(longestRetryMilliseconds, maximumMilliseconds / 8)
  // What the directory refuses is tried ever more seldom.
  const pause = Math.min(retry * 2 ** Math.max(0, starts - 1), maximumMilliseconds / 2)
  const again = mayStart ? [now.getTime() + pause] : []
  const times = outcomes.flatMap(({ until }) => (until === undefined ? again : [until.getTime()]))
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}

async function finishFlow(needs: Needs, applied: Applied): Promise<void> {
  const { configuration, policy, current } = applied
  const { name, people = 0, mark, dueAt } = current
  const isThere = configuration.accessFlows.some(
    (flow) => flow.name.toLowerCase() === name.toLowerCase() && flow.trigger === 'automatic',
  )
  if (!isThere) return dropEvaluatedFlow(needs.tables, name)
  const state = stateOf(applied)
  if (state === 'needs-confirmation') {
    const message = 'An automatic flow covers more people than were confirmed: it gives nothing new'
    needs.log('warning', message, { flow: name, people })
  }
  if (policy?.tooMany === true) {
    const resources = policy.wanted.size
    needs.log('warning', 'An automatic flow covers too many resources', { flow: name, resources })
  }
  await keepEvaluatedFlow(needs.tables, {
    name,
    people: policy === undefined ? 0 : people,
    state,
    evaluatedAt: needs.now().toISOString(),
    mark,
    ...(dueAt === undefined ? {} : { dueAt }),
  })
}

function stateOf({ configuration, policy, current }: Applied): EvaluatedFlow['state'] {
  if (policy === undefined || policy.tooMany || configuration.stop.active) return 'stopped'
  return permitsOf(configuration, policy, current).mayStart ? 'running' : 'needs-confirmation'
}

function accessOf({ resource, permission }: WantedAccess): GivenAccess {
  return { resource, permission }
}
