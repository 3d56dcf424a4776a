import type { AccessKey, ResourceRef } from '../access/access.ts'
import { isPrivilegedRole } from '../access/resource-roles.ts'
import type {
  DirectoryResource,
  DirectoryUser,
  Facts,
  FactsQuery,
  Holding,
  Power,
  RefusedWrite,
  WriteOutcome,
} from './directory.ts'
import { roleFactsOf } from './memory-changes.ts'
import type { DirectoryFault } from './memory-faults.ts'
import {
  findObject,
  findUser,
  groupLink,
  isNestedMember,
  linkKey,
  type MemoryTenant,
} from './memory-tenant.ts'

const scopePattern = /^\/(?:administrativeUnits\/([^/]+))?$/i

/** What a fault makes of a write before it is weighed; nothing where it only loses the reply. */
export function stop(fault: DirectoryFault, graphRequestId: string): WriteOutcome | undefined {
  switch (fault.effect) {
    case 'throttled': {
      const wait = fault.retryAfterSeconds
      const waits = wait === undefined ? {} : { retryAfterSeconds: wait }
      return { kind: 'not-applied', detail: '429 TooManyRequests', graphRequestId, ...waits }
    }
    case 'forbidden':
      return { kind: 'refused', reason: 'forbidden', detail: '403', graphRequestId }
    case 'unavailable':
      return { kind: 'not-applied', detail: 'No connection' }
    case 'ambiguous-before':
      return { kind: 'ambiguous', detail: 'No reply' }
    default:
      return undefined
  }
}

/** What the directory does with a write of a plain entry in a given state. */
export function weigh(
  state: MemoryTenant,
  operation: 'add' | 'remove',
  access: AccessKey,
  tenantId: string,
  assignmentId: string | undefined,
): WriteOutcome {
  const objection = objectionTo(state, operation, access, tenantId)
  if (objection !== undefined) return objection
  const isGroup = access.resource.type === 'group'
  const held = state.links.get(linkKey(access))
  if (operation === 'add') return { kind: held === undefined ? 'done' : 'already' }
  const isTheOne = isGroup || assignmentId === undefined || assignmentId === held
  return { kind: held !== undefined && isTheOne ? 'done' : 'already' }
}

/** What cannot be written at all, whatever is there; undefined where nothing speaks against it. */
export function objectionTo(
  state: MemoryTenant,
  operation: 'add' | 'update' | 'remove',
  access: AccessKey,
  tenantId: string,
): WriteOutcome | undefined {
  const refused = (reason: RefusedWrite): WriteOutcome => ({
    kind: 'refused',
    reason,
    detail: reason,
  })
  const { resource, permission } = access
  const isGroup = resource.type === 'group'
  if (access.tenantId !== tenantId || isGroup === (permission === 'active'))
    return refused('invalid')
  if (!isGroup && !scopePattern.test(resource.scope ?? '/')) return refused('invalid')
  const found = resourceOf(state, resource)
  const user = findUser(state, access.grantee)
  if (found === undefined) {
    return operation === 'add' ? refused('resource-gone') : { kind: 'already', missing: 'resource' }
  }
  if (user === undefined) {
    return operation === 'add' ? refused('grantee-gone') : { kind: 'already', missing: 'grantee' }
  }
  switch (found.unmanageable) {
    case 'synchronised':
    case 'mail-enabled':
      return refused('not-manageable')
    // The connector holds the permission for groups that carry roles; policy is asked elsewhere.
    case 'role-assignable':
    case undefined:
      return undefined
    default:
      return refused('forbidden')
  }
}

/** The direct holding of an access in a given state. */
export function holdingOf(state: MemoryTenant, access: AccessKey): Holding {
  if (resourceOf(state, access.resource) === undefined) {
    return access.resource.type === 'group'
      ? { present: false, missing: 'resource' }
      : { present: false }
  }
  const id = findUser(state, access.grantee) && state.links.get(linkKey(access))
  if (id === undefined) return { present: false }
  return access.resource.type === 'group' ? { present: true } : { present: true, assignmentId: id }
}

