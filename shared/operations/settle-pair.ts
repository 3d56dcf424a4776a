/*
 * Over 200 lines on purpose: this is the one loop that touches the directory, and its order (intent,
 * fence, call, record) is easier to check in one place.
 */
import {
  afterAdd,
  afterLook,
  afterRemove,
  askLater,
  attemptAdd,
  attemptRemove,
  retryLater,
  type WriteAnswer,
} from '../access/directory-answers.ts'
import { type Added, afterLateAddition, afterWatch } from '../access/drift.ts'
import { dueAt } from '../access/due.ts'
import { BrokerError, DirectoryUnavailableError } from '../access/errors.ts'
import { append, type Draft, draftOf } from '../access/life-cycle.ts'
import { attemptMilliseconds, isOpen, type Pair, type Reason } from '../access/pair.ts'
import { afterConfirm, afterUpdate, attemptUpdate } from '../access/schedule-answers.ts'
import {
  candidatesOf,
  type Settled,
  type SettleInputs,
  type StartVerdict,
  settle,
} from '../access/settle.ts'
import { newUlid } from '../ledger/ids.ts'
import type { LedgerEvent } from '../ledger/ledger-event.ts'
import {
  commitPair,
  openPair,
  type PairStream,
  readRequest,
  subjectOf,
} from '../ledger/pair-ledger.ts'
import { LedgerConflictError } from '../ledger/stream.ts'
import { moveDue } from '../ledger/work-rows.ts'
import type { Needs } from './needs.ts'
import { projectEvents } from './project-events.ts'
import { seeWatched } from './see-pairs.ts'
import { emptySystem, openSystem } from './system-stream.ts'
import { tellOperator } from './tell-operator.ts'

/** Asks the policy again about scheduled requests whose start has come. */
export type JudgeStarts = (
  requestIds: readonly string[],
) => Promise<ReadonlyMap<string, StartVerdict>>

export interface SettleOptions {
  /** The last sequence that the caller knows to be in views and topic. */
  readonly projectedTo?: number
  /** The due row that called, when the sweep did. */
  readonly calledBy?: Date
  /** How long it may wait inside for the next step, such as the rest of a second. */
  readonly patience: number
  /** Tells that the caller has what it came for, and does not want to wait for more. */
  readonly isEnough?: (pair: Pair) => boolean
}

export interface SettleOutcome {
  readonly pair: Pair | undefined
  /** Reasons that this call brought to their end. */
  readonly closed: ReadonlyMap<string, Reason>
  /** Undefined when views or topic lack something: then a due row stands for it. */
  readonly projectedTo: number | undefined
  /** When there is something to do again; undefined when nothing is open. */
  readonly nextAt: Date | undefined
}

/** A pair that keeps changing under our hands is left to the next call. */
const mostSteps = 40

export type SettlePair = (pairId: string, options: SettleOptions) => Promise<SettleOutcome>

/**
 * Brings the directory and the ledger of one pair to where they should be now: `grant` and `end`
 * are both this. May be called by anybody at any time, together or again; effects happen once.
 */
export function createSettlePair(needs: Needs, judgeStarts: JudgeStarts): SettlePair {
  return async (pairId, options) => {
    let run = begin(await openPair(needs.tables, pairId))
    for (let step = 0; step < mostSteps; step++) {
      if (run.stream.state === undefined) break
      try {
        const { settled, ...informed } = await settleWithFacts(needs, judgeStarts, run)
        run = informed.run
        if (settled.next.do === 'wait' || settled.next.do === 'rest') {
          run = await recordFinal(needs, run, settled)
          const nextAt = nextTime(needs, settled)
          const isEnough = options.isEnough?.(pairOf(run)) ?? false
          if (isEnough || !isSoon(needs, nextAt, options.patience)) {
            return finish(needs, run, options, nextAt)
          }
          await needs.pause(nextAt.getTime() - needs.now().getTime())
        } else {
          run = await act(needs, run, settled, inputsOf(needs, run))
        }
      } catch (error) {
        if (!(error instanceof LedgerConflictError)) throw error
        run = { ...run, stream: await openPair(needs.tables, pairId) }
      }
    }
    return finish(
      needs,
      run,
      options,
      run.stream.state?.due === undefined ? undefined : needs.now(),
    )
  }
}

