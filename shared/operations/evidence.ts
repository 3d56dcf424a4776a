import { createHash } from 'node:crypto'
import { system } from '../access/events.ts'
import { isOpen } from '../access/pair.ts'
import type { CheckpointArchive } from '../ledger/checkpoint-archive.ts'
import { hashOfLeaf, type Leaf, readLeaves, tupleOf } from '../ledger/checkpoint-leaves.ts'
import { type Checkpoint, findCovering } from '../ledger/checkpoints.ts'
import {
  type CoverProof,
  type ExportedEvent,
  hashOfManifest,
  type StreamManifest,
} from '../ledger/export-manifest.ts'
import { pairOfRequest, pairPartition } from '../ledger/ids.ts'
import { genesisHash, type LedgerEvent } from '../ledger/ledger-event.ts'
import { inclusionProof } from '../ledger/merkle.ts'
import { readEvents, type StoredRequest } from '../ledger/pair-ledger.ts'
import type { Tables } from '../ledger/tables.ts'
import { eventView } from './audit-log.ts'
import { orderCheckpoint } from './checkpoint.ts'
import type { Needs } from './needs.ts'
import { viewOf } from './request-view.ts'
import { verifyText } from './verify-text.ts'
import { type ZipFile, zipOf } from './zip.ts'

/** Clocks of several instances differ by less. */
const skewMilliseconds = 5 * 60_000

/**
 * Everything that proves one request, as a zip that can be verified without us. Once the request has
 * ended it is the same bytes on every call: where no checkpoint covers the end yet, one is made.
 */
export async function buildEvidence(
  needs: Needs,
  archive: CheckpointArchive | undefined,
  request: StoredRequest,
): Promise<Buffer> {
  const { id, status } = request.reason
  const pairId = pairOfRequest(id) ?? ''
  const events = await readEvents(needs.tables, pairPartition(pairId))
  const own = events.filter(({ requestId }) => requestId === id)
  const last = own.at(-1)
  if (last === undefined) throw new Error(`Cannot prove request ${id}: it has no events`)
  let cover = await coverOf(needs.tables, last)
  if (cover === undefined && !isOpen(status)) {
    await orderCheckpoint(needs, archive, system)
    cover = await coverOf(needs.tables, last)
  }
  // Later events of the same stream belong to other requests.
  const shown = events.filter(({ sequence }) => sequence <= (cover?.leaf[1] ?? last.sequence))
  return zipOf(filesOf(request, own, shown, cover ?? null))
}

function filesOf(
  request: StoredRequest,
  own: readonly LedgerEvent[],
  shown: readonly LedgerEvent[],
  proof: CoverProof | null,
): readonly ZipFile[] {
  const { reason, submission } = request
  // As of its end: what is shown for a while after it is no part of the proof.
  const view = viewOf(request, new Date(reason.endedAt ?? submission.createdAt))
  const calls = own.flatMap(({ sequence, event, at, graphRequestId }) =>
    graphRequestId === undefined ? [] : [{ sequence, event, at, graphRequestId }],
  )
  return [
    { name: 'VERIFY.md', text: verifyText(reason.id, proof) },
    { name: 'request.json', text: jsonText(view) },
    { name: 'events.ndjson', text: streamText(shown, proof) },
    { name: 'graph-requests.json', text: jsonText(calls) },
    ...(proof === null ? [] : [{ name: 'checkpoint.json', text: jsonText(proof) }]),
  ]
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** A stream from its first event on, with its manifest, as `verify-export.ts` reads it. */
function streamText(events: readonly LedgerEvent[], proof: CoverProof | null): string {
  const lines = events.map((event) => `${JSON.stringify(eventView(event))}\n`).join('')
  const { stream = '', sequence = 0, hash = genesisHash } = events.at(-1) ?? {}
  const manifest: Omit<StreamManifest, 'hash'> = {
    manifest: 1,
    kind: 'stream',
    rows: events.length,
    sha256: createHash('sha256').update(lines, 'utf8').digest('hex'),
    streams: [[stream, 1, genesisHash, sequence, hash]],
    proof,
    checkpoint: proof?.event.hash ?? null,
  }
  return `${lines}${JSON.stringify({ ...manifest, hash: hashOfManifest(manifest) })}\n`
}

/** The first checkpoint that covers an event, with the proof that it does. */
async function coverOf(tables: Tables, event: LedgerEvent): Promise<CoverProof | undefined> {
  const since = new Date(Date.parse(event.at) - skewMilliseconds)
  const found = await findCovering(tables, event, since)
  return found && proofOf(tables, found)
}

async function proofOf(
  tables: Tables,
  { checkpoint, leaf }: { readonly checkpoint: Checkpoint; readonly leaf: Leaf },
): Promise<CoverProof> {
  const hashes: Buffer[] = []
  let index = -1
  for await (const each of readLeaves(tables, checkpoint)) {
    if (each.stream === leaf.stream && each.sequence === leaf.sequence) index = hashes.length
    hashes.push(hashOfLeaf(each))
  }
  return {
    event: eventView(checkpoint.event) as unknown as ExportedEvent,
    leaf: tupleOf(leaf),
    steps: inclusionProof(hashes, index),
  }
}
