import type { PimRequest, PimSchedule } from './pim-records.ts'
import type {
  SimulatedAdministrativeUnit,
  SimulatedGroup,
  SimulatedRoleAssignment,
  SimulatedRoleDefinition,
  SimulatedRoleEligibility,
  SimulatedServicePrincipal,
  SimulatedTenant,
  SimulatedUser,
} from './tenant.ts'

/** One entry of the directory's own audit log, in Graph's words. */
export interface DirectoryAudit {
  readonly id: string
  readonly activityDateTime: string
  readonly activityDisplayName: string
  readonly [field: string]: unknown
}

/** A user or group that can be restored, with its links as they were. */
export interface DeletedObject {
  readonly kind: 'users' | 'groups'
  readonly object: SimulatedUser | SimulatedGroup
  readonly deletedDateTime: string
}

/** What `/_simulator` can switch while the simulator runs. */
export interface TenantSettings {
  readonly premium: boolean
  /** How long a request of Privileged Identity Management stays `PendingProvisioning`. */
  readonly provisioningSeconds: number
  /** The longest that its rules let an assignment with an end be. */
  readonly longestAssignmentDays: number
  /** Delta tokens of another generation are gone. */
  readonly deltaGeneration: number
}

type Moves = ReadonlyMap<string, ReadonlyMap<string, number>>

/** When what changed, as running numbers: what delta tokens count. */
export interface Tracking {
  readonly last: number
  /** By id of a user or group: its own fields, and its coming and going. */
  readonly objects: ReadonlyMap<string, number>
  /** By id of a group: members and owners that came or went since the seed. */
  readonly members: Moves
  readonly owners: Moves
  /** Deleted for good. */
  readonly purged: ReadonlyMap<string, 'users' | 'groups'>
}

/** Everything that changes, by id. */
export interface Collections {
  readonly users: ReadonlyMap<string, SimulatedUser>
  readonly groups: ReadonlyMap<string, SimulatedGroup>
  readonly servicePrincipals: ReadonlyMap<string, SimulatedServicePrincipal>
  readonly roleDefinitions: ReadonlyMap<string, SimulatedRoleDefinition>
  readonly roleAssignments: ReadonlyMap<string, SimulatedRoleAssignment>
  readonly roleEligibilities: ReadonlyMap<string, SimulatedRoleEligibility>
  readonly administrativeUnits: ReadonlyMap<string, SimulatedAdministrativeUnit>
  readonly pimRequests: ReadonlyMap<string, PimRequest>
  readonly pimSchedules: ReadonlyMap<string, PimSchedule>
  readonly deleted: ReadonlyMap<string, DeletedObject>
  readonly audits: ReadonlyMap<string, DirectoryAudit>
  readonly settings: TenantSettings
  readonly tracking: Tracking
}

type Kind = Exclude<keyof Collections, 'settings' | 'tracking'>

/** What one request changes, all of it or nothing. */
export type Change =
  | { readonly put: Kind; readonly id: string; readonly value: unknown }
  | { readonly drop: Kind; readonly id: string }
  | { readonly set: Partial<TenantSettings> }

/** The tenant as it was seeded. */
export function seeded(tenant: SimulatedTenant): Collections {
  const byId = <Item extends { readonly id: string }>(items: readonly Item[]) =>
    new Map(items.map((item) => [item.id, item]))
  return {
    users: byId(tenant.users),
    groups: byId(tenant.groups),
    servicePrincipals: byId(tenant.servicePrincipals),
    roleDefinitions: byId(tenant.roleDefinitions),
    roleAssignments: byId(tenant.roleAssignments),
    roleEligibilities: byId(tenant.roleEligibilities),
    administrativeUnits: byId(tenant.administrativeUnits),
    pimRequests: new Map(),
    pimSchedules: new Map(),
    deleted: new Map(),
    audits: new Map(),
    settings: {
      premium: tenant.premium,
      provisioningSeconds: 0,
      longestAssignmentDays: 180,
      deltaGeneration: 0,
    },
    tracking: {
      last: 0,
      objects: new Map(),
      members: new Map(),
      owners: new Map(),
      purged: new Map(),
    },
  }
}

/** Copies only the collections that change: a former state stays what it was, for stale reads. */
export function changed(before: Collections, changes: readonly Change[]): Collections {
  const copies = new Map<Kind, Map<string, unknown>>()
  const copyOf = (kind: Kind) => {
    const copy = copies.get(kind) ?? new Map<string, unknown>(before[kind])
    copies.set(kind, copy)
    return copy
  }
  let settings = before.settings
  for (const change of changes) {
    if ('set' in change) settings = { ...settings, ...change.set }
    else if ('put' in change) copyOf(change.put).set(change.id, change.value)
    else copyOf(change.drop).delete(change.id)
  }
  // Values come from the handlers of this simulator, which build them in these shapes.
  const after = { ...before, ...Object.fromEntries(copies), settings } as Collections
  return { ...after, tracking: tracked(before, after, changes) }
}

function tracked(before: Collections, after: Collections, changes: readonly Change[]): Tracking {
  const last = before.tracking.last + 1
  const touched = new Set(changes.flatMap((change) => ('set' in change ? [] : [change.id])))
  const objects = new Map<string, number>()
  const purged = new Map<string, 'users' | 'groups'>()
  for (const id of touched) {
    const [was, is] = [objectOf(id, before), objectOf(id, after)]
    const wentForGood = before.deleted.get(id)
    const isPurged = is === undefined && wentForGood !== undefined && !after.deleted.has(id)
    if (fieldsOf(was) !== fieldsOf(is) || isPurged) objects.set(id, last)
    if (isPurged) purged.set(id, wentForGood.kind)
  }
  const { tracking } = before
  return {
    last,
    objects: objects.size === 0 ? tracking.objects : new Map([...tracking.objects, ...objects]),
    members: moves('members', touched, before, after),
    owners: moves('owners', touched, before, after),
    purged: purged.size === 0 ? tracking.purged : new Map([...tracking.purged, ...purged]),
  }
}

function moves(
  links: 'members' | 'owners',
  touched: ReadonlySet<string>,
  before: Collections,
  after: Collections,
): Moves {
  const last = before.tracking.last + 1
  const former = before.tracking[links]
  const moved = new Map<string, ReadonlyMap<string, number>>()
  for (const id of touched) {
    const ids = difference(before.groups.get(id)?.[links], after.groups.get(id)?.[links])
    const numbers = ids.map((each) => [each, last] as const)
    if (ids.length > 0) moved.set(id, new Map([...(former.get(id) ?? []), ...numbers]))
  }
  return moved.size === 0 ? former : new Map([...former, ...moved])
}

function objectOf(id: string, { users, groups }: Collections) {
  return users.get(id) ?? groups.get(id)
}

/** The fields of an object without its links, to be compared. */
function fieldsOf(object: SimulatedUser | SimulatedGroup | undefined): string {
  return JSON.stringify({ ...object, members: undefined, owners: undefined })
}

/** Links that came or went; all of a group that comes back, none of one that is deleted. */
function difference(was: readonly string[] = [], is: readonly string[] | undefined): string[] {
  if (is === undefined || was === is) return []
  const [former, present] = [new Set(was), new Set(is)]
  const gone = was.filter((id) => !present.has(id))
  return [...gone, ...is.filter((id) => !former.has(id))]
}