/** The facts of a decision in a given state. */
export function factsOf(state: MemoryTenant, query: FactsQuery): Facts {
  const people = new Map<string, DirectoryUser>()
  const memberOf = new Map<string, ReadonlySet<string>>()
  for (const asked of query.people) {
    const user = findUser(state, asked)
    if (user === undefined) continue
    people.set(asked, asAsked(state, user, query))
    const held = query.groups.filter((id) => {
      const group = findObject(state, state.groups, id)
      return group !== undefined && isNestedMember(state, group.id, user.id)
    })
    memberOf.set(asked, new Set(held))
  }
  const resource = query.resource && resourceOf(state, query.resource)
  if (resource === undefined) return { people, memberOf }
  return { people, memberOf, resource, power: powerOf(state, resource.ref) }
}

/** What power a resource brings, with every group around a group, through whatever nests. */
function powerOf(state: MemoryTenant, ref: ResourceRef): Power {
  if (ref.type === 'directory-role') {
    const role = state.roles.get(ref.id)
    const isPrivileged = role !== undefined && isPrivilegedRole(roleFactsOf(role))
    return { kind: 'role', isPrivileged: ref.scope === '/' && isPrivileged }
  }
  const heldBy = [...groupsAround(state, ref.id)]
    .flatMap((id) => findObject(state, state.groups, id) ?? [])
    .map(({ id, name, unmanageable }) => ({
      id: id.toLowerCase(),
      name,
      carriesRoles: unmanageable === 'role-assignable',
    }))
  return { kind: 'group', heldBy, appRoleHolders: state.appRoleHolders }
}

/** Groups that hold a group, directly or by groups within them; each is looked at once. */
function groupsAround(state: MemoryTenant, groupId: string): ReadonlySet<string> {
  const around = new Set<string>()
  const holdersOf = (inner: string) =>
    [...state.groups.keys()].filter((outer) => state.links.has(groupLink(outer, 'member', inner)))
  for (const outer of holdersOf(groupId)) around.add(outer)
  for (const inner of around) for (const outer of holdersOf(inner)) around.add(outer)
  return around
}

/** A person with those attributes and that manager which were asked for, and no others. */
function asAsked(
  state: MemoryTenant,
  { attributes: held = {}, managerId, ...user }: DirectoryUser,
  { attributes = [], managers = false }: FactsQuery,
): DirectoryUser {
  const asked = attributes.flatMap((name) => {
    const value = held[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  const manager = managerId === undefined ? undefined : findUser(state, managerId)
  return {
    ...user,
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(asked) }),
    ...(managers && manager !== undefined ? { managerId: manager.id } : {}),
  }
}

/** Every live group, or every role at tenant scope. */
export function allOf(
  state: MemoryTenant,
  type: ResourceRef['type'],
): readonly DirectoryResource[] {
  const ids = type === 'group' ? state.groups.keys() : state.roles.keys()
  return [...ids].flatMap((id) => resourceOf(state, { type, id }) ?? [])
}

function resourceOf(state: MemoryTenant, ref: ResourceRef): DirectoryResource | undefined {
  if (ref.type === 'group') {
    const group = findObject(state, state.groups, ref.id)
    if (group === undefined) return undefined
    return {
      ref: { type: 'group', id: group.id },
      name: group.name,
      ...(group.description === undefined ? {} : { description: group.description }),
      ...(group.unmanageable === undefined ? {} : { unmanageable: group.unmanageable }),
    }
  }
  const role = findObject(state, state.roles, ref.id)
  const scope = ref.scope ?? '/'
  const unitId = scopePattern.exec(scope)?.[1]
  const unit = unitId === undefined ? undefined : findObject(state, state.units, unitId)
  if (role === undefined || (scope !== '/' && unit === undefined)) return undefined
  return {
    ref: {
      type: 'directory-role',
      id: role.id,
      scope: unit === undefined ? '/' : `/administrativeUnits/${unit.id}`,
    },
    name: unit === undefined ? role.name : `${role.name} (${unit.name})`,
    ...(role.enabled === false ? { unmanageable: 'role-disabled' as const } : {}),
  }
}
