import type { ResourceType } from '../access/access.ts'
import type { Condition, ConditionTree } from '../access/conditions.ts'
import { BrokerError } from '../access/errors.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Selectable, Tags } from '../access/selector.ts'
import type { ConfigSet } from '../config/config-set.ts'
import type { Directory, PeopleFound, PeopleQuery } from '../directory/directory.ts'
import type { Planned } from './config-changes.ts'
import type { Needs } from './needs.ts'
import { type Offered, resourcesOf } from './offered-resources.ts'
import type { ReadResources } from './read-resources.ts'

/** A plan reads so much of the directory and says where it stopped. */
const mostResources = 10_000
const mostGroups = 100
const mostPeople = 500

/** A resource, and the very object that selectors are held against, time and again. */
export interface PlanResource extends Pick<Offered, 'ref' | 'name'> {
  readonly tags: Tags | undefined
  readonly selectable: Selectable
}

/** What the directory says of a plan. What is missing is told in `gaps`, in sentences. */
export interface PlanFacts {
  /** Undefined where they could not be read. */
  readonly resources: readonly PlanResource[] | undefined
  /** Who was found behind the groups that are named, by object id. */
  readonly groups: ReadonlyMap<string, PeopleFound>
  /** Everybody whose standing the plan may change, as far as they can be named. */
  readonly people: readonly string[]
  readonly gaps: readonly string[]
}

/** Flows, before and after, by which somebody may stand differently. */
export function flowsConcerned({ changes, before, after }: Planned): readonly AccessFlow[] {
  const changed = (kind: string) =>
    new Set(
      changes
        .filter((change) => change.kind === kind && change.action !== 'none')
        .map(({ name }) => name.toLowerCase()),
    )
  const [flows, integrations] = [changed('access-flow'), changed('integration')]
  return [...before.accessFlows, ...after.accessFlows].filter(
    ({ name, targets }) =>
      flows.has(name.toLowerCase()) ||
      targets.some(({ integration }) => integrations.has(integration.toLowerCase())),
  )
}

/** Reads what a plan has to know; a directory that does not answer leaves gaps, never an error. */
export async function gatherFacts(
  needs: Pick<Needs, 'directory'>,
  readResources: ReadResources,
  planned: Planned,
  set: ConfigSet,
): Promise<PlanFacts> {
  const gaps = new Set<string>()
  const concerned = flowsConcerned(planned)
  const flows = [...concerned, ...(set.accessFlows ?? [])]
  const named = { users: new Set<string>(), groups: new Set<string>() }
  for (const flow of concerned) {
    const { users, groups, isBounded } = candidatesOf(flow.requesters)
    for (const id of users) named.users.add(id)
    for (const id of groups) named.groups.add(id)
    if (!isBounded) gaps.add(`"${flow.name}" describes people without naming them.`)
  }
  const groups = await readGroups(needs.directory, [...named.groups, ...groupsLinted(flows)], gaps)
  const bundled = (set.bundles ?? []).flatMap((each) =>
    each.resources.map(({ resource }) => resource.type),
  )
  const resources = await readAll(needs, readResources, flows, bundled, gaps)
  const people = new Set(named.users)
  for (const id of named.groups) {
    const found = groups.get(id)
    if (found?.isComplete === false) gaps.add(`The group ${id} has more members than were read.`)
    for (const user of found?.users ?? []) people.add(user.id)
  }
  if (people.size > mostPeople) gaps.add(`More than ${mostPeople} people are concerned.`)
  return { resources, groups, people: [...people].slice(0, mostPeople), gaps: [...gaps] }
}

interface Candidates {
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** False where people may fit whom nothing names. */
  readonly isBounded: boolean
}

/** Everybody who could fit a tree, as users and groups that hold them. */
function candidatesOf(node: ConditionTree | Condition): Candidates {
  if (!('conditions' in node)) {
    const isNamed = node.match === undefined || node.match === 'is'
    const values = node.values.map((value) => value.toLowerCase())
    if (isNamed && node.type === 'user') return { users: values, groups: [], isBounded: true }
    if (isNamed && node.type === 'group') return { users: [], groups: values, isBounded: true }
    return { users: [], groups: [], isBounded: false }
  }
  const parts = node.conditions.map(candidatesOf)
  // Whoever fits all of them fits each: one that names people is enough.
  const bounded = parts.filter(({ isBounded }) => isBounded)
  const [first] = bounded
  if (node.operator === 'and' && first !== undefined) return first
  return {
    users: parts.flatMap(({ users }) => users),
    groups: parts.flatMap(({ groups }) => groups),
    isBounded: node.operator === 'or' && bounded.length === parts.length,
  }
}

/** Groups that a flow names anywhere: that each exists, and that approvers are in theirs, is looked at. */
export function groupsLinted(flows: readonly AccessFlow[]): readonly string[] {
  const trees = flows.flatMap(({ requesters, grantees }) =>
    grantees === undefined ? [requesters] : [requesters, grantees],
  )
  const approvers = flows.flatMap(({ approval }) =>
    (approval?.steps ?? []).flatMap((step) => step.approvers),
  )
  return [
    ...trees.flatMap(groupsNamed),
    ...approvers.flatMap((each) =>
      typeof each === 'object' && each.type === 'group' ? [each.id] : [],
    ),
  ].map((id) => id.toLowerCase())
}

function groupsNamed(node: ConditionTree | Condition): readonly string[] {
  if ('conditions' in node) return node.conditions.flatMap(groupsNamed)
  return node.type === 'group' ? node.values : []
}

async function readGroups(
  directory: Directory,
  ids: readonly string[],
  gaps: Set<string>,
): Promise<ReadonlyMap<string, PeopleFound>> {
  const wanted = [...new Set(ids)]
  if (wanted.length > mostGroups) gaps.add(`More than ${mostGroups} groups are named.`)
  const asked = wanted.slice(0, mostGroups)
  const queries = asked.map((id): PeopleQuery => ({ by: 'group', id }))
  const found = await unlessAway(() => directory.findPeople(queries), gaps)
  if (found === away) return new Map()
  return new Map(
    asked.flatMap((id, index) => {
      const people = found[index]
      return people === undefined ? [] : [[id, people] as const]
    }),
  )
}

async function readAll(
  needs: Pick<Needs, 'directory'>,
  readResources: ReadResources,
  flows: readonly AccessFlow[],
  bundled: readonly ResourceType[],
  gaps: Set<string>,
): Promise<readonly PlanResource[] | undefined> {
  const targeted = flows.flatMap(({ targets }) => targets.map((target) => target.resourceType))
  const types = new Set([...bundled, ...targeted])
  const read = async () => {
    const resources: PlanResource[] = []
    for (const type of types) {
      const all = await resourcesOf(needs, readResources, type, flows)
      if (all.length > mostResources) {
        gaps.add(`There are more than ${mostResources} resources of the type ${type}.`)
      }
      resources.push(...all.slice(0, mostResources).map(planResource))
    }
    return resources
  }
  const resources = await unlessAway(read, gaps)
  return resources === away ? undefined : resources
}

function planResource({ ref, name, tags }: Offered): PlanResource {
  return { ref, name, tags, selectable: { id: ref.id, name, tags } }
}

export const away = Symbol('the directory does not answer')

/** What a read of the directory gives, or that it does not answer, which becomes a gap. */
export async function unlessAway<Value>(
  read: () => Promise<Value>,
  gaps: { add(gap: string): unknown },
): Promise<Value | typeof away> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof BrokerError) || !error.retryable) throw error
    gaps.add('The directory did not answer.')
    return away
  }
}
