/*
 * Over 300 lines on purpose: one explicit model of the world around a pair, and what must hold in it
 * after every step; apart, neither could be read.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterAdd,
  afterLook,
  afterRemove,
  askLater,
  attemptAdd,
  attemptRemove,
  type WriteAnswer,
} from '../../shared/access/directory-answers.ts'
import type { EventDraft } from '../../shared/access/events.ts'
import type { Draft } from '../../shared/access/life-cycle.ts'
import { attemptMilliseconds, type Pair } from '../../shared/access/pair.ts'
import { addReason, cancel, requestEnd } from '../../shared/access/requests.ts'
import {
  candidatesOf,
  type SettleInputs,
  type StartVerdict,
  settle,
} from '../../shared/access/settle.ts'
import { aLimits, aPair, aReason, at } from '../builders.ts'

const limits = aLimits()

/** How the directory treats one call. */
type Fate =
  | 'clear'
  | 'refused'
  | 'not-applied'
  | 'applied-reply-lost'
  | 'lost'
  /** Answered by a replica that does not know our last write yet. */
  | 'lagging'
  /** Takes effect and is answered later, if its deadline does not come first. */
  | 'slow'
  /** Takes effect later; whoever waits for the answer is dead. */
  | 'orphaned'

type Step =
  | {
      readonly kind: 'ask'
      readonly seconds: number
      readonly ahead: number
      readonly eligible: boolean | 'unknown'
    }
  | { readonly kind: 'end' | 'cancel'; readonly pick: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'stop'; readonly state: 'off' | 'on' | 'unknown' }
  | { readonly kind: 'turn'; readonly fate: Fate; readonly stale: boolean }
  | { readonly kind: 'land' | 'hand-add' | 'hand-remove' }

const pick = fc.nat({ max: 3 })
const seconds = fc.constantFrom(1, 3, 5, 10, 20, 60, 300)
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fate>('clear') },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Fate>(
      'refused',
      'not-applied',
      'applied-reply-lost',
      'lost',
      'lagging',
      'slow',
      'orphaned',
    ),
  },
)
const brokerStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('ask'),
      seconds: fc.constantFrom(30, 60, 600),
      ahead: fc.constantFrom(0, 0, 30, 60),
      eligible: fc.constantFrom<boolean | 'unknown'>(true, true, true, false, 'unknown'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('end', 'cancel'), pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait'), seconds }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stop'),
      state: fc.constantFrom('off', 'on', 'unknown'),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('turn'), fate, stale: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('land') }) },
)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: brokerStep },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('hand-add', 'hand-remove') }) },
)

/** A call to the directory that nobody has heard of yet. */
interface Call {
  readonly kind: 'add' | 'remove' | 'look'
  readonly attemptId: string
  readonly began: number
  readonly answered: boolean
  /** What a look saw. */
  readonly present: boolean
}

/** What one request is known to be, from its events alone. */
interface Ask {
  readonly seconds: number
  readonly startsAt: number | undefined
  readonly verdict: StartVerdict
  attemptedAt?: number
  endsAt?: number
  phase: 'asked' | 'active' | 'ending' | 'closed'
}

