import type { Confirmation } from '../access/automatic.ts'
import type { Bundle } from '../access/bundle.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { joinJson } from '../ledger/columns.ts'
import { openStream, type Stream, type StreamPlace } from '../ledger/stream.ts'
import { type Tables, TableUnavailableError } from '../ledger/tables.ts'

/** A document of the configuration by content; the document itself is an immutable row. */
export interface DocumentRef {
  readonly hash: string
  /** Counts up with every change, also across deletion. */
  readonly version: number
  /** Who switched an integration to `privileged`; he approves nothing that it gives for that. */
  readonly unlockedBy?: string
}

/** The emergency stop as it stands. */
export interface EmergencyStop {
  readonly active: boolean
  readonly reason?: string
  readonly changedBy?: string
  readonly changedAt?: string
}

/** State of the system stream: which configuration is current, and the emergency stop. */
export interface SystemState {
  readonly integrations: Readonly<Record<string, DocumentRef>>
  readonly accessFlows: Readonly<Record<string, DocumentRef>>
  /** Absent where there has never been one. */
  readonly bundles?: Readonly<Record<string, DocumentRef>>
  /** Last versions of deleted documents: a name never comes back with a lower one. */
  readonly retired: Readonly<Record<string, number>>
  readonly stop: EmergencyStop
  /** What administrators have confirmed of automatic flows, by the flow's name in lower case. */
  readonly confirmed?: Readonly<Record<string, Confirmation>>
  /** The discovery that was last reported: each is, once. */
  readonly lastDiscovery?: string
}

export const systemPlace: StreamPlace = { name: 'system', partition: 'system' }

export const emptySystem: SystemState = {
  integrations: {},
  accessFlows: {},
  retired: {},
  stop: { active: false },
}

export async function openSystem(tables: Tables): Promise<Stream<SystemState>> {
  return openStream<SystemState>(tables, systemPlace)
}

/** The configuration that decisions are made by, as of one read of the system head. */
export interface Configuration {
  readonly integrations: readonly Integration[]
  readonly accessFlows: readonly (AccessFlow & { readonly version: number })[]
  readonly bundles: readonly Bundle[]
  /** Who made integrations privileged, by their name in lower case. */
  readonly unlockedBy: Readonly<Record<string, string>>
  readonly stop: EmergencyStop
  /** By the flow's name in lower case. */
  readonly confirmed: Readonly<Record<string, Confirmation>>
}

export type ReadConfiguration = () => Promise<Configuration>

/** Partition of immutable documents; the row key is the content hash. */
export const documentPartition = 'documents'

/**
 * Reads the current configuration: the head each time, documents by hash and so at most once.
 * Throws when any of it cannot be read: then nothing is granted.
 */
export function createReadConfiguration(tables: Tables): ReadConfiguration {
  const known = new Map<string, unknown>()
  const documentOf = async (hash: string): Promise<unknown> => {
    if (known.has(hash)) return known.get(hash)
    const row = await tables.read('Ledger', documentPartition, hash)
    const document = row === undefined ? undefined : joinJson('document', row.columns)
    if (document === undefined) {
      throw new TableUnavailableError(`read the configuration document ${hash}`, 'no')
    }
    known.set(hash, document)
    return document
  }
  return async () => {
    const { state = emptySystem } = await openSystem(tables)
    const [integrations, accessFlows, bundles] = await Promise.all([
      Promise.all(Object.values(state.integrations).map(async ({ hash }) => documentOf(hash))),
      Promise.all(
        Object.values(state.accessFlows).map(async ({ hash, version }) => ({
          ...((await documentOf(hash)) as AccessFlow),
          version,
        })),
      ),
      Promise.all(Object.values(state.bundles ?? {}).map(async ({ hash }) => documentOf(hash))),
    ])
    const { stop, confirmed = {} } = state
    return {
      integrations: integrations as Integration[],
      accessFlows,
      bundles: bundles as Bundle[],
      unlockedBy: Object.fromEntries(
        Object.entries(state.integrations).flatMap(([name, { unlockedBy }]) =>
          unlockedBy === undefined ? [] : [[name.toLowerCase(), unlockedBy]],
        ),
      ),
      stop,
      confirmed,
    }
  }
}
