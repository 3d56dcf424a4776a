import type { AccessKey } from '../access/access.ts'
import type {
  GroupChange,
  GroupFacts,
  GroupFlags,
  RoleFacts,
  UnitFacts,
} from '../access/resource.ts'
import type { GroupChanges, UnmanageableCode } from './directory.ts'
import {
  findObject,
  groupLink,
  type MemoryGroup,
  type MemoryRole,
  type MemoryTenant,
} from './memory-tenant.ts'

/** Remembers that a group has changed now; ids of other objects are never asked for. */
export function noteChange({ changes }: MemoryTenant, id: string): void {
  changes.last += 1
  changes.of.set(id.toLowerCase(), changes.last)
}

/** Remembers a change of a group's owners. */
export function noteOwner(
  tenant: MemoryTenant,
  { resource, permission, grantee }: AccessKey,
  what: 'added' | 'removed',
): void {
  if (permission !== 'owner') return
  const id = resource.id.toLowerCase()
  const former = tenant.changes.formerOwners.get(id) ?? []
  if (what === 'removed') tenant.changes.formerOwners.set(id, [...former, grantee.toLowerCase()])
  noteChange(tenant, id)
}

/** One page of changes by its token: `generation.since.upTo.after`. */
export function changesPage(
  tenant: MemoryTenant,
  token: string | undefined,
  attributes: readonly string[],
  { pageSize, generation }: { readonly pageSize: number; readonly generation: number },
): GroupChanges {
  const place = placeOf(tenant, token, generation)
  if (place === undefined) return { kind: 'expired' }
  const { since, upTo, after } = place
  const waiting = [...tenant.changes.of]
    .filter(([id, number]) => number > since && id > after && tenant.groups.has(id))
    // A first reading is of what there is; only later ones tell what went.
    .filter(([id]) => since > 0 || !tenant.deleted.has(id))
    .map(([id]) => id)
    .sort()
  const page = waiting.slice(0, pageSize)
  const isLast = waiting.length <= pageSize
  const next = isLast ? [generation, upTo, 0, ''] : [generation, since, upTo, page.at(-1)]
  return {
    kind: 'page',
    changes: page.map((id) => changeOf(tenant, id, attributes)),
    token: next.join('.'),
    isLast,
  }
}

/** Every role, as a listing gives them. */
export function rolesOf(tenant: MemoryTenant): readonly RoleFacts[] {
  return live(tenant, tenant.roles).map(roleFactsOf)
}

/** What a built-in role allows is told, and nothing where a test does not say; of others nothing is. */
export function roleFactsOf(role: MemoryRole): RoleFacts {
  const { id, name, enabled = true, isBuiltIn = true, actions = isBuiltIn ? [] : undefined } = role
  return {
    ...{ id: id.toLowerCase(), name, description: '', isBuiltIn, isEnabled: enabled },
    ...(actions === undefined ? {} : { actions }),
  }
}

/** Every administrative unit. */
export function unitsOf(tenant: MemoryTenant): readonly UnitFacts[] {
  return live(tenant, tenant.units).map(({ id, name }) => ({
    ...{ id: id.toLowerCase(), name, description: '' },
  }))
}

interface Place {
  readonly since: number
  /** Where the next reading begins; 0 in the token of a finished one. */
  readonly upTo: number
  readonly after: string
}

function placeOf(
  tenant: MemoryTenant,
  token: string | undefined,
  generation: number,
): Place | undefined {
  const now = tenant.changes.last
  if (token === undefined) return { since: 0, upTo: now, after: '' }
  const [given, since, upTo, after = ''] = token.split('.')
  if (Number(given) !== generation) return undefined
  return { since: Number(since), upTo: Number(upTo) || now, after }
}

function changeOf(tenant: MemoryTenant, id: string, attributes: readonly string[]): GroupChange {
  const group = findObject(tenant, tenant.groups, id)
  if (group === undefined) return { id, isGone: true }
  const prefix = groupLink(id, 'owner', '')
  const added = [...tenant.links.keys()].flatMap((key) =>
    key.startsWith(prefix) ? [key.slice(prefix.length)] : [],
  )
  const former = tenant.changes.formerOwners.get(id) ?? []
  return {
    id,
    isGone: false,
    facts: factsOf(group),
    attributes: Object.fromEntries(
      attributes.map((name) => [name, group.attributes?.[name] ?? null]),
    ),
    owners: { added, removed: former.filter((owner) => !added.includes(owner)) },
  }
}

const flags: GroupFlags = {
  groupTypes: [],
  mailEnabled: false,
  securityEnabled: true,
  onPremisesSyncEnabled: false,
  isManagementRestricted: false,
  isAssignableToRole: false,
}

/** The property of a group behind each reason why it cannot be managed. */
const flagsBehind: Readonly<Partial<Record<UnmanageableCode, Partial<GroupFlags>>>> = {
  dynamic: { groupTypes: ['DynamicMembership'] },
  synchronised: { onPremisesSyncEnabled: true },
  'mail-enabled': { mailEnabled: true },
  'restricted-unit': { isManagementRestricted: true },
  'role-assignable': { isAssignableToRole: true },
}

function factsOf({ name, description = '', unmanageable }: MemoryGroup): GroupFacts {
  const behind = unmanageable === undefined ? {} : flagsBehind[unmanageable]
  return { name, description, ...flags, ...behind }
}

function live<T extends { readonly id: string }>(
  tenant: MemoryTenant,
  objects: ReadonlyMap<string, T>,
): readonly T[] {
  return [...objects.values()].filter(({ id }) => !tenant.deleted.has(id.toLowerCase()))
}
