import canonicalize from 'canonicalize'
import type { EventDraft } from '../access/events.ts'
import { joinJson, splitJson } from './columns.ts'
import { sha256Hex } from './ids.ts'
import type { Columns, Row } from './tables.ts'

/** An event at its place in a stream, bound to its predecessor by hash. */
export interface LedgerEvent extends EventDraft {
  readonly stream: string
  readonly sequence: number
  readonly previousHash: string
  readonly hash: string
  /** Salt of the digest by which `reason` enters the hash. */
  readonly salt?: string
  /** The transaction that wrote it, by which a lost answer is recognised. */
  readonly txId: string
}

/** The predecessor's hash of the first event of a stream. */
export const genesisHash = '0'.repeat(64)

/**
 * Hash of an event: lower-case hex SHA-256 over the UTF-8 of the canonical JSON (RFC 8785) of
 * everything but `resourceName`, with free text replaced by the digest of salt and text. So names
 * and texts can be blanked later without breaking the chain. The vector is in `docs/audit.md`.
 */
export function hashOf(event: Omit<LedgerEvent, 'hash' | 'txId'>): string {
  const { resourceName: _, reason, salt, actor, ...rest } = event
  const hashed = {
    v: 1,
    ...rest,
    actor: actor.id,
    actorType: actor.type,
    ...(reason === undefined ? {} : { reasonDigest: sha256Hex(`${salt ?? ''}${reason}`) }),
  }
  const text = canonicalize(hashed)
  if (text === undefined) throw new Error('Cannot hash an event: it has no canonical form')
  return sha256Hex(text)
}

/** Chains drafts to the end of a stream. */
export function chain(
  drafts: readonly EventDraft[],
  end: { readonly stream: string; readonly sequence: number; readonly hash: string },
  txId: string,
  newSalt: () => string,
): readonly LedgerEvent[] {
  let { sequence, hash } = end
  return drafts.map((draft) => {
    const open = {
      ...draft,
      stream: end.stream,
      sequence: ++sequence,
      previousHash: hash,
      ...(draft.reason === undefined ? {} : { salt: newSalt() }),
    }
    hash = hashOf(open)
    return { ...open, hash, txId }
  })
}

/** Row key of an event in its stream's partition. */
export function eventKey(sequence: number): string {
  return `e-${String(sequence).padStart(10, '0')}`
}

const optionalTexts = [
  'requestId',
  'correlationId',
  'grantee',
  'integration',
  'resourceType',
  'resourceId',
  'resourceName',
  'scope',
  'permission',
  'accessFlow',
  'reason',
  'graphRequestId',
  'salt',
] as const

/** Columns of an event, the same in `Ledger` and `Audit`. */
export function eventColumns(event: LedgerEvent): Columns {
  const columns: Record<string, string | number> = {
    event: event.event,
    at: event.at,
    actor: event.actor.id,
    actorType: event.actor.type,
    stream: event.stream,
    sequence: event.sequence,
    previousHash: event.previousHash,
    hash: event.hash,
    txId: event.txId,
  }
  for (const name of optionalTexts) {
    const value = event[name]
    if (value !== undefined) columns[name] = value
  }
  return { ...columns, ...splitJson('detail', event.detail) }
}

/** Reads an event back from its row; the row is ours, so its shape is trusted, not its chain. */
export function eventFromRow(row: Row): LedgerEvent {
  const text = (name: string) => String(row.columns[name] ?? '')
  const optional = Object.fromEntries(
    optionalTexts.flatMap((name) => {
      const value = row.columns[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
  return {
    ...optional,
    event: text('event') as LedgerEvent['event'],
    at: text('at'),
    actor: { id: text('actor'), type: text('actorType') as LedgerEvent['actor']['type'] },
    stream: text('stream'),
    sequence: Number(row.columns['sequence']),
    previousHash: text('previousHash'),
    hash: text('hash'),
    txId: text('txId'),
    detail: (joinJson('detail', row.columns) ?? {}) as Record<string, unknown>,
  }
}

/** The event of a row, unless hands have made something of it that no event is. */
export function eventOfRow(row: Row): LedgerEvent | undefined {
  try {
    return eventFromRow(row)
  } catch {
    return undefined
  }
}
