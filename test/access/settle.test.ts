/*
 * Over 300 lines on purpose: the truth table of what is done to the directory.
 */
import { describe, expect, test } from 'vitest'
import { afterRemove, attemptAdd, attemptRemove } from '../../shared/access/directory-answers.ts'
import { type SettleInputs, settle } from '../../shared/access/settle.ts'
import {
  anActiveReason as active,
  aLimits,
  aPair,
  aReason,
  at,
  aHeldPair as held,
  iso,
} from '../builders.ts'

const limits = aLimits()
const inputs = (time: string, over: Partial<SettleInputs> = {}): SettleInputs => ({
  now: at(time),
  limits,
  emergencyStop: 'off',
  ...over,
})
const eventsOf = ({ events }: { events: readonly { event: string }[] }) =>
  events.map(({ event }) => event)

describe('settle()', () => {
  test('asks for the emergency stop before it grants anything', () => {
    const settled = settle(aPair({ reasons: [aReason()] }), { now: at('12:00:00'), limits })

    expect(settled.next).toEqual({ do: 'ask-stop' })
  })

  test('does not ask for the emergency stop when there are only ends', () => {
    const settled = settle(held({ reasons: [active()] }), { now: at('13:00:00'), limits })

    expect(settled.next).toEqual({ do: 'remove' })
  })

  test('adds access that is wanted and not held', () => {
    expect(settle(aPair({ reasons: [aReason()] }), inputs('12:00:00')).next).toEqual({ do: 'add' })
  })

  test('removes nothing a millisecond before the end', () => {
    const settled = settle(held({ reasons: [active()] }), inputs('12:59:59.999'))

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.events).toEqual([])
  })

  test('begins an end exactly at its time', () => {
    const settled = settle(held({ reasons: [active()] }), inputs('13:00:00'))

    expect(settled.next).toEqual({ do: 'remove' })
    expect(eventsOf(settled)).toEqual(['grant.ending'])
    expect(settled.pair.reasons[0]).toMatchObject({ status: 'ending', endReason: 'expired' })
  })

  test('ends a reason without touching the directory while another one justifies the access', () => {
    const other = active({ id: 'request-2', endsAt: iso('14:00:00') })

    const settled = settle(held({ reasons: [active(), other] }), inputs('13:00:00'))

    expect(settled.next).toEqual({ do: 'rest' })
    expect(eventsOf(settled)).toEqual(['grant.ending', 'grant.ended'])
    expect(settled.events[1]?.detail).toMatchObject({
      proof: { kind: 'other-reason', requests: ['request-2'] },
    })
    expect(settled.pair).toMatchObject({ held: 'ours', reasons: [{ id: 'request-2' }] })
  })

  test('makes touching windows one stretch: the start is taken up before the end is made', () => {
    const next = aReason({ id: 'request-2', status: 'scheduled', startsAt: iso('13:00:00') })
    const pair = held({ reasons: [active(), next] })

    const settled = settle(pair, {
      ...inputs('13:00:00'),
      verdicts: new Map([['request-2', { eligible: true }]]),
    })

    expect(settled.next).toEqual({ do: 'rest' })
    expect(eventsOf(settled).sort()).toEqual([
      'grant.active',
      'grant.attempted',
      'grant.ended',
      'grant.ending',
    ])
    expect(settled.pair.reasons).toMatchObject([
      { id: 'request-2', status: 'active', endsAt: iso('14:00:00') },
    ])
  })

  test('ends at its time when the start that touches it is refused', () => {
    const next = aReason({ id: 'request-2', status: 'scheduled', startsAt: iso('13:00:00') })

    const settled = settle(held({ reasons: [active(), next] }), {
      ...inputs('13:00:00'),
      verdicts: new Map([
        ['request-2', { eligible: false, code: 'no-flow', detail: 'No flow allows it.' }],
      ]),
    })

    expect(settled.next).toEqual({ do: 'remove' })
    expect(eventsOf(settled)).toEqual(['grant.failed', 'grant.ending'])
  })

  test('ends at its time when nobody can say whether the next start is allowed', () => {
    const next = aReason({ id: 'request-2', status: 'scheduled', startsAt: iso('13:00:00') })

    const settled = settle(held({ reasons: [active(), next] }), {
      ...inputs('13:00:00'),
      verdicts: new Map([['request-2', { eligible: 'unknown' }]]),
    })

    expect(settled.next).toEqual({ do: 'remove' })
    expect(settled.pair.reasons.map(({ status }) => status)).toEqual(['ending', 'scheduled'])
  })

  test('fixes the end of a scheduled window by its start, however late the grant', () => {
    const late = aReason({ status: 'scheduled', startsAt: iso('12:00:00') })
    const verdicts = new Map([['request-1', { eligible: true } as const]])
    const settled = settle(aPair({ reasons: [late] }), { ...inputs('12:10:00'), verdicts })

    const attempted = attemptAdd(settled, settled.pair.reasons, 'a1', 'absent', at('12:10:00'))

    expect(attempted.pair.reasons[0]?.endsAt).toBe(iso('13:00:00'))
  })

  test.each(['on', 'unknown'] as const)('grants nothing while the stop is %s, but ends', (stop) => {
    const pair = held({
      reasons: [active(), aReason({ id: 'request-2', approvedAt: iso('12:59:00') })],
    })

    const settled = settle(pair, inputs('13:00:00', { emergencyStop: stop }))

    expect(settled.next).toEqual({ do: 'remove' })
    expect(settled.pair.reasons.some(({ status }) => status === 'active')).toBe(false)
  })

  test('fails a grant without an attempt under the emergency stop, with zero writes', () => {
    const settled = settle(
      aPair({ reasons: [aReason()] }),
      inputs('12:00:00', { emergencyStop: 'on' }),
    )

    expect(settled.next).toEqual({ do: 'rest' })
    expect(eventsOf(settled)).toEqual(['grant.failed'])
    expect(settled.touched.get('request-1')).toMatchObject({
      status: 'failed',
      problem: { code: 'emergency-stop' },
    })
  })

  test('waits out an open attempt to add, also for an end', () => {
    const pair = held({
      held: 'none',
      reasons: [active({ status: 'ending', endRequestedAt: iso('12:00:05') })],
      attempt: {
        id: 'a1',
        kind: 'add',
        startedAt: iso('12:00:00'),
        deadline: iso('12:00:20'),
      },
    })

    expect(settle(pair, inputs('12:00:10')).next).toEqual({ do: 'wait', until: at('12:00:20') })
    expect(settle(pair, inputs('12:00:20')).next).toEqual({ do: 'remove' })
  })

  test('takes an attempt that nobody closed for one without a clear answer', () => {
    const pair = aPair({
      before: 'absent',
      reasons: [aReason({ attemptedAt: iso('12:00:00'), endsAt: iso('13:00:00') })],
      attempt: { id: 'a1', kind: 'add', startedAt: iso('12:00:00'), deadline: iso('12:00:20') },
    })

    const settled = settle(pair, inputs('12:00:21'))

    expect(settled.next).toEqual({ do: 'add' })
    expect(settled.pair).toMatchObject({ held: 'unsure', lastWriteAt: iso('12:00:20') })
  })

  test('gives up a grant after its time and proves that nothing stays behind', () => {
    const pair = aPair({
      held: 'unsure',
      before: 'absent',
      lastWriteAt: iso('12:00:20'),
      reasons: [aReason({ attemptedAt: iso('12:00:00'), endsAt: iso('13:00:00') })],
    })

    const settled = settle(pair, inputs('12:15:00'))

    expect(settled.next).toEqual({ do: 'remove' })
    const removed = afterRemove(
      attemptRemove(settled, 'a2', at('12:15:00')).pair,
      { kind: 'done', graphRequestId: 'g' },
      at('12:15:01'),
      limits,
    )
    expect(eventsOf(removed)).toEqual(['grant.failed'])
    expect(removed.events[0]?.detail).toMatchObject({ proof: { kind: 'removed' } })
  })

  test.each([
    { retryAt: '11:59:00', next: { do: 'add' } },
    { retryAt: '12:01:00', next: { do: 'wait', until: at('12:01:00') } },
  ])('closes an end that nothing was added for, whoever else is being granted: $next.do', (row) => {
    const ending = aReason({ status: 'ending', endRequestedAt: iso('12:00:05') })
    const other = aReason({
      id: 'request-2',
      attemptedAt: iso('12:00:00'),
      endsAt: iso('13:00:00'),
    })
    const pair = aPair({ reasons: [ending, other], retry: { count: 1, at: iso(row.retryAt) } })

    const settled = settle(pair, inputs('12:00:10'))

    expect(settled.next).toEqual(row.next)
    expect(eventsOf(settled)).toEqual(['grant.ended'])
    expect(settled.events[0]?.detail).toMatchObject({ proof: { kind: 'never-added' } })
    expect(settled.pair.reasons).toEqual([other])
  })

  test('never removes standing access', () => {
    const pair = aPair({ held: 'standing', reasons: [active({ mechanism: 'already-held' })] })

    const settled = settle(pair, inputs('13:00:00'))

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.events.at(-1)?.detail).toMatchObject({ proof: { kind: 'standing-kept' } })
    expect(settled.pair.held).toBe('none')
  })

  test('shows an end as overdue after the bound and goes on trying', () => {
    const pair = held({ reasons: [active({ status: 'ending', endReason: 'expired' })] })

    const settled = settle(pair, inputs('13:05:00'))

    expect(settled.next).toEqual({ do: 'remove' })
    expect(eventsOf(settled)).toEqual(['grant.overdue'])
  })
})
