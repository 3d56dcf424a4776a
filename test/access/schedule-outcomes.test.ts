import { describe, expect, test } from 'vitest'
import { afterAdd, afterRemove, type WriteAnswer } from '../../shared/access/directory-answers.ts'
import { longestSchedule, scheduleToAdd } from '../../shared/access/giving.ts'
import type { Attempt, Giving, Pair, Reason } from '../../shared/access/pair.ts'
import { afterConfirm, afterUpdate } from '../../shared/access/schedule-answers.ts'
import { settle } from '../../shared/access/settle.ts'
import { aHeldPair, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'
import { limits, now } from './sightings.ts'

const byPim: Giving = { mechanism: 'pim' }
const orPlain: Giving = { mechanism: 'pim', fallback: 'direct' }
const byEntra: Giving = { mechanism: 'pim', endBy: 'entra' }
const own = { id: 'ours', startedAt: iso('12:00:00'), endsAt: iso('13:10:00') }
const theirs = { id: 'another', by: 'assigned', endsAt: iso('15:00:00') } as const
const shown = { ...own, by: 'assigned' } as const
const waiting = aReason({ giving: byPim, attemptedAt: iso('12:29:00'), endsAt: iso('13:00:00') })
const asked = aPair({ before: 'absent', schedule: { endsAt: own.endsAt }, reasons: [waiting] })
const active = anActiveReason({ giving: byPim, mechanism: 'pim' })
const held = aHeldPair({ schedule: own, reasons: [active] })
const ending = aHeldPair({ schedule: own, reasons: [{ ...active, status: 'ending' }] })

const anAttempt = (over: Partial<Attempt> = {}): Attempt => ({
  id: 'try',
  kind: 'add',
  startedAt: iso('12:29:55'),
  deadline: iso('12:30:15'),
  ...over,
})

describe('an addition by a schedule', () => {
  test.each<[what: string, pair: Pair, answer: WriteAnswer, expected: Partial<Pair>]>([
    ['done: the schedule is ours', asked, { kind: 'done', schedule: shown }, { schedule: own }],
    ['done, with nothing shown', asked, { kind: 'done' }, { schedule: { endsAt: own.endsAt } }],
    [
      'there after an unclear attempt: ours by its end',
      { ...asked, held: 'unsure' },
      { kind: 'already', found: shown },
      { held: 'ours', schedule: own },
    ],
    [
      'there after an unclear attempt, and not shown: ours as it was asked for',
      { ...asked, held: 'unsure' },
      { kind: 'already' },
      { held: 'ours', schedule: { endsAt: own.endsAt } },
    ],
    [
      'there with the end of others: standing until then',
      { ...asked, held: 'unsure' },
      { kind: 'already', found: theirs },
      { held: 'standing', standingUntil: theirs.endsAt },
    ],
    [
      'an unclear plain entry that others have a schedule for: still ours',
      aPair({ held: 'unsure', before: 'absent', reasons: [aReason()] }),
      { kind: 'already', found: theirs },
      { held: 'ours' },
    ],
    [
      'too early, which is never said of it: asked again',
      asked,
      { kind: 'too-early', until: iso('12:35:00') },
      { held: 'none', retry: { count: 1, at: iso('12:30:01') } },
    ],
    [
      'not made: asked again when the directory says',
      asked,
      { kind: 'not-applied', detail: 'throttled', retryAfterSeconds: 30 },
      { retry: { count: 1, at: iso('12:30:30') } },
    ],
  ])('is %s', (_, pair, answer, expected) => {
    expect(afterAdd(pair, answer, now, limits).pair).toMatchObject(expected)
  })

  test('shows no schedule where a plain entry was made', () => {
    const plain = afterAdd(aPair({ reasons: [aReason()] }), { kind: 'done' }, now, limits)
    const already = afterAdd(aPair({ reasons: [aReason()] }), { kind: 'already' }, now, limits)

    expect(plain.pair).not.toHaveProperty('schedule')
    expect(already.pair).not.toHaveProperty('standingUntil')
  })
})

describe('a tenant without the licence for schedules', () => {
  const unlicensed = { kind: 'refused', reason: 'unlicensed', detail: 'no licence' } as const
  const plainly = { ...waiting, id: 'plainly', giving: orPlain }
  const { giving: _, ...never } = { ...waiting, id: 'never' }
  const outcome = (reasons: readonly Reason[], over: Partial<Pair> = {}, reason = 'unlicensed') => {
    const { pair, events } = afterAdd(
      { ...asked, reasons, ...over },
      { ...unlicensed, reason },
      now,
      limits,
    )
    return {
      failed: events.filter(({ event }) => event === 'grant.failed').map((each) => each.requestId),
      fallback: pair.fallback,
      schedule: pair.schedule,
    }
  }
  const plain = { fallback: 'unlicensed', schedule: undefined } as const

  test.each<[what: string, reasons: readonly Reason[], expected: ReturnType<typeof outcome>]>([
    ['gives plain entries where that is allowed', [plainly], { failed: [], ...plain }],
    ['gives plain entries to who never asked for one', [never, plainly], { failed: [], ...plain }],
    ['refuses who does not allow it', [waiting, plainly], { failed: [waiting.id], ...plain }],
    [
      'refuses all where nobody allows it',
      [waiting],
      { failed: [waiting.id], fallback: undefined, schedule: undefined },
    ],
    [
      'gives no plain entry beside somebody who holds it without allowing that',
      [active, plainly],
      { failed: [], fallback: undefined, schedule: undefined },
    ],
  ])('%s', (_, reasons, expected) => {
    expect(outcome(reasons)).toEqual(expected)
  })

  test('refuses a plain entry that it calls unlicensed as well', () => {
    expect(outcome([plainly], { fallback: 'unlicensed' }).failed).toEqual(['plainly'])
  })

  test('is told from any other refusal', () => {
    expect(outcome([plainly], {}, 'forbidden')).toMatchObject({
      failed: ['plainly'],
      fallback: undefined,
    })
  })

  test('forgets no schedule that an earlier attempt may have made', () => {
    expect(outcome([waiting], { held: 'unsure' })).toEqual({
      failed: [],
      fallback: undefined,
      schedule: { endsAt: own.endsAt },
    })
  })

  test('has the plain entry taken where our schedule can no longer be', () => {
    const { pair } = afterRemove(ending, unlicensed, now, limits)

    expect(pair).toMatchObject({ held: 'ours', fallback: 'unlicensed' })
    expect(pair).not.toHaveProperty('schedule')
  })
})

describe('the removal of a schedule', () => {
  test('is proven by a schedule of others in its place, and leaves that', () => {
    const { events } = afterRemove(ending, { kind: 'already', found: theirs }, now, limits)

    expect(events).toMatchObject([
      { event: 'grant.ended', detail: { proof: { kind: 'standing-kept' } } },
    ])
  })

  test('is asked for again when the schedule is old enough', () => {
    const answer: WriteAnswer = { kind: 'too-early', until: iso('12:35:00') }

    expect(afterRemove(ending, answer, now, limits).pair).toMatchObject({
      held: 'ours',
      retry: { count: 0, at: iso('12:35:00') },
    })
  })
})

describe('an end that is moved', () => {
  const moving = { ...held, attempt: anAttempt({ kind: 'update', endsAt: iso('14:10:00') }) }

  test.each<[what: string, answer: WriteAnswer, expected: Partial<Pair>]>([
    ['keeps the schedule where nothing is shown', { kind: 'done' }, { schedule: own }],
    [
      'is asked for again where a person or resource is missing',
      { kind: 'already', missing: 'grantee' },
      { held: 'ours', retry: { count: 1, at: iso('12:30:01') } },
    ],
    [
      'is asked for again where it is too early',
      { kind: 'too-early', until: iso('12:35:00') },
      { held: 'ours', retry: { count: 1, at: iso('12:30:01') } },
    ],
  ])('%s', (_, answer, expected) => {
    expect(afterUpdate(moving, answer, now, limits).pair).toMatchObject(expected)
  })

  test('tells that others have replaced the schedule', () => {
    const { events } = afterUpdate(moving, { kind: 'already', found: theirs }, now, limits)

    expect(events).toMatchObject([
      { event: 'standing.found', detail: { kind: 'replaced-by-others' } },
    ])
  })

  test('fails with what the directory said', () => {
    const pair = { ...moving, reasons: [active, { ...waiting, id: 'second' }] }
    const answer: WriteAnswer = { kind: 'refused', reason: 'policy', detail: 'too long' }

    expect(afterUpdate(pair, answer, now, limits).events).toMatchObject([
      { detail: { problem: { code: 'policy', detail: 'too long' } } },
    ])
  })

  test('leaves no end behind where none was asked for', () => {
    const answer: WriteAnswer = { kind: 'refused', reason: 'policy', detail: 'too long' }

    expect(
      afterUpdate({ ...held, attempt: anAttempt() }, answer, now, limits).pair.schedule,
    ).toEqual(own)
  })

  test('is made before anything else, and waits where the directory asked for that', () => {
    const pair = { ...held, reasons: [{ ...active, endsAt: iso('14:00:00') }] }
    const nextOf = (over: Partial<Pair>) => settle({ ...pair, ...over }, { now, limits }).next

    expect(nextOf({})).toEqual({ do: 'reschedule' })
    expect(nextOf({ retry: { count: 1, at: iso('12:30:00') } })).toEqual({ do: 'reschedule' })
    expect(nextOf({ retry: { count: 1, at: iso('12:30:01') } })).toEqual({
      do: 'wait',
      until: at('12:30:01'),
    })
  })

  test('may have taken effect until its deadline where nobody heard an answer', () => {
    const later = settle(moving, { now: at('12:40:00'), limits }).pair

    expect(later).toMatchObject({ held: 'ours', lastWriteAt: iso('12:30:15') })
    expect(later).not.toHaveProperty('attempt')
  })
})

describe('an end of a schedule', () => {
  test.each<[what: string, endsAt: string, startedAt: string, next: object]>([
    ['is looked for where Entra has just made it', '12:29:00', '12:00:00', { do: 'confirm' }],
    [
      'waits until it is five minutes old',
      '13:10:00',
      '12:26:00',
      { do: 'wait', until: at('12:31:00') },
    ],
    ['is made at five minutes', '13:10:00', '12:25:00', { do: 'remove' }],
  ])('%s', (_, endsAt, startedAt, next) => {
    const schedule = { id: 'ours', startedAt: iso(startedAt), endsAt: iso(endsAt) }

    expect(settle({ ...ending, schedule }, { now, limits }).next).toEqual(next)
  })

  test('is believed at once where no write is known', () => {
    const { lastWriteAt: _, ...unwritten } = ending
    const look = { present: false, readAt: now }

    expect(afterConfirm(unwritten, look, now, limits).pair.held).toBe('none')
  })
})

describe('the schedule of an addition', () => {
  test.each<[what: string, pair: Pair, reasons: readonly Reason[], expected: string | undefined]>([
    ['ends after the window', aPair(), [waiting], '13:10:00'],
    ['is none where nobody wants one', aPair(), [aReason()], undefined],
    [
      'is one as soon as one of them wants it',
      aPair(),
      [aReason({ id: 'x' }), waiting],
      '13:40:00',
    ],
    ['is none without a reason', held, [], undefined],
    [
      'stays as it was asked for, while that may be granted yet',
      aPair({ schedule: { endsAt: iso('12:30:01') } }),
      [waiting],
      undefined,
    ],
    [
      'is a new one when the earlier is over',
      aPair({ schedule: { endsAt: iso('12:30:00') } }),
      [waiting],
      '13:10:00',
    ],
    ['is a new one where the earlier is known', aPair({ schedule: own }), [waiting], '13:10:00'],
  ])('%s', (_, pair, reasons, expected) => {
    const schedule = scheduleToAdd({ ...pair, reasons }, reasons, now)

    expect(schedule).toEqual(expected === undefined ? {} : { schedule: { endsAt: iso(expected) } })
  })

  test('lasts ten minutes longer than its window, and not where Entra is to end it', () => {
    expect(longestSchedule(byPim, 3_600_000)).toBe(4_200_000)
    expect(longestSchedule(byEntra, 3_600_000)).toBe(3_600_000)
  })
})
