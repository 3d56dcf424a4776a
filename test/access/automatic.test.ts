import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AutomaticStep,
  automaticStep,
  candidatesOf,
  judgedAs,
  mayCover,
  mostRenewals,
  renewReason,
  type Standing,
} from '../../shared/access/automatic.ts'
import type { Condition, ConditionTree } from '../../shared/access/conditions.ts'
import type { Pair, Reason } from '../../shared/access/pair.ts'
import { addReason, requestEnd } from '../../shared/access/requests.ts'
import { activate, settle } from '../../shared/access/settle.ts'
import { aHeldPair, aLimits, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'
import { aFlow, allOf, anyOf, attribute, ben, engineers, mia } from './flow-builders.ts'

const hour = 3_600_000
const bySystem = {
  requester: { id: 'system', type: 'system' },
  accessFlow: { name: 'team', version: 1 },
} as const
const own = (over: Partial<Reason> = {}) => anActiveReason({ ...bySystem, ...over })

const standing = (over: Partial<Standing> = {}): Standing => ({
  reasons: [own()],
  covered: true,
  flow: { name: 'team' },
  maximumMilliseconds: hour,
  mayStart: true,
  mayRenew: true,
  now: at('12:10:00'),
  ...over,
})

describe('automatic access of one person to one resource', () => {
  const renew: AutomaticStep = { do: 'renew', requestId: 'request-1' }
  const end: AutomaticStep = { do: 'end', requestIds: ['request-1'] }

  test.each<[what: string, over: Partial<Standing>, step: AutomaticStep]>([
    ['starts where there is none', { reasons: [] }, { do: 'start' }],
    ['starts beside a request of the person', { reasons: [anActiveReason()] }, { do: 'start' }],
    [
      'starts beside what another flow gives',
      { reasons: [own({ accessFlow: { name: 'other', version: 1 } })] },
      { do: 'start' },
    ],
    [
      'starts anew beside one that is ending',
      { reasons: [own({ status: 'ending' })] },
      { do: 'start' },
    ],
    ['takes over from one whose window is over', { now: at('13:00:00') }, { do: 'start' }],
    ['does not start where it may not', { reasons: [], mayStart: false }, { do: 'leave' }],
    ['is left alone before half time', {}, { do: 'leave', until: at('12:30:00') }],
    ['is left alone while it is granted', { reasons: [aReason(bySystem)] }, { do: 'leave' }],
    ['is renewed at half time', { now: at('12:30:00') }, renew],
    ['is renewed after half time', { now: at('12:59:59') }, renew],
    ['is renewed where nothing new may start', { now: at('12:30:00'), mayStart: false }, renew],
    ['is not renewed where it may not', { now: at('12:30:00'), mayRenew: false }, { do: 'leave' }],
    [
      'is succeeded once it was renewed often enough',
      { now: at('12:30:00'), reasons: [own({ renewals: mostRenewals })] },
      { do: 'start' },
    ],
    [
      'is succeeded where nothing new may start',
      {
        now: at('12:30:00'),
        mayStart: false,
        reasons: [own({ renewals: mostRenewals })],
      },
      { do: 'start' },
    ],
    ['ends with its condition', { covered: false }, end],
    [
      'ends with its condition while it is granted',
      { covered: false, reasons: [aReason(bySystem)] },
      end,
    ],
    [
      'ends with its condition whatever may not start',
      { covered: false, mayStart: false, mayRenew: false },
      end,
    ],
    [
      'ends nothing that people have asked for',
      { covered: false, reasons: [anActiveReason()] },
      { do: 'leave' },
    ],
    [
      'ends nothing that ends already',
      { covered: false, reasons: [own({ status: 'ending' })] },
      { do: 'leave' },
    ],
  ])('%s', (_what, over, step) => {
    expect(automaticStep(standing(over))).toEqual(step)
  })
})

describe('a renewal', () => {
  const renewal = {
    now: at('12:40:00'),
    maximumMilliseconds: hour,
    accessFlow: { name: 'team', version: 2 },
  }

  test('moves the end, keeps the status, and says what the end was', () => {
    const draft = renewReason(aHeldPair({ reasons: [own()] }), 'request-1', renewal)

    expect(draft?.pair.reasons).toMatchObject([
      { status: 'active', endsAt: iso('13:40:00'), renewals: 1, accessFlow: { version: 2 } },
    ])
    expect(draft?.events).toMatchObject([
      {
        event: 'grant.renewed',
        actor: { id: 'system' },
        detail: { status: 'active', endsAt: iso('13:40:00'), formerEndsAt: iso('13:00:00') },
      },
    ])
  })

  test.each<[what: string, reason: Reason, over: object]>([
    ['whose window is over', own(), { now: at('13:00:00') }],
    ['that is still being granted', aReason(bySystem), {}],
    ['that ends', own({ status: 'ending' }), {}],
    ['whose window would get shorter', own(), { maximumMilliseconds: hour / 6 }],
  ])('is not made for a request %s', (_what, reason, over) => {
    const pair = aHeldPair({ reasons: [reason] })

    expect(renewReason(pair, 'request-1', { ...renewal, ...over })).toBeUndefined()
  })

  test('is heeded by whoever settles at the old end, and the new end by whoever settles then', () => {
    const draft = renewReason(aHeldPair({ reasons: [own()] }), 'request-1', renewal)
    const pair = draft?.pair ?? aPair()

    const atOldEnd = settle(pair, { now: at('13:00:00'), limits: aLimits() })
    const atNewEnd = settle(pair, { now: at('13:40:00'), limits: aLimits() })

    expect(atOldEnd).toMatchObject({ events: [], next: { do: 'rest' } })
    expect(atNewEnd).toMatchObject({
      events: [{ event: 'grant.ending', detail: { endReason: 'expired' } }],
      next: { do: 'remove' },
    })
  })
})

describe('the people who may fit a condition', () => {
  const group: Condition = { type: 'group', values: [engineers] }
  const user: Condition = { type: 'user', values: [mia, ben] }
  const ops = attribute('department', 'is', 'Ops')
  const all = { users: [], groups: [], everybody: true }

  test.each<[what: string, tree: ConditionTree, expected: object]>([
    ['are those named', anyOf(user), { users: [mia, ben], groups: [], everybody: false }],
    [
      'are the members of a group',
      anyOf(group),
      { users: [], groups: [engineers], everybody: false },
    ],
    [
      'are both, of either',
      anyOf(user, group),
      { users: [mia, ben], groups: [engineers], everybody: false },
    ],
    [
      'are the fewest, of all',
      allOf(group, ops, user),
      { users: [mia, ben], groups: [], everybody: false },
    ],
    [
      'are the members, where something else is asked too',
      allOf(ops, group),
      { users: [], groups: [engineers], everybody: false },
    ],
    ['are all, by an attribute', anyOf(user, ops), all],
    ['are all, by a negation', allOf({ ...group, match: 'is-not' }), all],
    ['are all, by a manager', allOf({ type: 'manager', values: [mia] }), all],
    ['are all, without any condition', allOf(), all],
    ['are none, without any alternative', anyOf(), { users: [], groups: [], everybody: false }],
  ])('%s', (_what, tree, expected) => {
    expect(candidatesOf(tree)).toEqual(expected)
  })

  test('are those of the grantees, where a flow names them', () => {
    const flow = judgedAs(
      aFlow({ trigger: 'automatic', requesters: anyOf(group), grantees: anyOf(user) }),
    )

    expect(flow).toMatchObject({ requesters: anyOf(user), grantees: undefined })
  })
})

describe('the number of people a flow may cover', () => {
  const flow = { version: 2 }
  test.each([
    ['is free up to five hundred', 500, undefined, true],
    ['needs a word above', 501, undefined, false],
    ['is what was confirmed', 600, { people: 600, version: 2 }, true],
    ['may grow by a tenth', 660, { people: 600, version: 2 }, true],
    ['may not grow by more', 661, { people: 600, version: 2 }, false],
    ['has to be confirmed again for another version', 600, { people: 600, version: 1 }, false],
  ])('%s', (_what, people, confirmed, expected) => {
    expect(mayCover(people, flow, confirmed)).toBe(expected)
  })
})

describe('whatever happens to an automatic access', () => {
  const minute = 60_000
  const interval = 10 * minute
  const move = fc.constantFrom('evaluate', 'evaluate', 'evaluate', 'join', 'leave', 'stop', 'go')

  /** The pair on its own, with a directory that does at once what is asked of it. */
  function settleAt(pair: Pair, now: Date): Pair {
    const settled = settle(pair, { now, limits: aLimits(), emergencyStop: 'off' })
    if (settled.next.do === 'remove') return aPair()
    if (settled.next.do !== 'add') return settled.pair
    const held = { ...settled, pair: { ...settled.pair, held: 'ours' as const } }
    return settled.pair.reasons
      .filter(({ status }) => status === 'granting')
      .reduce(
        (draft, reason) => activate(draft, reason, now),
        held as Parameters<typeof activate>[0],
      ).pair
  }

  test('nobody outside keeps access longer than an evaluation, and no window of one inside has a gap', () => {
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 80 }), (moves) => {
        let pair = aPair()
        let covered = false
        let stopped = false
        let made = 0
        let time = at('00:00:00').getTime()
        for (const each of moves) {
          if (each === 'join' || each === 'leave') covered = each === 'join'
          if (each === 'stop' || each === 'go') stopped = each === 'stop'
          if (each !== 'evaluate') continue
          const heldBefore = pair.held === 'ours'
          const wasCoveredFreely = covered && !stopped && heldBefore
          time += interval
          const now = new Date(time)
          const step = automaticStep(
            standing({
              reasons: pair.reasons,
              covered,
              mayStart: !stopped,
              mayRenew: !stopped,
              now,
            }),
          )
          if (step.do === 'start') {
            const id = `request-${++made}`
            pair = addReason(pair, aReason({ ...bySystem, id, approvedAt: now.toISOString() })).pair
          } else if (step.do === 'renew') {
            const renewal = { now, maximumMilliseconds: hour, accessFlow: bySystem.accessFlow }
            pair = renewReason(pair, step.requestId, renewal)?.pair ?? pair
          } else if (step.do === 'end') {
            for (const requestId of step.requestIds) {
              const wish = {
                requestId,
                actor: bySystem.requester,
                endReason: 'no-longer-eligible',
                now,
              } as const
              const outcome = requestEnd(pair, wish)
              if ('draft' in outcome) pair = outcome.draft.pair
            }
          }
          pair = settleAt(pair, now)
          if (!covered) expect(pair.held).toBe('none')
          if (covered && !stopped) expect(pair.held).toBe('ours')
          if (wasCoveredFreely)
            expect(pair.reasons.some(({ status }) => status === 'active')).toBe(true)
          for (const { endsAt = '' } of pair.reasons) {
            expect(Date.parse(endsAt)).toBeLessThanOrEqual(time + hour)
          }
        }
      }),
    )
  })
})
