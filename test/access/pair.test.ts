import { describe, expect, test } from 'vitest'
import { beginApproval } from '../../shared/access/approval.ts'
import { dueAt } from '../../shared/access/due.ts'
import {
  type Attempt,
  beginOf,
  endDueAt,
  fenceOf,
  isOpen,
  later,
  lookAt,
  newPair,
  type Pair,
  type Reason,
  type Watch,
} from '../../shared/access/pair.ts'
import { aLimits, aPair, aReason, at, iso } from '../builders.ts'

const limits = aLimits()
const now = at('12:00:00')

describe('newPair()', () => {
  test('holds nothing and has no reason', () => {
    expect(newPair(aPair().key)).toEqual({ key: aPair().key, held: 'none', reasons: [] })
  })
})

describe('isOpen()', () => {
  test.each([
    ['pending-approval', true],
    ['scheduled', true],
    ['granting', true],
    ['active', true],
    ['ending', true],
    ['overdue', true],
    ['ended', false],
    ['denied', false],
    ['timed-out', false],
    ['cancelled', false],
    ['failed', false],
  ] as const)('of %s is %s', (status, open) => {
    expect(isOpen(status)).toBe(open)
  })
})

describe('fenceOf()', () => {
  const attempt = (kind: Attempt['kind'], deadline = '12:00:20'): Attempt => ({
    id: 'a1',
    kind,
    startedAt: iso('12:00:00'),
    deadline: iso(deadline),
  })

  test.each([
    { after: 'an addition', of: attempt('add'), wanted: true, fence: '12:00:20' },
    { after: 'an addition', of: attempt('add'), wanted: false, fence: '12:00:20' },
    { after: 'a removal', of: attempt('remove'), wanted: true, fence: '12:00:20' },
    { after: 'a removal', of: attempt('remove'), wanted: false, fence: '12:00:05' },
    {
      after: 'a short removal',
      of: attempt('remove', '12:00:03'),
      wanted: false,
      fence: '12:00:03',
    },
  ])('lets the next attempt start at $fence after $after (wanted: $wanted)', (row) => {
    expect(new Date(fenceOf(row.of, row.wanted))).toEqual(at(row.fence))
  })
})

