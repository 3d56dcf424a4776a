import { describe, expect, test } from 'vitest'
import type { EventName } from '../../shared/access/events.ts'
import type { Pair, Reason } from '../../shared/access/pair.ts'
import {
  candidatesOf,
  type NextStep,
  type SettleInputs,
  type StartVerdict,
  settle,
} from '../../shared/access/settle.ts'
import { aHeldPair, aLimits, aPair, aReason, at, iso } from '../builders.ts'

const limits = aLimits()
const eligible: StartVerdict = { eligible: true }
const notEligible: StartVerdict = {
  eligible: false,
  code: 'not-eligible',
  detail: 'The requester is not among those who may ask.',
}
const settleAt = (
  pair: Pair,
  time: string,
  stop?: SettleInputs['emergencyStop'],
  verdict?: StartVerdict,
) =>
  settle(pair, {
    now: at(time),
    limits,
    ...(stop === undefined ? {} : { emergencyStop: stop }),
    ...(verdict === undefined ? {} : { verdicts: new Map([['request-1', verdict]]) }),
  })

/** An hour from two o'clock, asked for at noon. */
const scheduled = (over: Partial<Reason> = {}) =>
  aReason({ status: 'scheduled', startsAt: iso('14:00:00'), ...over })

describe('a scheduled start', () => {
  test.each<{
    time: string
    stop?: SettleInputs['emergencyStop']
    verdict?: StartVerdict
    next: NextStep['do']
    problem?: string
  }>([
    { time: '13:59:59.999', stop: 'off', verdict: eligible, next: 'rest' },
    { time: '13:59:59.999', next: 'rest' },
    { time: '14:00:00', next: 'ask-stop' },
    { time: '14:00:00', verdict: eligible, next: 'ask-stop' },
    { time: '14:00:00', stop: 'off', next: 'judge' },
    { time: '14:00:00', stop: 'off', verdict: eligible, next: 'add' },
    { time: '14:00:00', stop: 'off', verdict: notEligible, next: 'rest', problem: 'not-eligible' },
    { time: '14:00:00', stop: 'off', verdict: { eligible: 'unknown' }, next: 'rest' },
    { time: '14:00:00', stop: 'unknown', next: 'rest' },
    { time: '14:00:00', stop: 'unknown', verdict: eligible, next: 'rest' },
    { time: '14:00:00', stop: 'on', next: 'rest', problem: 'emergency-stop' },
    { time: '14:00:00', stop: 'on', verdict: eligible, next: 'rest', problem: 'emergency-stop' },
    { time: '14:59:59.999', stop: 'off', verdict: eligible, next: 'add' },
    { time: '15:00:00', stop: 'off', verdict: eligible, next: 'rest', problem: 'window-passed' },
    { time: '15:00:00', stop: 'unknown', next: 'rest', problem: 'window-passed' },
  ])('at $time with the stop $stop and a verdict of $verdict.eligible leads to $next', (row) => {
    const pair = aPair({ reasons: [scheduled()] })

    const settled = settleAt(pair, row.time, row.stop, row.verdict)

    const failed: EventName[] = row.problem === undefined ? [] : ['grant.failed']
    expect(settled.next.do).toBe(row.next)
    expect(settled.events.map(({ event }) => event)).toEqual(failed)
    expect(settled.touched.get('request-1')?.problem?.code).toBe(row.problem)
    expect(settled.pair.reasons).toEqual(row.problem === undefined ? [scheduled()] : [])
  })

  test('is judged with those only that are due and not judged yet', () => {
    const reasons = [
      scheduled(),
      scheduled({ id: 'request-2' }),
      scheduled({ id: 'request-3', startsAt: iso('14:00:01') }),
    ]

    const settled = settleAt(aPair({ reasons }), '14:00:00', 'off', eligible)

    expect(settled.next).toEqual({ do: 'judge', requests: ['request-2'] })
  })

  test('is a candidate only when it is due, allowed, and the stop is off', () => {
    const pair = aPair({ reasons: [scheduled(), aReason({ id: 'request-2' })] })
    const candidates = (time: string, stop: 'off' | 'on' | 'unknown', verdict: StartVerdict) =>
      candidatesOf(pair, {
        now: at(time),
        limits,
        emergencyStop: stop,
        verdicts: new Map([['request-1', verdict]]),
      }).map(({ id }) => id)

    expect(candidates('14:00:00', 'off', eligible)).toEqual(['request-1', 'request-2'])
    expect(candidates('13:59:59', 'off', eligible)).toEqual(['request-2'])
    expect(candidates('14:00:00', 'off', notEligible)).toEqual(['request-2'])
    expect(candidates('14:00:00', 'on', eligible)).toEqual([])
    expect(candidates('14:00:00', 'unknown', eligible)).toEqual([])
  })
})

