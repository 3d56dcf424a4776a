import { describe, expect, test } from 'vitest'
import { dueAt, overdueAt } from '../../shared/access/due.ts'
import {
  earliestEnd,
  givingOf,
  isByPim,
  isEndedByEntra,
  minimumOf,
  scheduleEnd,
  wantedMove,
} from '../../shared/access/giving.ts'
import type { Giving, Pair, Reason } from '../../shared/access/pair.ts'
import { isOwn } from '../../shared/access/schedule.ts'
import { aHeldPair, aLimits, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'

const byPim: Giving = { mechanism: 'pim' }
const byEntra: Giving = { mechanism: 'pim', endBy: 'entra' }
const now = at('12:10:00')

const until = (time: string, over: Partial<Reason> = {}) =>
  anActiveReason({ id: time, endsAt: iso(time), giving: byPim, ...over })
const scheduled = (time: string) =>
  aReason({ id: `later-${time}`, status: 'scheduled', startsAt: iso(time), giving: byPim })
const held = (endsAt: string, reasons: readonly Reason[], over: Partial<Pair> = {}) =>
  aHeldPair({ schedule: { id: 'ours', endsAt: iso(endsAt) }, reasons, ...over })

describe('how access is given', () => {
  test.each<[what: string, pair: Pair, giving: Giving | undefined, expected: boolean]>([
    ['as the integration says', aPair(), byPim, true],
    ['plainly where it says nothing', aPair(), undefined, false],
    ['as the stretch began: by a schedule', held('13:10:00', []), undefined, true],
    ['plainly once schedules could not be had', aPair({ fallback: 'unlicensed' }), byPim, false],
    ['plainly where a plain entry may be there', aPair({ held: 'unsure' }), byPim, false],
  ])('%s', (_, pair, giving, expected) => {
    expect(isByPim(pair, [aReason(giving === undefined ? {} : { giving })])).toBe(expected)
  })

  test('is told by the integration for each resource type alone', () => {
    const integration = {
      name: 'ContosoEntra',
      resourceTypes: ['group', 'directory-role'] as const,
      mechanism: { group: 'direct', 'directory-role': 'pim' } as const,
      mechanismFallback: 'direct' as const,
      endBy: 'entra' as const,
    }

    expect(givingOf(integration, 'group')).toBeUndefined()
    expect(givingOf(integration, 'directory-role')).toEqual({
      mechanism: 'pim',
      fallback: 'direct',
      endBy: 'entra',
    })
    const { mechanismFallback: _, endBy: __, ...strict } = integration
    expect(givingOf(strict, 'directory-role')).toEqual({ mechanism: 'pim' })
    expect(minimumOf(givingOf(integration, 'group'))).toBeUndefined()
    expect(minimumOf(byPim)).toBe('PT6M')
  })
})

describe('when a schedule has to end', () => {
  test.each<[what: string, reasons: readonly Reason[], expected: string | undefined]>([
    ['ten minutes after the window', [until('13:00:00')], '13:10:00'],
    ['after the last of several', [until('13:00:00'), until('12:30:00')], '13:10:00'],
    ['with the window where Entra ends it', [until('13:00:00', { giving: byEntra })], '13:00:00'],
    [
      'later where one of them does not leave it to Entra',
      [until('12:30:00', { giving: byEntra }), until('13:00:00')],
      '13:10:00',
    ],
    [
      'later where the next window touches',
      [until('13:00:00', { giving: byEntra }), scheduled('13:00:00')],
      '13:10:00',
    ],
    [
      'with the window where the next one comes after a while',
      [until('13:00:00', { giving: byEntra }), scheduled('13:00:01')],
      '13:00:00',
    ],
    ['never without a reason', [], undefined],
  ])('%s', (_, reasons, expected) => {
    const holders = reasons.filter(({ status }) => status === 'active')
    const end = scheduleEnd(aPair({ reasons }), holders, now)

    expect(end).toBe(expected === undefined ? undefined : iso(expected))
  })

  test.each<[what: string, pair: Pair, expected: string | undefined]>([
    ['is right', held('13:10:00', [until('13:00:00')]), undefined],
    ['is too early', held('13:10:00', [until('14:00:00')]), '14:10:00'],
    ['is later than needed, which harms nobody', held('15:10:00', [until('13:00:00')]), undefined],
    [
      'is later than needed, where Entra is to end it',
      held('15:00:00', [until('13:00:00', { giving: byEntra })]),
      '13:00:00',
    ],
    [
      'was refused',
      aHeldPair({
        schedule: { id: 'ours', endsAt: iso('13:10:00'), refusedEnd: iso('14:10:00') },
        reasons: [until('14:00:00')],
      }),
      undefined,
    ],
    ['is of others', held('13:10:00', [until('14:00:00')], { held: 'standing' }), undefined],
  ])('is moved only where it has to be: it %s', (_, pair, expected) => {
    expect(wantedMove(pair, [], now)).toBe(expected === undefined ? undefined : iso(expected))
  })

  test('is moved for somebody whose window begins now', () => {
    const second = aReason({ id: 'second', giving: byPim })
    const pair = held('13:10:00', [until('13:00:00'), second])

    expect(wantedMove(pair, [second], now)).toBe(iso('13:20:00'))
    expect(wantedMove(pair, [], now)).toBeUndefined()
  })
})

describe('the first five minutes', () => {
  const ending = anActiveReason({ status: 'ending', endRequestedAt: iso('12:01:00') })
  const young: Pair = aHeldPair({
    schedule: { id: 'ours', startedAt: iso('12:00:00'), endsAt: iso('13:10:00') },
    reasons: [ending],
  })

  test('hold up the end, which is neither due nor overdue before they are over', () => {
    const limits = aLimits()

    expect(new Date(earliestEnd(young))).toEqual(at('12:05:00'))
    expect(dueAt(young, limits, at('12:01:00'))).toEqual(at('12:05:00'))
    expect(new Date(overdueAt(young, ending, limits))).toEqual(at('12:10:00'))
  })

  test('hold up nothing that was given plainly', () => {
    expect(earliestEnd(aHeldPair())).toBe(Number.NEGATIVE_INFINITY)
  })
})

describe('the next look at a held access', () => {
  const reasons = [until('13:00:00')]

  test.each<[what: string, pair: Pair, due: string]>([
    ['is for the end of the window', held('13:10:00', reasons), '13:00:00'],
    ['is now where its schedule has to be moved', held('13:00:00', reasons), '12:10:00'],
    [
      'is when the directory may be asked again to move it',
      held('13:00:00', reasons, { retry: { count: 1, at: iso('12:11:00') } }),
      '12:11:00',
    ],
    [
      'is when standing access of others ends',
      aPair({ held: 'standing', standingUntil: iso('12:45:00'), reasons }),
      '12:45:00',
    ],
  ])('%s', (_, pair, due) => {
    expect(dueAt(pair, aLimits(), now)).toEqual(at(due))
  })
})

describe('an end that Entra should have made', () => {
  test('is not looked for where the access is not ours', () => {
    expect(isEndedByEntra(held('13:00:00', [], { held: 'unsure' }), at('13:00:00'))).toBe(false)
    expect(isEndedByEntra(aHeldPair(), at('13:00:00'))).toBe(false)
  })

  test.each([
    ['12:59:59', false],
    ['13:00:00', true],
    ['13:01:59', true],
    ['13:02:00', false],
  ] as const)('is looked for during two minutes: at %s %s', (time, expected) => {
    const pair = held('13:00:00', [])

    expect(isEndedByEntra(pair, at(time))).toBe(expected)
  })
})

describe('whose a schedule is', () => {
  const endsAt = iso('13:10:00')
  test.each([
    ['ours by its id, whatever its end', { id: 'OURS', endsAt: iso('18:00:00') }, 'ours', true],
    ['of others by its id, with the same end', { id: 'another', endsAt }, 'ours', false],
    ['ours by its end where no id was told', { id: 'any', endsAt }, undefined, true],
    ['of others by its end', { id: 'any', endsAt: iso('13:10:01') }, undefined, false],
    ['of others where it has none', { id: 'any' }, undefined, false],
  ] as const)('%s', (_, found, id, expected) => {
    const own = { endsAt, ...(id === undefined ? {} : { id }) }

    expect(isOwn({ by: 'assigned', ...found }, own)).toBe(expected)
    expect(isOwn({ by: 'activated', ...found }, own)).toBe(false)
  })
})
