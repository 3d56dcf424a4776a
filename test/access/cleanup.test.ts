import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  attemptCleanup,
  type CleanupRecord,
  moveCleanup,
  nextCleanupStep,
  noteEnd,
  planCleanup,
  refuseToPlan,
} from '../../shared/access/cleanup.ts'
import { type CleanupRule, ruleFor, seeRules } from '../../shared/access/cleanup-rule.ts'
import type { Integration } from '../../shared/access/integration.ts'
import type { UserCleanup } from '../../shared/access/user-cleanup.ts'
import { aRule, day, daysAfter, ended } from './cleanup-builders.ts'

const user = {
  id: '20000000-0000-4000-8000-000000000009',
  name: 'Gina',
  userType: 'guest',
} as const
const manager = { id: '20000000-0000-4000-8000-000000000002', as: 'manager' } as const

const an = (
  name: string,
  days: number | undefined,
  userCleanup: UserCleanup = {},
): Integration => ({
  name,
  resourceTypes: ['group'],
  ...(days === undefined ? {} : { userCleanupAfterDays: days }),
  userCleanup,
})
const since = (...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [name, { action: 'delete', since: '2020-01-01T00:00:00.000Z' } as const]),
  )

const record: CleanupRecord = { access: { ContosoEntra: ended.toISOString() } }
const opening = (now: Date, rule = aRule()) => ({ id: 'case-1', user, rule, now, day })
const planned = (now = daysAfter(83), rule = aRule()) =>
  planCleanup(record, opening(now, rule), [manager]).record
const stepOf = (of: CleanupRecord, now: Date, rule: CleanupRule | undefined = aRule()) =>
  nextCleanupStep(of, rule, now, day)

describe('the rule for a person', () => {
  test('is none where no integration that gave access cleans up', () => {
    const inputs = { integrations: [an('A', undefined), an('B', 30)], seen: {}, day, now: ended }
    expect(ruleFor({ A: ended.toISOString() }, inputs)).toBeUndefined()
  })

  test('counts from the last access through any integration, and takes the longest and mildest', () => {
    const integrations = [
      an('A', 30, { action: 'delete', announceDays: 3, userTypes: ['guest', 'member'] }),
      an('B', 90, { action: 'disable', maxPerDay: 5 }),
      an('C', undefined),
    ]
    const access = {
      A: ended.toISOString(),
      B: daysAfter(-100).toISOString(),
      C: daysAfter(10).toISOString(),
    }
    const rule = ruleFor(access, { integrations, seen: since('A', 'B'), day, now: ended })
    expect(rule).toMatchObject({
      integration: 'B',
      integrations: ['A', 'B'],
      action: 'disable',
      announceDays: 7,
      userTypes: ['guest'],
      maxPerDay: 5,
      lastAccessEndedAt: daysAfter(10),
      dueAt: daysAfter(100),
    })
  })

  test('only reports for thirty days after it was switched on or made harsher, unless confirmed', () => {
    const integrations = [an('A', 30, { action: 'disable' })]
    const seen = seeRules({}, integrations, ended)
    const at = (now: Date, known = seen) =>
      ruleFor({ A: ended.toISOString() }, { integrations, seen: known, day, now })?.action
    expect(at(daysAfter(29.9))).toBe('report')
    expect(at(daysAfter(30))).toBe('disable')
    const confirmed = { A: { ...seen['A'], confirmedAt: ended.toISOString() } } as typeof seen
    expect(at(daysAfter(1), confirmed)).toBe('disable')

    const harsher = [an('A', 30, { action: 'delete' })]
    expect(seeRules(confirmed, harsher, daysAfter(40))['A']).toEqual({
      action: 'delete',
      since: daysAfter(40).toISOString(),
    })
    const milder = [an('A', 30, { action: 'report' })]
    expect(seeRules(confirmed, milder, daysAfter(40))['A']?.since).toBe(ended.toISOString())
  })
})

describe('an end of access', () => {
  test('that is told late or twice never takes a later one back', () => {
    const noted = noteEnd(record, {
      ContosoEntra: daysAfter(-1).toISOString(),
      Other: ended.toISOString(),
    })
    expect(noted.access).toEqual({ ContosoEntra: ended.toISOString(), Other: ended.toISOString() })
  })
})

