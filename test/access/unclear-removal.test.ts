import { describe, expect, test } from 'vitest'
import {
  afterAdd,
  afterRemove,
  attemptAdd,
  attemptRemove,
  type WriteAnswer,
} from '../../shared/access/directory-answers.ts'
import { draftOf } from '../../shared/access/life-cycle.ts'
import type { Pair } from '../../shared/access/pair.ts'
import { settle } from '../../shared/access/settle.ts'
import { aHeldPair, aLimits, anActiveReason, aReason, at, iso } from '../builders.ts'

const limits = aLimits()
const wish = aReason({ id: 'request-2', approvedAt: iso('13:00:02') })
const settleAt = (pair: Pair, time: string) =>
  settle(pair, { now: at(time), limits, emergencyStop: 'off' })

/** An end whose removal began at 13:00:00, and a new request that came two seconds later. */
const removing = attemptRemove(
  draftOf(aHeldPair({ reasons: [anActiveReason({ status: 'ending', endReason: 'expired' })] })),
  'a1',
  at('13:00:00'),
).pair
const wantedAgain = (pair: Pair): Pair => ({ ...pair, reasons: [...pair.reasons, wish] })
const answered = (answer: WriteAnswer, pair = removing) =>
  wantedAgain(afterRemove(pair, answer, at('13:00:01'), limits).pair)
const addAt = (pair: Pair, time: string) =>
  attemptAdd(draftOf(pair), [wish], 'a2', 'present', at(time))

describe('access that is wanted again after a removal without a clear answer', () => {
  test.each<{ removal: string; pair: Pair; from: string }>([
    {
      removal: 'that may have been applied',
      pair: answered({ kind: 'ambiguous', detail: '503' }),
      from: '13:00:02',
    },
    {
      removal: 'that found nothing, so soon that it proves nothing',
      pair: answered({ kind: 'already' }, { ...removing, lastWriteAt: iso('12:59:30') }),
      from: '13:00:02',
    },
    { removal: 'that nobody heard of again', pair: wantedAgain(removing), from: '13:00:20' },
  ])('is added again after a removal $removal', ({ pair, from }) => {
    expect(settleAt(pair, from).next).toEqual({ do: 'add' })
  })

  test('is kept without a write where the removal was certainly not applied', () => {
    const pair = answered({ kind: 'not-applied', detail: '429' })

    const settled = settleAt(pair, '13:00:02')

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.pair.reasons).toMatchObject([{ id: 'request-2', status: 'active' }])
  })

  test('is ours when it "exists" after all', () => {
    const pair = answered({ kind: 'ambiguous', detail: '503' })

    const added = afterAdd(
      addAt(pair, '13:01:01').pair,
      { kind: 'already' },
      at('13:01:01'),
      limits,
    )

    expect(added.pair).toMatchObject({ held: 'ours' })
    expect(added.events.map(({ event }) => event)).toEqual(['grant.active'])
  })

  test('is asked for again while "exists" may be about what the removal took', () => {
    const pair = answered({ kind: 'ambiguous', detail: '503' })

    const added = afterAdd(
      addAt(pair, '13:00:02').pair,
      { kind: 'already' },
      at('13:00:03'),
      limits,
    )

    expect(added.events).toEqual([])
    expect(added.pair).toMatchObject({ held: 'unsure', retry: { at: iso('13:01:01') } })
  })

  test('is not added while an earlier removal may still be under way', () => {
    const second = attemptRemove(settleAt(removing, '13:00:05'), 'a2', at('13:00:05')).pair
    const gone = afterRemove(second, { kind: 'done' }, at('13:00:06'), limits)

    const settled = settleAt(wantedAgain(gone.pair), '13:00:07')

    expect(gone.events.map(({ event }) => event)).toEqual(['grant.ended'])
    expect(settled.next).toEqual({ do: 'wait', until: at('13:00:20') })
    expect(settleAt(wantedAgain(gone.pair), '13:00:20').next).toEqual({ do: 'add' })
  })

  test('has nothing of the former search for proof left', () => {
    const pair = answered({ kind: 'already' }, { ...removing, lastWriteAt: iso('12:59:30') })

    expect(pair.absentSince).toBe(iso('13:00:01'))
    expect(addAt(pair, '13:00:02').pair.absentSince).toBeUndefined()
  })
})
