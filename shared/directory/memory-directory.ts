/*
 * Over 300 lines on purpose: the twin answers all that the directory does, and holds every control of
 * the tests over it.
 */
import type { AccessKey } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { FoundSchedule } from '../access/schedule.ts'
import type {
  ConnectorFacts,
  Directory,
  DirectoryUser,
  WriteLimits,
  WriteOutcome,
} from './directory.ts'
import { allOf, factsOf, holdingOf, stop, weigh } from './memory-answers.ts'
import { changesPage, noteChange, noteOwner, rolesOf, unitsOf } from './memory-changes.ts'
import { createFaultList, type DirectoryCall, type DirectoryFault } from './memory-faults.ts'
import { attributeIn, peopleIn, peoplePage, searchIn } from './memory-people.ts'
import {
  endedLinks,
  type ScheduleWrite,
  scheduleAfter,
  scheduleIn,
  weighSchedule,
} from './memory-schedules.ts'
import {
  emptyTenant,
  groupLink,
  linkKey,
  type MemoryGroup,
  type MemoryPim,
  type MemoryRole,
  type MemoryTenant,
  type MemoryUnit,
} from './memory-tenant.ts'

/** One write that reached the directory, in order. */
export interface WriteRecord {
  readonly at: Date
  readonly operation: 'add' | 'update' | 'remove'
  readonly access: AccessKey
  readonly attemptId: string
  /** Whether it was a schedule that was written; plain entries have none. */
  readonly isSchedule: boolean
  /** Whether it changed the directory. */
  readonly applied: boolean
  readonly outcome: WriteOutcome
}

/** A directory in memory, with the controls that tests need. */
export interface MemoryDirectory extends Directory {
  readonly writes: readonly WriteRecord[]
  addUser(user: Partial<DirectoryUser> & { readonly id: string }): void
  addGroup(group: MemoryGroup): void
  addRole(role: MemoryRole): void
  setManager(userId: string, managerId: string): void
  /** Attributes of a user or group besides its id and names. */
  setAttributes(id: string, attributes: Readonly<Record<string, string>>): void
  addUnit(unit: MemoryUnit): void
  /** Gives a person or a group a role of this product. */
  addAppRoleHolder(id: string): void
  /** Deletes or brings back any object; its links stay with it. */
  deleteObject(id: string): void
  restoreObject(id: string): void
  /** What the connector is and holds from now on. */
  setConnector(facts: ConnectorFacts): void
  /** Changes by hand, as an administrator in the portal would make them. */
  addByHand(access: AccessKey, schedule?: Partial<FoundSchedule>): void
  removeByHand(access: AccessKey): void
  /** The truth, whatever faults are set. */
  isHeld(access: AccessKey): boolean
  scheduleOf(access: AccessKey): FoundSchedule | undefined
  /** Whether the tenant has the licence for schedules, and how long its rules let them be. */
  setPim(pim: Partial<MemoryPim>): void
  setFault(fault: DirectoryFault): void
  clearFaults(): void
  /** Forgets every token of changes that was given out. */
  expireTokens(): void
}

export interface MemoryDirectoryNeeds {
  readonly tenantId: string
  readonly now: () => Date
  /** Shared with what else stands for this tenant; an empty one where absent. */
  readonly tenant?: MemoryTenant
  /** Groups on one page of changes. */
  readonly pageSize?: number
  /** Runs before a call takes effect: latency, or whatever a test lets happen meanwhile. */
  readonly before?: (call: DirectoryCall) => Promise<void>
  /** Runs after it took effect, before it is answered. */
  readonly after?: (call: DirectoryCall) => Promise<void>
}

const nothing = async () => undefined

/** A write as it came: of a plain entry, or of a schedule. */
type Ordered = { readonly access: AccessKey } & (
  | { readonly operation: 'add' | 'remove'; readonly assignmentId?: string }
  | ScheduleWrite
)

