import { describe, expect, test } from 'vitest'
import { afterAdd, afterRemove } from '../../shared/access/directory-answers.ts'
import { afterWatch, isRepairing, watchStep } from '../../shared/access/drift.ts'
import type { Pair } from '../../shared/access/pair.ts'
import { aHeldPair, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'
import { aSighting, limits, now, weigh } from './sightings.ts'

const active = anActiveReason()
const later = aReason({ id: 'request-2', status: 'scheduled', startsAt: iso('15:00:00') })
const alsoActive = anActiveReason({ id: 'request-3', endsAt: iso('14:00:00') })
const ending = anActiveReason({
  id: 'request-4',
  status: 'ending',
  endRequestedAt: iso('12:29:00'),
  endReason: 'given-back',
})

describe('access that others took away, beside requests that have not begun', () => {
  const pair = aHeldPair({ reasons: [later, active, alsoActive] })

  test('is told once, in the name of one that has it, with all that have it', () => {
    const { events } = weigh(pair, { present: false }, 'report')

    expect(events).toMatchObject([
      {
        event: 'drift.found',
        requestId: 'request-1',
        detail: { requests: ['request-1', 'request-3'] },
      },
    ])
    expect(events[0]).not.toHaveProperty('graphRequestId')
  })

  test('is added again for those that have it, and changes nothing of the others', () => {
    const lost = weigh(pair, { present: false }, 'enforce').pair
    expect(isRepairing(lost)).toBe(true)

    const again = afterAdd(lost, { kind: 'done', graphRequestId: 'graph-9' }, now, limits)

    expect(again.pair.reasons).toContainEqual(later)
    expect([...again.touched.keys()]).toEqual(['request-1', 'request-3'])
    expect(again.events).toMatchObject([
      { event: 'drift.repaired', graphRequestId: 'graph-9', detail: { repairs: 1 } },
    ])
  })

  test('is neither told nor added again while nobody can read what is wished', () => {
    const draft = weigh(pair, { present: false }, 'unknown')

    expect(draft.events).toEqual([])
    expect(draft.pair).toEqual(pair)
  })

  test('is not added again for requests that have all ended meanwhile', () => {
    const lost = weigh(pair, { present: false }, 'enforce').pair

    expect(isRepairing({ ...lost, reasons: [later, ending] })).toBe(false)
  })
})

describe('an addition for a new request', () => {
  const granting = aReason({ id: 'request-2', attemptedAt: iso('12:29:59') })

  test('repairs nothing that is only reported', () => {
    const pair = aPair({
      before: 'absent',
      drift: { lostAt: iso('12:10:00'), repairs: 2 },
      reasons: [active, granting],
    })

    const added = afterAdd(pair, { kind: 'done' }, now, limits)

    expect(added.events.map(({ event }) => event)).toEqual(['grant.active'])
    expect(added.pair).toMatchObject({ held: 'ours', drift: { repairs: 2 } })
    expect(added.pair.drift).not.toHaveProperty('lostAt')
  })
})

describe('a person who has left', () => {
  test('loses what is open, and what ends already ends as it was asked for', () => {
    const pair = aHeldPair({ reasons: [ending, active] })

    const { events, pair: left } = weigh(pair, { person: 'disabled' }, 'report')

    expect(events.map(({ event, requestId }) => `${event} ${requestId}`)).toEqual([
      'grant.ending request-1',
    ])
    expect(left.reasons[0]).toEqual(ending)
  })

  test('has every request told of that was closed for it', () => {
    const { touched } = weigh(
      aHeldPair({ reasons: [active, later] }),
      { person: 'disabled' },
      'report',
    )

    expect([...touched].map(([id, { status }]) => [id, status])).toEqual([
      ['request-1', 'ending'],
      ['request-2', 'cancelled'],
    ])
  })

  test('whose last access is ending already is told nothing more', () => {
    const pair = aHeldPair({ reasons: [ending] })

    expect(weigh(pair, { person: 'disabled' }, 'report')).toMatchObject({ events: [], pair })
  })
})

describe('an assignment', () => {
  test.each<[what: string, ours: string | undefined, seen: string | undefined, other: boolean]>([
    ['ours where the same one is seen', 'a-1', 'a-1', false],
    ['of others where another one is seen', 'a-1', 'a-2', true],
    ['ours where the look names none', 'a-1', undefined, false],
    ['ours where none was noted', undefined, 'a-2', false],
    ['ours where there is none to speak of', undefined, undefined, false],
  ])('is taken for %s', (_what, ours, seen, other) => {
    const pair = aHeldPair({
      reasons: [active],
      ...(ours === undefined ? {} : { assignmentId: ours }),
    })

    const { events } = weigh(pair, seen === undefined ? {} : { assignmentId: seen }, 'report')

    expect(events.map(({ event }) => event)).toEqual(other ? ['standing.found'] : [])
  })
})

describe('a pair that is watched for a deleted object', () => {
  const watched = (over: Partial<Pair> = {}): Pair =>
    aPair({
      watch: { nextAt: iso('12:00:00'), until: iso('23:00:00'), reason: ending },
      ...over,
    })
  const back = { ...watched(), held: 'ours' as const }

  test.each<[what: string, pair: Pair, step: object]>([
    ['is looked at when its time has come', watched(), { do: 'watch' }],
    [
      'rests before',
      watched({ watch: { nextAt: iso('12:30:01'), until: iso('23:00:00'), reason: ending } }),
      { do: 'rest' },
    ],
    [
      'waits where the directory asked to be left alone',
      watched({ retry: { count: 1, at: iso('12:31:00') } }),
      { do: 'wait', until: at('12:31:00') },
    ],
    [
      'is looked at once that is over',
      watched({ retry: { count: 1, at: iso('12:30:00') } }),
      { do: 'watch' },
    ],
    ['is no more of interest without a watch', aPair(), { do: 'rest' }],
  ])('%s', (_what, pair, step) => {
    expect(watchStep(pair, now)).toEqual(step)
  })

  test('holds ours again, by the assignment that was seen, once the object is back', () => {
    const { pair, events } = afterWatch(
      watched({ retry: { count: 3, at: iso('12:20:00') } }),
      aSighting({ assignmentId: 'a-7' }),
      now,
    )

    expect(pair).toMatchObject({ held: 'ours', assignmentId: 'a-7', watch: { isBack: true } })
    expect(pair).not.toHaveProperty('retry')
    expect(events).toMatchObject([{ event: 'drift.found', requestId: 'request-4' }])
  })

  test('has no assignment noted where the look names none', () => {
    expect(afterWatch(watched(), aSighting(), now).pair).not.toHaveProperty('assignmentId')
  })

  test('has its return told once, however often it is seen', () => {
    const { pair } = afterWatch(watched(), aSighting(), now)

    const again = afterWatch(pair, aSighting(), at('12:40:00'))

    expect(again.events).toEqual([])
    expect(again.pair).toEqual(pair)
  })

  test('is left as it is by a look that comes after the watch has ended', () => {
    const { pair, events } = afterWatch(aPair(), aSighting(), now)

    expect(pair).toEqual(aPair())
    expect(events).toEqual([])
    expect(pair).not.toHaveProperty('watch')
  })

  test('tells of no repair where the object never came back', () => {
    const removed = afterRemove({ ...back, reasons: [ending] }, { kind: 'done' }, now, limits)

    expect(removed.events.map(({ event }) => event)).toEqual(['grant.ended'])
    expect(removed.pair).not.toHaveProperty('watch')
  })
})
