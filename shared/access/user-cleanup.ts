/** What happens to an account in the end; the later, the harsher. */
export const cleanupActions = ['report', 'disable', 'delete'] as const
export type CleanupAction = (typeof cleanupActions)[number]

export type UserType = 'guest' | 'member'

/** How an integration treats people whose access has ended (contract, "Integration"). */
export interface UserCleanup {
  readonly action?: CleanupAction | undefined
  readonly userTypes?: readonly UserType[] | undefined
  readonly announceDays?: number | undefined
  readonly signInWithinDays?: number | undefined
  readonly maxPerDay?: number | undefined
  readonly maxShare?: number | undefined
  /** Object ids of users, and of groups whose members are never touched. */
  readonly protected?: readonly string[] | undefined
  readonly ignoreOtherAccess?: boolean | undefined
}
