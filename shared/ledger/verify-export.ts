/*
 * Over 300 lines on purpose: whoever checks an export with this file reads the whole check in one place.
 */
import { createHash } from 'node:crypto'
import { hashOfLeaf, type Leaf, leafOf } from './checkpoint-leaves.ts'
import {
  type DaysManifest,
  type ExportedEvent,
  hashOfManifest,
  holds,
  isItself,
  type Manifest,
  type StreamManifest,
} from './export-manifest.ts'
import { genesisHash } from './ledger-event.ts'
import { createMerkleTree } from './merkle.ts'

export type ExportProblem =
  | 'not-an-event'
  | 'manifest-missing'
  | 'manifest-changed'
  | 'bytes-changed'
  | 'content-changed'
  | 'event-missing'
  | 'event-surplus'
  | 'chain-broken'
  | 'checkpoint-broken'
  | 'checkpoint-differs'
  | 'anchor-missing'

/** Where an export is broken. */
interface Place {
  /** Counted from 1, where one line is to blame. */
  readonly line?: number
  readonly stream?: string
  readonly sequence?: number
}

export type ExportVerdict =
  | {
      readonly verdict: 'intact'
      readonly rows: number
      readonly streams: number
      /** Rows that the anchored checkpoint vouches for; without an anchor the latest one. */
      readonly covered: number
      readonly checkpoint: string | null
      readonly manifest: string
    }
  | ({ readonly verdict: 'broken'; readonly problem: ExportProblem } & Place)
  | { readonly verdict: 'not-verifiable' }

/** The first thing that is wrong; nothing after it is looked at. */
class Found extends Error {
  readonly problem: ExportProblem
  readonly place: Place

  constructor(problem: ExportProblem, place: Place = {}) {
    super(problem)
    this.problem = problem
    this.place = place
  }
}

type Entry = Pick<ExportedEvent, 'stream' | 'sequence' | 'hash' | 'previousHash' | 'at'> & {
  readonly line: number
}

type Streams = ReadonlyMap<string, readonly Entry[]>

interface Contents {
  readonly manifest: Manifest
  /** Its hash is that of its content. */
  readonly isGenuine: boolean
  readonly entries: readonly Entry[]
  readonly checkpoints: ReadonlyMap<number, ExportedEvent>
  readonly sha256: string
}

/** A line by itself: an event whose hash is that of its content, or a manifest. */
type Line =
  | { readonly event: ExportedEvent }
  | { readonly manifest: Manifest; readonly isGenuine: boolean }

/** Lines that were read already, for whoever looks at the same rows many times. */
export type KnownLines = Map<string, Line>

/**
 * Verifies an export by itself, without access to the system that it came from. An anchor is a hash
 * that is known from elsewhere: of a checkpoint, or of the manifest when it was still trusted.
 */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  anchor?: string,
  known?: KnownLines,
): Promise<ExportVerdict> {
  try {
    return check(await readContents(lines, known), anchor?.toLowerCase())
  } catch (error) {
    if (!(error instanceof Found)) throw error
    return { verdict: 'broken', problem: error.problem, ...error.place }
  }
}

async function readContents(
  lines: AsyncIterable<string> | Iterable<string>,
  known: KnownLines | undefined,
): Promise<Contents> {
  const bytes = createHash('sha256')
  const entries: Entry[] = []
  const checkpoints = new Map<number, ExportedEvent>()
  let found: Extract<Line, { manifest: unknown }> | undefined
  let line = 0
  for await (const text of lines) {
    line += 1
    // A shell may have added an end of line; nothing else may come.
    if (found !== undefined && text === '') continue
    const read = known?.get(text) ?? readLine(text, line)
    known?.set(text, read)
    if (found !== undefined) throw new Found('event-surplus', { line })
    if ('manifest' in read) {
      found = read
      continue
    }
    const { stream, sequence, hash, previousHash, at } = read.event
    entries.push({ stream, sequence, hash, previousHash, at, line })
    if (stream === 'checkpoints') checkpoints.set(sequence, read.event)
    bytes.update(`${text}\n`, 'utf8')
  }
  if (found === undefined) throw new Found('manifest-missing', { line })
  return { ...found, entries, checkpoints, sha256: bytes.digest('hex') }
}

