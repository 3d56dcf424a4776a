import { describe, expect, test } from 'vitest'
import { beginApproval } from '../../shared/access/approval.ts'
import type { EventName } from '../../shared/access/events.ts'
import { amend, draftOf, move, note, subjectOf, touch } from '../../shared/access/life-cycle.ts'
import { isOpen, type RequestStatus } from '../../shared/access/pair.ts'
import { aPair, aReason, at, iso } from '../builders.ts'

const statuses: readonly RequestStatus[] = [
  'pending-approval',
  'scheduled',
  'granting',
  'active',
  'ending',
  'overdue',
  'ended',
  'denied',
  'cancelled',
  'timed-out',
  'failed',
]

/** Every change of status that exists, and the one event that stands for it. */
const changes: Readonly<Record<string, EventName>> = {
  'pending-approval → granting': 'request.approved',
  'pending-approval → scheduled': 'request.approved',
  'pending-approval → denied': 'request.denied',
  'pending-approval → cancelled': 'request.cancelled',
  'pending-approval → timed-out': 'request.timed-out',
  'pending-approval → failed': 'grant.failed',
  'scheduled → granting': 'grant.attempted',
  'scheduled → cancelled': 'request.cancelled',
  'scheduled → failed': 'grant.failed',
  'granting → granting': 'grant.attempted',
  'granting → active': 'grant.active',
  'granting → ending': 'grant.ending',
  'granting → failed': 'grant.failed',
  'active → ending': 'grant.ending',
  'ending → overdue': 'grant.overdue',
  'ending → ended': 'grant.ended',
  'overdue → ended': 'grant.ended',
}

const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to })))
const eventOf = ({ from, to }: { from: RequestStatus; to: RequestStatus }) =>
  changes[`${from} → ${to}`]

describe('move()', () => {
  test.each(pairs.filter((each) => eventOf(each) !== undefined))(
    'records one event for $from → $to',
    ({ from, to }) => {
      const reason = aReason({ status: from })

      const moved = move(draftOf(aPair({ reasons: [reason] })), reason, { to, at: at('12:00:00') })

      expect(moved.events.map(({ event }) => event)).toEqual([eventOf({ from, to })])
      expect(moved.events[0]?.detail).toMatchObject({ status: to })
      expect(moved.touched.get(reason.id)?.status).toBe(to)
      expect(moved.pair.reasons.map(({ status }) => status)).toEqual(isOpen(to) ? [to] : [])
    },
  )

  test.each(pairs.filter((each) => eventOf(each) === undefined))(
    'refuses $from → $to',
    ({ from, to }) => {
      const reason = aReason({ status: from })

      const moving = () =>
        move(draftOf(aPair({ reasons: [reason] })), reason, { to, at: at('12:00:00') })

      expect(moving).toThrow(`Cannot go from ${from} to ${to}: no such transition`)
    },
  )

  test('leaves the other reasons of the pair as they are', () => {
    const [reason, other] = [aReason(), aReason({ id: 'request-2' })]
    const pair = aPair({ reasons: [reason, other] })

    const ending = move(draftOf(pair), reason, { to: 'ending', at: at('12:00:00') })
    const failed = move(draftOf(pair), reason, { to: 'failed', at: at('12:00:00') })

    expect(ending.pair.reasons).toEqual([{ ...reason, status: 'ending' }, other])
    expect(failed.pair.reasons).toEqual([other])
  })

  test('says who did what, under which flow, when, by which request of Graph and why', () => {
    const reason = aReason({ status: 'granting' })
    const key = {
      ...aPair().key,
      resource: { type: 'directory-role', id: 'role-1', scope: '/' } as const,
      permission: 'active' as const,
    }

    const moved = move(draftOf(aPair({ key, reasons: [reason] })), reason, {
      to: 'ending',
      at: at('12:30:00'),
      actor: { id: 'ada', type: 'user' },
      change: { endRequestedAt: iso('12:30:00'), endReason: 'revoked' },
      detail: { noted: true },
      comment: 'The incident is over',
      graphRequestId: 'graph-1',
    })

    expect(moved.events).toEqual([
      {
        event: 'grant.ending',
        at: iso('12:30:00'),
        actor: { id: 'ada', type: 'user' },
        requestId: 'request-1',
        correlationId: 'request-1',
        grantee: key.grantee,
        integration: 'ContosoEntra',
        resourceType: 'directory-role',
        resourceId: 'role-1',
        resourceName: 'Production Readers',
        scope: '/',
        permission: 'active',
        accessFlow: 'oncall',
        reason: 'The incident is over',
        graphRequestId: 'graph-1',
        detail: { status: 'ending', endReason: 'revoked', noted: true },
      },
    ])
  })

  test('is done by the system where nobody is named, and tells the times it knows', () => {
    const reason = aReason({ endsAt: iso('13:00:00') })

    const moved = move(draftOf(aPair({ reasons: [reason] })), reason, {
      to: 'active',
      at: at('12:00:01'),
      change: { mechanism: 'direct' },
    })

    expect(moved.events[0]).toMatchObject({
      actor: { id: 'system', type: 'system' },
      detail: { status: 'active', endsAt: iso('13:00:00'), mechanism: 'direct' },
    })
  })
})

describe('note()', () => {
  test('records what happened to a pending request that goes on', () => {
    const reason = aReason({ status: 'pending-approval' })
    const approval = beginApproval(
      { mode: 'any-of', steps: [{ approvers: ['manager'] }] },
      at('12:00:00'),
      at('18:00:00'),
    )

    const noted = note(draftOf(aPair({ reasons: [reason] })), reason, 'request.escalated', {
      at: at('12:10:00'),
      change: { approval },
    })

    expect(noted.events).toMatchObject([
      { event: 'request.escalated', at: iso('12:10:00'), detail: { status: 'pending-approval' } },
    ])
    expect(noted.pair.reasons).toEqual([{ ...reason, approval }])
    expect(noted.touched.get('request-1')).toEqual({ ...reason, approval })
  })
})

describe('touch()', () => {
  test('changes one reason without an event, and says that it was touched', () => {
    const [reason, other] = [aReason(), aReason({ id: 'request-2' })]
    const givenUp = { code: 'directory-unavailable', detail: 'It did not answer.' }

    const touched = touch(draftOf(aPair({ reasons: [reason, other] })), reason, { givenUp })

    expect(touched.events).toEqual([])
    expect(touched.pair.reasons).toEqual([{ ...reason, givenUp }, other])
    expect([...touched.touched]).toEqual([['request-1', { ...reason, givenUp }]])
  })
})

describe('amend()', () => {
  test('changes what is known of the pair, with neither event nor touched reason', () => {
    const amended = amend(draftOf(aPair()), (pair) => ({ ...pair, held: 'ours' }))

    expect(amended).toEqual({ pair: aPair({ held: 'ours' }), events: [], touched: new Map() })
  })
})

describe('subjectOf()', () => {
  test('names no scope for a group', () => {
    expect(subjectOf(aPair(), aReason())).not.toHaveProperty('scope')
  })
})
