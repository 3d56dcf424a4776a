import type { AccessKey, Permission, ResourceRef } from '../access/access.ts'
import type { ConnectorRole } from '../access/connector-test.ts'
import type { GroupPower } from '../access/guard.ts'
import type { UnmanageableCode } from '../access/manageability.ts'
import type { GroupChange, RoleFacts, UnitFacts } from '../access/resource.ts'
import type { AskedSchedule, FoundSchedule, OwnSchedule } from '../access/schedule.ts'

/** A person (or application) of the tenant as far as decisions need it. */
export interface DirectoryUser {
  readonly id: string
  readonly displayName: string
  readonly userPrincipalName: string
  readonly enabled: boolean
  /** The directory did not tell: nothing is granted to him, and he is not taken for disabled either. */
  readonly isEnabledUnknown?: true
  readonly userType: 'member' | 'guest'
  /** Those that were asked for and that the person has, by the names that were asked. */
  readonly attributes?: Readonly<Record<string, string>>
  /** Object id, where managers were asked for and the person has one. */
  readonly managerId?: string
}

export type { UnmanageableCode } from '../access/manageability.ts'

/** A group, or a directory role at a scope, as the directory shows it now. */
export interface DirectoryResource {
  readonly ref: ResourceRef
  readonly name: string
  readonly description?: string
  /** Absent when access to it can be given and taken through Graph. */
  readonly unmanageable?: UnmanageableCode
}

/** What one decision asks of the directory, answered in at most two HTTP requests. */
export interface FactsQuery {
  /** Object ids or user principal names. */
  readonly people: readonly string[]
  readonly resource?: ResourceRef
  /** Groups whose transitive membership matters, of everybody in `people`. */
  readonly groups: readonly string[]
  /** User attributes that matter, by the names of `attributeName()`. */
  readonly attributes?: readonly string[]
  /** Whether it matters who the manager of each is. */
  readonly managers?: boolean
}

/** What whoever holds the resource could do with it to this product. */
export type Power =
  | ({ readonly kind: 'group' } & GroupPower)
  /** Whether the role makes its holder powerful over identities everywhere. */
  | { readonly kind: 'role'; readonly isPrivileged: boolean }

export interface Facts {
  /** By the very id or name that was asked; absent when the directory knows no such user. */
  readonly people: ReadonlyMap<string, DirectoryUser>
  /** By the id or name that was asked: which of `groups` hold the person, directly or nested. */
  readonly memberOf: ReadonlyMap<string, ReadonlySet<string>>
  readonly resource?: DirectoryResource
  /** Where there is such a resource. */
  readonly power?: Power
}

/** Somebody who may stand behind an approver, as flows and integrations name people. */
export type PeopleQuery =
  | { readonly by: 'user'; readonly id: string }
  /** The members of a group, nested ones included. */
  | { readonly by: 'group'; readonly id: string }
  | { readonly by: 'manager'; readonly of: string }
  /** The owners of a group. */
  | { readonly by: 'owners'; readonly group: string }
  /** Users, or groups, whose attribute has this very value. */
  | {
      readonly by: 'attribute'
      readonly of: 'user' | 'group'
      readonly attribute: string
      readonly value: string
    }

export interface PeopleFound {
  readonly users: readonly DirectoryUser[]
  /** Groups that were named or matched, without their members. */
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  /** Whether there may be more users than these: only the first page of a group is read. */
  readonly isComplete: boolean
}

/** A user or group whose name fits a text. */
export interface Principal {
  readonly type: 'user' | 'group'
  readonly id: string
  readonly name: string
  readonly mail?: string
}

/** One page of people; `token` reads on, and is absent on the last one. */
export interface PeoplePage {
  readonly users: readonly DirectoryUser[]
  readonly token?: string
}

/** Whether somebody holds an access directly (nested membership does not count). */
export interface Holding {
  readonly present: boolean
  /** The id of the direct role assignment, where there is one. */
  readonly assignmentId?: string
  /** What is missing altogether, when the directory says so. */
  readonly missing?: 'grantee' | 'resource'
}

/** The limits of one write: its call is aborted at the deadline. */
export interface WriteLimits {
  readonly deadline: Date
  /** Sent as `client-request-id`. */
  readonly attemptId: string
}

export type RefusedWrite =
  | 'not-manageable'
  | 'forbidden'
  | 'grantee-gone'
  | 'resource-gone'
  | 'quota'
  | 'invalid'
  /** The tenant has no licence for schedules. */
  | 'unlicensed'
  /** The tenant's own rules for schedules forbid it: a longest time, a kind of justification. */
  | 'policy'

/** Whether a write may be made now. */
export type Turn =
  | { readonly kind: 'now' }
  | { readonly kind: 'later'; readonly retryAfterSeconds: number }

/** The classes of answer to a write (graph.md 3.3, 4.3, 8.2). Never an exception. */
export type WriteOutcome =
  /** The directory did it: 201 or 204. */
  | {
      readonly kind: 'done'
      readonly graphRequestId?: string
      readonly assignmentId?: string
      /** The schedule as it is now, where one was made or changed. */
      readonly schedule?: FoundSchedule
    }
  /**
   * Adding: it was there. Removing, or moving the end of a schedule: ours was not there (`missing`
   * says what, where told).
   */
  | {
      readonly kind: 'already'
      readonly graphRequestId?: string
      readonly missing?: 'grantee' | 'resource'
      /** What is there instead, where schedules were asked. */
      readonly found?: FoundSchedule
    }
  /** Nothing was changed: a schedule cannot be taken away before this time. */
  | { readonly kind: 'too-early'; readonly until: string; readonly graphRequestId?: string }
  /** A final no, nothing was changed. */
  | {
      readonly kind: 'refused'
      readonly reason: RefusedWrite
      readonly detail: string
      readonly graphRequestId?: string
    }
  /** Certainly not applied, worth another try: throttled, no token, no connection. */
  | {
      readonly kind: 'not-applied'
      readonly detail: string
      readonly retryAfterSeconds?: number
      readonly graphRequestId?: string
    }
  /** May or may not have been applied: 5xx, lost reply, deadline. Settled by reading state. */
  | { readonly kind: 'ambiguous'; readonly detail: string; readonly graphRequestId?: string }