/** One call's view of the pair: the stream as it stands, and what this call added to it. */
interface Run {
  readonly stream: PairStream
  readonly openedAt: number
  /** The due row that stood when this call began. */
  readonly formerDue: string | undefined
  readonly events: readonly LedgerEvent[]
  readonly closed: ReadonlyMap<string, Reason>
  readonly stop?: 'off' | 'on' | 'unknown'
  readonly verdicts?: ReadonlyMap<string, StartVerdict>
  /** The write that the quota allows now. */
  readonly turn?: 'add' | 'reschedule' | 'remove'
}

function begin(stream: PairStream): Run {
  return {
    stream,
    openedAt: stream.sequence,
    formerDue: stream.state?.due,
    events: [],
    closed: new Map(),
  }
}

function inputsOf(needs: Needs, run: Run): SettleInputs {
  return {
    now: needs.now(),
    limits: needs.limits,
    ...(run.stop === undefined ? {} : { emergencyStop: run.stop }),
    ...(run.verdicts === undefined ? {} : { verdicts: run.verdicts }),
  }
}

function pairOf(run: Run): Pair {
  if (run.stream.state === undefined) throw new Error('Cannot settle a pair: it has no state')
  return run.stream.state.pair
}

/** Settles, and fetches stop and verdicts when they turn out to matter. */
async function settleWithFacts(
  needs: Needs,
  judgeStarts: JudgeStarts,
  run: Run,
): Promise<{ readonly settled: Settled; readonly run: Run }> {
  const settled = settle(pairOf(run), inputsOf(needs, run))
  const { next } = settled
  if (next.do === 'ask-stop') {
    return settleWithFacts(needs, judgeStarts, { ...run, stop: await readStop(needs) })
  }
  if (next.do === 'judge') {
    const judged = await judgeStarts(next.requests)
    const verdicts = new Map([...(run.verdicts ?? []), ...judged])
    return settleWithFacts(needs, judgeStarts, { ...run, verdicts })
  }
  return { settled, run }
}

/** Read from storage each time. What cannot be read counts as unknown: no grants, but ends. */
async function readStop(needs: Needs): Promise<'off' | 'on' | 'unknown'> {
  try {
    const { state = emptySystem } = await openSystem(needs.tables)
    return state.stop.active ? 'on' : 'off'
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    needs.log('warning', 'Cannot read the emergency stop: nothing is granted meanwhile')
    return 'unknown'
  }
}

async function act(needs: Needs, run: Run, settled: Settled, inputs: SettleInputs): Promise<Run> {
  const { next } = settled
  const isWrite = next.do === 'add' || next.do === 'reschedule' || next.do === 'remove'
  if (isWrite && next.do !== run.turn) return takeTurn(needs, run, settled, next.do)
  switch (settled.next.do) {
    case 'add':
      return add(needs, run, settled, inputs)
    case 'reschedule':
      return reschedule(needs, run, settled, inputs)
    case 'remove':
      return remove(needs, run, settled)
    case 'look':
      return look(needs, run, settled, afterLook)
    case 'confirm':
      return look(needs, run, settled, afterConfirm)
    case 'watch':
      return watch(needs, run, settled)
    default:
      return run
  }
}

/**
 * Waits for the turn of a write before its attempt is opened: one that waits for the quota fences
 * nobody, and time that has passed is settled anew.
 */
async function takeTurn(
  needs: Needs,
  run: Run,
  settled: Settled,
  operation: 'add' | 'reschedule' | 'remove',
): Promise<Run> {
  const turn = await needs.directory.takeTurn(operation === 'remove' ? 'remove' : 'add')
  if (turn.kind === 'now') return { ...run, turn: operation }
  return recordAnswer(needs, run, settled, {
    of: (pair, at) => draftOf(retryLater(pair, at, needs.limits, turn.retryAfterSeconds)),
  })
}