/** The pair, driven as the broker drives it, and the world that it cannot see into. */
function createWorld() {
  let pair: Pair = aPair()
  let now = at('12:00:00').getTime()
  let stop: 'off' | 'on' | 'unknown' = 'off'
  /** Whose the access in the directory is; `hand` is standing access. */
  let owner: 'nobody' | 'broker' | 'hand' = 'nobody'
  let handsOff = true
  /** When a write of the broker last changed the directory. */
  let changedAt = Number.NEGATIVE_INFINITY
  let calls: Call[] = []
  let made = 0
  const asks = new Map<string, Ask>()

  const date = () => new Date(now)
  const askOf = (id: string | undefined): Ask => {
    const ask = asks.get(id ?? '')
    if (ask === undefined) throw new Error(`An event speaks of ${id}, which nobody asked for`)
    return ask
  }
  const isPresent = () => owner !== 'nobody'
  const lags = () => now < changedAt + limits.replicationTime
  const active = () => [...asks.values()].filter(({ phase }) => phase === 'active')

  const underWay = () =>
    calls
      .filter((call) => call.kind !== 'look' && call.began + attemptMilliseconds > now)
      .map(({ kind }) => kind)
  /** An addition by hand counts as standing only where nothing of ours can be behind it. */
  const isSeen = () => pair.held === 'none' && pair.attempt === undefined && underWay().length === 0

  /** What hands did is on every replica at once: the hard case is our own write that lags. */
  function touchByHand(): void {
    handsOff = false
    changedAt = Number.NEGATIVE_INFINITY
  }

  function witness({ event, requestId, detail }: EventDraft): void {
    const ask = askOf(requestId)
    expect(ask.phase).not.toBe('closed')
    switch (event) {
      case 'grant.attempted':
        expect(ask.attemptedAt).toBeUndefined()
        ask.attemptedAt = now
        ask.endsAt = Date.parse(String(detail['endsAt']))
        expect(ask.endsAt).toBe((ask.startsAt ?? now) + ask.seconds * 1_000)
        break
      case 'grant.active':
        expect(ask.phase).toBe('asked')
        expect(ask.attemptedAt).toBeDefined()
        ask.phase = 'active'
        break
      case 'grant.ending':
        if (detail['endReason'] === 'expired') expect(ask.endsAt).toBeLessThanOrEqual(now)
        ask.phase = 'ending'
        break
      case 'grant.ended':
        expect(ask.phase).toBe('ending')
        ask.phase = 'closed'
        break
      case 'grant.failed':
      case 'request.cancelled':
        expect(ask.phase).toBe('asked')
        ask.phase = 'closed'
        break
      case 'grant.overdue':
        break
      default:
        throw new Error(`Cannot place the event ${event}`)
    }
  }

  function commit(draft: Draft): void {
    pair = draft.pair
    for (const event of draft.events) witness(event)
  }

  /** The directory takes a write; what it says is what Graph would say. */
  function effect(kind: 'add' | 'remove'): WriteAnswer {
    if (kind === 'add') {
      if (isPresent()) return { kind: 'already' }
      owner = 'broker'
    } else {
      expect(owner).not.toBe('hand')
      expect(active().filter(({ endsAt = 0 }) => endsAt > now)).toEqual([])
      if (!isPresent()) return { kind: 'already' }
      owner = 'nobody'
    }
    changedAt = now
    return { kind: 'done' }
  }

  function answerTo(kind: 'add' | 'remove', fate: Fate): WriteAnswer {
    switch (fate) {
      case 'refused':
        return { kind: 'refused', reason: 'forbidden', detail: '403' }
      case 'not-applied':
        return { kind: 'not-applied', detail: '429' }
      case 'applied-reply-lost':
        effect(kind)
        return { kind: 'ambiguous', detail: '503' }
      case 'lost':
        return { kind: 'ambiguous', detail: '503' }
      case 'lagging':
        return lags() && isPresent() === (kind === 'remove') ? { kind: 'already' } : effect(kind)
      default:
        return effect(kind)
    }
  }

  function record(kind: 'add' | 'remove', attemptId: string, answer: WriteAnswer): void {
    if (pair.attempt?.id !== attemptId) return
    commit((kind === 'add' ? afterAdd : afterRemove)(pair, answer, date(), limits))
  }

  function call(kind: 'add' | 'remove', fate: Fate): void {
    const attemptId = pair.attempt?.id ?? ''
    expect(underWay().filter((each) => kind === 'add' || each === 'add')).toEqual([])
    if (kind === 'add') expect(stop).toBe('off')
    if (fate === 'slow' || fate === 'orphaned') {
      calls.push({ kind, attemptId, began: now, answered: fate === 'slow', present: false })
    } else {
      record(kind, attemptId, answerTo(kind, fate))
    }
  }

  /** One step of the loop behind `grant` and `end`. */
  function turn(fate: Fate, stale: boolean): void {
    const inputs: SettleInputs = {
      now: date(),
      limits,
      emergencyStop: stop,
      verdicts: new Map([...asks].map(([id, { verdict }]) => [id, verdict])),
    }
    const settled = settle(pair, inputs)
    const sees = stale && lags() ? !isPresent() : isPresent()
    if (settled.pair.held === 'none' && settled.pair.attempt === undefined) {
      const statuses = settled.pair.reasons.map(({ status }) => status)
      expect(statuses.filter((each) => each === 'ending' || each === 'overdue')).toEqual([])
    }
    switch (settled.next.do) {
      case 'add': {
        expect(settled.pair.attempt).toBeUndefined()
        const later = sees ? askLater(settled.pair, date(), limits) : undefined
        if (later !== undefined) {
          commit({ ...settled, pair: later })
          break
        }
        const before = sees ? 'present' : 'absent'
        const candidates = candidatesOf(settled.pair, inputs)
        commit(attemptAdd(settled, candidates, `a${++made}`, before, date()))
        call('add', fate)
        break
      }
      case 'remove':
        expect(settled.pair.attempt).toBeUndefined()
        commit(attemptRemove(settled, `a${++made}`, date()))
        call('remove', fate)
        break
      case 'look':
        commit(settled)
        if (fate === 'slow') {
          calls.push({ kind: 'look', attemptId: '', began: now, answered: true, present: sees })
        } else {
          commit(afterLook(pair, { present: sees, readAt: date() }, date(), limits))
        }
        break
      case 'wait':
      case 'rest':
        commit(settled)
        break
      default:
        throw new Error(`Cannot ${settled.next.do}: everything is known`)
    }
  }

  function land(): void {
    const [call] = calls
    calls = calls.slice(1)
    if (call === undefined) return
    if (call.kind === 'look') {
      const read = { present: call.present, readAt: new Date(call.began) }
      commit(afterLook(pair, read, date(), limits))
    } else if (call.began + attemptMilliseconds > now) {
      const answer = effect(call.kind)
      if (call.answered) record(call.kind, call.attemptId, answer)
    }
  }

  function take(step: Step): void {
    switch (step.kind) {
      case 'ask': {
        if (pair.reasons.length > 3) break
        const id = `request-${++made}`
        const startsAt = step.ahead === 0 ? undefined : now + step.ahead * 1_000
        const verdict: StartVerdict =
          step.eligible === false
            ? { eligible: false, code: 'no-flow', detail: 'No flow allows it.' }
            : { eligible: step.eligible }
        asks.set(id, { seconds: step.seconds, startsAt, verdict, phase: 'asked' })
        const reason = aReason({
          id,
          durationMilliseconds: step.seconds * 1_000,
          approvedAt: date().toISOString(),
          ...(startsAt === undefined
            ? {}
            : { status: 'scheduled', startsAt: new Date(startsAt).toISOString() }),
        })
        commit(addReason(pair, reason))
        break
      }
      case 'end':
      case 'cancel': {
        const reason = pair.reasons[step.pick]
        if (reason === undefined) break
        const wish = { requestId: reason.id, actor: reason.requester, now: date() }
        const outcome =
          step.kind === 'end'
            ? requestEnd(pair, { ...wish, endReason: 'given-back' })
            : cancel(pair, wish)
        if ('draft' in outcome) commit(outcome.draft)
        break
      }
      case 'wait':
        now += step.seconds * 1_000
        break
      case 'stop':
        stop = step.state
        break
      case 'turn':
        turn(step.fate, step.stale)
        break
      case 'land':
        land()
        break
      case 'hand-add':
        touchByHand()
        if (!isPresent()) owner = isSeen() ? 'hand' : 'broker'
        break
      case 'hand-remove':
        touchByHand()
        owner = 'nobody'
        break
      default:
        step satisfies never
    }
  }

  /** Holds at every moment. */
  function check(): void {
    for (const { id, endsAt } of pair.reasons) {
      const ask = askOf(id)
      if (endsAt !== undefined) expect(Date.parse(endsAt)).toBe(ask.endsAt)
    }
    if (!handsOff) return
    if (active().length > 0) expect(owner).toBe('broker')
    if (pair.reasons.length === 0) expect(owner).toBe('nobody')
  }

  /** Faults stop; everything that is open comes to its end. */
  function calm(): void {
    stop = 'off'
    for (let tick = 0; tick < 200 && pair.reasons.length > 0; tick++) {
      now += 20_000
      land()
      turn('clear', false)
      check()
    }
    expect(pair.reasons).toEqual([])
    expect([...asks.values()].filter(({ phase }) => phase !== 'closed')).toEqual([])
  }

  return { take, check, calm }
}

function play(steps: readonly Step[]): void {
  const world = createWorld()
  for (const step of steps) {
    world.take(step)
    world.check()
  }
  world.calm()
}

describe('a pair', () => {
  test('gives inside each window, takes outside, and ends each grant once, whatever the directory answers', () => {
    fc.assert(fc.property(fc.array(brokerStep, { maxLength: 40, size: 'max' }), play), {
      numRuns: 1_000,
    })
  })

  test('never takes what was given by hand, whatever the directory answers', () => {
    fc.assert(fc.property(fc.array(anyStep, { maxLength: 40, size: 'max' }), play), {
      numRuns: 1_000,
    })
  })
})
