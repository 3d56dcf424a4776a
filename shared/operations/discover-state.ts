import type { Actor } from '../access/events.ts'
import { joinJson, splitJson } from '../ledger/columns.ts'
import { newUlid } from '../ledger/ids.ts'
import { TableConflictError, type Tables, type Write } from '../ledger/tables.ts'
import type { Needs } from './needs.ts'

/** What a run still has to do, in this order. */
export type DiscoveryStep = 'groups' | 'missing-groups' | 'roles' | 'ends' | 'report'

/** A discovery that somebody asked for and that has not begun. */
export interface DiscoveryOrder {
  readonly id: string
  readonly by: Actor
  readonly integration?: string
  readonly at: string
}

/** One discovery from its begin to its end, as far as it has come. */
export interface DiscoveryRun {
  readonly id: string
  readonly by: Actor
  readonly integration?: string
  /** The first one is under way; none left: the run has finished. */
  readonly steps: readonly DiscoveryStep[]
  /** All groups are read, not only those that changed. */
  readonly isFull: boolean
  /** What a full read puts on every row that it sees. */
  readonly mark: string
  /** Where the first step goes on. */
  readonly cursor?: string
  /** The directory extension attributes that the configuration names. */
  readonly attributes: readonly string[]
  /** The directory knows no such attributes, so they are not read. */
  readonly attributesRefused?: true
  readonly pages: number
  readonly found: number
  readonly changed: number
  readonly gone: number
  readonly startedAt: string
  readonly finishedAt?: string
  /** What has been read to its end. */
  readonly complete: readonly ('groups' | 'roles')[]
  /** What was given up after many tries; the next run tries it again. */
  readonly givenUp: readonly { readonly step: DiscoveryStep; readonly detail: string }[]
  /** Why it does not get on, and when it is tried again. */
  readonly problem?: { readonly detail: string; readonly count: number; readonly retryAt: string }
}

/** Everything about discovery that outlives a process. */
export interface DiscoveryState {
  readonly run?: DiscoveryRun
  /** By which the next run learns what changed, and what the token was made for. */
  readonly groups?: {
    readonly token: string
    readonly attributes: readonly string[]
    readonly fullAt: string
  }
  /** Somebody is at work; until then the others leave it to him. */
  readonly leasedUntil?: string
}

/** Discovery as it stands; a save succeeds only on what was read. */
export interface OpenDiscovery {
  readonly state: DiscoveryState
  readonly etag: string | undefined
  readonly order: DiscoveryOrder | undefined
}

/** What readers of the stored resources look at: one small row. */
export interface Known {
  /** Another one after every change. */
  readonly version: string
  /** Since when all groups, all roles are known. */
  readonly groups?: string
  readonly roles?: string
}

const partition = 'discovery'
const stateKey = 'state'
const orderKey = 'order'
const knownKey = 'known'

/** Reads run, state and order at once: what looks for work every few seconds has to be cheap. */
export async function openDiscovery(tables: Tables): Promise<OpenDiscovery> {
  const { rows } = await tables.page('Index', partition, {})
  const rowOf = (key: string) => rows.find((row) => row.key === key)
  const state = rowOf(stateKey)
  const order = rowOf(orderKey)
  return {
    state: state === undefined ? {} : (joinJson('state', state.columns) as DiscoveryState),
    etag: state?.etag,
    order: order && (joinJson('order', order.columns) as DiscoveryOrder),
  }
}

/** What is written together with the state. */
interface Beside {
  readonly known?: Known | undefined
  /** The order has become the run. */
  readonly takesOrder?: boolean
}

/** Saves the state; undefined when somebody else has saved meanwhile. */
export async function saveDiscovery(
  tables: Tables,
  open: OpenDiscovery,
  state: DiscoveryState,
  { known, takesOrder = false }: Beside = {},
): Promise<OpenDiscovery | undefined> {
  const columns = splitJson('state', state)
  const write: Write =
    open.etag === undefined
      ? { do: 'insert', key: stateKey, columns }
      : { do: 'replace', key: stateKey, columns, etag: open.etag }
  const writes: readonly Write[] = [
    write,
    ...(known === undefined ? [] : [knownWrite(known)]),
    ...(takesOrder ? [{ do: 'drop', key: orderKey } as const] : []),
  ]
  const etags = await unlessConflict(tables.write('Index', partition, writes))
  if (etags === undefined) return undefined
  return { state, etag: etags[0], order: takesOrder ? undefined : open.order }
}

/** Puts an order down; false when one waits already and may not be replaced. */
export async function placeOrder(
  tables: Tables,
  order: DiscoveryOrder,
  isReplacing: boolean,
): Promise<boolean> {
  const columns = splitJson('order', order)
  const write: Write = { do: isReplacing ? 'put' : 'insert', key: orderKey, columns }
  return (await unlessConflict(tables.write('Index', partition, [write]))) !== undefined
}

export async function readKnown(tables: Tables): Promise<Known | undefined> {
  const row = await tables.read('Index', partition, knownKey)
  if (row === undefined) return undefined
  const { version, groups, roles } = row.columns
  return {
    version: String(version),
    ...(groups === undefined ? {} : { groups: String(groups) }),
    ...(roles === undefined ? {} : { roles: String(roles) }),
  }
}

/** Tells readers that something about the stored resources has changed. */
export async function announceChange(
  needs: Pick<Needs, 'tables' | 'now' | 'random'>,
): Promise<void> {
  const version = newUlid(needs.now(), needs.random)
  await needs.tables.write('Index', partition, [knownWrite({ version })])
}

function knownWrite(known: Known): Write {
  return { do: 'merge', key: knownKey, columns: { ...known } }
}

async function unlessConflict<Result>(write: Promise<Result>): Promise<Result | undefined> {
  try {
    return await write
  } catch (error) {
    if (error instanceof TableConflictError) return undefined
    throw error
  }
}
