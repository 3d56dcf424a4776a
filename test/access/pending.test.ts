import { describe, expect, test } from 'vitest'
import { beginApproval, type Word } from '../../shared/access/approval.ts'
import type { ApprovalRule } from '../../shared/access/flow.ts'
import { draftOf } from '../../shared/access/life-cycle.ts'
import type { Pair, Reason } from '../../shared/access/pair.ts'
import {
  carryApprovalsOn,
  type DecisionOutcome,
  failPending,
  remind,
  takeDecision,
} from '../../shared/access/pending.ts'
import { settle } from '../../shared/access/settle.ts'
import { aLimits, aPair, aReason, at, iso } from '../builders.ts'

const petra = { id: 'petra', type: 'user' } as const
const approver = (id: string) => ({ type: 'user', id }) as const
const twoTiers: ApprovalRule['steps'] = [
  { approvers: [approver('petra')], escalateAfter: 'PT10M' },
  { approvers: [approver('ben')] },
]

const pending = (over: Partial<Reason> = {}, rule: Partial<ApprovalRule> = {}): Reason => {
  const { approvedAt: _, ...reason } = aReason()
  const whole: ApprovalRule = {
    mode: 'any-of',
    steps: [{ approvers: [approver('petra')] }],
    ...rule,
  }
  const approval = beginApproval(whole, at('12:00:00'), at('18:00:00'))
  return { ...reason, status: 'pending-approval', approval, ...over }
}
const pairOf = (...reasons: Reason[]): Pair => aPair({ reasons })
const yes: Word = { approver: 'petra', verdict: 'approve', entries: ['0.0'] }
const decide = (reason: Reason, word: Word, time = '12:05:00', comment?: string): DecisionOutcome =>
  takeDecision(pairOf(reason), reason.id, () => word, {
    now: at(time),
    actor: petra,
    ...(comment === undefined ? {} : { comment }),
  })
const eventsOf = (outcome: DecisionOutcome) =>
  'draft' in outcome ? outcome.draft.events.map(({ event }) => event) : []
const reasonOf = (outcome: DecisionOutcome) =>
  'draft' in outcome ? outcome.draft.touched.get('request-1') : undefined

describe('carryApprovalsOn()', () => {
  test.each([
    { time: '12:09:59.999', said: [] },
    { time: '12:10:00', said: ['request.escalated'] },
    { time: '17:59:59.999', said: ['request.escalated'] },
    { time: '18:00:00', said: ['request.timed-out'] },
  ])('does at $time what time alone does: $said', ({ time, said }) => {
    const draft = draftOf(pairOf(pending({}, { steps: twoTiers })))

    const carried = carryApprovalsOn(draft, at(time))

    expect(carried.events.map(({ event }) => event)).toEqual(said)
  })

  test('opens the next tier once, and tells how many are open', () => {
    const draft = draftOf(pairOf(pending({}, { steps: twoTiers })))

    const carried = carryApprovalsOn(draft, at('12:11:00'))

    expect(carried.events[0]).toMatchObject({ detail: { stage: 0, tiers: 2 } })
    expect(carryApprovalsOn(draftOf(carried.pair), at('12:12:00')).events).toEqual([])
  })

  test('closes what nobody decided in time', () => {
    const carried = carryApprovalsOn(draftOf(pairOf(pending())), at('18:00:00'))

    expect(carried.pair.reasons).toEqual([])
    expect(carried.touched.get('request-1')).toMatchObject({
      status: 'timed-out',
      endedAt: iso('18:00:00'),
    })
    expect(carried.events[0]?.detail).toMatchObject({ deadline: iso('18:00:00') })
  })

  test('leaves alone what does not wait for people', () => {
    const { approval: _, ...unbegun } = pending()
    const draft = draftOf(pairOf(aReason({ id: 'request-2' }), unbegun))

    expect(carryApprovalsOn(draft, at('18:00:00'))).toEqual(draft)
  })

  test('is part of settling, and asks nothing of the directory', () => {
    const settled = settle(pairOf(pending()), { now: at('18:00:00'), limits: aLimits() })

    expect(settled.next).toEqual({ do: 'rest' })
    expect(settled.events.map(({ event }) => event)).toEqual(['request.timed-out'])
  })
})