/** One page of what has changed among the groups since a token, or of all groups without one. */
export interface GroupChangesPage {
  readonly kind: 'page'
  /** In the order in which they count; one group may come several times. */
  readonly changes: readonly GroupChange[]
  /** Opaque. Where to read on: at once where there is more, or the next time. */
  readonly token: string
  readonly isLast: boolean
}

export type GroupChanges =
  | GroupChangesPage
  /** The directory no longer knows the token: everything has to be read again. */
  | { readonly kind: 'expired' }
  /** The directory knows no such attributes of groups. */
  | { readonly kind: 'attributes-refused' }

/** What the connector itself is and holds. */
export interface ConnectorFacts {
  readonly token:
    | {
        readonly ok: true
        readonly appId: string
        /** Object id of its service principal. */
        readonly principalId: string
        readonly tenantId: string
        /** Application permissions that its tokens carry. */
        readonly permissions: readonly string[]
      }
    /** `problem` says why, without anything secret. */
    | { readonly ok: false; readonly problem: string }
  /** Directory roles given to it directly; absent when the directory does not tell. */
  readonly roles?: readonly ConnectorRole[]
}

/** An attribute of a group, by names that the directory knows. */
export interface GroupAttribute {
  readonly group: string
  readonly attribute: string
}

/** What the broker needs from Entra. Reads throw `DirectoryUnavailableError`, writes never throw. */
export interface Directory {
  lookUp(query: FactsQuery): Promise<Facts>
  /** Answers each query in its order; who or what does not exist is not found. */
  findPeople(queries: readonly PeopleQuery[]): Promise<readonly PeopleFound[]>
  /** The members of a group, nested ones included, or all users, page by page. */
  readPeople(of: { readonly group: string } | 'everybody', token?: string): Promise<PeoplePage>
  /**
   * At most `limit` users or groups for which each word of the text begins a word of the display
   * name, or the text begins the address (of users also the principal name).
   */
  search(type: Principal['type'], text: string, limit: number): Promise<readonly Principal[]>
  /** Values of attributes of groups, such as directory extensions; undefined without one. */
  groupAttributes(asked: readonly GroupAttribute[]): Promise<readonly (string | undefined)[]>
  /** Direct holding of one access, by a consistent read (no index-backed query). */
  holds(access: AccessKey): Promise<Holding>
  /** The same of many accesses, in their order, with as few calls as the directory allows. */
  holdsEach(accesses: readonly AccessKey[]): Promise<readonly Holding[]>
  /** Waits for the turn of a write in the quota: to be asked before each, outside any attempt. */
  takeTurn(operation: 'add' | 'remove'): Promise<Turn>
  /** As a plain entry, or by a schedule where one is told. */
  add(access: AccessKey, limits: WriteLimits, schedule?: AskedSchedule): Promise<WriteOutcome>
  /** Moves the end of a schedule of ours; those of others are left as they are. */
  reschedule(
    access: AccessKey,
    limits: WriteLimits,
    own: OwnSchedule,
    asked: AskedSchedule,
  ): Promise<WriteOutcome>
  /** Takes a plain entry; only the assignment of a role that is named, where one is. */
  remove(access: AccessKey, limits: WriteLimits, assignmentId?: string): Promise<WriteOutcome>
  /** Takes an access by its schedule, and only where that is ours. */
  unschedule(access: AccessKey, limits: WriteLimits, own: OwnSchedule): Promise<WriteOutcome>
  /** The schedule behind each access that is active, in their order; undefined without a licence. */
  schedulesOf(
    accesses: readonly AccessKey[],
  ): Promise<readonly (FoundSchedule | undefined)[] | undefined>
  /**
   * How long the rules of the tenant let a schedule be, in milliseconds and in their order; undefined
   * for one that nothing limits, and altogether without a licence.
   */
  longestSchedules(
    accesses: readonly Omit<AccessKey, 'grantee' | 'tenantId'>[],
  ): Promise<readonly (number | undefined)[] | undefined>
  /** Groups, or role definitions at tenant scope, page after page. */
  list(type: ResourceRef['type'], permission?: Permission): AsyncIterable<DirectoryResource>
  /**
   * Reads one page of the groups that changed since a token; of all of them, with the values of
   * these directory extension attributes, without a token.
   */
  readGroupChanges(token: string | undefined, attributes: readonly string[]): Promise<GroupChanges>
  /** Every definition of a directory role, page after page. */
  listRoles(): AsyncIterable<readonly RoleFacts[]>
  /** Every administrative unit, page after page. */
  listUnits(): AsyncIterable<readonly UnitFacts[]>
  /** What the connector holds; within ten seconds, and without an exception. */
  describeConnector(): Promise<ConnectorFacts>
  /** Throws when the directory cannot be reached or the connector has no token. */
  ping(): Promise<void>
}
