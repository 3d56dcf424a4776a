import type { Authenticate } from '../shared/identity/authenticate.ts'
import type { CheckpointArchive } from '../shared/ledger/checkpoint-archive.ts'
import type { CleanupNeeds } from '../shared/operations/cleanup-needs.ts'
import type { DecideApproval } from '../shared/operations/decide-approval.ts'
import type { Needs } from '../shared/operations/needs.ts'
import type { SettlePair } from '../shared/operations/settle-pair.ts'
import type { SubmitRequest } from '../shared/operations/submit-request.ts'
import type { ReadConfiguration } from '../shared/operations/system-stream.ts'
import type { Connector } from '../shared/operations/test-connector.ts'

/** The assembled product, as the triggers see it. Built in `main.ts`. */
export interface Broker {
  readonly needs: Needs
  readonly authenticate: Authenticate
  readonly readConfiguration: ReadConfiguration
  readonly submitRequest: SubmitRequest
  readonly settlePair: SettlePair
  readonly cleanupNeeds: CleanupNeeds
  readonly decideApproval: DecideApproval
  /** Where checkpoints of the audit are kept once more. */
  readonly archive?: CheckpointArchive
  readonly signIn: SignIn
  /** Folder of the built portal. */
  readonly portalFolder: string
  readonly connector: Connector
  /** What `/health` looks at, each by name. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>
}

/** What a client needs to sign people in; nothing of it is secret. */
export interface SignIn {
  readonly authority: string
  readonly tenantId: string
  readonly clientId: string
  readonly scope: string
  readonly endSession: string
}
