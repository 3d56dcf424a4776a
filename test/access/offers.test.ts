import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsFor } from '../../shared/access/conditions.ts'
import { evaluate, type VersionedFlow } from '../../shared/access/evaluate.ts'
import { createOffers } from '../../shared/access/offers.ts'
import { policy, worldFacts } from './arbitrary-flows.ts'
import {
  aFlow,
  anyOf,
  aPolicy,
  aQuestion,
  attribute,
  ben,
  everybody,
  mia,
  nobody,
  noon,
  people,
} from './flow-builders.ts'

const facts = people({ [mia]: { manager: ben, attributes: { department: 'Engineering' } } })
const { resource } = aQuestion()

const offered = (...flows: readonly VersionedFlow[]) =>
  createOffers({ personId: mia, facts, now: noon }, aPolicy(...flows))(resource, 'member').map(
    ({ flow }) => flow.name,
  )

const onDay = (day: string) => ({ days: [day], from: '00:00', to: '24:00', timeZone: 'UTC' })
const approval = { mode: 'any-of', steps: [{ approvers: ['manager'] }] } as const

describe('what a person may ask for', () => {
  test('is offered by the least demanding flow first', () => {
    const flows = [aFlow({ name: 'a-asks', approval }), aFlow({ name: 'b-automatic' })]

    expect(offered(...flows)).toEqual(['b-automatic', 'a-asks'])
  })

  test('is offered by the flow that allows the longest, and last by one that allows no time', () => {
    const flows = [
      aFlow({ name: 'a-none', duration: undefined }),
      aFlow({ name: 'b-short', duration: { maximum: 'PT1H' } }),
      aFlow({ name: 'c-long', duration: { maximum: 'PT9H' } }),
    ]

    expect(offered(...flows)).toEqual(['c-long', 'b-short', 'a-none'])
    expect(offered(...flows.toReversed())).toEqual(['c-long', 'b-short', 'a-none'])
  })

  test('is offered by a flow whose time is later after those that are open now', () => {
    const flows = [
      aFlow({ name: 'weekend', timeframe: onDay('sat') }),
      aFlow({ name: 'monday', timeframe: onDay('mon'), approval }),
    ]

    expect(offered(...flows)).toEqual(['monday', 'weekend'])
  })

  test.each([
    {
      what: 'whose department fits',
      requesters: anyOf(attribute('department', 'contains', 'eng')),
      is: true,
    },
    { what: 'whose manager fits', requesters: anyOf({ type: 'manager', values: [ben] }), is: true },
    {
      what: 'whose department does not fit',
      requesters: anyOf(attribute('department', 'is', 'HR')),
      is: false,
    },
  ] as const)('is offered to a person $what: $is', ({ requesters, is }) => {
    expect(offered(aFlow({ requesters }))).toEqual(is ? ['oncall'] : [])
  })

  test('is not offered by flows that are off, take messages only, or are about something else', () => {
    const target = {
      integration: 'ContosoEntra',
      resourceType: 'group',
      permissions: ['owner'],
    } as const
    const flows = [
      aFlow({ name: 'off', active: false }),
      aFlow({ name: 'bus', intake: ['service-bus'] }),
      aFlow({ name: 'owners', targets: [target] }),
    ]

    expect(offered(...flows)).toEqual([])
  })

  test('is offered for others too where a flow has grantees', () => {
    expect(offered(aFlow({ grantees: anyOf({ type: 'manager', values: ['requester'] }) }))).toEqual(
      ['oncall'],
    )
  })

  test.each([
    { what: 'that denies it to the person', denial: {}, is: false },
    { what: 'that denies it to somebody else', denial: { requesters: nobody }, is: true },
    { what: 'that denies giving it to others', denial: { grantees: nobody }, is: true },
    { what: 'that denies giving it to everybody', denial: { grantees: everybody }, is: false },
    { what: 'that denies it for a while', denial: { timeframe: onDay('mon') }, is: true },
    { what: 'that denies it and is off', denial: { active: false }, is: true },
  ])('is offered beside a flow $what: $is', ({ denial, is }) => {
    const flows = [aFlow(), aFlow({ name: 'never', effect: 'deny', ...denial })]

    expect(offered(...flows)).toEqual(is ? ['oncall'] : [])
  })

  test('is offered by the longer maximum, then by the name', () => {
    const flows = [
      aFlow({ name: 'c' }),
      aFlow({ name: 'b' }),
      aFlow({ name: 'a', duration: { maximum: 'PT1H' } }),
    ]

    expect(offered(...flows)).toEqual(['b', 'c', 'a'])
  })

  test('is offered for oneself exactly where evaluate() allows it, asked as the flow wants', () => {
    const person = fc.constantFrom(mia, ben)

    fc.assert(
      fc.property(policy, person, (by, me) => {
        const asked = aQuestion({ requesterId: me, granteeId: me, durationMilliseconds: 1 })
        const allowed = by.flows.filter(({ name, intake = ['http'] }) => {
          const text = { justification: 'INC-1', accessFlow: name }
          return intake.some(
            (door) =>
              evaluate({ ...asked, ...text, intake: door }, by, worldFacts).kind === 'allowed',
          )
        })

        const forMyself = createOffers({ personId: me, facts: worldFacts, now: noon }, by)(
          resource,
          'member',
        )
          .map(({ flow }) => flow)
          .filter(({ grantees = everybody }) => holdsFor(grantees, me, worldFacts))

        expect(new Set(forMyself)).toEqual(new Set(allowed))
      }),
      { numRuns: 1_000 },
    )
  })
})
