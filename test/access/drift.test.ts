import { describe, expect, test } from 'vitest'
import { afterAdd, afterRemove } from '../../shared/access/directory-answers.ts'
import { afterWatch, mostRepairs, type Sighting } from '../../shared/access/drift.ts'
import type { Draft } from '../../shared/access/life-cycle.ts'
import type { Pair } from '../../shared/access/pair.ts'
import { settle } from '../../shared/access/settle.ts'
import { aHeldPair, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'
import { aSighting, limits, now, weigh } from './sightings.ts'

const active = anActiveReason()
const ours = aHeldPair({ reasons: [active] })
const standing = aPair({ held: 'standing', reasons: [{ ...active, mechanism: 'already-held' }] })
const nothing = aPair({
  held: 'none',
  reasons: [active],
  drift: { lostAt: iso('12:10:00'), repairs: 0 },
})
const role = aHeldPair({ assignmentId: 'a-1', reasons: [active] })

const told = ({ events }: Draft) =>
  events.map(({ event, detail }) =>
    `${event} ${detail['kind'] ?? ''} ${detail['follows'] ?? ''}`.trim(),
  )

describe('a look at the directory', () => {
  test.each<[string, Pair, Partial<Sighting>, 'report' | 'enforce', string[], Pair['held']]>([
    ['what we added is there', ours, {}, 'enforce', [], 'ours'],
    [
      'what we added is gone',
      ours,
      { present: false },
      'report',
      ['drift.found removed-by-others report'],
      'none',
    ],
    [
      'what we added is gone',
      ours,
      { present: false },
      'enforce',
      ['drift.found removed-by-others repair'],
      'none',
    ],
    ['standing access is there', standing, {}, 'enforce', [], 'standing'],
    [
      'standing access is gone',
      standing,
      { present: false },
      'report',
      ['drift.found standing-removed report'],
      'none',
    ],
    [
      'standing access is gone',
      standing,
      { present: false },
      'enforce',
      ['drift.found standing-removed repair'],
      'none',
    ],
    ['what was lost is still gone', nothing, { present: false }, 'enforce', [], 'none'],
    [
      'what was lost is there by another hand',
      nothing,
      {},
      'report',
      ['standing.found added-by-others'],
      'standing',
    ],
    ['our assignment is there', role, { assignmentId: 'a-1' }, 'report', [], 'ours'],
    [
      'another assignment is in the place of ours',
      role,
      { assignmentId: 'a-2' },
      'enforce',
      ['standing.found replaced-by-others'],
      'standing',
    ],
    [
      'an unclear write is being settled',
      { ...ours, held: 'unsure' },
      { present: false },
      'enforce',
      [],
      'unsure',
    ],
    ['a removal by hand and a new link came between two looks', ours, {}, 'report', [], 'ours'],
    [
      'nobody has any access yet',
      aPair({ reasons: [aReason({ status: 'scheduled' })] }),
      {},
      'enforce',
      [],
      'none',
    ],
  ])('when %s (%#)', (_, pair, seen, mode, events, held) => {
    const draft = weigh(pair, seen, mode)
    expect(told(draft)).toEqual(events)
    expect(draft.pair.held).toBe(held)
  })

  test.each<[string, Pair]>([
    [
      'while a write of ours is under way',
      {
        ...ours,
        attempt: { id: '1', kind: 'add', startedAt: iso('12:29:59'), deadline: iso('12:30:19') },
      },
    ],
    [
      'that a replica may have answered which does not know our last write',
      { ...ours, lastWriteAt: iso('12:29:30') },
    ],
  ])('says nothing %s', (_, pair) => {
    expect(weigh(pair, { present: false }, 'enforce').pair).toBe(pair)
    expect(weigh(pair, { present: false, person: 'gone' }).pair).toBe(pair)
    expect(weigh(pair, { present: false, isResourceGone: true }).pair).toBe(pair)
  })

  test('is believed by the time when it began, not when it was answered', () => {
    const pair = { ...ours, lastWriteAt: iso('12:29:00') }
    expect(told(weigh(pair, { present: false, readAt: at('12:29:59') }))).toEqual([])
    expect(told(weigh(pair, { present: false, readAt: at('12:30:00') }))).toHaveLength(1)
  })
})

describe('access that others took away', () => {
  test('ends without a write where it is only reported', () => {
    const { pair } = weigh(ours, { present: false })
    expect(settle(pair, { now, limits }).next).toEqual({ do: 'rest' })

    const ended = settle(pair, { now: at('13:00:00'), limits })

    expect(ended.next).toEqual({ do: 'rest' })
    expect(ended.events.at(-1)).toMatchObject({
      event: 'grant.ended',
      detail: { proof: { kind: 'removed-by-others', seenAt: now.toISOString() } },
    })
    expect(ended.pair).toMatchObject({ held: 'none', reasons: [] })
  })

  test('is added again where that is enforced, unless the emergency stop is on', () => {
    const { pair } = weigh(ours, { present: false }, 'enforce')
    expect(settle(pair, { now, limits }).next).toEqual({ do: 'ask-stop' })
    expect(settle(pair, { now, limits, emergencyStop: 'off' }).next).toEqual({ do: 'add' })
    expect(settle(pair, { now, limits, emergencyStop: 'on' }).next).toEqual({ do: 'rest' })

    const again = afterAdd(pair, { kind: 'done' }, now, limits)

    expect(told(again)).toEqual(['drift.repaired'])
    expect(again.pair).toMatchObject({ held: 'ours', drift: { repairs: 1 } })
    expect(settle(again.pair, { now, limits }).next).toEqual({ do: 'rest' })
  })

  test('is added again three times and then reported', () => {
    let pair: Pair = ours
    const follows: unknown[] = []
    for (let round = 0; round < mostRepairs + 1; round++) {
      const found = weigh({ ...pair, lastWriteAt: iso('12:00:01') }, { present: false }, 'enforce')
      follows.push(found.events[0]?.detail['follows'])
      pair = found.pair
      if (pair.drift?.repairing) pair = afterAdd(pair, { kind: 'done' }, now, limits).pair
    }
    expect(follows).toEqual(['repair', 'repair', 'repair', 'report'])
    expect(settle(pair, { now, limits, emergencyStop: 'off' }).next).toEqual({ do: 'rest' })
  })

  test('is ours from then on where it was standing before', () => {
    const { pair } = weigh(standing, { present: false }, 'enforce')
    const again = afterAdd(pair, { kind: 'done' }, now, limits)
    expect(again.pair).toMatchObject({ held: 'ours', reasons: [{ mechanism: 'direct' }] })
    expect(settle(again.pair, { now: at('13:00:00'), limits }).next).toEqual({ do: 'remove' })
  })

  test('is standing where others were quicker to add it again', () => {
    const { pair } = weigh(ours, { present: false }, 'enforce')
    const again = afterAdd({ ...pair, before: 'present' }, { kind: 'already' }, now, limits)
    expect(told(again)).toEqual(['standing.found added-by-others'])
    expect(settle(again.pair, { now: at('13:00:00'), limits }).events.at(-1)).toMatchObject({
      event: 'grant.ended',
      detail: { proof: { kind: 'standing-kept' } },
    })
  })

  test('is reported where the directory refuses to have it again', () => {
    const { pair } = weigh(ours, { present: false }, 'enforce')
    const refused = afterAdd(
      pair,
      { kind: 'refused', reason: 'forbidden', detail: '403' },
      now,
      limits,
    )
    expect(told(refused)).toEqual(['drift.found repair-refused report'])
    expect(settle(refused.pair, { now, limits, emergencyStop: 'off' }).next).toEqual({ do: 'rest' })
  })
})

describe('a person who has left', () => {
  test.each<[string, Partial<Sighting>, string]>([
    ['is disabled', { person: 'disabled' }, 'person-left'],
    ['is deleted', { person: 'gone', present: false }, 'person-left'],
    ['stays, but the resource is gone', { isResourceGone: true, present: false }, 'resource-gone'],
  ])('and %s loses everything that is open', (_, seen, endReason) => {
    const waiting = aReason({ id: 'request-2', status: 'scheduled', startsAt: iso('15:00:00') })
    const draft = weigh(aHeldPair({ reasons: [active, waiting] }), seen, 'enforce')
    expect(draft.events.map(({ event, actor }) => [event, actor.id])).toEqual([
      ['grant.ending', 'system'],
      ['request.cancelled', 'system'],
    ])
    expect(draft.pair.reasons).toMatchObject([{ status: 'ending', endReason }])
    expect(settle(draft.pair, { now, limits }).next).toEqual({ do: 'remove' })
  })
})

describe('an end that a deleted object proves', () => {
  const ending = anActiveReason({
    status: 'ending',
    endRequestedAt: iso('12:30:00'),
    endReason: 'person-left',
  })
  const watched = afterRemove(
    aHeldPair({ reasons: [ending], assignmentId: 'a-1' }),
    { kind: 'already', missing: 'grantee' },
    now,
    limits,
  ).pair
  const tomorrow = new Date('2026-01-06T12:30:00Z')

  test('is watched daily for thirty-one days', () => {
    let pair = watched
    let days = 0
    for (let time = tomorrow; pair.watch !== undefined; time = new Date(pair.watch.nextAt)) {
      expect(settle(pair, { now: new Date(time.getTime() - 1), limits }).next).toEqual({
        do: 'rest',
      })
      expect(settle(pair, { now: time, limits }).next).toEqual({ do: 'watch' })
      pair = afterWatch(pair, aSighting({ present: false, person: 'gone' }), time).pair
      days++
      if (pair.watch === undefined) break
    }
    expect(days).toBe(31)
  })

  test('is followed by a removal when the person comes back with our access', () => {
    const back = afterWatch(watched, aSighting({ assignmentId: 'a-1' }), tomorrow)
    expect(told(back)).toEqual(['drift.found returned repair'])
    expect(settle(back.pair, { now: tomorrow, limits }).next).toEqual({ do: 'remove' })

    const removed = afterRemove(back.pair, { kind: 'done' }, tomorrow, limits)

    expect(told(removed)).toEqual(['drift.repaired returned'])
    expect(removed.pair).toMatchObject({ held: 'none', reasons: [] })
    expect(removed.pair.watch).toBeUndefined()
  })

  test.each<[string, Partial<Sighting>]>([
    ['without it', { present: false }],
    ['and holds another assignment', { assignmentId: 'a-2' }],
  ])('is left alone when the person comes back %s', (_, seen) => {
    const back = afterWatch(watched, aSighting(seen), tomorrow)
    expect(back.events).toEqual([])
    expect(settle(back.pair, { now: tomorrow, limits }).next).toEqual({ do: 'rest' })
    expect(back.pair.watch).toBeUndefined()
  })

  test('makes what comes back ours where a new request meets it first', () => {
    const granting = aReason({
      id: 'request-2',
      attemptedAt: iso('12:31:00'),
      endsAt: iso('13:31:00'),
    })
    const asked = { ...watched, reasons: [granting], before: 'present' as const }
    const granted = afterAdd(asked, { kind: 'already' }, at('12:45:00'), limits)
    expect(granted.pair).toMatchObject({ held: 'ours', reasons: [{ mechanism: 'direct' }] })
    expect(granted.pair.watch).toBeUndefined()
  })
})