function readLine(text: string, line: number): Line {
  const read = objectOf(text, line)
  if (!('manifest' in read)) return { event: eventOf(read, line) }
  const manifest = read as unknown as Manifest
  const isGenuine = manifest.kind !== 'filtered' && hashOfManifest(manifest) === manifest.hash
  return { manifest, isGenuine }
}

function objectOf(text: string, line: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // No JSON at all: told below, like JSON that is no object.
  }
  throw new Found('not-an-event', { line })
}

function eventOf(read: Record<string, unknown>, line: number): ExportedEvent {
  const event = read as unknown as ExportedEvent
  const { stream, sequence } = event
  if (typeof stream !== 'string' || !Number.isInteger(sequence)) {
    throw new Found('not-an-event', { line })
  }
  if (!isItself(event)) throw new Found('content-changed', { line, stream, sequence })
  return event
}

function check(contents: Contents, anchor: string | undefined): ExportVerdict {
  const { manifest, isGenuine, entries, sha256 } = contents
  if (manifest.kind === 'filtered') return { verdict: 'not-verifiable' }
  const isKnown = manifest.kind === 'days' || manifest.kind === 'stream'
  if (!isKnown || !isGenuine) throw new Found('manifest-changed')
  const streams = streamsOf(entries)
  checkEnds(manifest, streams)
  if (manifest.rows !== entries.length || manifest.sha256 !== sha256) {
    throw new Found('bytes-changed')
  }
  const covered =
    manifest.kind === 'days'
      ? checkDays(manifest, contents, streams, anchor)
      : checkStream(manifest, streams, anchor)
  const { checkpoint, hash } = manifest
  return {
    verdict: 'intact',
    rows: entries.length,
    streams: streams.size,
    covered,
    checkpoint,
    manifest: hash,
  }
}

/** The events by stream, in order; every stream one chain without a gap. */
function streamsOf(entries: readonly Entry[]): Streams {
  const streams = new Map<string, Entry[]>()
  for (const entry of entries) {
    const known = streams.get(entry.stream)
    if (known === undefined) streams.set(entry.stream, [entry])
    else known.push(entry)
  }
  for (const chain of streams.values()) {
    chain.sort((a, b) => a.sequence - b.sequence)
    let former: Entry | undefined
    for (const entry of chain) {
      const { stream, sequence, previousHash, line } = entry
      const next = (former?.sequence ?? sequence - 1) + 1
      if (sequence < next) throw new Found('event-surplus', { line, stream, sequence })
      if (sequence > next) throw new Found('event-missing', { stream, sequence: next })
      if (former !== undefined && previousHash !== former.hash) {
        throw new Found('chain-broken', { line, stream, sequence })
      }
      former = entry
    }
  }
  return streams
}

/** Every stream begins and ends where the manifest says, and no other is there. */
function checkEnds({ streams: told }: DaysManifest | StreamManifest, streams: Streams): void {
  const names = new Set(told.map(([stream]) => stream))
  for (const [stream, [first]] of streams) {
    if (names.has(stream) || first === undefined) continue
    throw new Found('event-surplus', { line: first.line, stream, sequence: first.sequence })
  }
  for (const [stream, from, previousHash, to, hash] of told) {
    const chain = streams.get(stream) ?? []
    const [first, last] = [chain[0], chain.at(-1)]
    if (first === undefined || last === undefined || first.sequence > from) {
      throw new Found('event-missing', { stream, sequence: from })
    }
    if (last.sequence < to)
      throw new Found('event-missing', { stream, sequence: last.sequence + 1 })
    if (first.sequence < from) {
      throw new Found('event-surplus', { line: first.line, stream, sequence: first.sequence })
    }
    if (last.sequence > to) {
      throw new Found('event-surplus', { line: last.line, stream, sequence: to + 1 })
    }
    if (first.previousHash !== previousHash || last.hash !== hash) {
      throw new Found('chain-broken', { stream, sequence: to })
    }
  }
}

