import { describe, expect, test } from 'vitest'
import type { VersionedFlow } from '../../shared/access/evaluate.ts'
import { createOffers } from '../../shared/access/offers.ts'
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
})
