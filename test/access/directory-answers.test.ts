/*
 * Over 300 lines on purpose: the truth table of the directory's answers.
 */
import { describe, expect, test } from 'vitest'
import {
  afterAdd,
  afterLook,
  afterRemove,
  askLater,
  attemptAdd,
  attemptRemove,
  retryLater,
  type WriteAnswer,
} from '../../shared/access/directory-answers.ts'
import type { EventName } from '../../shared/access/events.ts'
import { draftOf } from '../../shared/access/life-cycle.ts'
import type { Held, Pair } from '../../shared/access/pair.ts'
import { aHeldPair, aLimits, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'

const limits = aLimits()
const now = at('12:00:01')
const eventsOf = ({ events }: { events: readonly { event: EventName }[] }) =>
  events.map(({ event }) => event)

const done: WriteAnswer = { kind: 'done', graphRequestId: 'graph-1', assignmentId: 'assignment-1' }
const already: WriteAnswer = { kind: 'already', graphRequestId: 'graph-1' }
const refused: WriteAnswer = {
  kind: 'refused',
  reason: 'forbidden',
  detail: 'No.',
  graphRequestId: 'graph-1',
}
const notApplied: WriteAnswer = { kind: 'not-applied', detail: '429' }
const ambiguous: WriteAnswer = { kind: 'ambiguous', detail: '503' }

describe('attemptAdd()', () => {
  const [reason, other] = [aReason(), aReason({ id: 'request-2', durationMilliseconds: 60_000 })]
  const pair = aPair({ reasons: [reason, other], absentSince: iso('11:00:00') })

  test('records the intent: an attempt with its deadline, and the windows that begin with it', () => {
    const draft = attemptAdd(draftOf(pair), [reason, other], 'a1', 'absent', at('12:00:00'))

    expect(draft.pair.attempt).toEqual({
      id: 'a1',
      kind: 'add',
      startedAt: iso('12:00:00'),
      deadline: iso('12:00:20'),
    })
    expect(eventsOf(draft)).toEqual(['grant.attempted', 'grant.attempted'])
    expect(draft.pair.reasons).toMatchObject([
      { attemptedAt: iso('12:00:00'), endsAt: iso('13:00:00') },
      { attemptedAt: iso('12:00:00'), endsAt: iso('12:01:00') },
    ])
    expect(draft.pair.absentSince).toBeUndefined()
  })

  test('moves no window by a second attempt', () => {
    const first = attemptAdd(draftOf(pair), [reason], 'a1', 'absent', at('12:00:00')).pair

    const second = attemptAdd(
      draftOf(first),
      first.reasons.slice(0, 1),
      'a2',
      'absent',
      at('12:05:00'),
    )

    expect(second.events).toEqual([])
    expect(second.pair.reasons[0]?.endsAt).toBe(iso('13:00:00'))
  })

  test.each<{ held: Held; known?: 'absent' | 'present'; read: 'absent' | 'present'; kept: string }>(
    [
      { held: 'none', read: 'absent', kept: 'absent' },
      { held: 'none', read: 'present', kept: 'present' },
      { held: 'none', known: 'absent', read: 'present', kept: 'present' },
      { held: 'unsure', known: 'absent', read: 'present', kept: 'absent' },
      { held: 'unsure', known: 'present', read: 'absent', kept: 'present' },
      { held: 'unsure', read: 'present', kept: 'present' },
    ],
  )('keeps $kept as what was there before ($held, $known, read as $read)', (row) => {
    const known = row.known === undefined ? {} : { before: row.known }
    const pair = aPair({ held: row.held, ...known, reasons: [reason] })

    const draft = attemptAdd(draftOf(pair), [reason], 'a1', row.read, now)

    expect(draft.pair.before).toBe(row.kept)
  })
})

describe('afterAdd()', () => {
  const attempted = (over: Partial<Pair> = {}) =>
    attemptAdd(
      draftOf(aPair({ reasons: [aReason()], ...over })),
      [aReason()],
      'a1',
      over.before ?? 'absent',
      at('12:00:00'),
    ).pair

  test.each<{
    held: 'none' | 'unsure'
    before: 'absent' | 'present'
    answer: WriteAnswer
    becomes: Held
    said: EventName[]
    detail?: Record<string, unknown>
  }>([
    { held: 'none', before: 'absent', answer: done, becomes: 'ours', said: ['grant.active'] },
    { held: 'none', before: 'present', answer: done, becomes: 'ours', said: ['grant.active'] },
    { held: 'unsure', before: 'absent', answer: done, becomes: 'ours', said: ['grant.active'] },
    { held: 'unsure', before: 'present', answer: done, becomes: 'ours', said: ['grant.active'] },
    {
      held: 'none',
      before: 'absent',
      answer: already,
      becomes: 'standing',
      said: ['grant.active'],
      detail: { standing: true, mechanism: 'already-held' },
    },
    {
      held: 'none',
      before: 'present',
      answer: already,
      becomes: 'standing',
      said: ['grant.active'],
      detail: { standing: true, mechanism: 'already-held' },
    },
    {
      held: 'unsure',
      before: 'absent',
      answer: already,
      becomes: 'ours',
      said: ['grant.active'],
      detail: { uncertain: true, mechanism: 'direct' },
    },
    {
      held: 'unsure',
      before: 'present',
      answer: already,
      becomes: 'standing',
      said: ['grant.active'],
      detail: { standing: true, mechanism: 'already-held' },
    },
    {
      held: 'none',
      before: 'absent',
      answer: refused,
      becomes: 'none',
      said: ['grant.failed'],
      detail: {
        proof: { kind: 'never-added' },
        problem: { code: 'forbidden', detail: 'No.' },
      },
    },
    { held: 'unsure', before: 'absent', answer: refused, becomes: 'unsure', said: [] },
    { held: 'unsure', before: 'present', answer: refused, becomes: 'unsure', said: [] },
    { held: 'none', before: 'absent', answer: notApplied, becomes: 'none', said: [] },
    { held: 'unsure', before: 'absent', answer: notApplied, becomes: 'unsure', said: [] },
    { held: 'unsure', before: 'present', answer: notApplied, becomes: 'unsure', said: [] },
    { held: 'none', before: 'absent', answer: ambiguous, becomes: 'unsure', said: [] },
    { held: 'none', before: 'present', answer: ambiguous, becomes: 'unsure', said: [] },
    { held: 'unsure', before: 'present', answer: ambiguous, becomes: 'unsure', said: [] },
  ])('reads $answer.kind as $becomes where it was $held and $before before', (row) => {
    const retry = { count: 3, at: iso('12:00:00') }
    const pair = attempted({ held: row.held, before: row.before, retry })

    const draft = afterAdd(pair, row.answer, now, limits)

    expect(draft.pair.held).toBe(row.becomes)
    expect(draft.pair.attempt).toBeUndefined()
    expect(eventsOf(draft)).toEqual(row.said)
    expect(draft.events[0]?.detail ?? {}).toMatchObject(row.detail ?? {})
    expect(draft.events.map((event) => event.graphRequestId)).toEqual(row.said.map(() => 'graph-1'))
    const isOpen = row.answer.kind === 'not-applied' || row.answer.kind === 'ambiguous'
    expect(draft.pair.retry?.count).toBe(isOpen ? 4 : undefined)
  })

  test('keeps what proves the addition, and when it can last have happened', () => {
    const draft = afterAdd(attempted(), done, now, limits)

    expect(draft.pair).toMatchObject({ assignmentId: 'assignment-1', lastWriteAt: iso('12:00:01') })
    expect(draft.events[0]).toMatchObject({ graphRequestId: 'graph-1' })
    expect(draft.pair.reasons).toMatchObject([
      { status: 'active', grantedAt: iso('12:00:01'), endsAt: iso('13:00:00') },
    ])
  })

  test('lets an unclear addition happen until the deadline of its attempt', () => {
    const draft = afterAdd(attempted(), ambiguous, now, limits)

    expect(draft.pair).toMatchObject({
      lastWriteAt: iso('12:00:20'),
      retry: { count: 1, at: iso('12:00:02') },
    })
  })

  test('lets an unclear addition of no known attempt happen until now', () => {
    const draft = afterAdd(aPair({ reasons: [aReason()] }), ambiguous, now, limits)

    expect(draft.pair.lastWriteAt).toBe(iso('12:00:01'))
  })

  test.each<Held>(['none', 'unsure'])(
    'does not believe "exists" right after a removal of ours (%s)',
    (held) => {
      const pair = attempted({ held, before: 'absent', lastOwnEndAt: iso('11:59:30') })

      const draft = afterAdd(pair, already, now, limits)

      expect(draft.events).toEqual([])
      expect(draft.pair).toMatchObject({ held, retry: { count: 0, at: iso('12:00:30') } })
    },
  )

  test('gives up for good what was refused after an unclear attempt, until its absence is proven', () => {
    const draft = afterAdd(attempted({ held: 'unsure', before: 'absent' }), refused, now, limits)

    const givenUp = { code: 'forbidden', detail: 'No.' }
    expect(draft.pair.reasons).toMatchObject([{ status: 'granting', givenUp }])
    expect(draft.touched.get('request-1')).toMatchObject({ givenUp })
  })

  test('says nothing of a request of Graph that the answer did not name', () => {
    const { graphRequestId: _, ...silent } = refused

    expect(afterAdd(attempted(), silent, now, limits).events[0]).not.toHaveProperty(
      'graphRequestId',
    )
    expect(afterAdd(attempted(), { kind: 'done' }, now, limits).pair).not.toHaveProperty(
      'assignmentId',
    )
  })

  test('leaves alone who was given up and who is ending meanwhile', () => {
    const givenUp = aReason({ id: 'request-2', givenUp: { code: 'x', detail: 'y' } })
    const ending = aReason({ id: 'request-3', status: 'ending' })
    const pair = attempted({ reasons: [aReason(), givenUp, ending] })

    const draft = afterAdd(pair, done, now, limits)

    expect(draft.pair.reasons.map(({ status }) => status)).toEqual(['active', 'granting', 'ending'])
  })

  test('opens the window of a request that came while the call was under way', () => {
    const late = aReason({ id: 'request-2' })
    const pair = attempted()

    const draft = afterAdd({ ...pair, reasons: [...pair.reasons, late] }, done, now, limits)

    expect(eventsOf(draft)).toEqual(['grant.active', 'grant.attempted', 'grant.active'])
    expect(draft.pair.reasons[1]).toMatchObject({ status: 'active', endsAt: iso('13:00:01') })
  })
})

describe('afterRemove()', () => {
  const removing = (over: Partial<Pair> = {}) =>
    attemptRemove(
      draftOf(
        aHeldPair({
          reasons: [anActiveReason({ status: 'ending', endReason: 'expired' })],
          assignmentId: 'assignment-1',
          ...over,
        }),
      ),
      'a2',
      at('13:00:00'),
    ).pair
  const later = at('13:00:01')
  const gone = (reason: string): WriteAnswer => ({ kind: 'refused', reason, detail: 'Gone.' })

  test.each<{ answer: WriteAnswer; proof: Record<string, unknown> }>([
    { answer: done, proof: { kind: 'removed', graphRequestId: 'graph-1' } },
    { answer: { kind: 'done' }, proof: { kind: 'removed' } },
    { answer: already, proof: { kind: 'not-there', graphRequestId: 'graph-1' } },
    {
      answer: { kind: 'already', missing: 'grantee' },
      proof: { kind: 'object-deleted', missing: 'grantee' },
    },
    {
      answer: { kind: 'already', missing: 'resource' },
      proof: { kind: 'object-deleted', missing: 'resource' },
    },
    { answer: gone('grantee-gone'), proof: { kind: 'object-deleted', missing: 'grantee' } },
    { answer: gone('resource-gone'), proof: { kind: 'object-deleted', missing: 'resource' } },
  ])('takes $answer.kind $answer.missing$answer.reason for the proof $proof.kind', (row) => {
    const draft = afterRemove(removing(), row.answer, later, limits)

    expect(eventsOf(draft)).toEqual(['grant.ended'])
    expect(draft.events[0]?.detail['proof']).toEqual(row.proof)
    expect(draft.events[0]?.graphRequestId).toBe(row.proof['graphRequestId'])
    const { watch, ...pair } = draft.pair
    // Whatever was deleted may be restored, with our access.
    expect(watch !== undefined).toBe(row.proof['kind'] === 'object-deleted')
    expect(pair).toEqual({
      key: aPair().key,
      held: 'none',
      lastOwnEndAt: iso('13:00:01'),
      lastWriteAt: iso('13:00:01'),
      reasons: [],
    })
  })

  test.each<{ answer: WriteAnswer; becomes: Partial<Pair> }>([
    { answer: refused, becomes: { held: 'ours', retry: { count: 1, at: iso('13:00:02') } } },
    { answer: notApplied, becomes: { held: 'ours', retry: { count: 1, at: iso('13:00:02') } } },
    {
      answer: { ...notApplied, retryAfterSeconds: 9 },
      becomes: { held: 'ours', retry: { count: 1, at: iso('13:00:10') } },
    },
    {
      answer: ambiguous,
      becomes: {
        held: 'unsure',
        before: 'absent',
        retry: { count: 1, at: iso('13:00:02') },
        lastWriteAt: iso('13:00:01'),
        lastOwnEndAt: iso('13:00:01'),
      },
    },
  ])('tries again after $answer.kind', ({ answer, becomes }) => {
    const draft = afterRemove(removing(), answer, later, limits)

    expect(draft.events).toEqual([])
    expect(draft.pair.attempt).toBeUndefined()
    expect(draft.pair).toMatchObject({ ...becomes, reasons: [{ status: 'ending' }] })
  })

  test.each([
    { written: '12:59:01', believed: true },
    { written: '12:59:01.001', believed: false },
    { written: '13:00:00', believed: false },
  ])('believes "not there" of what was written at $written: $believed', (row) => {
    const draft = afterRemove(removing({ lastWriteAt: iso(row.written) }), already, later, limits)

    expect(draft.events).toHaveLength(row.believed ? 1 : 0)
    expect(draft.pair.absentSince).toBe(row.believed ? undefined : iso('13:00:01'))
  })

  test('believes "not there" of what was never written by us', () => {
    const { lastWriteAt: _, ...pair } = removing()

    expect(eventsOf(afterRemove(pair, already, later, limits))).toEqual(['grant.ended'])
  })

  test('fails what was given up with the proof and the problem', () => {
    const problem = { code: 'directory-unavailable', detail: 'It did not answer.' }
    const pair = removing({ reasons: [aReason({ givenUp: problem })] })

    const draft = afterRemove(pair, done, later, limits)

    expect(draft.events).toMatchObject([
      { event: 'grant.failed', detail: { problem, proof: { kind: 'removed' } } },
    ])
    expect(draft.touched.get('request-1')).toMatchObject({ status: 'failed', problem })
  })

  test('keeps a refused removal open and tries again, for ever', () => {
    let pair = removing()
    for (let count = 1; count <= 50; count++) {
      const draft = afterRemove(pair, refused, later, limits)
      expect(draft.events).toEqual([])
      expect(draft.pair.retry?.count).toBe(count)
      pair = attemptRemove(draftOf(draft.pair), `a${count}`, at('13:00:00')).pair
    }
    expect(pair.retry?.at).toBe(iso('13:01:01'))
  })
})

describe('afterLook()', () => {
  const looking = aHeldPair({
    held: 'unsure',
    reasons: [anActiveReason({ status: 'ending' })],
    absentSince: iso('13:00:01'),
    lastWriteAt: iso('13:00:00'),
    retry: { count: 1, at: iso('13:00:02') },
  })
  const look = (present: boolean, readAt: string, pair: Pair = looking) =>
    afterLook(pair, { present, readAt: at(readAt) }, at('13:05:00'), limits)

  test('proves an end by a second read that says absent, the replication time after the first', () => {
    const draft = look(false, '13:01:01')

    expect(draft.events).toMatchObject([
      { event: 'grant.ended', detail: { proof: { kind: 'absent-twice' } } },
    ])
    expect(draft.pair.held).toBe('none')
  })

  test('proves nothing by a read that began a moment earlier', () => {
    expect(look(false, '13:01:00.999')).toEqual(draftOf(looking))
  })

  test('proves nothing by a read that began before the access was added again', () => {
    const again = { ...looking, lastWriteAt: iso('13:01:05') }

    expect(look(false, '13:01:01', again)).toEqual(draftOf(again))
  })

  test('starts the removal anew when the access is seen', () => {
    const draft = look(true, '13:01:01')

    expect(draft.events).toEqual([])
    expect(draft.pair).not.toHaveProperty('absentSince')
    expect(draft.pair).not.toHaveProperty('retry')
  })
})

describe('askLater()', () => {
  test.each([
    { ended: undefined, asks: undefined },
    { ended: '11:59:01', asks: undefined },
    { ended: '11:59:02', asks: '12:00:02' },
    { ended: '12:00:20', asks: '12:01:20' },
  ])('asks at $asks where a removal of ours ended at $ended', ({ ended, asks }) => {
    const pair = aPair(ended === undefined ? {} : { lastOwnEndAt: iso(ended) })

    const later = askLater(pair, now, limits)

    expect(later).toEqual(
      asks === undefined ? undefined : { ...pair, retry: { count: 0, at: iso(asks) } },
    )
  })
})

describe('retryLater()', () => {
  test.each([
    { former: undefined, wish: undefined, count: 1, at: '12:00:02' },
    { former: 1, wish: undefined, count: 2, at: '12:00:03' },
    { former: 2, wish: undefined, count: 3, at: '12:00:05' },
    { former: 5, wish: undefined, count: 6, at: '12:00:33' },
    { former: 6, wish: undefined, count: 7, at: '12:01:01' },
    { former: 5_000, wish: undefined, count: 5_001, at: '12:01:01' },
    { former: undefined, wish: 17, count: 1, at: '12:00:18' },
    { former: 6, wish: 17, count: 7, at: '12:01:01' },
    { former: 6, wish: 300, count: 7, at: '12:05:01' },
  ])('after $former tries, asked to wait $wish s, tries at $at', (row) => {
    const retry =
      row.former === undefined ? {} : { retry: { count: row.former, at: iso('12:00:00') } }

    const later = retryLater(aPair(retry), now, limits, row.wish)

    expect(later.retry).toEqual({ count: row.count, at: iso(row.at) })
  })
})
