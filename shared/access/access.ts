/** The words of access that everything else is built of. */

export type ResourceType = 'group' | 'directory-role'

/** `member` and `owner` of a group; `active` holder of a directory role. */
export type Permission = 'member' | 'owner' | 'active'

/** A group by object id, or a directory role by role definition id at a scope. */
export interface ResourceRef {
  readonly type: ResourceType
  readonly id: string
  /** `/` or `/administrativeUnits/<id>`; directory roles only. */
  readonly scope?: string
}

/** One person's access to one resource: the pair, the aggregate of the ledger. */
export interface AccessKey {
  readonly tenantId: string
  readonly grantee: string
  readonly resource: ResourceRef
  readonly permission: Permission
}