describe('takeDecision()', () => {
  test('approves: the request is granted from now on', () => {
    const outcome = decide(pending(), yes, '12:05:00', 'go ahead')

    expect(outcome.kind).toBe('approved')
    expect(reasonOf(outcome)).toMatchObject({
      status: 'granting',
      approvedAt: iso('12:05:00'),
      durationMilliseconds: 3_600_000,
    })
    expect('draft' in outcome && outcome.draft.events).toMatchObject([
      {
        event: 'request.approved',
        actor: petra,
        reason: 'go ahead',
        detail: { by: 'approvers', entries: ['0.0'], stage: 0, durationSeconds: 3_600 },
      },
    ])
  })

  test('approves what is to start later as scheduled', () => {
    const outcome = decide(pending({ startsAt: iso('15:00:00') }), yes)

    expect(reasonOf(outcome)).toMatchObject({ status: 'scheduled', startsAt: iso('15:00:00') })
  })

  test('shortens the time to what the approver said', () => {
    const outcome = decide(pending(), { ...yes, durationMilliseconds: 1_800_000 })

    expect(reasonOf(outcome)?.durationMilliseconds).toBe(1_800_000)
    expect('draft' in outcome && outcome.draft.events[0]?.detail).toMatchObject({
      durationSeconds: 1_800,
    })
  })

  test('denies: the request is closed', () => {
    const outcome = decide(pending(), { ...yes, verdict: 'deny' })

    expect(outcome.kind).toBe('denied')
    expect(eventsOf(outcome)).toEqual(['request.denied'])
    expect(reasonOf(outcome)).toMatchObject({ status: 'denied', endedAt: iso('12:05:00') })
    expect('draft' in outcome && outcome.draft.pair.reasons).toEqual([])
  })

  test('records a word that alone does not decide', () => {
    const approvers = [approver('petra'), approver('ben')]
    const word = { ...yes, durationMilliseconds: 1_800_000 }

    const outcome = decide(pending({}, { mode: 'all-of', steps: [{ approvers }] }), word)

    expect(outcome).toMatchObject({
      kind: 'recorded',
      draft: { events: [{ detail: { entries: ['0.0'], durationSeconds: 1_800 } }] },
    })
    expect(eventsOf(outcome)).toEqual(['request.approval-recorded'])
    expect(reasonOf(outcome)).toMatchObject({
      status: 'pending-approval',
      approval: { decisions: [{ approver: 'petra' }] },
    })
  })

  test('opens the tier whose time has come before the word is heard', () => {
    const reason = pending({}, { steps: twoTiers })

    const outcome = takeDecision(
      pairOf(reason),
      reason.id,
      ({ opened }) => ({
        approver: 'ben',
        verdict: 'approve',
        entries: [`${opened.length - 1}.0`],
      }),
      { now: at('12:10:00'), actor: { id: 'ben', type: 'user' } },
    )

    expect(eventsOf(outcome)).toEqual(['request.escalated', 'request.approved'])
  })

  test.each<{ title: string; reason: Reason; word: Word; time?: string; kind: string }>([
    { title: 'from nobody', reason: pending(), word: { ...yes, entries: [] }, kind: 'no-approver' },
    { title: 'too late', reason: pending(), word: yes, time: '18:00:00', kind: 'not-pending' },
    {
      title: 'on a request that is granted',
      reason: aReason({ status: 'active' }),
      word: yes,
      kind: 'not-pending',
    },
  ])('changes nothing by a word $title', ({ reason, word, time, kind }) => {
    expect(decide(reason, word, time)).toEqual({ kind })
  })

  test.each([
    { again: yes, kind: 'unchanged' },
    { again: { ...yes, verdict: 'deny' as const }, kind: 'contradicts' },
  ])('changes nothing by a second word of the same person: $kind', ({ again, kind }) => {
    const approvers = [approver('petra'), approver('ben')]
    const first = decide(pending({}, { mode: 'all-of', steps: [{ approvers }] }), yes)

    expect(decide(reasonOf(first) ?? expect.fail('not recorded'), again)).toEqual({ kind })
  })

  test('knows no request but those of the pair', () => {
    const outcome = takeDecision(pairOf(), 'request-1', () => yes, {
      now: at('12:00:00'),
      actor: petra,
    })

    expect(outcome).toEqual({ kind: 'not-pending' })
  })
})

describe('failPending()', () => {
  const problem = { code: 'no-flow', detail: 'No flow allows it any more.' }

  test('closes a request that nobody need decide any more', () => {
    const draft = failPending(pairOf(pending()), 'request-1', problem, at('12:05:00'))

    expect(draft?.pair.reasons).toEqual([])
    expect(draft?.events).toMatchObject([{ event: 'grant.failed', detail: { problem } }])
    expect(draft?.touched.get('request-1')).toMatchObject({ status: 'failed', problem })
  })

  test.each([
    { title: 'is not pending', pair: pairOf(aReason()) },
    { title: 'nobody knows', pair: pairOf() },
  ])('leaves alone a request that $title', ({ pair }) => {
    expect(failPending(pair, 'request-1', problem, at('12:05:00'))).toBeUndefined()
  })
})

describe('remind()', () => {
  const asked = [[['petra'], ['ben']]]
  const remindAt = (reason: Reason, time: string) =>
    remind(pairOf(reason), reason.id, {
      now: at(time),
      actor: { id: 'mia', type: 'user' },
      asked,
    })

  test.each([
    { time: '12:05:00', approvers: ['petra'], said: ['request.reminded'] },
    {
      time: '12:15:00',
      approvers: ['petra', 'ben'],
      said: ['request.escalated', 'request.reminded'],
    },
  ])('names at $time whoever may decide then: $approvers', ({ time, approvers, said }) => {
    const outcome = remindAt(pending({}, { steps: twoTiers }), time)

    const events = outcome.kind === 'reminded' ? outcome.draft.events : []
    expect(events.map(({ event }) => event)).toEqual(said)
    expect(events.at(-1)).toMatchObject({ actor: { id: 'mia' }, detail: { approvers } })
  })

  test('is too early within an hour of the last one, to the millisecond', () => {
    const first = remindAt(pending(), '12:05:00')
    const reminded = first.kind === 'reminded' ? first.draft.touched.get('request-1') : undefined
    if (reminded === undefined) throw new Error('Cannot remind: it was not taken')

    expect(remindAt(reminded, '13:04:59.999')).toEqual({
      kind: 'too-early',
      nextAt: at('13:05:00').getTime(),
    })
    expect(remindAt(reminded, '13:05:00')).toMatchObject({ kind: 'reminded' })
  })

  test.each([
    { state: 'is active', reason: aReason() },
    { state: 'waits longer than anybody may decide', reason: pending() },
  ])('reminds nobody of a request that $state', ({ reason }) => {
    expect(remindAt(reason, '18:00:00')).toEqual({ kind: 'not-pending' })
  })
})