async function add(
  needs: Needs,
  { turn: _, ...run }: Run,
  settled: Settled,
  inputs: SettleInputs,
): Promise<Run> {
  const before = await holds(needs, settled.pair)
  if (before === 'unknown') return recordAnswer(needs, run, settled, unread(needs))
  const now = needs.now()
  const later = before === 'present' ? askLater(settled.pair, now, needs.limits) : undefined
  if (later?.retry !== undefined) {
    return record(needs, run, { ...settled, pair: later }, new Date(later.retry.at))
  }
  const attemptId = newUlid(now, needs.random)
  const candidates = candidatesOf(settled.pair, inputs)
  const attempted = await record(
    needs,
    run,
    attemptAdd(settled, candidates, attemptId, before, now),
    attemptDue(run, now),
  )
  // Read once more, directly before the call: after the stop's answer no new grant starts.
  const stop = await readStop(needs)
  const answer: WriteAnswer =
    stop === 'off'
      ? await needs.directory.add(...additionOf(attempted, attemptId))
      : { kind: 'not-applied', detail: 'The emergency stop is on or cannot be read.' }
  return recordAnswer(needs, { ...attempted, stop }, attempted, {
    attemptId,
    of: (pair, at) => afterAdd(pair, answer, at, needs.limits),
    ...(answer.kind === 'done' ? { added: { ...answer, by: addedBy(pairOf(attempted)) } } : {}),
  })
}

/** The request in whose name an addition is made. */
function addedBy({ reasons }: Pair): string | undefined {
  const wanting = reasons.find(({ status }) => status === 'granting') ?? reasons[0]
  return wanting?.id
}

async function reschedule(
  needs: Needs,
  { turn: _, ...run }: Run,
  settled: Settled,
  inputs: SettleInputs,
): Promise<Run> {
  const now = needs.now()
  const attemptId = newUlid(now, needs.random)
  const candidates = candidatesOf(settled.pair, inputs)
  const attempted = await record(
    needs,
    run,
    attemptUpdate(settled, candidates, attemptId, now),
    attemptDue(run, now),
  )
  // An end that is moved for somebody new is a grant as well.
  const stop = candidates.length === 0 ? 'off' : await readStop(needs)
  const answer: WriteAnswer =
    stop === 'off'
      ? await moveEnd(needs, attempted, attemptId)
      : { kind: 'not-applied', detail: 'The emergency stop is on or cannot be read.' }
  if (answer.kind === 'refused') {
    needs.log('error', 'Cannot move the end of an access: the directory refuses', {
      pair: subjectOf(run.stream),
      reason: answer.reason,
      graphRequestId: answer.graphRequestId,
    })
  }
  const informed = candidates.length === 0 ? attempted : { ...attempted, stop }
  return recordAnswer(needs, informed, attempted, {
    attemptId,
    of: (pair, at) => afterUpdate(pair, answer, at, needs.limits),
  })
}

async function moveEnd(needs: Needs, run: Run, attemptId: string): Promise<WriteAnswer> {
  const { key, schedule, attempt } = pairOf(run)
  const endsAt = attempt?.endsAt
  if (schedule === undefined || endsAt === undefined) {
    return { kind: 'not-applied', detail: 'The end is right as it is.' }
  }
  const asked = { endsAt, justification: justificationOf(run) }
  return needs.directory.reschedule(key, limitsOf(run, attemptId), schedule, asked)
}

