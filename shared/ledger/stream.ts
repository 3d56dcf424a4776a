import { BrokerError } from '../access/errors.ts'
import type { EventDraft } from '../access/events.ts'
import { joinJson, splitJson } from './columns.ts'
import { newUlid, type RandomBytes } from './ids.ts'
import {
  chain,
  eventColumns,
  eventFromRow,
  eventKey,
  genesisHash,
  type LedgerEvent,
} from './ledger-event.ts'
import {
  type Columns,
  TableConflictError,
  type Tables,
  TableUnavailableError,
  type Write,
} from './tables.ts'

/** Table Storage takes 100 writes a transaction: a head, these events, and rows beside them. */
const mostEvents = 20
const mostTries = 10
/** An outage is the caller's to wait out; here only a hiccup is. */
const mostUnclearTries = 4

/** Where a stream lives: `name` is hashed into its events, `partition` holds its rows. */
export interface StreamPlace {
  readonly name: string
  readonly partition: string
}

/** A stream as it was read: its state, the end of its chain, and the version of its head. */
export interface Stream<State> extends StreamPlace {
  /** Undefined before the first transaction. */
  readonly state: State | undefined
  readonly sequence: number
  readonly hash: string
  /** Time of its last event; undefined before the first one. */
  readonly at: string | undefined
  readonly etag: string | undefined
}

/** One transaction: the new state, its events, and rows that change with them. */
export interface Change<State> {
  readonly state: State
  readonly events: readonly EventDraft[]
  readonly rows?: readonly Write[]
  /** Columns of the head beside the state, for people who look at the table. */
  readonly headColumns?: Columns
}

export interface Committed<State> {
  readonly stream: Stream<State>
  readonly events: readonly LedgerEvent[]
}

/** Somebody else changed the stream first. Read it again and decide again. */
export class LedgerConflictError extends BrokerError {
  override readonly name = 'LedgerConflictError'
  readonly code = 'LEDGER_CONFLICT'
  readonly retryable = true

  constructor(stream: string, options?: ErrorOptions) {
    super(`Cannot change stream ${stream}: it has changed meanwhile`, options)
  }
}

export interface StreamNeeds {
  readonly tables: Tables
  readonly now: () => Date
  readonly random: RandomBytes
  /** Waits between tries; on a virtual clock it returns at once. */
  readonly pause: (milliseconds: number) => Promise<void>
}

/** Reads the head of a stream; an unwritten stream is an empty one. */
export async function openStream<State>(
  tables: Tables,
  place: StreamPlace,
): Promise<Stream<State>> {
  const row = await tables.read('Ledger', place.partition, 'head')
  if (row === undefined) {
    return {
      ...place,
      state: undefined,
      sequence: 0,
      hash: genesisHash,
      at: undefined,
      etag: undefined,
    }
  }
  const { at } = row.columns
  return {
    ...place,
    state: joinJson('state', row.columns) as State,
    sequence: Number(row.columns['sequence']),
    hash: String(row.columns['hash']),
    at: typeof at === 'string' ? at : undefined,
    etag: row.etag,
  }
}

/**
 * Commits one change in one entity group transaction, guarded by the head's ETag: state, events
 * and rows together or not at all.
 *
 * The transaction carries an id of its own. When an answer was lost and the next try says conflict,
 * the head and the event at that place are read: our id there means success.
 */
export async function commit<State>(
  needs: StreamNeeds,
  stream: Stream<State>,
  change: Change<State>,
): Promise<Committed<State>> {
  if (change.events.length > mostEvents) {
    throw new Error(`Cannot commit ${change.events.length} events: at most ${mostEvents} fit`)
  }
  const txId = newUlid(needs.now(), needs.random)
  const newSalt = () => Buffer.from(needs.random(10)).toString('hex')
  const formerEnd = { stream: stream.name, sequence: stream.sequence, hash: stream.hash }
  const events = chain(change.events, formerEnd, txId, newSalt)
  const last = events.at(-1)
  const end = last ?? stream
  const head = headWrite(stream, change, end, txId)
  const writes: Write[] = [
    head,
    ...events.map((event) => ({
      do: 'insert' as const,
      key: eventKey(event.sequence),
      columns: eventColumns(event),
    })),
    ...(change.rows ?? []),
  ]

  for (let attempt = 1; ; attempt++) {
    try {
      const [etag] = await needs.tables.write('Ledger', stream.partition, writes)
      return {
        events,
        stream: {
          ...stream,
          state: change.state,
          sequence: end.sequence,
          hash: end.hash,
          at: end.at,
          etag,
        },
      }
    } catch (error) {
      if (error instanceof TableConflictError) {
        const ours = await findTransaction<State>(needs.tables, stream, last, txId)
        if (ours !== undefined) return { events, stream: ours }
        throw new LedgerConflictError(stream.name, { cause: error })
      }
      // Sent again with the same id and ETag: if the first one was committed after all, this one
      // meets a conflict, and the conflict shows our id.
      if (!(error instanceof TableUnavailableError) || attempt >= mostUnclearTries) throw error
      await needs.pause(backOff(attempt, needs.random))
    }
  }
}

/**
 * Reads, decides and commits until nobody else came between, at most ten times.
 * `decide` returns undefined when there is nothing to change.
 */
export async function changeStream<State, Result>(
  needs: StreamNeeds,
  place: StreamPlace,
  decide: (
    stream: Stream<State>,
  ) =>
    | Promise<{ change?: Change<State>; result: Result }>
    | { change?: Change<State>; result: Result },
): Promise<{ result: Result; committed?: Committed<State> }> {
  for (let attempt = 1; ; attempt++) {
    const stream = await openStream<State>(needs.tables, place)
    const { change, result } = await decide(stream)
    if (change === undefined) return { result }
    try {
      return { result, committed: await commit(needs, stream, change) }
    } catch (error) {
      if (!(error instanceof LedgerConflictError) || attempt >= mostTries) throw error
      await needs.pause(backOff(attempt, needs.random))
    }
  }
}

function headWrite<State>(
  stream: Stream<State>,
  change: Change<State>,
  end: Pick<Stream<State>, 'sequence' | 'hash' | 'at'>,
  txId: string,
): Write {
  const columns = {
    ...change.headColumns,
    stream: stream.name,
    sequence: end.sequence,
    hash: end.hash,
    ...(end.at === undefined ? {} : { at: end.at }),
    txId,
    ...splitJson('state', change.state),
  }
  return stream.etag === undefined
    ? { do: 'insert', key: 'head', columns }
    : { do: 'replace', key: 'head', columns, etag: stream.etag }
}

/** The stream after our own transaction, when storage shows that it was committed. */
async function findTransaction<State>(
  tables: Tables,
  place: StreamPlace,
  last: LedgerEvent | undefined,
  txId: string,
): Promise<Stream<State> | undefined> {
  const head = await tables.read('Ledger', place.partition, 'head')
  if (head?.columns['txId'] === txId) return openStream<State>(tables, place)
  if (last === undefined || head === undefined) return undefined
  if (Number(head.columns['sequence']) < last.sequence) return undefined
  const row = await tables.read('Ledger', place.partition, eventKey(last.sequence))
  if (row === undefined || eventFromRow(row).txId !== txId) return undefined
  return openStream<State>(tables, place)
}

function backOff(attempt: number, random: RandomBytes): number {
  const jitter = (random(1)[0] ?? 0) / 256
  return Math.min(1000, 20 * 2 ** attempt) * (0.5 + jitter / 2)
}
