import type { AccountFacts, Known } from '../access/cleanup-checks.ts'
import type { WriteLimits, WriteOutcome } from './directory.ts'

export type AccountWrite = 'disable' | 'enable' | 'revoke-sessions' | 'delete' | 'restore'

/** Who answers for an account, by object ids. */
export interface Relations {
  readonly sponsors: readonly string[]
  readonly managerId?: string
}

/**
 * What cleanup needs of accounts. Reads throw `DirectoryUnavailableError` when the directory is
 * away; what it does not let the connector see is `unknown`. Writes never throw.
 */
export interface Accounts {
  read(id: string): Promise<AccountFacts | 'gone'>
  relations(id: string): Promise<Relations>
  /** Whether a soft-deleted account of this id can still be brought back. */
  isDeleted(id: string): Promise<boolean>
  /** Users and groups that hold `Access.Admin` of this product. */
  administrators(): Promise<Known<ReadonlySet<string>>>
  /** Those of the ids that are users or groups. */
  existing(ids: readonly string[]): Promise<ReadonlySet<string>>
  write(id: string, what: AccountWrite, limits: WriteLimits): Promise<WriteOutcome>
}

/** Role of the product's API whose holders administer it. */
export const administratorRole = 'Access.Admin'