async function remove(needs: Needs, { turn: _, ...run }: Run, settled: Settled): Promise<Run> {
  const now = needs.now()
  const attemptId = newUlid(now, needs.random)
  const attempted = await record(
    needs,
    run,
    attemptRemove(settled, attemptId, now),
    attemptDue(run, now),
  )
  const { key, assignmentId, schedule } = pairOf(attempted)
  const limits = limitsOf(attempted, attemptId)
  const answer =
    schedule === undefined
      ? await needs.directory.remove(key, limits, assignmentId)
      : await needs.directory.unschedule(key, limits, schedule)
  if (answer.kind === 'refused') {
    needs.log('error', 'Cannot end an access: the directory refuses', {
      pair: subjectOf(run.stream),
      reason: answer.reason,
      graphRequestId: answer.graphRequestId,
    })
  }
  return recordAnswer(needs, attempted, attempted, {
    attemptId,
    of: (pair, at) => afterRemove(pair, answer, at, needs.limits),
  })
}

async function look(
  needs: Needs,
  run: Run,
  settled: Settled,
  weigh: typeof afterLook,
): Promise<Run> {
  const readAt = needs.now()
  const holding = await holds(needs, settled.pair)
  if (holding === 'unknown') return recordAnswer(needs, run, settled, unread(needs))
  const seen = { present: holding === 'present', readAt }
  return recordAnswer(needs, run, settled, {
    of: (pair, at) => weigh(pair, seen, at, needs.limits),
  })
}

async function watch(needs: Needs, run: Run, settled: Settled): Promise<Run> {
  const seen = await seeWatched(needs, settled.pair.key)
  return recordAnswer(
    needs,
    run,
    settled,
    seen === undefined ? unread(needs) : { of: (pair, at) => afterWatch(pair, seen, at) },
  )
}

/** What the directory answered, as a change of the pair. */
interface Answer {
  /** The attempt it belongs to; when that is no longer open, the answer came too late to count. */
  readonly attemptId?: string
  /** It did add access, by this request: then it may not be forgotten even when it came too late. */
  readonly added?: Added & { readonly by: string | undefined }
  readonly of: (pair: Pair, at: Date) => Draft
}

/** A read that got no answer: the same as a write that was certainly not applied. */
function unread({ limits }: Needs): Answer {
  return { of: (pair, at) => draftOf(retryLater(pair, at, limits)) }
}

/**
 * Records an answer, together with what follows from it when nothing more is to be done in the
 * directory. When somebody changed the pair meanwhile, it is read again and the answer is applied
 * to what stands now: the call has happened, so its record may not be lost.
 */
async function recordAnswer(
  needs: Needs,
  run: Run,
  base: Draft | Run,
  answer: Answer,
): Promise<Run> {
  let current = run
  let open: Draft = 'touched' in base ? base : draftOf(pairOf(base))
  for (;;) {
    const isLate = answer.attemptId !== undefined && open.pair.attempt?.id !== answer.attemptId
    const late = isLate ? await lateAddition(needs, open.pair, answer) : undefined
    if (isLate && late === undefined) return current
    const answered = late ?? append(open, answer.of(open.pair, needs.now()))
    const then = settle(answered.pair, inputsOf(needs, current))
    const final = then.next.do === 'rest' || then.next.do === 'wait'
    try {
      return final
        ? await recordFinal(needs, current, { ...append(answered, then), next: then.next })
        : await record(needs, current, answered, attemptDue(current, needs.now()))
    } catch (error) {
      if (!(error instanceof LedgerConflictError)) throw error
      const stream = await openPair(needs.tables, subjectOf(current.stream).slice('p-'.length))
      current = { ...current, stream }
      open = draftOf(pairOf(current))
    }
  }
}

/** Undefined where nothing was added, or where nobody can be told about. */
async function lateAddition(
  needs: Needs,
  pair: Pair,
  { added }: Answer,
): Promise<Draft | undefined> {
  const request = added?.by === undefined ? undefined : await readRequest(needs.tables, added.by)
  return added && request && afterLateAddition(pair, request.reason, added, needs.now())
}

async function record(needs: Needs, run: Run, draft: Draft, due: Date | undefined): Promise<Run> {
  const committed = await commitPair(needs, run.stream, draft, due)
  tellOperator(needs, committed.events)
  const closed = [...draft.touched].filter(([, reason]) => !isOpen(reason.status))
  return {
    ...run,
    stream: committed.stream,
    events: [...run.events, ...committed.events],
    closed: new Map([...run.closed, ...closed]),
  }
}