/**
 * Everything that a checkpoint of the export saw within its time is there. So where the checkpoint is
 * anchored, nothing that it saw can be left out, whatever was done to the manifest.
 */
function checkDays(
  { from, to, checkpoints: told, checkpoint, hash: own }: DaysManifest,
  { entries, checkpoints }: Contents,
  streams: Streams,
  anchor: string | undefined,
): number {
  for (const { at, line, stream, sequence } of entries) {
    if (at < from || at >= to) throw new Found('event-surplus', { line, stream, sequence })
  }
  const last = streams.get('checkpoints')?.at(-1)?.sequence ?? 0
  if ((checkpoints.get(last)?.hash ?? null) !== checkpoint) throw new Found('manifest-changed')
  const leaves = new Map(told)
  const anchored = anchoredNumber(checkpoints, anchor, own)
  const coveredTo = new Map<string, number>([['checkpoints', anchored ?? last]])
  for (const [number, { detail }] of checkpoints) {
    if (detail['kind'] !== 'changes') continue
    const own = (leaves.get(number) ?? []).map(leafOf)
    if (!isTreeOf(own, detail)) {
      throw new Found('checkpoint-broken', { stream: 'checkpoints', sequence: number })
    }
    for (const leaf of own) {
      if (leaf.at < from || leaf.at >= to) continue
      meet(leaf, streams)
      if (number > (anchored ?? last)) continue
      coveredTo.set(leaf.stream, Math.max(leaf.sequence, coveredTo.get(leaf.stream) ?? 0))
    }
  }
  return entries.filter(({ stream, sequence }) => sequence <= (coveredTo.get(stream) ?? 0)).length
}

/** The checkpoint that the anchor names; undefined when it names none, but the manifest itself. */
function anchoredNumber(
  checkpoints: ReadonlyMap<number, ExportedEvent>,
  anchor: string | undefined,
  manifestHash: string,
): number | undefined {
  if (anchor === undefined || anchor === manifestHash) return undefined
  for (const [number, { hash }] of checkpoints) if (hash === anchor) return number
  throw new Found('anchor-missing')
}

function isTreeOf(leaves: readonly Leaf[], detail: Readonly<Record<string, unknown>>): boolean {
  const tree = createMerkleTree()
  for (const leaf of leaves) tree.add(hashOfLeaf(leaf))
  return tree.root() === detail['root']
}

/** A stream's event stands where a leaf says that it stood. */
function meet({ stream, sequence, hash }: Leaf, streams: Streams): void {
  const chain = streams.get(stream) ?? []
  const entry = chain[sequence - (chain[0]?.sequence ?? 0)]
  if (entry === undefined) throw new Found('event-missing', { stream, sequence })
  if (entry.hash === hash) return
  throw new Found('checkpoint-differs', { line: entry.line, stream, sequence })
}

/** One stream, complete from its first event on. */
function checkStream(
  { proof, checkpoint, hash: own }: StreamManifest,
  streams: Streams,
  anchor: string | undefined,
): number {
  const [chain = []] = streams.values()
  const [first] = chain
  if (streams.size !== 1 || first?.sequence !== 1 || first.previousHash !== genesisHash) {
    throw new Found('event-missing', { stream: first?.stream ?? '', sequence: 1 })
  }
  if ((proof?.event.hash ?? null) !== checkpoint) throw new Found('manifest-changed')
  if (anchor !== undefined && anchor !== own && anchor !== checkpoint) {
    throw new Found('anchor-missing')
  }
  if (proof === null) return 0
  if (!holds(proof)) throw new Found('checkpoint-broken')
  const leaf = leafOf(proof.leaf)
  meet(leaf, streams)
  return leaf.sequence
}
