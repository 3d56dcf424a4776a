import { describe, expect, test } from 'vitest'
import type { WriteAnswer } from '../../shared/access/directory-answers.ts'
import { draftOf } from '../../shared/access/life-cycle.ts'
import type { Giving, Pair } from '../../shared/access/pair.ts'
import { afterConfirm, afterUpdate, attemptUpdate } from '../../shared/access/schedule-answers.ts'
import { aHeldPair, aLimits, anActiveReason, aReason, at, iso } from '../builders.ts'

const giving: Giving = { mechanism: 'pim' }
const now = at('12:30:00')
const limits = aLimits()

/** Held for an hour since noon, and asked for again at half past. */
const extended: Pair = aHeldPair({
  schedule: { id: 'ours', startedAt: iso('12:00:00'), endsAt: iso('13:10:00') },
  reasons: [anActiveReason({ giving }), aReason({ id: 'second', giving })],
})
const [, second] = extended.reasons
const attempt = () =>
  attemptUpdate(draftOf(extended), second === undefined ? [] : [second], 'try', now)

describe('moving the end of a schedule', () => {
  test('is an intent on the head before it is made, with the window it is for', () => {
    expect(attempt().pair.attempt).toMatchObject({ kind: 'update', endsAt: iso('13:40:00') })
    expect(attempt().pair.schedule?.endsAt).toBe(iso('13:10:00'))
    expect(attempt().events).toMatchObject([
      { event: 'grant.attempted', requestId: 'second', detail: { endsAt: iso('13:30:00') } },
    ])
  })

  test('asks for no end where none has to be moved', () => {
    const { pair } = attemptUpdate(draftOf({ ...extended, held: 'standing' }), [], 'try', now)

    expect(pair.attempt).toMatchObject({ id: 'try', kind: 'update' })
    expect(pair.attempt).not.toHaveProperty('endsAt')
  })

  const schedule = { id: 'ours', by: 'assigned', endsAt: iso('13:40:00') } as const
  const others = { id: 'another', by: 'assigned', endsAt: iso('15:00:00') } as const
  test.each<[what: string, answer: WriteAnswer, pair: Partial<Pair>]>([
    [
      'done',
      { kind: 'done', schedule },
      {
        held: 'ours',
        schedule: { id: 'ours', startedAt: iso('12:00:00'), endsAt: iso('13:40:00') },
      },
    ],
    ['gone: to be added again', { kind: 'already' }, { held: 'unsure', before: 'absent' }],
    [
      'of others: standing until theirs ends',
      { kind: 'already', found: others },
      { held: 'standing', standingUntil: iso('15:00:00') },
    ],
    [
      'refused: not asked for again',
      { kind: 'refused', reason: 'policy', detail: 'too long' },
      {
        held: 'ours',
        schedule: {
          id: 'ours',
          startedAt: iso('12:00:00'),
          endsAt: iso('13:10:00'),
          refusedEnd: iso('13:40:00'),
        },
      },
    ],
    [
      'unclear: made again after a while',
      { kind: 'ambiguous', detail: 'no reply' },
      { held: 'ours', retry: { count: 1, at: iso('12:30:01') }, lastWriteAt: iso('12:30:20') },
    ],
    [
      'not made: made again when the directory says',
      { kind: 'not-applied', detail: 'throttled', retryAfterSeconds: 30 },
      { held: 'ours', retry: { count: 1, at: iso('12:30:30') } },
    ],
  ])('%s', (_, answer, expected) => {
    const { pair } = afterUpdate(attempt().pair, answer, now, limits)

    expect(pair).toMatchObject(expected)
    expect(pair).not.toHaveProperty('attempt')
  })

  test('that is refused fails who it was for, and nobody else', () => {
    const answer: WriteAnswer = { kind: 'refused', reason: 'policy', detail: 'too long' }
    const { pair, events } = afterUpdate(attempt().pair, answer, now, limits)

    expect(events).toMatchObject([{ event: 'grant.failed', requestId: 'second' }])
    expect(pair.reasons.map(({ id, status }) => [id, status])).toEqual([['request-1', 'active']])
  })
})

describe('looking for an end that was left to Entra', () => {
  const ending: Pair = aHeldPair({
    lastWriteAt: iso('12:00:01'),
    schedule: { id: 'ours', endsAt: iso('13:00:00') },
    reasons: [anActiveReason({ status: 'ending', endReason: 'expired' })],
  })
  const look = (pair: Pair, present: boolean, time: string) =>
    afterConfirm(pair, { present, readAt: at(time) }, at(time), limits)

  test('proves it where nothing is there', () => {
    const { pair, events } = look(ending, false, '13:00:01')

    expect(pair).toMatchObject({ held: 'none', reasons: [] })
    expect(pair).not.toHaveProperty('schedule')
    expect(events).toMatchObject([
      { event: 'grant.ended', detail: { proof: { kind: 'ended-by-entra' } } },
    ])
  })

  test('is repeated ever more seldom while it is there', () => {
    expect(look(ending, true, '13:00:01').pair.retry).toEqual({ count: 1, at: iso('13:00:02') })
  })

  test('believes no replica that may not have heard of a late write', () => {
    const moved = { ...ending, lastWriteAt: iso('12:59:30') }

    expect(look(moved, false, '13:00:01')).toMatchObject({
      events: [],
      pair: { held: 'ours', retry: { at: iso('13:00:30') } },
    })
    expect(look(moved, false, '13:00:30').events).toHaveLength(1)
  })
})
