import { describe, expect, test } from 'vitest'
import {
  attemptCleanup,
  type CleanupCase,
  type CleanupRecord,
  isSameRefusal,
  moveCleanup,
  nextCleanupStep,
  noteEnd,
  planCleanup,
  refuseAgain,
  refuseCleanup,
  refuseToPlan,
  withoutAttempt,
} from '../../shared/access/cleanup.ts'
import { ruleFor, seeRules } from '../../shared/access/cleanup-rule.ts'
import type { Integration } from '../../shared/access/integration.ts'
import type { UserCleanup } from '../../shared/access/user-cleanup.ts'
import { aRule, day, daysAfter, ended } from './cleanup-builders.ts'

const user = {
  id: '20000000-0000-4000-8000-000000000009',
  name: 'Gina',
  userType: 'guest',
} as const
const record: CleanupRecord = { access: { ContosoEntra: ended.toISOString() } }
const opening = (now: Date, rule = aRule()) => ({ id: 'case-1', user, rule, now, day })
const plan = planCleanup(record, opening(daysAfter(83)), [])
const refused = refuseToPlan(record, opening(daysAfter(83)), ['approver']).record
const done = (over: Partial<CleanupCase> = {}) =>
  moveCleanup(plan.record, 'done', { now: daysAfter(90), change: over })
const iso = (days: number) => daysAfter(days).toISOString()
const attempt = { id: 'a', kind: 'act', startedAt: iso(90), deadline: iso(90.5) } as const

/** What every event of this cleanup tells. */
const facts = {
  cleanup: 'case-1',
  action: 'disable',
  userType: 'guest',
  integrations: ['ContosoEntra'],
  lastAccessEndedAt: iso(0),
}
const announced = { ...facts, announcedAt: iso(83), actsAt: iso(90) }

describe('the event of a cleanup', () => {
  test('tells nothing that is not so', () => {
    expect(plan.event).toEqual({
      event: 'cleanup.planned',
      at: iso(83),
      actor: { id: 'system', type: 'system' },
      grantee: user.id,
      integration: 'ContosoEntra',
      detail: announced,
    })
  })

  test('tells who decided, why and until when', () => {
    const { event } = moveCleanup(plan.record, 'kept', {
      now: daysAfter(84),
      actor: { id: 'mia', type: 'user' },
      comment: 'comes back in autumn',
      change: { keepUntil: iso(300) },
    })

    expect(event).toMatchObject({
      actor: { id: 'mia', type: 'user' },
      reason: 'comes back in autumn',
      detail: { ...announced, keepUntil: iso(300) },
    })
  })

  test('tells what became of the sessions, and until when it can be taken back', () => {
    const change = { sessions: 'revoked', restorableUntil: iso(120) } as const

    expect(done(change).event.detail).toEqual({ ...announced, ...change })
  })

  test('tells why it was refused before anything was announced', () => {
    const { event } = refuseToPlan(record, opening(daysAfter(83)), ['approver'])

    expect(event.detail).toEqual({ ...facts, reasons: ['approver'] })
  })

  test('tells why it was refused in the moment of acting, with the request of the directory', () => {
    const { event, case: moved } = refuseCleanup(
      plan.record,
      ['unclear'],
      daysAfter(90),
      day,
      'graph-1',
    )

    expect(event).toMatchObject({ event: 'cleanup.refused', graphRequestId: 'graph-1' })
    expect(event.detail).toEqual({ ...announced, reasons: ['unclear'] })
    expect(moved).toMatchObject({ state: 'refused', lookAgainAt: iso(91) })
    expect(refuseCleanup(plan.record, ['unclear'], daysAfter(90), day).event).not.toHaveProperty(
      'graphRequestId',
    )
  })
})

describe('a refusal', () => {
  test.each<[what: string, of: CleanupRecord, integration: string, reason: 'approver' | 'unclear']>(
    [
      ['for another reason', refused, 'ContosoEntra', 'unclear'],
      ['of another integration', refused, 'Other', 'approver'],
      ['of what was planned', plan.record, 'ContosoEntra', 'approver'],
      ['of what nobody has looked at', record, 'ContosoEntra', 'approver'],
    ],
  )('is news %s', (_, of, integration, reason) => {
    expect(isSameRefusal(of, aRule({ integration }), [reason])).toBe(false)
  })

  test('is no news where all is as it was', () => {
    expect(isSameRefusal(refused, aRule(), ['approver'])).toBe(true)
  })

  test('that is no news is looked at a week later, and knows the last end of access', () => {
    const later = aRule({ lastAccessEndedAt: daysAfter(5) })
    const again = refuseAgain(refused, later, daysAfter(95), day)

    expect(again).toEqual({
      ...refused,
      case: { ...refused.case, lastAccessEndedAt: iso(5), lookAgainAt: iso(102) },
    })
    expect(refuseAgain(record, later, daysAfter(95), day)).toBe(record)
  })
})

