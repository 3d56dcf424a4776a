/*
 * Over 300 lines on purpose: one run from the order to the cursor, and what each pair is put through.
 */
import { type DriftMode, type Sighting, weighSighting } from '../access/drift.ts'
import { BrokerError } from '../access/errors.ts'
import type { Pair } from '../access/pair.ts'
import { commitPair, openPair, type PairStream, subjectOf } from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import { type DueRow, layDue, moveDue, openSubjects } from '../ledger/work-rows.ts'
import type { Needs, Revival } from './needs.ts'
import { forgetLeft, judgeLeft, noteLeft } from './people-left.ts'
import { projectEvents } from './project-events.ts'
import { restoreMarkers, restoreRows } from './restore-rows.ts'
import { seePairs } from './see-pairs.ts'
import type { SettlePair } from './settle-pair.ts'
import { eachAtOnce, type SweepReport } from './sweep.ts'
import { createReadConfiguration } from './system-stream.ts'
import { tellOperator } from './tell-operator.ts'

const orderSubject = 'reconcile'
const cursorPartition = 'reconcile'

/** One call works this long; an order lets the sweep carry on. */
const budgetMilliseconds = 120_000
/** Looked at together: two batches of the directory's own size, and one of people. */
const pairsAtOnce = 40

/** Orders a reconcile; the next sweep carries it out. */
export async function orderReconcile(needs: Needs): Promise<void> {
  await layDue(needs.tables, needs.now(), orderSubject, 1)
}

/** Carries out an ordered reconcile; false when the row is none. */
export async function carryOnReconcile(
  needs: Needs,
  settlePair: SettlePair,
  row: DueRow,
  revival?: Revival,
): Promise<boolean> {
  if (row.subject !== orderSubject) return false
  const { isFinished } = await reconcile(needs, settlePair, revival)
  if (isFinished) await moveDue(needs.tables, row.subject, row.at, undefined)
  return true
}

export interface ReconcileReport extends SweepReport {
  readonly open: number
  /** Pairs whose access the directory could not be asked about. */
  readonly unseen: number
  readonly drifted: number
  /** People who seem to have left, and who are too many to be believed. */
  readonly heldBack: number
  readonly isFinished: boolean
}

/**
 * Pages over everything open, due or not: looks at it in the directory, records what others did,
 * puts back what is missing in the index, starts lost orchestrations, and settles. So even what lost
 * its due row or its orchestration is found. Costs O(open); the sweep in between costs O(due).
 *
 * One call does as much as fits into its time; the next goes on where it stopped.
 */
export async function reconcile(
  needs: Needs,
  settlePair: SettlePair,
  revival?: Revival,
): Promise<ReconcileReport> {
  const until = needs.now().getTime() + budgetMilliseconds
  const modeOf = await readModes(needs)
  const means: Means = { needs, settlePair, modeOf, ...(revival === undefined ? {} : { revival }) }
  let report = nothingSeen
  let { after, looked } = await readCursor(needs)
  if (after === undefined) {
    await restoreMarkers(needs)
    await forgetLeft(needs)
    looked = 0
  }
  do {
    const page = await openSubjects(needs.tables, after)
    const pairs = page.subjects.filter((subject) => subject.startsWith('p-'))
    const others = page.subjects.filter(
      (subject) => !subject.startsWith('p-') && subject !== orderSubject,
    )
    // Outboxes and mass ends whose due row was lost are left to the sweep.
    for (const subject of others) await layDue(needs.tables, needs.now(), subject, 1)
    const done = await eachBatch(pairs, (some) => reconcilePairs(means, some, 'note'))
    report = sumOf(report, { ...done, seen: pairs.length, open: pairs.length })
    looked += done.looked
    after = page.next
    await keepCursor(needs, { after, looked })
  } while (after !== undefined && needs.now().getTime() < until)
  if (after !== undefined) return { ...report, heldBack: 0, isFinished: false }

  const { subjects, heldBack } = await judgeLeft(needs, looked)
  // Each is looked at once more: somebody may have come back meanwhile.
  const left = await eachBatch(subjects, (some) => reconcilePairs(means, some, 'end'))
  return { ...sumOf(report, left), heldBack, isFinished: true }
}

interface Counts extends SweepReport {
  readonly open: number
  readonly unseen: number
  readonly drifted: number
  readonly looked: number
}

const nothingSeen: Counts = { seen: 0, open: 0, failed: 0, unseen: 0, drifted: 0, looked: 0 }

function sumOf(one: Counts, other: Counts): Counts {
  return {
    seen: one.seen + other.seen,
    open: one.open + other.open,
    failed: one.failed + other.failed,
    unseen: one.unseen + other.unseen,
    drifted: one.drifted + other.drifted,
    looked: one.looked + other.looked,
  }
}

