import type { UnmanageableCode } from './manageability.ts'

/** The properties of a group that decide whether Graph may change its members. */
interface GroupKind {
  readonly groupTypes: readonly string[]
  readonly mailEnabled: boolean
  readonly onPremisesSyncEnabled: boolean
  readonly isManagementRestricted: boolean
  readonly isAssignableToRole: boolean
}

/** Why nobody's access to a group can be managed; `undefined` where it can. */
export function unmanageableGroup(group: GroupKind): UnmanageableCode | undefined {
  if (group.groupTypes.includes('DynamicMembership')) return 'dynamic'
  if (group.onPremisesSyncEnabled) return 'synchronised'
  // Microsoft 365 groups have mail as well, but their members are Graph's to change.
  if (group.mailEnabled && !group.groupTypes.includes('Unified')) return 'mail-enabled'
  if (group.isManagementRestricted) return 'restricted-unit'
  return group.isAssignableToRole ? 'role-assignable' : undefined
}
