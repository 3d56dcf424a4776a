import type { ResourceType } from './access.ts'
import type { Selector } from './selector.ts'
import type { UserCleanup } from './user-cleanup.ts'

/** A connected tenant's part that this broker manages (contract, "Integration"). */
export interface Integration {
  readonly name: string
  readonly connector?: string | undefined
  readonly resourceTypes: readonly ResourceType[]
  readonly include?: readonly Selector[] | undefined
  readonly exclude?: readonly Selector[] | undefined
  readonly customAccessDetails?: string | undefined
  /** Who stands for the integration as a whole, by object id. */
  readonly owner?:
    | { readonly attribute: 'user' | 'group'; readonly values: readonly string[] }
    | undefined
  /**
   * Whose a resource is: the value behind `keyName` (`owners` for a group's own owners, a directory
   * extension attribute, or a catalogue tag), matched to `attribute` of users or groups.
   */
  readonly resourceOwner?: { readonly keyName: string; readonly attribute: string } | undefined
  /** Days after the last access at which an account is cleaned up; never without it. */
  readonly userCleanupAfterDays?: number | undefined
  readonly userCleanup?: UserCleanup | undefined
  /** By resource type; `direct` where it says nothing. */
  readonly mechanism?: Readonly<Record<string, 'direct' | 'pim' | undefined>> | undefined
  /** What becomes of requests by `pim` in a tenant without the licence; absent is `none`. */
  readonly mechanismFallback?: 'direct' | 'none' | undefined
  /** Who ends access by `pim` at its time; absent is `broker`. */
  readonly endBy?: 'broker' | 'entra' | undefined
  readonly drift?: 'report' | 'enforce' | undefined
  /** Allows guarded targets such as role-assignable groups. */
  readonly privileged?: boolean | undefined
}