async function eachBatch(
  subjects: readonly string[],
  run: (some: readonly string[]) => Promise<Counts>,
): Promise<Counts> {
  let counts = nothingSeen
  for (let start = 0; start < subjects.length; start += pairsAtOnce) {
    counts = sumOf(counts, await run(subjects.slice(start, start + pairsAtOnce)))
  }
  return counts
}

interface Means {
  readonly needs: Needs
  readonly settlePair: SettlePair
  readonly revival?: Revival
  readonly modeOf: (pair: Pair) => DriftMode
}

async function reconcilePairs(
  means: Means,
  subjects: readonly string[],
  /** What is done about people who have left: first all of them are noted, then they are ended. */
  left: 'note' | 'end',
): Promise<Counts> {
  const { needs, settlePair } = means
  const streams: PairStream[] = []
  let failed = await eachAtOnce(
    subjects,
    async (subject) => {
      streams.push(await openPair(needs.tables, subject.slice('p-'.length)))
    },
    needs,
  )
  const looked = streams.filter(({ state }) => state?.pair.reasons.some(isToBeLookedAt) === true)
  const seen = await seePairs(
    needs,
    looked.flatMap(({ state }) => (state === undefined ? [] : [state.pair])),
  )
  if (seen === undefined) {
    needs.log('warning', 'Cannot look at the directory: drift is found by the next reconcile', {
      pairs: looked.length,
    })
  }
  const sightings = new Map(looked.map((stream, index) => [stream, seen?.[index]]))
  let drifted = 0
  failed += await eachAtOnce(
    streams,
    async (stream) => {
      const sighting = sightings.get(stream)
      await unlessFailing(needs, () => restoreRows(needs, stream, means.revival))
      if (sighting !== undefined && sighting.person !== 'enabled' && left === 'note') {
        await noteLeft(needs, subjectOf(stream), stream.state?.pair.key.grantee ?? '')
      } else if (sighting !== undefined && (await recordSighting(means, stream, sighting))) {
        drifted++
      }
      await settlePair(subjectOf(stream).slice('p-'.length), { patience: 0 })
    },
    needs,
  )
  const unseen = seen === undefined ? looked.length : 0
  return { ...nothingSeen, failed, drifted, unseen, looked: looked.length }
}

const lookedAt: ReadonlySet<string> = new Set([
  'pending-approval',
  'scheduled',
  'granting',
  'active',
])

function isToBeLookedAt({ status }: { readonly status: string }): boolean {
  return lookedAt.has(status)
}

/** Records what a look shows; a pair that has changed meanwhile is left to the next reconcile. */
async function recordSighting(
  { needs, modeOf }: Means,
  stream: PairStream,
  seen: Sighting,
): Promise<boolean> {
  if (stream.state === undefined) return false
  const { pair } = stream.state
  const now = needs.now()
  const draft = weighSighting(pair, seen, { now, limits: needs.limits, mode: modeOf(pair) })
  if (draft.events.length === 0) return false
  try {
    const { events } = await commitPair(needs, stream, draft, now)
    tellOperator(needs, events)
    await projectEvents(needs, events)
    return true
  } catch (error) {
    if (error instanceof LedgerConflictError) return false
    throw error
  }
}

/** Nothing that a pair only needs for comfort may hold up its end. */
async function unlessFailing(needs: Needs, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    needs.log('warning', 'Cannot restore rows or orchestrations now: the next reconcile does', {
      cause: String(error),
    })
  }
}

/** How each pair's drift is treated: enforced as soon as one integration behind it says so. */
async function readModes(needs: Needs): Promise<(pair: Pair) => DriftMode> {
  try {
    const { integrations } = await createReadConfiguration(needs.tables)()
    const enforced = new Set(
      integrations.filter(({ drift }) => drift === 'enforce').map(({ name }) => name),
    )
    return ({ reasons }) =>
      reasons.some(({ status, integration }) => status === 'active' && enforced.has(integration))
        ? 'enforce'
        : 'report'
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    needs.log('warning', 'Cannot read the integrations: what others took away is left as it is')
    return () => 'unknown'
  }
}

/** Where the run stopped, and how much it had looked at by then. */
interface Cursor {
  readonly after: string | undefined
  readonly looked: number
}

async function readCursor({ tables }: Needs): Promise<Cursor> {
  const row = await tables.read('Index', cursorPartition, 'cursor')
  const after = row?.columns['after']
  const looked = Number(row?.columns['looked'] ?? 0)
  return { after: typeof after === 'string' && after !== '' ? after : undefined, looked }
}

async function keepCursor({ tables }: Needs, { after, looked }: Cursor): Promise<void> {
  await tables.write('Index', cursorPartition, [
    { do: 'put', key: 'cursor', columns: { after: after ?? '', looked } },
  ])
}
