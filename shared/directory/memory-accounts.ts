import type { AccountFacts, Known } from '../access/cleanup-checks.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { Accounts, AccountWrite } from './accounts.ts'
import type { WriteOutcome } from './directory.ts'
import { findUser, groupLink, isNestedMember, type MemoryTenant } from './memory-tenant.ts'

/** What an account has beside what every decision needs. */
export interface MemoryAccount {
  readonly createdAt?: Date
  readonly isSynchronised?: boolean
  readonly isManagementRestricted?: boolean
  readonly lastSignIn?: Known<Date | undefined>
  readonly isEligible?: boolean
  readonly appRoles?: number
  readonly sponsors?: readonly string[]
  readonly ownedApplication?: string
}

/** One write to an account that reached the directory, in order. */
export interface AccountWriteRecord {
  readonly at: Date
  readonly id: string
  readonly what: AccountWrite
  readonly applied: boolean
}

export interface MemoryAccounts extends Accounts {
  readonly writes: readonly AccountWriteRecord[]
  describe(id: string, account: MemoryAccount): void
  makeAdministrators(ids: readonly string[]): void
  /** Deletes for good what was deleted. */
  purge(id: string): void
  /** From now on, the next so many calls of that kind fail so. */
  setFault(fault: MemoryAccountFault): void
}

export interface MemoryAccountFault {
  readonly effect:
    | 'unavailable'
    | 'forbidden'
    | 'throttled'
    | 'ambiguous-before'
    | 'ambiguous-after'
  readonly on?: readonly (AccountWrite | 'read')[]
  count: number
}

/** The twin of the accounts on Graph, in the tenant of the directory in memory. */
export function createMemoryAccounts(tenant: MemoryTenant, now: () => Date): MemoryAccounts {
  const accounts = new Map<string, MemoryAccount>()
  const writes: AccountWriteRecord[] = []
  const purged = new Set<string>()
  const faults: MemoryAccountFault[] = []
  let administrators: ReadonlySet<string> = new Set()

  const strike = (what: AccountWrite | 'read'): MemoryAccountFault['effect'] | undefined => {
    const found = faults.find(({ on, count }) => count > 0 && (on?.includes(what) ?? true))
    if (found === undefined) return undefined
    found.count -= 1
    return found.effect
  }
  const read = async <T>(answer: () => T): Promise<T> => {
    if (strike('read') !== undefined) throw new DirectoryUnavailableError('look at an account')
    return answer()
  }
  const change = (id: string, what: AccountWrite): WriteOutcome => {
    const isDeleted = tenant.deleted.has(id) && !purged.has(id)
    const user = findUser(tenant, id)
    if (what === 'restore' ? !isDeleted : user === undefined) {
      return { kind: 'already', missing: 'grantee' }
    }
    if (accounts.get(id)?.isSynchronised === true) {
      return { kind: 'refused', reason: 'invalid', detail: 'synchronised' }
    }
    if (what === 'delete') tenant.deleted.add(id)
    if (what === 'restore') tenant.deleted.delete(id)
    if (user !== undefined && (what === 'disable' || what === 'enable')) {
      tenant.users.set(id, { ...user, enabled: what === 'enable' })
    }
    return { kind: 'done', graphRequestId: `account-${writes.length + 1}` }
  }

  return {
    writes,
    read: (id) =>
      read(() => factsIn(tenant, id.toLowerCase(), accounts.get(id.toLowerCase()) ?? {})),
    relations: (id) =>
      read(() => {
        const managerId = findUser(tenant, id)?.managerId
        const manager = managerId === undefined ? undefined : findUser(tenant, managerId)
        const sponsors = accounts.get(id.toLowerCase())?.sponsors ?? []
        return {
          sponsors: sponsors.filter((each) => findUser(tenant, each) !== undefined),
          ...(manager === undefined ? {} : { managerId: manager.id }),
        }
      }),
    isDeleted: (id) =>
      read(() => tenant.deleted.has(id.toLowerCase()) && !purged.has(id.toLowerCase())),
    administrators: () => read(() => administrators),
    existing: (ids) =>
      read(() => {
        const isThere = (id: string) =>
          !tenant.deleted.has(id) && (tenant.users.has(id) || tenant.groups.has(id))
        return new Set(ids.map((id) => id.toLowerCase()).filter(isThere))
      }),
    async write(id, what, { deadline }) {
      if (now() >= deadline) return { kind: 'not-applied', detail: 'Cannot write: no time is left' }
      const effect = strike(what)
      if (effect === 'unavailable') return { kind: 'not-applied', detail: 'No connection' }
      if (effect === 'throttled')
        return { kind: 'not-applied', detail: '429', retryAfterSeconds: 3 }
      if (effect === 'forbidden') return { kind: 'refused', reason: 'forbidden', detail: '403' }
      if (effect === 'ambiguous-before') return { kind: 'ambiguous', detail: 'No reply' }
      const outcome = change(id.toLowerCase(), what)
      const applied = outcome.kind === 'done'
      writes.push({ at: now(), id: id.toLowerCase(), what, applied })
      return effect === 'ambiguous-after' ? { kind: 'ambiguous', detail: 'No reply' } : outcome
    },
    describe: (id, account) => {
      accounts.set(id.toLowerCase(), { ...accounts.get(id.toLowerCase()), ...account })
    },
    makeAdministrators: (ids) => {
      administrators = new Set(ids.map((id) => id.toLowerCase()))
    },
    purge: (id) => void purged.add(id.toLowerCase()),
    setFault: (fault) => void faults.push(fault),
  }
}

function factsIn(tenant: MemoryTenant, id: string, more: MemoryAccount): AccountFacts | 'gone' {
  const user = findUser(tenant, id)
  if (user === undefined) return 'gone'
  const groups = [...tenant.groups.values()].filter((group) => !tenant.deleted.has(group.id))
  const rolePrefix = 'directory-role '
  const holdsRole = [...tenant.links.keys()].some(
    (key) => key.startsWith(rolePrefix) && key.endsWith(` active ${id}`),
  )
  const application = more.ownedApplication
  return {
    id,
    name: user.displayName,
    userType: user.userType,
    enabled: user.isEnabledUnknown === true ? 'unknown' : user.enabled,
    ...(more.createdAt === undefined ? {} : { createdAt: more.createdAt }),
    isSynchronised: more.isSynchronised === true,
    isManagementRestricted: more.isManagementRestricted === true,
    lastSignIn: more.lastSignIn,
    groups: groups
      .filter((group) => isNestedMember(tenant, group.id, id))
      .map((group) => ({
        id: group.id.toLowerCase(),
        isRoleAssignable: group.unmanageable === 'role-assignable',
        isDynamic: group.unmanageable === 'dynamic',
      })),
    owned: [
      ...groups
        .filter((group) => tenant.links.has(groupLink(group.id, 'owner', id)))
        .map((group) => ({
          id: group.id.toLowerCase(),
          kind: 'group' as const,
          isRoleAssignable: group.unmanageable === 'role-assignable',
        })),
      ...(application === undefined
        ? []
        : [
            {
              id: application,
              kind: 'application' as const,
              isRoleAssignable: false,
              appId: application,
            },
          ]),
    ],
    holdsRole: holdsRole || more.isEligible === true,
    appRoles: more.appRoles ?? 0,
    hasReports: [...tenant.users.values()].some(
      (each) => each.managerId === id && !tenant.deleted.has(each.id),
    ),
  }
}
