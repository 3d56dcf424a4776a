import type { ResourceRef } from '../access/access.ts'
import { stagesOf } from '../access/approval-stages.ts'
import type { ApprovalRule, ApproverRef } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import type {
  DirectoryUser,
  GroupAttribute,
  PeopleFound,
  PeopleQuery,
} from '../directory/directory.ts'
import type { Needs } from './needs.ts'
import { readCatalogTags } from './resource-tags.ts'

/** One entry of a step, with the people that the directory names for it now. */
export interface ApproverEntry {
  readonly ref: ApproverRef
  /** The first of them; a large group is not read to its end. */
  readonly users: readonly DirectoryUser[]
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  readonly isComplete: boolean
  /** Nobody is named as the owner of the resource, so the integration's owner stands in. */
  readonly isFallback: boolean
}

/** Stages, their tiers, the entries of each. */
export type Approvers = readonly (readonly (readonly ApproverEntry[])[])[]

/** What an approval is about: who may decide depends on it. */
export interface ApprovalSubject {
  readonly rule: ApprovalRule
  readonly integration: Pick<Integration, 'owner' | 'resourceOwner'>
  readonly resource: ResourceRef
  readonly granteeId: string
}

/**
 * Looks up who may decide, live: nothing of it is taken from a cache, a link or the request. Throws
 * where the directory cannot say.
 */
export async function findApprovers(
  needs: Pick<Needs, 'directory' | 'tables'>,
  subjects: readonly ApprovalSubject[],
): Promise<readonly Approvers[]> {
  const owners = await resourceOwnerQueries(needs, subjects)
  const questions = new Questions()
  const asked = subjects.map((subject, index) =>
    stagesOf(subject.rule).map((stage) =>
      stage.map((tier) =>
        tier.approvers.map((ref) => ({
          ref,
          keys: queriesOf(ref, subject, owners[index] ?? []).map((query) => questions.ask(query)),
          instead:
            ref === 'resource-owner' ? ownerQueries(subject).map((q) => questions.ask(q)) : [],
        })),
      ),
    ),
  )
  await questions.answer(needs.directory)
  return asked.map((stages) =>
    stages.map((stage) =>
      stage.map((tier) =>
        tier.map(({ ref, keys, instead }): ApproverEntry => {
          const found = questions.found(keys)
          const isFallback = instead.length > 0 && found.users.length + found.groups.length === 0
          return { ref, isFallback, ...(isFallback ? questions.found(instead) : found) }
        }),
      ),
    ),
  )
}

/** Whose the resources are, as queries; empty where nothing says so. */
async function resourceOwnerQueries(
  { directory, tables }: Pick<Needs, 'directory' | 'tables'>,
  subjects: readonly ApprovalSubject[],
): Promise<readonly (readonly PeopleQuery[])[]> {
  const named = await Promise.all(subjects.map((subject) => namedOwner(tables, subject)))
  const asked = named.flatMap((owner) => ('group' in owner ? [owner] : []))
  // One batch for all of them: a list of approvals asks about a hundred at once.
  const values = [...(asked.length === 0 ? [] : await directory.groupAttributes(asked))]
  return named.map((owner, index) => {
    if ('queries' in owner) return owner.queries
    const value = 'value' in owner ? owner.value : values.shift()
    const attribute = subjects[index]?.integration.resourceOwner?.attribute
    return value === undefined || attribute === undefined ? [] : matchQueries(attribute, value)
  })
}

/** Who owns a resource: found by queries, by a value that is known, or by an attribute of its group. */
type NamedOwner =
  | { readonly queries: readonly PeopleQuery[] }
  | { readonly value: string }
  | GroupAttribute

async function namedOwner(
  tables: Needs['tables'],
  { rule, integration, resource }: ApprovalSubject,
): Promise<NamedOwner> {
  const { resourceOwner } = integration
  const isAsked = rule.steps.some(({ approvers }) => approvers.includes('resource-owner'))
  if (!isAsked || resourceOwner === undefined) return { queries: [] }
  const { keyName } = resourceOwner
  const isGroup = resource.type === 'group'
  if (keyName === 'owners')
    return { queries: isGroup ? [{ by: 'owners', group: resource.id }] : [] }
  const value = (await readCatalogTags(tables, resource))[keyName]
  if (value !== undefined) return { value }
  return isGroup ? { group: resource.id, attribute: keyName } : { queries: [] }
}

/**
 * The people or groups that a value means: `user` and `group` by object id, `user.NAME` and
 * `group.NAME` by that attribute, a bare name by that attribute of users.
 */
