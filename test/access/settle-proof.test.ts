import { describe, expect, test } from 'vitest'
import { afterAdd, afterRemove, attemptRemove } from '../../shared/access/directory-answers.ts'
import type { Pair } from '../../shared/access/pair.ts'
import { type SettleInputs, settle } from '../../shared/access/settle.ts'
import { aHeldPair, aLimits, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'

const limits = aLimits()
const inputs = (time: string, over: Partial<SettleInputs> = {}): SettleInputs => ({
  now: at(time),
  limits,
  emergencyStop: 'off',
  ...over,
})
const attempted = { attemptedAt: iso('12:00:00'), endsAt: iso('13:00:00') }

describe('access that was thought to be there before', () => {
  test('is taken away where the directory says clearly that this broker added it', () => {
    const granting = aPair({ before: 'present', reasons: [aReason(attempted)] })
    const ours = afterAdd(granting, { kind: 'done' }, at('12:00:01'), limits).pair

    expect(settle(ours, inputs('13:00:00')).next).toEqual({ do: 'remove' })
  })

  test('is left where no answer ever said whose it is', () => {
    const ending = anActiveReason({ status: 'ending' })

    const settled = settle(
      aPair({ held: 'unsure', before: 'present', reasons: [ending] }),
      inputs('13:00:00'),
    )

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.events[0]?.detail).toMatchObject({ proof: { kind: 'standing-kept' } })
  })

  test('stays standing, though an addition beside it got no answer', () => {
    const pair = aPair({
      held: 'standing',
      reasons: [anActiveReason({ mechanism: 'already-held' })],
      attempt: { id: 'a1', kind: 'add', startedAt: iso('12:00:00'), deadline: iso('12:00:20') },
    })

    expect(settle(pair, inputs('12:30:00')).pair.held).toBe('standing')
    expect(settle(pair, inputs('13:00:00')).next).toEqual({ do: 'rest' })
  })
})

describe('a grant that is not made', () => {
  const scheduled = aReason({ status: 'scheduled', startsAt: iso('12:00:00') })

  test.each<[why: string, pair: Pair, given: SettleInputs, problem: object]>([
    [
      'the emergency stop is on',
      aPair({ reasons: [aReason()] }),
      inputs('12:00:00', { emergencyStop: 'on' }),
      {
        code: 'emergency-stop',
        detail: 'The emergency stop is on: no new access is granted.',
      },
    ],
    [
      'the emergency stop is on at its start',
      aPair({ reasons: [scheduled] }),
      inputs('12:00:00', { emergencyStop: 'on' }),
      {
        code: 'emergency-stop',
        detail: 'The emergency stop is on: no new access is granted.',
      },
    ],
    [
      'its window passed',
      aPair({ reasons: [scheduled] }),
      inputs('13:00:00', { emergencyStop: 'unknown' }),
      {
        code: 'window-passed',
        detail: 'Its whole window passed before it could be granted.',
      },
    ],
    [
      'the directory could not be reached',
      aPair({ reasons: [aReason()] }),
      inputs('12:15:00'),
      {
        code: 'directory-unavailable',
        detail: 'The directory could not be made to grant it in time.',
      },
    ],
    [
      'policy no longer allows it',
      aPair({ reasons: [scheduled] }),
      inputs('12:00:00', {
        verdicts: new Map([
          ['request-1', { eligible: false, code: 'too-long', detail: 'It is too long.' }],
        ]),
      }),
      { code: 'too-long', detail: 'It is too long.' },
    ],
  ])('says in request and audit why: %s', (_why, pair, given, problem) => {
    const settled = settle(pair, given)

    expect(settled.events).toMatchObject([{ event: 'grant.failed', detail: { problem } }])
    expect(settled.touched.get('request-1')).toMatchObject({
      status: 'failed',
      problem,
      endedAt: given.now.toISOString(),
    })
  })

  test('fails at once where it was never tried, and only after its removal where it was', () => {
    const untried = aReason({ id: 'request-2' })
    const pair = aPair({
      held: 'unsure',
      before: 'absent',
      lastWriteAt: iso('12:00:20'),
      reasons: [aReason(attempted), untried],
    })

    const stopped = settle(pair, inputs('12:02:00', { emergencyStop: 'on' }))

    expect(stopped.next).toEqual({ do: 'remove' })
    expect(stopped.events).toMatchObject([
      {
        event: 'grant.failed',
        requestId: 'request-2',
        detail: { proof: { kind: 'never-added' } },
      },
    ])

    const removed = afterRemove(
      attemptRemove(stopped, 'a2', at('12:02:00')).pair,
      { kind: 'done' },
      at('12:02:01'),
      limits,
    )

    expect(removed.events).toMatchObject([
      {
        event: 'grant.failed',
        requestId: 'request-1',
        detail: { proof: { kind: 'removed' }, problem: { code: 'emergency-stop' } },
      },
    ])
    expect(removed.touched.get('request-1')).toMatchObject({
      problem: { code: 'emergency-stop' },
      endedAt: iso('12:02:01'),
    })
  })

  test('is refused by the directory with a problem and an end of its own', () => {
    const pair = aPair({ before: 'absent', reasons: [aReason(attempted)] })
    const answer = { kind: 'refused', reason: 'forbidden', detail: 'Not allowed.' } as const

    const refused = afterAdd(pair, answer, at('12:00:02'), limits)

    expect(refused.touched.get('request-1')).toMatchObject({
      problem: { code: 'forbidden', detail: 'Not allowed.' },
      endedAt: iso('12:00:02'),
    })
  })

  test('waits for whatever is later, a retry or the end of a removal', () => {
    const wanted = (over: Partial<Pair>) =>
      settle(aPair({ reasons: [aReason(attempted)], ...over }), inputs('12:01:00')).next
    const retry = { count: 1, at: iso('12:02:00') }

    expect(wanted({ retry })).toEqual({ do: 'wait', until: at('12:02:00') })
    expect(wanted({ lastOwnEndAt: iso('12:03:00') })).toEqual({ do: 'wait', until: at('12:03:00') })
    expect(wanted({ retry, lastOwnEndAt: iso('12:03:00') })).toEqual({
      do: 'wait',
      until: at('12:03:00'),
    })
    expect(wanted({ retry: { count: 1, at: iso('12:01:00') } })).toEqual({ do: 'add' })
    expect(wanted({})).toEqual({ do: 'add' })
  })
})

describe('an end under the emergency stop', () => {
  test('is made as ever', () => {
    const pair = aHeldPair({ reasons: [anActiveReason()] })

    expect(settle(pair, inputs('13:00:00', { emergencyStop: 'on' })).next).toEqual({ do: 'remove' })
  })
})
