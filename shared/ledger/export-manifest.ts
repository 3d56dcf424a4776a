import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Actor } from '../access/events.ts'
import { hashOfLeaf, type LeafTuple, leafOf } from './checkpoint-leaves.ts'
import { hashOf, type LedgerEvent } from './ledger-event.ts'
import { type ProofStep, rootOfProof } from './merkle.ts'

/** An event as exports show it: flat, and without what only storage needs. */
export type ExportedEvent = Omit<LedgerEvent, 'actor' | 'txId'> & {
  readonly actor: Actor['id']
  readonly actorType: Actor['type']
}

/** The first and the last event of a stream in an export, and what the first one follows. */
export type StreamEnds = readonly [
  stream: string,
  first: number,
  previousHash: string,
  last: number,
  hash: string,
]

/** Shows that a checkpoint covers a stream. */
export interface CoverProof {
  /** `checkpoint.written` of that checkpoint. */
  readonly event: ExportedEvent
  readonly leaf: LeafTuple
  readonly steps: readonly ProofStep[]
}

/** A stretch of time, complete. */
export interface DaysManifest {
  readonly manifest: 1
  readonly kind: 'days'
  readonly from: string
  readonly to: string
  readonly rows: number
  /** SHA-256 over all bytes before the manifest's line. */
  readonly sha256: string
  readonly streams: readonly StreamEnds[]
  /** The leaves of those checkpoints in the export that are over changes. */
  readonly checkpoints: readonly (readonly [number: number, leaves: readonly LeafTuple[]])[]
  /** Hash of the latest checkpoint in the export. */
  readonly checkpoint: string | null
  /** SHA-256 over the canonical JSON of the manifest without this member. */
  readonly hash: string
}

/** A stream from its first event on. */
export interface StreamManifest {
  readonly manifest: 1
  readonly kind: 'stream'
  readonly rows: number
  readonly sha256: string
  readonly streams: readonly StreamEnds[]
  readonly proof: CoverProof | null
  readonly checkpoint: string | null
  readonly hash: string
}

/** A selection, in which chains have gaps. */
export interface FilteredManifest {
  readonly manifest: 1
  readonly kind: 'filtered'
  readonly rows: number
  readonly verifiable: false
}

/** The last line of an export. */
export type Manifest = DaysManifest | StreamManifest | FilteredManifest

/** The hash of a manifest, by all its other members. */
export function hashOfManifest(manifest: object): string {
  const { hash: _, ...rest } = manifest as { readonly hash?: string }
  return createHash('sha256')
    .update(canonicalize(rest) ?? '', 'utf8')
    .digest('hex')
}

/** Whether the hash of an exported event is that of its content. */
export function isItself({ hash, actor, actorType, ...rest }: ExportedEvent): boolean {
  try {
    return hashOf({ ...rest, actor: { id: actor, type: actorType } }) === hash
  } catch {
    return false
  }
}

/** Whether a proof leads from its leaf to the root that its checkpoint names. */
export function holds({ event, leaf, steps }: CoverProof): boolean {
  return (
    event.event === 'checkpoint.written' &&
    isItself(event) &&
    rootOfProof(hashOfLeaf(leafOf(leaf)), steps) === event.detail['root']
  )
}