export function matchQueries(attribute: string, value: string): readonly PeopleQuery[] {
  if (attribute === 'user') return [{ by: 'user', id: value }]
  if (attribute === 'group') return [{ by: 'group', id: value }]
  const [first, second] = attribute.split('.', 2)
  return (first === 'user' || first === 'group') && second !== undefined
    ? [{ by: 'attribute', of: first, attribute: second, value }]
    : [{ by: 'attribute', of: 'user', attribute, value }]
}

function ownerQueries({ integration: { owner } }: ApprovalSubject): readonly PeopleQuery[] {
  return (owner?.values ?? []).map((id) => ({ by: owner?.attribute ?? 'user', id }))
}

function queriesOf(
  ref: ApproverRef,
  subject: ApprovalSubject,
  resourceOwners: readonly PeopleQuery[],
): readonly PeopleQuery[] {
  switch (ref) {
    case 'manager':
      return [{ by: 'manager', of: subject.granteeId }]
    case 'integration-owner':
      return ownerQueries(subject)
    case 'resource-owner':
      return resourceOwners
    default:
      return [{ by: ref.type, id: ref.id }]
  }
}

/** Collects queries of many approvals, so that each is asked once and all in the same batches. */
class Questions {
  readonly #queries = new Map<string, PeopleQuery>()
  readonly #found = new Map<string, PeopleFound>()

  ask(query: PeopleQuery): string {
    const key = JSON.stringify(query)
    this.#queries.set(key, query)
    return key
  }

  async answer(directory: Needs['directory']): Promise<void> {
    await this.#run(directory, [...this.#queries.keys()])
    // A group that an attribute named stands for its members, like one named by id.
    const matched = [...this.#queries].flatMap(([key, query]) =>
      query.by === 'attribute' ? (this.#found.get(key)?.groups ?? []) : [],
    )
    const unread = matched.map(({ id }) => this.ask({ by: 'group', id }))
    await this.#run(
      directory,
      [...new Set(unread)].filter((key) => !this.#found.has(key)),
    )
  }

  found(keys: readonly string[]): PeopleFound {
    const found = keys.flatMap((key) => this.#whole(key))
    const users = new Map(found.flatMap((each) => each.users).map((user) => [user.id, user]))
    const groups = new Map(found.flatMap((each) => each.groups).map((group) => [group.id, group]))
    return {
      users: [...users.values()],
      groups: [...groups.values()],
      isComplete: found.every(({ isComplete }) => isComplete),
    }
  }

  #whole(key: string): readonly PeopleFound[] {
    const found = this.#found.get(key)
    if (found === undefined) return []
    const isMatch = this.#queries.get(key)?.by === 'attribute'
    const members = isMatch
      ? found.groups.flatMap(({ id }) => this.#found.get(JSON.stringify({ by: 'group', id })) ?? [])
      : []
    return [found, ...members]
  }

  async #run(directory: Needs['directory'], keys: readonly string[]): Promise<void> {
    const queries = keys.flatMap((key) => this.#queries.get(key) ?? [])
    if (queries.length === 0) return
    const found = await directory.findPeople(queries)
    for (const [index, key] of keys.entries()) {
      const each = found[index]
      if (each !== undefined) this.#found.set(key, each)
    }
  }
}

/**
 * Whether anybody can carry the approval through, so that no request waits for nobody. The parties,
 * who asks and who is given the access, never decide about themselves.
 */
export function canBeApproved(
  { mode }: ApprovalRule,
  approvers: Approvers,
  parties: readonly string[],
): boolean {
  const hasSomebody = (entry: ApproverEntry) =>
    !entry.isComplete || entry.users.some(({ id, enabled }) => enabled && !parties.includes(id))
  return approvers.every((stage) =>
    stage.some((tier) => (mode === 'any-of' ? tier.some(hasSomebody) : tier.every(hasSomebody))),
  )
}

/**
 * What a person stands for in the open tiers of a stage, as `tier.entry`: named himself, or in a
 * named group. `memberOf` holds the groups that were asked about and have him.
 */
export function standsFor(
  stage: Approvers[number],
  openTiers: number,
  personId: string,
  memberOf: ReadonlySet<string>,
): readonly string[] {
  return stage
    .slice(0, openTiers)
    .flatMap((entries, tier) =>
      entries.flatMap(({ users, groups }, entry) =>
        users.some(({ id }) => id === personId) || groups.some(({ id }) => memberOf.has(id))
          ? [`${tier}.${entry}`]
          : [],
      ),
    )
}

/** Every group behind the entries: whoever is in one of them counts. */
export function groupsBehind(approvers: readonly Approvers[]): readonly string[] {
  const entries = approvers.flat(3)
  return [...new Set(entries.flatMap(({ groups }) => groups.map(({ id }) => id)))]
}
