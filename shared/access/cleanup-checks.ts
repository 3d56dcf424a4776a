import type { CleanupRule } from './cleanup-rule.ts'
import type { CleanupAction, UserType } from './user-cleanup.ts'

/** Why an account is not touched. Codes that stay, for reports and the API. */
export type CleanupReason =
  | 'active-or-pending'
  | 'administrator'
  | 'already-disabled'
  | 'approver'
  | 'directory-refused'
  | 'directory-role'
  | 'holds-other-access'
  | 'new-request'
  | 'no-longer-asked-for'
  | 'nobody-told'
  | 'own-identity'
  | 'person-gone'
  | 'protected'
  | 'restricted-unit'
  | 'role-assignable-group'
  | 'share'
  | 'sign-in-unknown'
  | 'signed-in'
  | 'synchronised'
  | 'unclear'
  | 'user-type'

/** A value that was read, or that nobody may read. */
export type Known<Value> = Value | 'unknown'

/** A group that holds the account, directly or through others. */
export interface HeldGroup {
  readonly id: string
  readonly isRoleAssignable: boolean
  /** Its members follow from a rule, so holding it is nobody's gift. */
  readonly isDynamic: boolean
}

/** Something that the account owns. */
export interface OwnedObject {
  readonly id: string
  readonly kind: 'group' | 'application' | 'other'
  readonly isRoleAssignable: boolean
  /** Client id of an application or its service principal. */
  readonly appId?: string
}

/** An account as the directory shows it in this moment. */
export interface AccountFacts {
  readonly id: string
  readonly name: string
  readonly userType: UserType
  readonly enabled: Known<boolean>
  readonly createdAt?: Date
  readonly isSynchronised: boolean
  readonly isManagementRestricted: boolean
  /** Undefined: the directory has none. */
  readonly lastSignIn: Known<Date | undefined>
  readonly groups: Known<readonly HeldGroup[]>
  readonly owned: Known<readonly OwnedObject[]>
  /** Directory roles that are active or that he could activate, also through a group. */
  readonly holdsRole: Known<boolean>
  /** Application roles that he was given himself. */
  readonly appRoles: Known<number>
  readonly hasReports: Known<boolean>
}

/** Whom cleanup never touches, as the tenant and the configuration say now. */
export interface Spared {
  /** Ids of users and of groups, whose members are meant. */
  readonly administrators: Known<ReadonlySet<string>>
  readonly approvers: Known<ReadonlySet<string>>
  readonly protected: Known<ReadonlySet<string>>
  /** Anybody with direct reports approves, since a flow asks managers. */
  readonly managersApprove: boolean
  /** Owning any group makes an approver, since an integration asks the owners of groups. */
  readonly groupOwnersApprove: boolean
  /** Client ids of this product. */
  readonly ownApplications: ReadonlySet<string>
  readonly ownIds: ReadonlySet<string>
}

/** What is known of a person in the moment of a decision; `gone` when there is no such account. */
export interface CleanupFacts {
  readonly account: AccountFacts | 'gone'
  /** Access or a request here that is active, pending or scheduled. */
  readonly hasOpen: boolean
  readonly spared: Spared
}

/**
 * Every reason not to touch an account, sorted; empty when there is none. What cannot be read
 * speaks against it like what was found.
 */
export function weighCleanup(
  { account, hasOpen, spared }: CleanupFacts,
  rule: CleanupRule,
  action: CleanupAction,
  day: number,
  now: Date,
): readonly CleanupReason[] {
  if (account === 'gone') return ['person-gone']
  const found = new Set<CleanupReason>()
  const judge = <Value>(
    known: Known<Value>,
    reason: CleanupReason,
    is: (value: Value) => boolean,
  ) => {
    if (known === 'unknown') found.add('unclear')
    else if (is(known as Value)) found.add(reason)
  }
  const { groups, owned } = account
  const isIn = (ids: ReadonlySet<string>) =>
    ids.has(account.id) || (groups !== 'unknown' && groups.some(({ id }) => ids.has(id)))

  if (hasOpen) found.add('active-or-pending')
  if (!rule.userTypes.includes(account.userType)) found.add('user-type')
  if (account.isSynchronised) found.add('synchronised')
  if (account.isManagementRestricted) found.add('restricted-unit')
  if (spared.ownIds.has(account.id)) found.add('own-identity')
  judge(account.holdsRole, 'directory-role', (holds) => holds)
  judge(groups, 'role-assignable-group', (held) => held.some((group) => group.isRoleAssignable))
  judge(owned, 'role-assignable-group', (own) => own.some((each) => each.isRoleAssignable))
  judge(owned, 'own-identity', (own) =>
    own.some(({ appId }) => appId !== undefined && spared.ownApplications.has(appId)),
  )
  judge(spared.administrators, 'administrator', isIn)
  judge(spared.approvers, 'approver', isIn)
  judge(spared.protected, 'protected', isIn)
  if (spared.managersApprove) judge(account.hasReports, 'approver', (has) => has)
  if (spared.groupOwnersApprove) {
    judge(owned, 'approver', (own) => own.some(({ kind }) => kind === 'group'))
  }
  if (!rule.ignoreOtherAccess) {
    judge(groups, 'holds-other-access', (held) => held.some(({ isDynamic }) => !isDynamic))
    judge(owned, 'holds-other-access', (own) => own.some(({ kind }) => kind === 'group'))
    judge(account.appRoles, 'holds-other-access', (count) => count > 0)
  }
  const signIn = signInReason(account, rule, action, day, now)
  if (signIn !== undefined) found.add(signIn)
  judge(account.enabled, 'already-disabled', (enabled) => action === 'disable' && !enabled)
  return [...found].sort()
}

/** A missing sign-in says nothing unless the account is older than the period. */
function signInReason(
  { lastSignIn, createdAt }: AccountFacts,
  { signInWithinDays }: CleanupRule,
  action: CleanupAction,
  day: number,
  now: Date,
): CleanupReason | undefined {
  const since = now.getTime() - signInWithinDays * day
  const isOld = createdAt !== undefined && createdAt.getTime() <= since
  const isUnknown = lastSignIn === 'unknown' || (lastSignIn === undefined && !isOld)
  if (isUnknown) {
    return action !== 'delete' && signInWithinDays === 0 ? undefined : 'sign-in-unknown'
  }
  if (lastSignIn === undefined || signInWithinDays === 0) return undefined
  return lastSignIn.getTime() > since ? 'signed-in' : undefined
}