describe('beginOf()', () => {
  test('is the start that a request names, or its approval, and never without one', () => {
    const { approvedAt: _, ...unapproved } = aReason({ startsAt: iso('14:00:00') })

    expect(beginOf(aReason({ startsAt: iso('14:00:00') }))).toBe(at('14:00:00').getTime())
    expect(beginOf(aReason())).toBe(at('12:00:00').getTime())
    expect(beginOf(unapproved)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('endDueAt()', () => {
  test.each<{ title: string; times: Partial<Reason>; due: number }>([
    { title: 'its time', times: { endsAt: iso('13:00:00') }, due: at('13:00:00').getTime() },
    {
      title: 'the wish for it, where that comes first',
      times: { endsAt: iso('13:00:00'), endRequestedAt: iso('12:30:00') },
      due: at('12:30:00').getTime(),
    },
    {
      title: 'its time, where the wish came later',
      times: { endsAt: iso('13:00:00'), endRequestedAt: iso('13:00:01') },
      due: at('13:00:00').getTime(),
    },
    { title: 'never, before either is known', times: {}, due: Number.POSITIVE_INFINITY },
  ])('is $title', ({ times, due }) => {
    expect(endDueAt(aReason(times))).toBe(due)
  })
})

describe('lookAt()', () => {
  test.each([
    { absentSince: '12:00:10', lastWriteAt: '12:00:00', look: '12:01:10' },
    { absentSince: '12:00:10', lastWriteAt: '12:00:20', look: '12:01:20' },
  ])('is the replication time after the later of $absentSince and $lastWriteAt', (row) => {
    const pair = aPair({ absentSince: iso(row.absentSince), lastWriteAt: iso(row.lastWriteAt) })

    expect(new Date(lookAt(pair, limits))).toEqual(at(row.look))
  })

  test('needs no write of ours', () => {
    expect(new Date(lookAt(aPair({ absentSince: iso('12:00:10') }), limits))).toEqual(
      at('12:01:10'),
    )
  })
})

describe('later()', () => {
  test.each([
    [undefined, iso('12:00:00'), iso('12:00:00')],
    [iso('12:00:01'), iso('12:00:00'), iso('12:00:01')],
    [iso('12:00:00'), iso('12:00:01'), iso('12:00:01')],
  ])('of %s and %s is %s', (a, b, expected) => {
    expect(later(a, b)).toBe(expected)
  })
})

describe('dueAt()', () => {
  const approval = beginApproval(
    { mode: 'any-of', steps: [{ approvers: ['manager'] }] },
    at('12:00:00'),
    at('18:00:00'),
  )
  const retry = { count: 1, at: iso('12:00:30') }
  const looking = { absentSince: iso('12:00:10') }
  const ending = { status: 'ending', endRequestedAt: iso('11:59:00') } as const

  test('is undefined when nothing is open', () => {
    expect(dueAt(aPair(), limits, now)).toBeUndefined()
  })

  test.each<{ title: string; reason: Partial<Reason>; pair?: Partial<Pair>; due: string }>([
    {
      title: 'the end of the time for an approval',
      reason: { status: 'pending-approval', approval },
      due: '18:00:00',
    },
    {
      title: 'now for an approval that nobody began',
      reason: { status: 'pending-approval' },
      due: '12:00:00',
    },
    {
      title: 'the start of a scheduled request',
      reason: { status: 'scheduled', startsAt: iso('15:00:00') },
      due: '15:00:00',
    },
    {
      title: 'the end of an active request',
      reason: { status: 'active', endsAt: iso('13:00:00') },
      due: '13:00:00',
    },
    { title: 'now for a grant', reason: {}, due: '12:00:00' },
    { title: 'the next try of a grant', reason: {}, pair: { retry }, due: '12:00:30' },
    {
      title: 'the end of a grant whose window is over before its next try',
      reason: { endsAt: iso('12:00:20') },
      pair: { retry },
      due: '12:00:20',
    },
    { title: 'now for an end', reason: ending, due: '12:00:00' },
    { title: 'the next try of an end', reason: ending, pair: { retry }, due: '12:00:30' },
    { title: 'the next look at an end', reason: ending, pair: looking, due: '12:01:10' },
    {
      title: 'the time when an end becomes overdue, where its next try comes later',
      reason: { ...ending, endRequestedAt: iso('11:55:20') },
      pair: { retry },
      due: '12:00:20',
    },
    {
      title: 'now for an end that is to be called overdue',
      reason: { ...ending, endRequestedAt: iso('11:50:00') },
      pair: { retry },
      due: '12:00:00',
    },
    {
      title: 'the next try of an overdue end',
      reason: { status: 'overdue' },
      pair: { retry },
      due: '12:00:30',
    },
  ])('is $title', ({ reason, pair, due }) => {
    expect(dueAt(aPair({ reasons: [aReason(reason)], ...pair }), limits, now)).toEqual(at(due))
  })

  test('is the earliest of all reasons', () => {
    const reasons = [
      aReason({ status: 'active', endsAt: iso('14:00:00') }),
      aReason({ id: 'request-2', status: 'active', endsAt: iso('13:00:00') }),
      aReason({ id: 'request-3', status: 'scheduled', startsAt: iso('15:00:00') }),
    ]

    expect(dueAt(aPair({ reasons }), limits, now)).toEqual(at('13:00:00'))
  })

  test.each<{ title: string; pair: Partial<Pair>; due: string }>([
    { title: 'the next look of a watch, where nothing is open', pair: {}, due: '14:00:00' },
    {
      title: 'the next look of a watch, where what is open comes later',
      pair: { reasons: [aReason({ status: 'active', endsAt: iso('15:00:00') })] },
      due: '14:00:00',
    },
    {
      title: 'what is open, where the next look of a watch comes later',
      pair: { reasons: [aReason({ status: 'active', endsAt: iso('13:00:00') })] },
      due: '13:00:00',
    },
    { title: 'now for what has come back', pair: { watch: watching(true) }, due: '12:00:00' },
    {
      title: 'the next try for what has come back',
      pair: { watch: watching(true), retry },
      due: '12:00:30',
    },
  ])('is $title', ({ pair, due }) => {
    expect(dueAt(aPair({ watch: watching(false), ...pair }), limits, now)).toEqual(at(due))
  })
})

function watching(isBack: boolean): Watch {
  const times = { nextAt: iso('14:00:00'), until: iso('23:00:00') }
  return { ...times, reason: aReason({ status: 'ended' }), isBack }
}
