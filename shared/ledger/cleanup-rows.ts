import { joinJson, splitJson } from './columns.ts'
import type { LedgerEvent } from './ledger-event.ts'
import { rowsOf, TableConflictError, type Tables, type Write } from './tables.ts'

/**
 * Rows of cleanup, in `Index`: news of ended access, who is looked at when, attempts under way, and
 * everybody who ever had access here. The truth about a person is the head of his stream.
 */
export const cleanupPartition = 'cleanup'
const listPartition = 'cleanups'

/** An end that no run has taken up yet: one row for each, so that none can hide another. */
export function endedWrite(event: LedgerEvent): Write | undefined {
  const { requestId, grantee, integration, at } = event
  if (event.event !== 'grant.ended' || !requestId || !grantee || !integration) return undefined
  return { do: 'put', key: `n-${requestId}`, columns: { grantee, integration, at } }
}

export interface EndedAccess {
  readonly key: string
  readonly grantee: string
  readonly integration: string
  readonly at: string
}

export async function endedAccess(tables: Tables, limit: number): Promise<readonly EndedAccess[]> {
  const page = await tables.page('Index', cleanupPartition, { from: 'n-', before: 'n.' }, { limit })
  return page.rows.map(({ key, columns }) => ({
    key,
    grantee: String(columns['grantee']),
    integration: String(columns['integration']),
    at: String(columns['at']),
  }))
}

/** Why somebody is looked at: his time has come, or a call about him may have broken off. */
export type LookKind = 'look' | 'attempt'

const prefix: Readonly<Record<LookKind, string>> = { look: 'd', attempt: 'a' }

export interface Look {
  readonly key: string
  readonly at: Date
  readonly person: string
}

function lookKey(kind: LookKind, at: Date, person: string): string {
  return `${prefix[kind]}-${at.toISOString()}-${person}`
}

/** Who is to be looked at by now, oldest first. */
export async function dueLooks(
  tables: Tables,
  kind: LookKind,
  now: Date,
  limit: number,
  after?: string,
): Promise<readonly Look[]> {
  const before = `${prefix[kind]}-${new Date(now.getTime() + 1).toISOString()}`
  const range = { from: after === undefined ? `${prefix[kind]}-` : `${after}!`, before }
  const page = await tables.page('Index', cleanupPartition, range, { limit })
  return page.rows.map(({ key }) => ({
    key,
    at: new Date(key.slice(2, 26)),
    person: key.slice(27),
  }))
}

/** Lays a look; the same one again changes nothing. */
export async function layLook(
  tables: Tables,
  kind: LookKind,
  at: Date,
  person: string,
): Promise<void> {
  const write: Write = { do: 'put', key: lookKey(kind, at, person), columns: { person } }
  await tables.write('Index', cleanupPartition, [write])
}

/** Puts the next look in the place of one, or drops it. */
export async function moveLook(tables: Tables, look: Look, next: Date | undefined): Promise<void> {
  const key = next === undefined ? undefined : lookKey('look', next, look.person)
  if (key === look.key) return
  if (key !== undefined) {
    await tables.write('Index', cleanupPartition, [
      { do: 'put', key, columns: { person: look.person } },
    ])
  }
  await dropRows(tables, [look.key])
}

/** Drops rows; somebody else may have done it first. */
export async function dropRows(tables: Tables, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += 100) {
    const some = keys.slice(start, start + 100)
    try {
      const writes = some.map((key): Write => ({ do: 'drop', key }))
      await tables.write('Index', cleanupPartition, writes)
    } catch (error) {
      if (!(error instanceof TableConflictError)) throw error
      if (some.length > 1) for (const key of some) await dropRows(tables, [key])
    }
  }
}

/** Somebody who had access here once, as he was when he was last looked at. */
export interface FormerHolder {
  readonly id: string
  readonly userType: string
  readonly enabled: boolean
}

export async function putHolders(tables: Tables, holders: readonly FormerHolder[]): Promise<void> {
  for (let start = 0; start < holders.length; start += 100) {
    const writes = holders.slice(start, start + 100).map(
      ({ id, userType, enabled }): Write => ({
        do: 'put',
        key: `p-${id}`,
        columns: { userType, enabled },
      }),
    )
    await tables.write('Index', cleanupPartition, writes)
  }
}

export async function* formerHolders(tables: Tables): AsyncGenerator<FormerHolder> {
  const range = { from: 'p-', before: 'p.' }
  for await (const { key, columns } of rowsOf(tables, 'Index', cleanupPartition, range)) {
    const enabled = columns['enabled'] === true
    yield { id: key.slice(2), userType: String(columns['userType']), enabled }
  }
}

/** The list of all cases, newest first. */
export async function listCase(tables: Tables, caseId: string, at: Date): Promise<void> {
  const key = `${String(9_999_999_999_999 - at.getTime()).padStart(13, '0')}-${caseId}`
  await tables.write('Index', listPartition, [{ do: 'put', key, columns: { cleanup: caseId } }])
}

export async function caseRows(
  tables: Tables,
  limit: number,
  after: string | undefined,
): Promise<{ rows: readonly { readonly id: string; readonly key: string }[]; isLast: boolean }> {
  const range = { from: after === undefined ? '0' : `${after}!`, before: ':' }
  const page = await tables.page('Index', listPartition, range, { limit })
  const rows = page.rows.map(({ key, columns }) => ({ id: String(columns['cleanup']), key }))
  return { rows, isLast: page.next === undefined }
}

const orderKey = 'o-run'

/** Orders a run; the next tick carries it out. A later order takes the place of an earlier one. */
export async function putCleanupOrder(tables: Tables, order: object): Promise<void> {
  await tables.write('Index', cleanupPartition, [
    { do: 'put', key: orderKey, columns: splitJson('order', order) },
  ])
}

export async function cleanupOrder(
  tables: Tables,
): Promise<{ readonly key: string; readonly order: unknown } | undefined> {
  const row = await tables.read('Index', cleanupPartition, orderKey)
  return row === undefined ? undefined : { key: row.key, order: joinJson('order', row.columns) }
}