describe('what comes next for a person', () => {
  test('is the announcement, so early that the action comes in time', () => {
    expect(stepOf(record, daysAfter(82.9))).toEqual({ do: 'wait', until: daysAfter(83) })
    expect(stepOf(record, daysAfter(83))).toMatchObject({ do: 'plan' })
  })

  test('is the action when both the announcement and the days are over', () => {
    expect(stepOf(planned(), daysAfter(89.9))).toEqual({ do: 'wait', until: daysAfter(90) })
    expect(stepOf(planned(), daysAfter(90))).toMatchObject({ do: 'act', action: 'disable' })
    expect(stepOf(planned(daysAfter(200)), daysAfter(206.9))).toEqual({
      do: 'wait',
      until: daysAfter(207),
    })
  })

  test('is not the action earlier than announced, however short the settings have become', () => {
    const shortened = aRule({ announceDays: 0, dueAt: daysAfter(1) })
    expect(stepOf(planned(), daysAfter(89), shortened)).toMatchObject({ do: 'wait' })
  })

  test('is the milder action of the announced one and the one that holds now', () => {
    const milder = aRule({ action: 'report' })
    const harsher = aRule({ action: 'delete' })
    expect(stepOf(planned(), daysAfter(90), milder)).toMatchObject({ action: 'report' })
    expect(stepOf(planned(), daysAfter(90), harsher)).toMatchObject({ action: 'disable' })
  })

  test('is to drop a plan that no rule asks for any more', () => {
    expect(nextCleanupStep(planned(), undefined, daysAfter(84), day)).toEqual({ do: 'drop' })
  })

  test('is nothing for somebody kept for good, and the next plan after a day', () => {
    const kept = (keepUntil?: Date) =>
      moveCleanup(planned(), 'kept', {
        now: daysAfter(84),
        change: keepUntil === undefined ? {} : { keepUntil: keepUntil.toISOString() },
      }).record
    expect(stepOf(kept(), daysAfter(900))).toEqual({ do: 'rest' })
    expect(stepOf(kept(daysAfter(300)), daysAfter(90))).toEqual({
      do: 'wait',
      until: daysAfter(300),
    })
    expect(stepOf(kept(daysAfter(300)), daysAfter(300))).toMatchObject({ do: 'plan' })
  })

  test('is another look at what was refused, and none at somebody who is gone', () => {
    const refused = (reason: 'approver' | 'person-gone' | 'unclear') =>
      refuseToPlan(record, opening(daysAfter(83)), [reason]).record
    expect(stepOf(refused('approver'), daysAfter(83))).toEqual({ do: 'wait', until: daysAfter(90) })
    expect(stepOf(refused('unclear'), daysAfter(83))).toEqual({ do: 'wait', until: daysAfter(84) })
    expect(stepOf(refused('person-gone'), daysAfter(500))).toEqual({ do: 'rest' })
  })

  test('is a new plan after a report once the rule asks for more', () => {
    const reporting = aRule({ action: 'report', reportsUntil: daysAfter(120) })
    const done = moveCleanup(planned(daysAfter(83), reporting), 'done', {
      now: daysAfter(90),
    }).record
    expect(stepOf(done, daysAfter(91), reporting)).toEqual({ do: 'wait', until: daysAfter(120) })
    expect(stepOf(done, daysAfter(120))).toMatchObject({ do: 'plan' })
    expect(stepOf(done, daysAfter(120), aRule({ action: 'report' }))).toEqual({ do: 'rest' })
  })

  test('is nothing after an action or its restore, until another access has ended', () => {
    const done = moveCleanup(planned(), 'done', { now: daysAfter(90) }).record
    const restored = moveCleanup(done, 'restored', { now: daysAfter(91) }).record
    const later = aRule({ lastAccessEndedAt: daysAfter(92), dueAt: daysAfter(182) })
    expect(stepOf(done, daysAfter(900))).toEqual({ do: 'rest' })
    expect(stepOf(restored, daysAfter(900))).toEqual({ do: 'rest' })
    expect(stepOf(restored, daysAfter(900), later)).toMatchObject({ do: 'plan' })
  })

  test('is to find out what became of an attempt, after its deadline', () => {
    const attempt = {
      id: 'a',
      kind: 'act',
      startedAt: daysAfter(90).toISOString(),
      deadline: daysAfter(90.5).toISOString(),
    } as const
    const tried = attemptCleanup(planned(), attempt)
    expect(stepOf(tried, daysAfter(90))).toEqual({ do: 'wait', until: daysAfter(90.5) })
    expect(stepOf(tried, daysAfter(91))).toEqual({ do: 'settle' })
  })
})

describe('a cleanup', () => {
  test('announces itself in its event: what, when, and to whom', () => {
    const { event } = planCleanup(record, opening(daysAfter(83)), [manager])
    expect(event).toMatchObject({
      event: 'cleanup.planned',
      grantee: user.id,
      integration: 'ContosoEntra',
      detail: {
        action: 'disable',
        announcedAt: daysAfter(83).toISOString(),
        actsAt: daysAfter(90).toISOString(),
        told: [manager],
      },
    })
  })

  test.each(['done', 'kept', 'refused', 'restored'] as const)(
    'that is %s is never acted on again',
    (state) => {
      const done = moveCleanup(planned(), 'done', { now: daysAfter(90) }).record
      const of = state === 'restored' ? done : planned()
      const over = state === 'done' ? done : moveCleanup(of, state, { now: daysAfter(91) }).record
      expect(() => moveCleanup(over, 'done', { now: daysAfter(92) })).toThrow('no such transition')
    },
  )

  test('is never acted on before its announcement has run, at whatever times and settings', () => {
    const days = fc.integer({ min: 0, max: 400 })
    fc.assert(
      fc.property(
        days,
        days,
        days,
        days,
        days,
        (announce, dueIn, plannedOn, lookedOn, laterAnnounce) => {
          const rule = aRule({ announceDays: announce, dueAt: daysAfter(dueIn) })
          const plan = planned(daysAfter(plannedOn), rule)
          const step = stepOf(
            plan,
            daysAfter(lookedOn),
            aRule({ ...rule, announceDays: laterAnnounce }),
          )
          if (step.do !== 'act') return
          expect(lookedOn - plannedOn).toBeGreaterThanOrEqual(Math.max(announce, laterAnnounce))
          expect(lookedOn).toBeGreaterThan(plannedOn)
          expect(lookedOn).toBeGreaterThanOrEqual(dueIn)
        },
      ),
    )
  })
})
