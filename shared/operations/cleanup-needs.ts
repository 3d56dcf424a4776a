import type { Accounts } from '../directory/accounts.ts'
import type { Needs } from './needs.ts'
import type { ReadResources } from './read-resources.ts'
import type { ReadConfiguration } from './system-stream.ts'

/** Settings of cleanup. */
export interface CleanupRules {
  /** What counts as one day, in milliseconds. */
  readonly day: number
  /** A group whose members are never touched. */
  readonly protectedGroup?: string
  /** Client ids of this product's own applications. */
  readonly ownApplications: readonly string[]
}

/** Everything that cleanup takes from outside. */
export interface CleanupNeeds extends Needs {
  readonly accounts: Accounts
  readonly cleanup: CleanupRules
  readonly readConfiguration: ReadConfiguration
  readonly readResources: ReadResources
}
