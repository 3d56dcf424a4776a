import { joinJson, splitJson } from '../ledger/columns.ts'
import { TableConflictError, type Tables, type Write } from '../ledger/tables.ts'

/** How far the evaluation of one flow is. */
export interface FlowProgress {
  readonly name: string
  /** The version that its people were collected by; another one begins again. */
  readonly version: number
  /** First everybody is looked for, then each of them is given what he should have. */
  readonly phase: 'collect' | 'apply'
  readonly mark: string
  /** Where people are collected: which of the places, and where in it. */
  readonly source: number
  readonly token?: string
  /** Where the apply goes on, and what it has found so far. */
  readonly after?: string
  readonly people?: number
  readonly dueAt?: string
}

/** One evaluation of automatic flows, as far as it has come. */
export interface AutomaticRun {
  /** Everything is looked at, or only what has to be looked at by now. */
  readonly kind: 'all' | 'due'
  /** Flows still to come; undefined before the configuration was read. */
  readonly flows?: readonly string[]
  readonly current?: FlowProgress
  /** Why it does not get on, and when it is tried again. */
  readonly problem?: { readonly count: number; readonly retryAt: string }
}

export interface AutomaticState {
  readonly run?: AutomaticRun
  /** When somebody has to be looked at again, whether anything changes or not. */
  readonly dueAt?: string
  /** Somebody is at work; until then the others leave it to him. */
  readonly leasedUntil?: string
}

/** The evaluation as it stands; a save succeeds only on what was read. */
export interface OpenAutomatic {
  readonly state: AutomaticState
  readonly etag: string | undefined
  readonly isOrdered: boolean
}

const partition = 'automatic'
const stateKey = 'state'
const orderKey = 'order'

/** Reads run and order at once: what looks for work every few seconds has to be cheap. */
export async function openAutomatic(tables: Tables): Promise<OpenAutomatic> {
  const { rows } = await tables.page('Index', partition, {})
  const state = rows.find(({ key }) => key === stateKey)
  return {
    state: state === undefined ? {} : (joinJson('state', state.columns) as AutomaticState),
    etag: state?.etag,
    isOrdered: rows.some(({ key }) => key === orderKey),
  }
}

/** Saves the state; undefined when somebody else has saved meanwhile. */
export async function saveAutomatic(
  tables: Tables,
  open: OpenAutomatic,
  state: AutomaticState,
  { takesOrder }: { readonly takesOrder: boolean } = { takesOrder: false },
): Promise<OpenAutomatic | undefined> {
  const columns = splitJson('state', state)
  const write: Write =
    open.etag === undefined
      ? { do: 'insert', key: stateKey, columns }
      : { do: 'replace', key: stateKey, columns, etag: open.etag }
  const writes: readonly Write[] = takesOrder ? [write, { do: 'drop', key: orderKey }] : [write]
  try {
    const [etag] = await tables.write('Index', partition, writes)
    return { state, etag, isOrdered: open.isOrdered && !takesOrder }
  } catch (error) {
    if (error instanceof TableConflictError) return undefined
    throw error
  }
}

/** Orders an evaluation of everything; the timer carries it out. Ordered twice, it is done once. */
export async function orderAutomatic({ tables }: { readonly tables: Tables }): Promise<void> {
  await tables.write('Index', partition, [{ do: 'put', key: orderKey, columns: {} }])
}
