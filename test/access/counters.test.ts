import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addCounters,
  type Counters,
  countEvent,
  isCounted,
  noCounters,
  quantile,
} from '../../shared/access/counters.ts'
import type { EventDraft, EventName } from '../../shared/access/events.ts'

const noon = Date.parse('2026-01-05T12:00:00Z')
const event = (
  name: EventName,
  after = 0,
  detail: EventDraft['detail'] = {},
): Pick<EventDraft, 'event' | 'at' | 'detail'> => ({
  event: name,
  at: new Date(noon + after).toISOString(),
  detail,
})
const approved = (after: number) =>
  countEvent(noCounters, event('request.approved', after, { by: 'approvers' }), noon)
const ended = (late: number, endReason = 'expired') =>
  countEvent(
    noCounters,
    event('grant.ended', late, { endsAt: new Date(noon).toISOString(), endReason }),
    undefined,
  )
const sumOf = (all: readonly Counters[]) => all.reduce(addCounters, noCounters)

describe('countEvent()', () => {
  test.each([
    ['request.created', { requested: 1 }],
    ['request.refused', { refused: 1 }],
    ['request.denied', { refused: 1 }],
    ['grant.active', { granted: 1 }],
    ['grant.overdue', { overdue: 1 }],
    ['grant.ended', { ended: 1 }],
    ['request.timed-out', {}],
    ['grant.ending', {}],
  ] as const)('counts %s as %j and nothing else', (name, counts) => {
    expect(countEvent(noCounters, event(name), undefined)).toEqual({ ...noCounters, ...counts })
  })

  test('takes the time of an approval by people, and of no other', () => {
    const automatic = event('request.approved', 60_000, { by: 'access-flow' })

    expect(quantile(approved(60_000).approval, 0.5)).toBeCloseTo(60, -1)
    expect(countEvent(noCounters, automatic, noon)).toEqual(noCounters)
    expect(
      countEvent(noCounters, event('request.approved', 0, { by: 'approvers' }), undefined),
    ).toEqual(noCounters)
  })

  test('takes how late a window ended that ran out, and of no other end', () => {
    expect(quantile(ended(2_000).lateness, 0.95)).toBeCloseTo(2, 0)
    expect(ended(2_000, 'revoked').lateness).toEqual({})
  })

  test('takes no time of what is no approval and no end, whatever it tells', () => {
    const told = { by: 'approvers', endReason: 'expired', endsAt: new Date(noon).toISOString() }

    expect(countEvent(noCounters, event('grant.ending', 5_000, told), noon)).toEqual(noCounters)
    expect(
      countEvent(noCounters, event('grant.ended', 5_000, { endReason: 'expired' }), noon).lateness,
    ).toEqual({})
  })

  test('counts nothing that isCounted() leaves out', () => {
    const names: readonly EventName[] = ['grant.ending', 'drift.found', 'checkpoint.written']

    expect(names.filter(isCounted)).toEqual([])
    expect(isCounted('request.approved')).toBe(true)
  })
})

describe('quantile()', () => {
  test('is null where nothing was met', () => {
    expect(quantile({}, 0.5)).toBeNull()
  })

  test.each([
    { milliseconds: 0, seconds: 0.1 },
    { milliseconds: 100, seconds: 0.1 },
    { milliseconds: -5, seconds: 0.1 },
  ])('tells $milliseconds ms as a tenth of a second, its smallest', ({ milliseconds, seconds }) => {
    expect(quantile(approved(milliseconds).approval, 0.5)).toBe(seconds)
  })

  test('is at most 12 % off, from a tenth of a second to a year', () => {
    fc.assert(
      fc.property(fc.integer({ min: 101, max: 365 * 86_400_000 }), (milliseconds) => {
        const told = quantile(approved(milliseconds).approval, 0.5) ?? 0
        expect(Math.abs(told - milliseconds / 1_000) / (milliseconds / 1_000)).toBeLessThan(0.12)
      }),
    )
  })

  test('is rounded so little that this stays true at the edge of a bucket', () => {
    const told = quantile(approved(11_054_295_751).approval, 0.5) ?? 0

    expect(told / 11_054_295.751).toBeLessThan(1.12)
  })

  test('has its end: whatever took longer than a year is told as that', () => {
    const longest = quantile(approved(10 * 365 * 86_400_000).approval, 0.5) ?? 0

    expect(longest).toBeGreaterThan(365 * 86_400)
    expect(longest).toBe(quantile(approved(20 * 365 * 86_400_000).approval, 0.5))
  })

  test('is the value that so great a share does not exceed', () => {
    const nineteen = Array.from({ length: 19 }, () => ended(1_000))
    const rare = quantile(sumOf([...nineteen, ended(60_000)]).lateness, 0.95) ?? 0
    const often = quantile(sumOf([...nineteen, ended(60_000), ended(60_000)]).lateness, 0.95) ?? 0

    expect(rare).toBeLessThan(2)
    expect(often).toBeGreaterThan(50)
  })
})

describe('addCounters()', () => {
  test('makes of two stretches what one would have been, in any order', () => {
    const some = [approved(60_000), ended(500), approved(61_000), ended(90_000)]

    expect(sumOf(some)).toEqual(sumOf(some.toReversed()))
    expect(sumOf(some)).toMatchObject({ ended: 2 })
  })

  test('adds every number', () => {
    const one: Counters = {
      ...{ requested: 5, refused: 1, granted: 4, ended: 3, overdue: 1 },
      approval: { 3: 1 },
      lateness: { 0: 2, 7: 1 },
    }

    expect(addCounters(one, one)).toEqual({
      ...{ requested: 10, refused: 2, granted: 8, ended: 6, overdue: 2 },
      approval: { 3: 2 },
      lateness: { 0: 4, 7: 2 },
    })
  })
})
