import type { Permission } from '../access/access.ts'
import type { ConditionNeeds, PeopleFacts } from '../access/conditions.ts'
import { durationOf } from '../access/duration.ts'
import { factsAsked, type Offer, type Policy } from '../access/evaluate.ts'
import type { Target } from '../access/flow.ts'
import { createOffers } from '../access/offers.ts'
import { isSelected, type Selector } from '../access/selector.ts'
import type { Documents, Planned } from './config-changes.ts'
import {
  away,
  flowsConcerned,
  type PlanFacts,
  type PlanResource,
  unlessAway,
} from './config-facts.ts'
import type { Needs } from './needs.ts'
import { peopleFactsOf } from './people-facts.ts'

/** Whose standing a plan changes, by object id. */
export interface PlanPeople {
  /** May ask for something that they may not ask for now, and the other way round. */
  readonly mayNewly: readonly string[]
  readonly mayNoLonger: readonly string[]
  /** May get something without approval that needs approval now. */
  readonly skipApproval: readonly string[]
  /** May have something for longer than now. */
  readonly longer: readonly string[]
  /** Of each list in full; the lists themselves name a hundred. */
  readonly counts: Readonly<Record<PersonalChange, number>>
  /** False where more people may be concerned; `gaps` says why. */
  readonly complete: boolean
  readonly gaps: readonly string[]
}

type PersonalChange = 'mayNewly' | 'mayNoLonger' | 'skipApproval' | 'longer'

const mostNamed = 100
const mostClasses = 500
const peopleInLookUp = 100
/** Keeps a plan of everything for everybody within seconds. */
const mostComparisons = 2_000_000

/** Compares what people may ask for before and after, by the same rules that decide requests. */
export async function whoIsConcerned(
  needs: Pick<Needs, 'directory' | 'now'>,
  planned: Planned,
  facts: PlanFacts,
): Promise<PlanPeople> {
  const gaps = new Set(facts.gaps)
  const found = new Map<PersonalChange, Set<string>>()
  const note = (change: PersonalChange, person: string) =>
    found.set(change, (found.get(change) ?? new Set()).add(person))
  const cases = casesOf(planned, facts.resources ?? [], gaps)
  const asked = factsAsked([...planned.before.accessFlows, ...planned.after.accessFlows])
  let left = mostComparisons
  for (let start = 0; start < facts.people.length && left > 0; start += peopleInLookUp) {
    const people = facts.people.slice(start, start + peopleInLookUp)
    const known = await lookUp(needs, people, asked, gaps)
    if (known === undefined) break
    for (const person of known.people) {
      for (const { resource, permission, before, after } of cases) {
        left -= before.flows.length + after.flows.length
        const seeker = { personId: person, facts: known.facts, now: needs.now() }
        const offers = (policy: Policy) => createOffers(seeker, policy)(resource, permission)
        for (const change of changesBetween(offers(before), offers(after))) note(change, person)
      }
    }
  }
  if (left <= 0) gaps.add('There is too much to compare.')
  const list = (change: PersonalChange) => [...(found.get(change) ?? [])].sort().slice(0, mostNamed)
  const count = (change: PersonalChange) => found.get(change)?.size ?? 0
  return {
    mayNewly: list('mayNewly'),
    mayNoLonger: list('mayNoLonger'),
    skipApproval: list('skipApproval'),
    longer: list('longer'),
    counts: {
      mayNewly: count('mayNewly'),
      mayNoLonger: count('mayNoLonger'),
      skipApproval: count('skipApproval'),
      longer: count('longer'),
    },
    complete: gaps.size === 0,
    gaps: [...gaps],
  }
}

async function lookUp(
  { directory }: Pick<Needs, 'directory'>,
  people: readonly string[],
  asked: ConditionNeeds,
  gaps: Set<string>,
): Promise<{ readonly people: readonly string[]; readonly facts: PeopleFacts } | undefined> {
  const facts = await unlessAway(() => directory.lookUp({ people, ...asked }), gaps)
  if (facts === away) return undefined
  return {
    people: people.filter((person) => facts.people.get(person)?.enabled === true),
    facts: peopleFactsOf(facts),
  }
}

function* changesBetween(
  before: readonly Offer[],
  after: readonly Offer[],
): Generator<PersonalChange> {
  if (before.length === 0 && after.length > 0) yield 'mayNewly'
  if (before.length > 0 && after.length === 0) yield 'mayNoLonger'
  if (before.length === 0 || after.length === 0) return
  if (needApproval(before) && !needApproval(after)) yield 'skipApproval'
  if (longest(after) > longest(before)) yield 'longer'
}

function needApproval(offers: readonly Offer[]): boolean {
  return offers.every(({ flow }) => flow.approval !== undefined)
}

function longest(offers: readonly Offer[]): number {
  return Math.max(...offers.map(({ flow }) => durationOf(flow.duration?.maximum ?? '') ?? 0))
}

interface Selection {
  readonly include?: readonly Selector[] | undefined
  readonly exclude?: readonly Selector[] | undefined
}

/** Something that may be asked for, with the flows that are about it now and after. */
interface Case {
  readonly resource: PlanResource
  readonly permission: Permission
  readonly before: Policy
  readonly after: Policy
}

/**
 * What the changed documents are about. One resource stands for all that every integration and every
 * target treats alike: what holds for one holds for its whole class.
 */
function casesOf(
  planned: Planned,
  resources: readonly PlanResource[],
  gaps: Set<string>,
): readonly Case[] {
  const concerned = flowsConcerned(planned).flatMap(({ targets }) => targets)
  const about = resources.filter((resource) => concerned.some((each) => selects(each, resource)))
  const selections = [planned.before, planned.after].flatMap(
    ({ integrations, accessFlows }): readonly Selection[] => [
      ...integrations,
      ...accessFlows.flatMap(({ targets }) => targets),
    ],
  )
  const distinct = [...new Map(selections.map((each) => [textOf(each), each])).values()]
  const most = Math.floor(mostComparisons / Math.max(1, distinct.length))
  const classes = new Map<string, PlanResource>()
  for (const resource of about.slice(0, most)) {
    const { selectable } = resource
    const marks = distinct.map((selection) => (isSelected(selectable, selection) ? '1' : '0'))
    const name = `${resource.ref.type} ${marks.join('')}`
    if (!classes.has(name)) classes.set(name, resource)
  }
  if (about.length > most || classes.size > mostClasses) {
    gaps.add('There are too many different resources to look at.')
  }
  return [...classes.values()].slice(0, mostClasses).flatMap((resource) => {
    const [before, after] = [
      policyFor(resource, planned.before),
      policyFor(resource, planned.after),
    ]
    return permissionsOf(resource).map((permission) => ({ resource, permission, before, after }))
  })
}

function policyFor(resource: PlanResource, { integrations, accessFlows }: Documents): Policy {
  const flows = accessFlows
    .filter(({ targets }) => targets.some((target) => selects(target, resource)))
    .map((flow) => ({ ...flow, version: 0 }))
  return { integrations, flows }
}

function selects(target: Target, { ref, selectable }: PlanResource): boolean {
  return target.resourceType === ref.type && isSelected(selectable, target)
}

function permissionsOf({ ref }: PlanResource): readonly Permission[] {
  return ref.type === 'group' ? ['member', 'owner'] : ['active']
}

function textOf({ include, exclude }: Selection): string {
  return JSON.stringify([include, exclude])
}