/** The twin of the directory on Graph: the same answers, without HTTP, and faults on demand. */
export function createMemoryDirectory(needs: MemoryDirectoryNeeds): MemoryDirectory {
  const { now, pageSize = 100, before = nothing, after = nothing } = needs
  const faults = createFaultList(now)
  const writes: WriteRecord[] = []
  const { tenant = emptyTenant() } = needs
  let requests = 0
  let generation = 0
  let connector: ConnectorFacts = {
    token: { ok: true, appId: '', principalId: '', tenantId: needs.tenantId, permissions: [] },
    roles: [],
  }

  const link = (access: AccessKey): string => {
    const id = `assignment-${++requests}`
    tenant.links.set(linkKey(access), id)
    noteOwner(tenant, access, 'added')
    return id
  }

  const unlink = (access: AccessKey): void => {
    tenant.links.delete(linkKey(access))
    tenant.schedules.delete(linkKey(access))
    noteOwner(tenant, access, 'removed')
  }

  /** Lets end what the directory ends by itself; its own time, whoever asks. */
  const runSchedules = (): void => {
    for (const key of endedLinks(tenant, now())) {
      tenant.links.delete(key)
      tenant.schedules.delete(key)
    }
  }

  const apply = ({ access, ...ordered }: Ordered) => {
    if (ordered.operation === 'remove') {
      unlink(access)
      return {}
    }
    if ('asked' in ordered) {
      const id = ordered.operation === 'add' ? link(access) : ''
      const made = scheduleAfter(tenant, access, ordered.asked, id, now())
      tenant.schedules.set(linkKey(access), made)
      return { schedule: made }
    }
    const id = link(access)
    return access.resource.type === 'directory-role' ? { assignmentId: id } : {}
  }

  const read = async <T>(call: DirectoryCall, answer: (state: MemoryTenant) => T): Promise<T> => {
    await before(call)
    runSchedules()
    const struck = faults.strike(call)
    if (struck !== undefined && struck.fault.effect !== 'stale') {
      const wait = 'retryAfterSeconds' in struck.fault ? struck.fault.retryAfterSeconds : undefined
      throw new DirectoryUnavailableError(
        call.operation,
        wait === undefined ? {} : { retryAfterSeconds: wait },
      )
    }
    const found = answer(struck?.tenant ?? tenant)
    await after(call)
    return found
  }

  const write = async (
    ordered: Ordered,
    { attemptId, deadline }: WriteLimits,
  ): Promise<WriteOutcome> => {
    const { operation, access } = ordered
    const call: DirectoryCall = { operation, access, attemptId }
    if (now() >= deadline) return { kind: 'not-applied', detail: 'Cannot write: no time is left' }
    await before(call)
    if (now() >= deadline) return { kind: 'not-applied', detail: 'Cannot write: no time is left' }
    runSchedules()
    const graphRequestId = `request-${++requests}`
    const struck = faults.strike(call)
    const state = struck?.fault.effect === 'stale-writes' ? struck.tenant : tenant
    const stopped = struck === undefined ? undefined : stop(struck.fault, graphRequestId)
    const isSchedule = 'asked' in ordered || 'own' in ordered
    const weighed = isSchedule
      ? weighSchedule(state, ordered, access, needs.tenantId, now())
      : weigh(state, ordered.operation, access, needs.tenantId, ordered.assignmentId)
    const answer = stopped ?? { ...weighed, graphRequestId }
    const applied = answer.kind === 'done'
    const made = applied ? apply(ordered) : {}
    const isLost = struck?.fault.effect === 'ambiguous-after'
    const outcome: WriteOutcome = isLost
      ? { kind: 'ambiguous', detail: 'No reply' }
      : { ...answer, ...made }
    writes.push({ at: now(), operation, access, attemptId, isSchedule, applied, outcome })
    await after(call)
    return outcome
  }

  const changeUser = (id: string, over: Partial<DirectoryUser>) => {
    const user = tenant.users.get(id.toLowerCase())
    if (user === undefined) throw new Error(`Cannot change the user ${id}: there is none`)
    tenant.users.set(user.id, { ...user, ...over })
  }

  return {
    writes,
    lookUp: (query) => read({ operation: 'lookUp' }, (state) => factsOf(state, query)),
    findPeople: (queries) =>
      read({ operation: 'findPeople' }, (state) => queries.map((query) => peopleIn(state, query))),
    readPeople: (of, token) =>
      read({ operation: 'findPeople' }, (state) => peoplePage(state, of, token, pageSize)),
    search: (type, text, limit) =>
      read({ operation: 'search' }, (state) => searchIn(state, type, text, limit)),
    groupAttributes: (asked) =>
      read({ operation: 'groupAttributes' }, (state) =>
        asked.map(({ group, attribute }) => attributeIn(state, 'group', group, attribute)),
      ),
    holds: (access) => read({ operation: 'holds', access }, (state) => holdingOf(state, access)),
    holdsEach: (accesses) =>
      read({ operation: 'holdsEach' }, (state) =>
        accesses.map((access) => holdingOf(state, access)),
      ),
    takeTurn: async () => ({ kind: 'now' }),
    add: (access, limits, asked) =>
      write({ operation: 'add', access, ...(asked === undefined ? {} : { asked }) }, limits),
    reschedule: (access, limits, own, asked) =>
      write({ operation: 'update', access, own, asked }, limits),
    remove: (access, limits, assignmentId) =>
      write(
        { operation: 'remove', access, ...(assignmentId === undefined ? {} : { assignmentId }) },
        limits,
      ),
    unschedule: (access, limits, own) => write({ operation: 'remove', access, own }, limits),
    schedulesOf: (accesses) =>
      read({ operation: 'schedules' }, (state) =>
        state.pim.isLicensed ? accesses.map((access) => scheduleIn(state, access)) : undefined,
      ),
    longestSchedules: (accesses) =>
      read({ operation: 'schedules' }, ({ pim }) =>
        pim.isLicensed ? accesses.map(() => pim.longestMilliseconds) : undefined,
      ),

    async *list(type) {
      yield* await read({ operation: 'list' }, (state) => allOf(state, type))
    },

    readGroupChanges: (token, attributes) =>
      read({ operation: 'changes' }, (state) =>
        changesPage(state, token, attributes, { pageSize, generation }),
      ),

    async *listRoles() {
      yield await read({ operation: 'list' }, rolesOf)
    },

    async *listUnits() {
      yield await read({ operation: 'list' }, unitsOf)
    },

    describeConnector: async () => connector,
    ping: () => read({ operation: 'ping' }, () => undefined),

    addUser({ id, ...facts }) {
      tenant.users.set(id.toLowerCase(), {
        id: id.toLowerCase(),
        displayName: id,
        userPrincipalName: `${id}@local`,
        enabled: true,
        userType: 'member',
        ...facts,
      })
    },
    addGroup(group) {
      tenant.groups.set(group.id.toLowerCase(), group)
      noteChange(tenant, group.id)
      for (const id of group.members ?? []) tenant.links.set(groupLink(group.id, 'member', id), id)
      for (const id of group.owners ?? []) tenant.links.set(groupLink(group.id, 'owner', id), id)
    },
    setManager: (userId, managerId) => changeUser(userId, { managerId: managerId.toLowerCase() }),
    setAttributes: (id, attributes) => {
      const group = tenant.groups.get(id.toLowerCase())
      if (group === undefined) changeUser(id, { attributes })
      else tenant.groups.set(group.id.toLowerCase(), { ...group, attributes })
      noteChange(tenant, id)
    },
    addRole: (role) => void tenant.roles.set(role.id.toLowerCase(), role),
    addUnit: (unit) => void tenant.units.set(unit.id.toLowerCase(), unit),
    addAppRoleHolder: (id) => void tenant.appRoleHolders.add(id.toLowerCase()),
    deleteObject(id) {
      tenant.deleted.add(id.toLowerCase())
      noteChange(tenant, id)
    },
    restoreObject(id) {
      tenant.deleted.delete(id.toLowerCase())
      noteChange(tenant, id)
    },
    setConnector: (facts) => {
      connector = facts
    },
    addByHand(access, schedule) {
      const id = link(access)
      if (schedule === undefined) return
      const made: FoundSchedule = { id, by: 'assigned', startedAt: now().toISOString() }
      tenant.schedules.set(linkKey(access), { ...made, ...schedule })
    },
    removeByHand: (access) => unlink(access),
    isHeld(access) {
      runSchedules()
      return tenant.links.has(linkKey(access))
    },
    scheduleOf: (access) => tenant.schedules.get(linkKey(access)),
    setPim: (pim) => void Object.assign(tenant.pim, pim),
    setFault: (fault) => faults.set(fault, tenant),
    clearFaults: () => faults.clear(),
    expireTokens: () => void ++generation,
  }
}