async function recordFinal(needs: Needs, run: Run, settled: Settled): Promise<Run> {
  const due = nextTime(needs, settled)
  const unchanged =
    settled.events.length === 0 &&
    settled.touched.size === 0 &&
    JSON.stringify(settled.pair) === JSON.stringify(run.stream.state?.pair) &&
    due?.toISOString() === run.stream.state?.due
  return unchanged ? run : record(needs, run, settled, due)
}

/** While an attempt is open the due row that stands is kept, unless it comes after the fence. */
function attemptDue(run: Run, now: Date): Date {
  const fence = now.getTime() + attemptMilliseconds
  const former = run.stream.state?.due
  return new Date(former === undefined ? fence : Math.min(Date.parse(former), fence))
}

/** When the pair has to be looked at again. */
function nextTime(needs: Needs, settled: Settled): Date | undefined {
  const now = needs.now()
  const due = dueAt(settled.pair, needs.limits, now)
  if (due === undefined) return undefined
  const isAhead = due.getTime() > now.getTime()
  if (settled.next.do === 'wait') {
    const until = settled.next.until
    return isAhead && due < until ? due : until
  }
  // Work is due, but something that grants need cannot be read.
  return isAhead ? due : new Date(now.getTime() + needs.limits.retryMaximum)
}

function isSoon(needs: Needs, at: Date | undefined, patience: number): at is Date {
  return at !== undefined && at.getTime() - needs.now().getTime() <= patience
}

function limitsOf(run: Run, attemptId: string) {
  const deadline = pairOf(run).attempt?.deadline
  if (deadline === undefined) throw new Error('Cannot write to the directory: no attempt is open')
  return { attemptId, deadline: new Date(deadline) }
}

/** The arguments of an addition: with a schedule where the access is given by one. */
function additionOf(run: Run, attemptId: string): Parameters<Needs['directory']['add']> {
  const { key, schedule } = pairOf(run)
  const limits = limitsOf(run, attemptId)
  if (schedule === undefined) return [key, limits]
  return [key, limits, { endsAt: schedule.endsAt, justification: justificationOf(run) }]
}

/** What the directory's own log says about a schedule: which requests it is for. */
function justificationOf(run: Run): string {
  const open = pairOf(run).reasons.filter(
    ({ status }) => status === 'active' || status === 'granting',
  )
  return `Just-in-time access, request ${open.map(({ id }) => id).join(', ')}`.slice(0, 400)
}

async function holds(needs: Needs, pair: Pair): Promise<'absent' | 'present' | 'unknown'> {
  try {
    return (await needs.directory.holds(pair.key)).present ? 'present' : 'absent'
  } catch (error) {
    if (!(error instanceof DirectoryUnavailableError)) throw error
    return 'unknown'
  }
}

/** Carries this call's events outside, then moves the due row to the next work. */
async function finish(
  needs: Needs,
  run: Run,
  options: SettleOptions,
  nextAt: Date | undefined,
): Promise<SettleOutcome> {
  const pair = run.stream.state?.pair
  const { sequence } = run.stream
  const { closed } = run
  const projected = await projectEvents(needs, run.events)
  const known =
    options.projectedTo === run.openedAt && sequence === run.openedAt + run.events.length
  if (!projected || !known) return { pair, closed, projectedTo: undefined, nextAt }
  const subject = subjectOf(run.stream)
  const due = run.stream.state?.due
  const next = due === undefined ? undefined : { at: new Date(due), from: sequence + 1 }
  const rows = new Set([run.formerDue, options.calledBy?.toISOString()])
  for (const former of rows) {
    if (former === undefined) continue
    const isNews = run.events.length > 0 || former !== due
    await moveDue(needs.tables, subject, new Date(former), next, isNews ? sequence : undefined)
  }
  return { pair, closed, projectedTo: sequence, nextAt }
}