describe('what comes next', () => {
  const news = aRule({ lastAccessEndedAt: daysAfter(92), dueAt: daysAfter(182) })
  const gone = refuseToPlan(record, opening(daysAfter(83)), ['person-gone']).record

  test.each<[what: string, of: CleanupRecord]>([
    ['an action', done().record],
    ['a report', done({ action: 'report' }).record],
    ['a person who was gone', gone],
    ['a refusal that is to be looked at later', refuseAgain(refused, aRule(), daysAfter(400), day)],
  ])('after %s is a plan, once another access has ended', (_, of) => {
    expect(nextCleanupStep(of, news, daysAfter(174.9), day)).toEqual({
      do: 'wait',
      until: daysAfter(175),
    })
    expect(nextCleanupStep(of, news, daysAfter(175), day)).toEqual({ do: 'plan', rule: news })
  })

  test('after a refusal is a plan when its time has come', () => {
    const rule = aRule()

    expect(nextCleanupStep(refused, rule, daysAfter(90), day)).toEqual({ do: 'plan', rule })
  })

  test('after a report is a plan as soon as the rule is harsher', () => {
    const rule = aRule()
    const reported = done({ action: 'report' }).record

    expect(nextCleanupStep(reported, rule, daysAfter(91), day)).toEqual({ do: 'plan', rule })
  })

  test('after an action is nothing, however harsh the rule becomes', () => {
    const rule = aRule({ action: 'delete', wanted: 'delete' })

    expect(nextCleanupStep(done().record, rule, daysAfter(91), day)).toEqual({ do: 'rest' })
  })

  test.each([
    ['nothing is planned', record],
    ['it was refused', refused],
    ['it was done', done().record],
  ] as const)('is nothing without a rule where %s', (_, of) => {
    expect(nextCleanupStep(of, undefined, daysAfter(500), day)).toEqual({ do: 'rest' })
  })
})

describe('the record of a person', () => {
  test('begins with the first end of access, and keeps the later of two', () => {
    const first = noteEnd(undefined, { A: iso(0) })

    expect(first).toEqual({ access: { A: iso(0) } })
    expect(noteEnd(first, { A: iso(1) })).toEqual({ access: { A: iso(1) } })
  })

  test('keeps somebody who is kept already, and brings nobody back who was refused', () => {
    const kept = moveCleanup(plan.record, 'kept', { now: daysAfter(84) }).record

    expect(moveCleanup(kept, 'kept', { now: daysAfter(85) }).case.state).toBe('kept')
    expect(() => moveCleanup(refused, 'restored', { now: daysAfter(85) })).toThrow(
      'Cannot go from refused to restored',
    )
    expect(() => moveCleanup(record, 'kept', { now: daysAfter(85) })).toThrow(
      'Cannot go from nothing to kept',
    )
  })

  test('has an attempt only of what is planned, and none once it is closed', () => {
    expect(() => attemptCleanup(record, attempt)).toThrow('no cleanup is planned')
    expect(withoutAttempt(attemptCleanup(plan.record, attempt))).toEqual(plan.record)
    expect(withoutAttempt(record)).toBe(record)
  })

  test('has ten minutes at the least between announcement and action', () => {
    const rule = aRule({ announceDays: 0, dueAt: daysAfter(1) })
    const { actsAt } = planCleanup(record, opening(daysAfter(83), rule), []).case

    expect(Date.parse(actsAt ?? '')).toBe(daysAfter(83).getTime() + 10 * 60_000)
  })
})

describe('the rule of several integrations', () => {
  const an = (name: string, userCleanup?: UserCleanup): Integration => ({
    name,
    resourceTypes: ['group'],
    userCleanupAfterDays: 30,
    ...(userCleanup === undefined ? {} : { userCleanup }),
  })
  const ruleOf = (integrations: readonly Integration[], seen = {}) =>
    ruleFor(Object.fromEntries(integrations.map(({ name }) => [name, ended.toISOString()])), {
      integrations,
      seen,
      day,
      now: ended,
    })

  test('is the most careful in everything', () => {
    const one = an('A', { signInWithinDays: 60, maxShare: 0.02, protected: ['gina'] })
    const other = an('B', { signInWithinDays: 10, maxShare: 0.5, ignoreOtherAccess: true })

    expect(ruleOf([one, other])).toMatchObject({
      signInWithinDays: 60,
      maxShare: 0.02,
      protected: ['gina'],
      ignoreOtherAccess: false,
    })
    expect(ruleOf([other])).toMatchObject({ protected: [], ignoreOtherAccess: true })
  })

  test('only reports where nothing else is said, and then without an end of reporting', () => {
    const rule = ruleOf([an('B'), an('A')])

    expect(rule).toMatchObject({ integration: 'A', wanted: 'report', action: 'report' })
    expect(rule).not.toHaveProperty('reportsUntil')
  })

  test('reports until the last of them has reported long enough, and then does the mildest', () => {
    const both = [an('A', { action: 'delete' }), an('B', { action: 'disable' })]
    const seen = { A: { action: 'delete', since: iso(-10) } }

    expect(ruleOf(both, seen)).toMatchObject({
      action: 'report',
      wanted: 'disable',
      reportsUntil: daysAfter(30),
    })
  })

  test.each([
    ['in this order', ['A', 'B']],
    ['in the other', ['B', 'A']],
  ] as const)('is that of the first by name where they are as harsh, %s', (_, names) => {
    expect(ruleOf(names.map((name) => an(name)))?.integration).toBe('A')
  })

  test('is seen of those that clean up, with a report where they say nothing', () => {
    const off: Integration = { name: 'C', resourceTypes: ['group'] }

    expect(seeRules({}, [an('A'), off], ended)).toEqual({
      A: { action: 'report', since: iso(0) },
    })
    const confirmed = { A: { action: 'report', since: iso(-9), confirmedAt: iso(-8) } } as const
    expect(seeRules(confirmed, [an('A')], ended)).toEqual(confirmed)
  })
})
