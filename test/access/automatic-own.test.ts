import { describe, expect, test } from 'vitest'
import {
  type AutomaticStep,
  automaticStep,
  candidatesOf,
  isAutomatic,
  nameOfAccess,
  renewReason,
  type Standing,
} from '../../shared/access/automatic.ts'
import type { Condition } from '../../shared/access/conditions.ts'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Reason } from '../../shared/access/pair.ts'
import { aHeldPair, anActiveReason, aReason, at, iso } from '../builders.ts'
import { aFlow, allOf, ben, engineers, ines, mia } from './flow-builders.ts'

const hour = 3_600_000
const system = { id: 'system', type: 'system' } as const
const team = { name: 'team', version: 1 }
const own = (over: Partial<Reason> = {}) =>
  anActiveReason({ requester: system, accessFlow: team, ...over })
const beingGranted = (over: Partial<Reason> = {}) =>
  aReason({ requester: system, accessFlow: team, ...over })

const step = (over: Partial<Standing>): AutomaticStep =>
  automaticStep({
    reasons: [own()],
    covered: true,
    flow: { name: 'team' },
    maximumMilliseconds: hour,
    mayStart: true,
    mayRenew: true,
    now: at('12:40:00'),
    ...over,
  })

describe('a flow', () => {
  test.each<[trigger: AccessFlow['trigger'], effect: AccessFlow['effect'], is: boolean]>([
    ['automatic', undefined, true],
    ['automatic', 'allow', true],
    ['automatic', 'deny', false],
    ['self-serve', 'allow', false],
    [undefined, undefined, false],
  ])('with trigger %s and effect %s gives access by itself: %s', (trigger, effect, is) => {
    expect(isAutomatic(aFlow({ trigger, effect }))).toBe(is)
  })
})

describe('of several automatic requests for one access', () => {
  const first = own({ id: 'request-1', endsAt: iso('13:00:00') })
  const last = own({ id: 'request-2', endsAt: iso('13:05:00') })
  const { endsAt: _, ...endless } = own()
  const coming = beingGranted({ id: 'request-3' })

  test.each<[what: string, reasons: readonly Reason[], step: AutomaticStep]>([
    ['the one that ends last is renewed', [first, last], { do: 'renew', requestId: 'request-2' }],
    ['none is renewed while another is being granted', [last, coming], { do: 'leave' }],
    [
      'none is waited for that is given up',
      [{ ...coming, givenUp: { code: 'directory-unavailable', detail: 'It was away.' } }, first],
      { do: 'renew', requestId: 'request-1' },
    ],
    [
      'one is left alone that is being granted, also once its window is known',
      [beingGranted({ attemptedAt: iso('12:00:00'), endsAt: iso('13:00:00') })],
      { do: 'leave' },
    ],
    ['one without an end is left alone', [endless], { do: 'leave' }],
  ])('%s', (_what, reasons, expected) => {
    expect(step({ reasons })).toEqual(expected)
    expect(step({ reasons: reasons.toReversed() })).toEqual(expected)
  })

  test('all end with their condition, and nothing that people asked for by the same flow', () => {
    const asked = anActiveReason({ id: 'request-9', accessFlow: team })

    expect(step({ covered: false, reasons: [first, asked, last] })).toEqual({
      do: 'end',
      requestIds: ['request-1', 'request-2'],
    })
  })

  test('those of a flow are known by its name in any case', () => {
    expect(step({ covered: false, flow: { name: 'TEAM' } })).toMatchObject({ do: 'end' })
  })
})

describe('a renewal', () => {
  const renewal = { now: at('12:40:00'), maximumMilliseconds: hour, accessFlow: team }

  test('that would move no end is none', () => {
    const sameEnd = { ...renewal, now: at('12:30:00'), maximumMilliseconds: hour / 2 }

    expect(renewReason(aHeldPair({ reasons: [own()] }), 'request-1', sameEnd)).toBeUndefined()
  })

  test('has the time of the window that it gives', () => {
    const draft = renewReason(aHeldPair({ reasons: [own({ renewals: 4 })] }), 'request-1', {
      ...renewal,
      maximumMilliseconds: 2 * hour,
    })

    expect(draft?.pair.reasons).toMatchObject([
      { durationMilliseconds: 2 * hour, endsAt: iso('14:40:00'), renewals: 5 },
    ])
  })
})

describe('the people who may fit all of several conditions', () => {
  test.each([[0], [1], [2]])('are the smallest circle that is named, at place %s', (place) => {
    const circles: Condition[] = [
      { type: 'group', values: [engineers] },
      { type: 'group', values: [engineers, engineers] },
    ]
    circles.splice(place, 0, { type: 'user', values: [mia, ben, ines] })

    expect(candidatesOf(allOf(...circles))).toEqual({
      users: [mia, ben, ines],
      groups: [],
      everybody: false,
    })
  })

  test('are the fewer of two lists', () => {
    const [few, many] = [
      { type: 'user', values: [mia] },
      { type: 'user', values: [mia, ben] },
    ] as const

    expect(candidatesOf(allOf(few, many)).users).toEqual([mia])
    expect(candidatesOf(allOf(many, few)).users).toEqual([mia])
  })
})

describe('the name of an access', () => {
  test('differs by type, id, scope and permission, and by nothing else', () => {
    const group = { resource: { type: 'group', id: 'r1' }, permission: 'member' } as const
    const role = { resource: { type: 'directory-role', id: 'r1' }, permission: 'active' } as const
    const accesses = [
      group,
      { ...group, permission: 'owner' as const },
      { ...group, resource: { type: 'group', id: 'r2' } as const },
      role,
      { ...role, resource: { ...role.resource, scope: '/' } },
      { ...role, resource: { ...role.resource, scope: '/administrativeUnits/u1' } },
    ]

    expect(new Set(accesses.map(nameOfAccess)).size).toBe(accesses.length)
    expect(nameOfAccess({ ...group })).toBe(nameOfAccess(group))
  })
})
