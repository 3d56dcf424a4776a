import { joinJson, splitJson } from './columns.ts'
import { sha256Hex } from './ids.ts'
import { TableConflictError, type Tables } from './tables.ts'

/** A refusal as it was answered, kept to be answered again. */
export interface KeptRefusal {
  readonly status: number
  readonly problem: Readonly<Record<string, unknown>>
}

/**
 * What an idempotency key or message id stands for, for ever. Truth, not a view: inserted before
 * anything else, it ties the key to one request id.
 */
export interface Claim {
  readonly partition: string
  readonly requestId: string
  readonly bodyHash: string
  readonly refusal?: KeptRefusal
  /** The refusal has reached the audit. */
  readonly isRecorded?: boolean
}

/** `new`: the key is ours now. `known`: same body as before. `other-body`: the key is taken. */
export type ClaimOutcome =
  | { readonly kind: 'new'; readonly claim: Claim }
  | { readonly kind: 'known'; readonly claim: Claim }
  | { readonly kind: 'other-body' }

/** The claim row's partition: whose key it is, and the key. */
export function claimPartition(owner: string, key: string): string {
  return `c-${sha256Hex(JSON.stringify([owner, key]))}`
}

export async function findClaim(tables: Tables, partition: string): Promise<Claim | undefined> {
  const row = await tables.read('Claims', partition, 'claim')
  if (row === undefined) return undefined
  const refusal = joinJson('refusal', row.columns)
  return {
    partition,
    requestId: String(row.columns['requestId']),
    bodyHash: String(row.columns['bodyHash']),
    ...(refusal === undefined ? {} : { refusal: refusal as KeptRefusal }),
    isRecorded: row.columns['isRecorded'] === true,
  }
}

/** Claims a key for a request id, or finds out what it stands for already. */
export async function claim(tables: Tables, wanted: Claim, createdAt: Date): Promise<ClaimOutcome> {
  try {
    await tables.write('Claims', wanted.partition, [
      {
        do: 'insert',
        key: 'claim',
        columns: {
          requestId: wanted.requestId,
          bodyHash: wanted.bodyHash,
          createdAt: createdAt.toISOString(),
          ...(wanted.refusal === undefined ? {} : splitJson('refusal', wanted.refusal)),
        },
      },
    ])
    return { kind: 'new', claim: wanted }
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
    const known = await findClaim(tables, wanted.partition)
    if (known === undefined) throw error
    return known.bodyHash === wanted.bodyHash
      ? { kind: 'known', claim: known }
      : { kind: 'other-body' }
  }
}

/** Keeps the refusal that a claimed key was answered with. */
export async function keepRefusal(
  tables: Tables,
  partition: string,
  refusal: KeptRefusal,
): Promise<void> {
  await tables.write('Claims', partition, [
    { do: 'merge', key: 'claim', columns: splitJson('refusal', refusal) },
  ])
}

/** Notes that the audit has the refusal, so that repeating it has nothing left to do. */
export async function markRecorded(tables: Tables, partition: string): Promise<void> {
  await tables.write('Claims', partition, [
    { do: 'merge', key: 'claim', columns: { isRecorded: true } },
  ])
}
