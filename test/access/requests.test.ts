import { describe, expect, test } from 'vitest'
import { draftOf, move } from '../../shared/access/life-cycle.ts'
import type { ClosedStatus, OpenStatus, Pair } from '../../shared/access/pair.ts'
import { addReason, cancel, type EndOutcome, requestEnd } from '../../shared/access/requests.ts'
import { aPair, aReason, at, iso } from '../builders.ts'

const ada = { id: 'ada', type: 'user' } as const
const wish = { requestId: 'request-1', actor: ada, now: at('12:30:00') }
const pairWith = (status: OpenStatus) => aPair({ reasons: [aReason({ status })] })

/** A pair whose one request has come to its close by the life cycle itself. */
const closedPair: Readonly<Record<ClosedStatus, Pair>> = {
  ended: closing('ending', 'ended'),
  denied: closing('pending-approval', 'denied'),
  cancelled: closing('scheduled', 'cancelled'),
  'timed-out': closing('pending-approval', 'timed-out'),
  failed: closing('granting', 'failed'),
}

function closing(from: OpenStatus, to: ClosedStatus): Pair {
  const reason = aReason({ status: from })
  return move(draftOf(aPair({ reasons: [reason] })), reason, { to, at: at('12:00:00') }).pair
}

const events = (outcome: EndOutcome) =>
  'draft' in outcome ? outcome.draft.events.map(({ event }) => event) : []

describe('requestEnd()', () => {
  test.each<{ status: OpenStatus; kind: EndOutcome['kind']; said: string[] }>([
    { status: 'pending-approval', kind: 'cancelled', said: ['request.cancelled'] },
    { status: 'scheduled', kind: 'cancelled', said: ['request.cancelled'] },
    { status: 'granting', kind: 'ending', said: ['grant.ending'] },
    { status: 'active', kind: 'ending', said: ['grant.ending'] },
    { status: 'ending', kind: 'unchanged', said: [] },
    { status: 'overdue', kind: 'unchanged', said: [] },
  ])('answers $kind for a request that is $status', ({ status, kind, said }) => {
    const outcome = requestEnd(pairWith(status), { ...wish, endReason: 'given-back' })

    expect(outcome.kind).toBe(kind)
    expect(events(outcome)).toEqual(said)
  })

  test('begins an end with who wanted it, when and why', () => {
    const outcome = requestEnd(pairWith('active'), {
      ...wish,
      endReason: 'revoked',
      comment: 'Wrong group',
    })

    expect(outcome).toMatchObject({
      kind: 'ending',
      draft: {
        pair: {
          reasons: [{ status: 'ending', endRequestedAt: iso('12:30:00'), endReason: 'revoked' }],
        },
        events: [{ actor: ada, at: iso('12:30:00'), reason: 'Wrong group' }],
      },
    })
  })

  test('says nothing of a comment that nobody made', () => {
    const outcome = requestEnd(pairWith('active'), { ...wish, endReason: 'given-back' })

    expect('draft' in outcome && outcome.draft.events[0]).not.toHaveProperty('reason')
  })
})

describe('cancel()', () => {
  test.each<{ status: OpenStatus; kind: EndOutcome['kind'] }>([
    { status: 'pending-approval', kind: 'cancelled' },
    { status: 'scheduled', kind: 'cancelled' },
    { status: 'granting', kind: 'unchanged' },
    { status: 'active', kind: 'unchanged' },
    { status: 'ending', kind: 'unchanged' },
    { status: 'overdue', kind: 'unchanged' },
  ])('answers $kind for a request that is $status', ({ status, kind }) => {
    expect(cancel(pairWith(status), wish).kind).toBe(kind)
  })

  test('closes the request at once and leaves the others open', () => {
    const other = aReason({ id: 'request-2' })
    const pair = aPair({ reasons: [aReason({ status: 'scheduled' }), other] })

    const outcome = cancel(pair, wish)

    expect(outcome).toMatchObject({
      draft: { pair: { reasons: [other] }, events: [{ event: 'request.cancelled', actor: ada }] },
    })
    expect('draft' in outcome && outcome.draft.touched.get('request-1')).toMatchObject({
      status: 'cancelled',
      endedAt: iso('12:30:00'),
    })
  })
})

describe('a request that is closed', () => {
  test.each(Object.entries(closedPair))('can neither be ended nor cancelled: %s', (_, pair) => {
    expect(requestEnd(pair, { ...wish, endReason: 'revoked' })).toEqual({ kind: 'closed' })
    expect(cancel(pair, wish)).toEqual({ kind: 'closed' })
  })
})

describe('addReason()', () => {
  test('puts a request beside those that are open, and leaves its events to the caller', () => {
    const [reason, added] = [aReason(), aReason({ id: 'request-2' })]

    const draft = addReason(aPair({ reasons: [reason] }), added)

    expect(draft.pair.reasons).toEqual([reason, added])
    expect(draft.events).toEqual([])
    expect([...draft.touched]).toEqual([['request-2', added]])
  })
})
