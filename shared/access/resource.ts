import type { UnmanageableCode } from './manageability.ts'
import { isPrivilegedRole, isScopableRole } from './resource-roles.ts'
import { unmanageableGroup } from './unmanageable-group.ts'

/** The properties of a group that decide what it is and whether its members can be managed. */
export interface GroupFlags {
  readonly groupTypes: readonly string[]
  readonly mailEnabled: boolean
  readonly securityEnabled: boolean
  readonly onPremisesSyncEnabled: boolean
  readonly isManagementRestricted: boolean
  readonly isAssignableToRole: boolean
}

/** What the directory says of a group, as far as it matters here. */
export interface GroupFacts extends GroupFlags {
  readonly name: string
  readonly description: string
}

/** What the directory told of one group: that it is gone, or what is new; the rest is as it was. */
export type GroupChange =
  | { readonly id: string; readonly isGone: true }
  | {
      readonly id: string
      readonly isGone: false
      readonly facts: Partial<GroupFacts>
      /** Values of directory extension attributes; null where there is none any more. */
      readonly attributes: Readonly<Record<string, string | null>>
      readonly owners: { readonly added: readonly string[]; readonly removed: readonly string[] }
    }

/** The definition of a directory role. */
export interface RoleFacts {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly isBuiltIn: boolean
  readonly isEnabled: boolean
  /** What it allows; absent where that cannot be read. */
  readonly actions?: readonly string[]
}

/** An administrative unit: a scope at which a role may count. */
export interface UnitFacts {
  readonly id: string
  readonly name: string
  readonly description: string
}

export type ResourceKind =
  | 'security'
  | 'microsoft-365'
  | 'mail-enabled'
  | 'distribution'
  | 'dynamic'
  | 'role-assignable'
  | 'built-in-role'
  | 'custom-role'
  | 'administrative-unit'

/** What discovery finds: resources, and the units that are scopes of roles. */
export type StoredType = 'group' | 'directory-role' | 'administrative-unit'

/** A resource as discovery knows it. Instants are ISO 8601 text in UTC. */
export interface StoredResource {
  readonly type: StoredType
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly kind: ResourceKind
  readonly privileged: boolean
  /** Absent when access to it can be given and taken through Graph. */
  readonly unmanageable?: UnmanageableCode
  /** Object ids of the group's own owners. */
  readonly owners: readonly string[]
  /** Values of the directory extension attributes that somebody's selectors or owners name. */
  readonly attributes: Readonly<Record<string, string>>
  /** A role that may be given at the scope of an administrative unit. */
  readonly isScopable?: true
  /** Groups only: what `kind` and `unmanageable` follow from, for changes that tell only a part. */
  readonly flags?: GroupFlags
  /** When the directory last told of it. */
  readonly seenAt: string
  readonly goneAt?: string
  /** The full read that saw it last: what a complete one has not seen is gone. */
  readonly mark?: string
}

/** When something was told, and by which full read, if it was one. */
export interface Sighting {
  readonly at: string
  readonly mark?: string | undefined
}

const mostOwners = 100

const noFlags: GroupFlags = {
  groupTypes: [],
  mailEnabled: false,
  securityEnabled: false,
  onPremisesSyncEnabled: false,
  isManagementRestricted: false,
  isAssignableToRole: false,
}

/**
 * Adds to a stored group what the directory told of it; undefined for what was never known and is
 * gone. The first word of a full read replaces what was stored, later ones add to it: large groups
 * come in several parts, and properties that were never set do not come at all.
 */
export function mergeGroup(
  former: StoredResource | undefined,
  change: GroupChange,
  { at, mark }: Sighting,
): StoredResource | undefined {
  if (change.isGone) return former === undefined ? undefined : goneAt(former, at)
  const base = mark !== undefined && former?.mark !== mark ? undefined : former
  const facts: GroupFacts = {
    ...(base?.flags ?? noFlags),
    name: base?.name ?? '',
    description: base?.description ?? '',
    ...change.facts,
  }
  const { name, description, ...flags } = facts
  const unmanageable = unmanageableGroup(flags)
  const lastMark = mark ?? former?.mark
  return {
    type: 'group',
    id: change.id,
    name,
    ...(description === '' ? {} : { description }),
    kind: kindOf(flags),
    privileged: flags.isAssignableToRole,
    ...(unmanageable === undefined ? {} : { unmanageable }),
    owners: ownersAfter(base?.owners ?? [], change.owners),
    attributes: attributesAfter(base?.attributes ?? {}, change.attributes),
    flags,
    seenAt: at,
    ...(lastMark === undefined ? {} : { mark: lastMark }),
  }
}

/** A role as it is stored. */
export function describeRole(role: RoleFacts, at: string): StoredResource {
  return {
    type: 'directory-role',
    id: role.id,
    name: role.name,
    ...(role.description === '' ? {} : { description: role.description }),
    kind: role.isBuiltIn ? 'built-in-role' : 'custom-role',
    privileged: isPrivilegedRole(role),
    ...(role.isEnabled ? {} : { unmanageable: 'role-disabled' as const }),
    owners: [],
    attributes: {},
    ...(isScopableRole(role) ? { isScopable: true as const } : {}),
    seenAt: at,
  }
}

/** An administrative unit as it is stored. */
export function describeUnit({ id, name, description }: UnitFacts, at: string): StoredResource {
  return {
    type: 'administrative-unit',
    id,
    name,
    ...(description === '' ? {} : { description }),
    kind: 'administrative-unit',
    privileged: false,
    owners: [],
    attributes: {},
    seenAt: at,
  }
}

/** Marks a resource as gone; one that is gone already keeps its time. */
export function goneAt(resource: StoredResource, at: string): StoredResource {
  return resource.goneAt === undefined ? { ...resource, goneAt: at } : resource
}

/** Whether two sightings say the same of a resource. */
export function saysTheSame(one: StoredResource | undefined, other: StoredResource): boolean {
  return one !== undefined && JSON.stringify(toldOf(one)) === JSON.stringify(toldOf(other))
}

function toldOf({ seenAt: _, mark: __, ...told }: StoredResource) {
  return Object.entries(told).sort(([one], [other]) => (one < other ? -1 : 1))
}

function kindOf(flags: GroupFlags): ResourceKind {
  if (flags.groupTypes.includes('DynamicMembership')) return 'dynamic'
  if (flags.isAssignableToRole) return 'role-assignable'
  if (flags.groupTypes.includes('Unified')) return 'microsoft-365'
  if (!flags.mailEnabled) return 'security'
  return flags.securityEnabled ? 'mail-enabled' : 'distribution'
}

function ownersAfter(
  before: readonly string[],
  { added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] },
): readonly string[] {
  const owners = new Set([...before, ...added])
  for (const id of removed) owners.delete(id)
  return [...owners].sort().slice(0, mostOwners)
}

function attributesAfter(
  before: Readonly<Record<string, string>>,
  told: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const after = Object.entries({ ...before, ...told }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  )
  return Object.fromEntries(after.sort(([one], [other]) => (one < other ? -1 : 1)))
}
