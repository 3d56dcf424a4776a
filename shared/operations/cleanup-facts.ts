import type { ToldPerson } from '../access/cleanup.ts'
import type { Known, Spared } from '../access/cleanup-checks.ts'
import type { ApproverRef } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { isOpen } from '../access/pair.ts'
import type { PeopleQuery } from '../directory/directory.ts'
import { readRequest } from '../ledger/pair-ledger.ts'
import { requestsOf } from '../ledger/person-stream.ts'
import { dueRows } from '../ledger/work-rows.ts'
import { matchQueries } from './approvers.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'
import type { Configuration } from './system-stream.ts'

/** Work that the sweep has left lying so long may hide a request. */
const sweepBehindMilliseconds = 15 * 60_000
const readsAtOnce = 16

/** Whom nobody may touch, read live: never from a cache. */
export async function readSpared(
  needs: CleanupNeeds,
  configuration: Configuration,
): Promise<Spared> {
  const { ownApplications } = needs.cleanup
  const [administrators, approvers, isProtected] = await Promise.all([
    needs.accounts.administrators(),
    approversOf(needs, configuration),
    protectedBy(needs, configuration.integrations),
  ])
  const refs = approverRefs(configuration)
  const owners = configuration.integrations.map(({ resourceOwner }) => resourceOwner?.keyName)
  return {
    administrators,
    approvers,
    protected: isProtected,
    managersApprove: refs.includes('manager'),
    groupOwnersApprove: owners.includes('owners'),
    ownApplications: new Set(ownApplications),
    ownIds: new Set(ownApplications),
  }
}

/** Everybody named as protected; unknown as soon as one of them cannot be found. */
async function protectedBy(
  { accounts, cleanup }: CleanupNeeds,
  integrations: readonly Integration[],
): Promise<Known<ReadonlySet<string>>> {
  const named = integrations.flatMap(({ userCleanup }) => userCleanup?.protected ?? [])
  const group = cleanup.protectedGroup === undefined ? [] : [cleanup.protectedGroup]
  const ids = [...new Set([...named, ...group].map((id) => id.toLowerCase()))]
  if (ids.length === 0) return new Set()
  const existing = await accounts.existing(ids)
  return ids.every((id) => existing.has(id)) ? new Set(ids) : 'unknown'
}

function approverRefs({ accessFlows }: Configuration): readonly ApproverRef[] {
  return accessFlows.flatMap(({ approval }) =>
    (approval?.steps ?? []).flatMap(({ approvers }) => approvers),
  )
}

/** Users and groups that approve: named in flows, or owners of integrations and resources. */
async function approversOf(
  needs: CleanupNeeds,
  configuration: Configuration,
): Promise<Known<ReadonlySet<string>>> {
  const { integrations } = configuration
  const named = approverRefs(configuration).flatMap((ref) =>
    typeof ref === 'object' ? [ref.id] : [],
  )
  const owners = integrations.flatMap(({ owner }) => owner?.values ?? [])
  const found = new Set([...named, ...owners].map((id) => id.toLowerCase()))
  const queries = await resourceOwners(needs, integrations)
  if (queries === 'unknown') return queries
  for (const query of queries) {
    if (query.by === 'user' || query.by === 'group') found.add(query.id.toLowerCase())
  }
  const matching = queries.filter(({ by }) => by === 'attribute')
  const people = matching.length === 0 ? [] : await needs.directory.findPeople(matching)
  for (const { users, groups, isComplete } of people) {
    if (!isComplete) return 'unknown'
    for (const { id } of [...users, ...groups]) found.add(id.toLowerCase())
  }
  return found
}

/** Whose the known resources are, as far as a value of theirs says so. */
async function resourceOwners(
  { readResources }: CleanupNeeds,
  integrations: readonly Integration[],
): Promise<Known<readonly PeopleQuery[]>> {
  const rules = integrations.flatMap(({ resourceOwner }) =>
    resourceOwner === undefined || resourceOwner.keyName === 'owners' ? [] : [resourceOwner],
  )
  if (rules.length === 0) return []
  const types = ['group', 'directory-role'] as const
  const known = await Promise.all(types.map((type) => readResources(type)))
  // Before the first discovery nobody knows whose anything is.
  if (known.includes(undefined)) return 'unknown'
  const queries = new Map<string, PeopleQuery>()
  for (const { tags } of known.flatMap((resources) => resources ?? [])) {
    for (const { keyName, attribute } of rules) {
      const value = tags[keyName]
      if (value === undefined) continue
      for (const query of matchQueries(attribute, value)) queries.set(JSON.stringify(query), query)
    }
  }
  return [...queries.values()]
}

/** Whether anything of a person's is open here; `behind` when the sweep does not keep up. */
export async function openWorkOf(
  { tables, now }: CleanupNeeds,
  person: string,
): Promise<'none' | 'pending' | 'active' | 'behind'> {
  const [late] = await dueRows(tables, new Date(now().getTime() - sweepBehindMilliseconds), 1)
  if (late !== undefined) return 'behind'
  const ids: string[] = []
  for await (const id of requestsOf(tables, person)) ids.push(id)
  let isPending = false
  for (let start = 0; start < ids.length; start += readsAtOnce) {
    const some = ids.slice(start, start + readsAtOnce)
    for (const request of await Promise.all(some.map((id) => readRequest(tables, id)))) {
      if (request === undefined || !isOpen(request.reason.status)) continue
      const waits = ['pending-approval', 'scheduled'].includes(request.reason.status)
      const isHis = request.key.grantee === person
      if (isHis && !waits) return 'active'
      if (waits) isPending = true
    }
  }
  return isPending ? 'pending' : 'none'
}

/** Everybody who answers for a person, in the order in which they are told. */
export async function answerableFor(
  needs: CleanupNeeds,
  person: string,
  owner: Integration['owner'],
): Promise<readonly ToldPerson[]> {
  const { sponsors, managerId } = await needs.accounts.relations(person)
  const owners = owner?.values ?? []
  const existing = owners.length === 0 ? new Set<string>() : await needs.accounts.existing(owners)
  const all: readonly ToldPerson[] = [
    ...sponsors.map((id) => ({ id, as: 'sponsor' as const })),
    ...(managerId === undefined ? [] : [{ id: managerId, as: 'manager' as const }]),
    ...owners
      .filter((id) => existing.has(id))
      .map((id) => ({ id, as: 'integration-owner' as const })),
  ]
  return all.filter(({ id }) => id !== person)
}

/** Sponsors, or else the manager, or else the owner of the integration. */
export function toldOf(answerable: readonly ToldPerson[]): readonly ToldPerson[] {
  const first = answerable[0]?.as
  return answerable.filter((each) => each.as === first)
}