describe('a grant that is being made', () => {
  const attempted = { attemptedAt: iso('12:00:00'), endsAt: iso('13:00:00') }
  const short = { ...attempted, endsAt: iso('12:01:00') }

  test.each<{
    title: string
    time: string
    stop: 'off' | 'on' | 'unknown'
    reason?: Partial<Reason>
    pair?: Partial<Pair>
    next: NextStep
    said?: EventName[]
    problem?: string
  }>([
    { title: 'is added', time: '12:00:00', stop: 'off', next: { do: 'add' } },
    {
      title: 'waits for a stop that cannot be read',
      time: '12:00:00',
      stop: 'unknown',
      next: { do: 'rest' },
    },
    {
      title: 'waits for its next try',
      time: '12:00:00',
      stop: 'off',
      pair: { retry: { count: 1, at: iso('12:00:01') } },
      next: { do: 'wait', until: at('12:00:01') },
    },
    {
      title: 'is tried again at the time for it',
      time: '12:00:01',
      stop: 'off',
      pair: { retry: { count: 1, at: iso('12:00:01') } },
      next: { do: 'add' },
    },
    {
      title: 'is tried until its patience ends',
      time: '12:14:59.999',
      stop: 'off',
      next: { do: 'add' },
    },
    {
      title: 'fails without an attempt when its patience ends',
      time: '12:15:00',
      stop: 'off',
      next: { do: 'rest' },
      said: ['grant.failed'],
      problem: 'directory-unavailable',
    },
    {
      title: 'fails when its patience ends and nothing was added',
      time: '12:15:00',
      stop: 'off',
      reason: attempted,
      next: { do: 'rest' },
      said: ['grant.failed'],
      problem: 'directory-unavailable',
    },
    {
      title: 'fails when its window ends before its patience',
      time: '12:01:00',
      stop: 'off',
      reason: short,
      next: { do: 'rest' },
      said: ['grant.failed'],
      problem: 'directory-unavailable',
    },
    {
      title: 'is taken back under the stop when it may have been added',
      time: '12:00:30',
      stop: 'on',
      reason: attempted,
      pair: { held: 'unsure', before: 'absent' },
      next: { do: 'remove' },
    },
    {
      title: 'is left to whoever else gave it, where it was there before',
      time: '12:15:00',
      stop: 'off',
      reason: attempted,
      pair: { held: 'unsure', before: 'present' },
      next: { do: 'rest' },
      said: ['grant.failed'],
      problem: 'directory-unavailable',
    },
  ])('$title', ({ time, stop, reason, pair, next, said = [], problem }) => {
    const settled = settleAt(aPair({ reasons: [aReason(reason)], ...pair }), time, stop)

    expect(settled.next).toEqual(next)
    expect(settled.events.map(({ event }) => event)).toEqual(said)
    expect(settled.events[0]?.detail['problem'] ?? {}).toMatchObject(
      problem === undefined ? {} : { code: problem },
    )
  })

  test('is recorded without a write where the access is ours already', () => {
    const settled = settleAt(aHeldPair({ reasons: [aReason()] }), '12:00:00', 'off')

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.events.map(({ event }) => event)).toEqual(['grant.attempted', 'grant.active'])
    expect(settled.pair.reasons).toMatchObject([
      { status: 'active', mechanism: 'direct', endsAt: iso('13:00:00') },
    ])
  })

  test('is recorded as already held where the access is standing', () => {
    const settled = settleAt(aPair({ held: 'standing', reasons: [aReason()] }), '12:00:00', 'off')

    expect(settled.pair.reasons).toMatchObject([{ status: 'active', mechanism: 'already-held' }])
  })

  test('is tried for the others when one of them was given up', () => {
    const givenUp = { code: 'directory-unavailable', detail: 'It did not answer.' }
    const pair = aPair({
      held: 'unsure',
      before: 'absent',
      reasons: [aReason({ ...attempted, givenUp }), aReason({ id: 'request-2' })],
    })

    const settled = settleAt(pair, '12:00:00', 'off')

    expect(settled.next).toEqual({ do: 'add' })
    expect(settled.pair.reasons).toHaveLength(2)
  })
})

describe('an end that is being made', () => {
  const ending = aReason({ status: 'ending', endRequestedAt: iso('12:59:00') })
  const retry = { count: 1, at: iso('13:00:05') }
  const attempt = {
    id: 'a1',
    kind: 'remove',
    startedAt: iso('13:00:00'),
    deadline: iso('13:00:20'),
  } as const

  test.each<{ title: string; pair: Partial<Pair>; time: string; next: NextStep }>([
    { title: 'is taken', pair: {}, time: '13:00:00', next: { do: 'remove' } },
    {
      title: 'waits for its next try',
      pair: { retry },
      time: '13:00:00',
      next: { do: 'wait', until: at('13:00:05') },
    },
    { title: 'is tried again', pair: { retry }, time: '13:00:05', next: { do: 'remove' } },
    {
      title: 'waits for the time of its second look',
      pair: { absentSince: iso('13:00:00') },
      time: '13:00:59.999',
      next: { do: 'wait', until: at('13:01:00') },
    },
    {
      title: 'is looked at',
      pair: { absentSince: iso('13:00:00') },
      time: '13:01:00',
      next: { do: 'look' },
    },
    {
      title: 'waits a little for a removal under way',
      pair: { attempt },
      time: '13:00:04',
      next: { do: 'wait', until: at('13:00:05') },
    },
    {
      title: 'does not wait for it to the last',
      pair: { attempt },
      time: '13:00:05',
      next: { do: 'remove' },
    },
  ])('$title', ({ pair, time, next }) => {
    expect(settleAt(aHeldPair({ reasons: [ending], ...pair }), time).next).toEqual(next)
  })

  test('keeps the earliest state of an addition that nobody answered twice', () => {
    const pair = aHeldPair({
      held: 'unsure',
      before: 'present',
      reasons: [ending],
      attempt: { ...attempt, kind: 'add' },
    })

    const settled = settleAt(pair, '13:00:20')

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.events[0]?.detail).toMatchObject({ proof: { kind: 'standing-kept' } })
    expect(settled.pair).toEqual({
      key: pair.key,
      held: 'none',
      lastWriteAt: iso('13:00:20'),
      reasons: [],
    })
  })
})
