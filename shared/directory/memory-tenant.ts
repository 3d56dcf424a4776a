import type { AccessKey, Permission } from '../access/access.ts'
import type { FoundSchedule } from '../access/schedule.ts'
import type { DirectoryUser, UnmanageableCode } from './directory.ts'

/** A group of the in-memory tenant. `members` and `owners` hold ids of users and, nested, groups. */
export interface MemoryGroup {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly unmanageable?: UnmanageableCode
  readonly members?: readonly string[]
  readonly owners?: readonly string[]
  /** Directory extensions and the like, by name. */
  readonly attributes?: Readonly<Record<string, string>>
}

export interface MemoryRole {
  readonly id: string
  readonly name: string
  readonly enabled?: boolean
  readonly isBuiltIn?: boolean
  /** What it allows; absent where the directory does not tell. */
  readonly actions?: readonly string[]
}

export interface MemoryUnit {
  readonly id: string
  readonly name: string
}

/** What tokens of changes count. */
export interface MemoryChanges {
  last: number
  /** When each group last changed, as a running number. */
  readonly of: Map<string, number>
  /** Who ever was an owner of a group and was taken off it. */
  readonly formerOwners: Map<string, readonly string[]>
}

/** What a tenant holds, by lower-case ids. Deleted objects keep their links, as in Entra. */
export interface MemoryTenant {
  readonly users: Map<string, DirectoryUser>
  readonly groups: Map<string, MemoryGroup>
  readonly roles: Map<string, MemoryRole>
  readonly units: Map<string, MemoryUnit>
  readonly deleted: Set<string>
  /** Links by `linkKey()`, with the id of the assignment. */
  readonly links: Map<string, string>
  /** The schedules behind some of the links, by the same key. */
  readonly schedules: Map<string, FoundSchedule>
  readonly pim: MemoryPim
  /** People and groups with a role of this product. */
  readonly appRoleHolders: Set<string>
  readonly changes: MemoryChanges
}

/** What the tenant lets Privileged Identity Management do. */
export interface MemoryPim {
  isLicensed: boolean
  /** The longest schedule that its rules allow. */
  longestMilliseconds: number
}

export function emptyTenant(): MemoryTenant {
  return {
    users: new Map(),
    groups: new Map(),
    roles: new Map(),
    units: new Map(),
    deleted: new Set(),
    links: new Map(),
    schedules: new Map(),
    pim: { isLicensed: true, longestMilliseconds: 180 * 86_400_000 },
    appRoleHolders: new Set(),
    changes: { last: 0, of: new Map(), formerOwners: new Map() },
  }
}

/** The tenant as it is now, untouched by later changes. */
export function copyOf(tenant: MemoryTenant): MemoryTenant {
  return {
    users: new Map(tenant.users),
    groups: new Map(tenant.groups),
    roles: new Map(tenant.roles),
    units: new Map(tenant.units),
    deleted: new Set(tenant.deleted),
    links: new Map(tenant.links),
    schedules: new Map(tenant.schedules),
    pim: { ...tenant.pim },
    appRoleHolders: new Set(tenant.appRoleHolders),
    changes: {
      last: tenant.changes.last,
      of: new Map(tenant.changes.of),
      formerOwners: new Map(tenant.changes.formerOwners),
    },
  }
}

/** The name of one direct holding. */
export function linkKey({ grantee, resource, permission }: Omit<AccessKey, 'tenantId'>): string {
  const scope = resource.type === 'group' ? '' : (resource.scope ?? '/')
  return [resource.type, resource.id, scope, permission, grantee].join(' ').toLowerCase()
}

export function groupLink(groupId: string, permission: Permission, holder: string): string {
  return linkKey({ grantee: holder, resource: { type: 'group', id: groupId }, permission })
}

/** A live user by id or principal name. */
export function findUser(tenant: MemoryTenant, idOrName: string): DirectoryUser | undefined {
  const wanted = idOrName.toLowerCase()
  const user =
    tenant.users.get(wanted) ??
    [...tenant.users.values()].find((each) => each.userPrincipalName.toLowerCase() === wanted)
  return user === undefined || tenant.deleted.has(user.id) ? undefined : user
}

/** The live object of a collection. */
export function findObject<T extends { readonly id: string }>(
  tenant: MemoryTenant,
  objects: ReadonlyMap<string, T>,
  id: string,
): T | undefined {
  return tenant.deleted.has(id.toLowerCase()) ? undefined : objects.get(id.toLowerCase())
}

/** Whether a group holds somebody, directly or by groups within it; each group is looked at once. */
export function isNestedMember(tenant: MemoryTenant, groupId: string, holder: string): boolean {
  const found = new Set([groupId])
  for (const outer of found) {
    if (tenant.links.has(groupLink(outer, 'member', holder))) return true
    for (const inner of tenant.groups.keys()) {
      if (tenant.links.has(groupLink(outer, 'member', inner))) found.add(inner)
    }
  }
  return false
}
