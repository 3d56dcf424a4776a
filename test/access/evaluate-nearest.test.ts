import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { durationOf } from '../../shared/access/duration.ts'
import type { Change, Question } from '../../shared/access/evaluate.ts'
import { aFlow, everybody, friday, judge, nobody, officeHours, refusal } from './flow-builders.ts'

describe('the nearest flow', () => {
  test.each([
    {
      why: 'fails by what is asked rather than by who asks',
      flows: [
        aFlow({ name: 'a-people', requesters: nobody }),
        aFlow({ name: 'b-time', timeframe: officeHours, duration: { maximum: 'PT1S' } }),
      ],
      nearest: 'b-time',
    },
    {
      why: 'wants the fewest changes',
      flows: [
        aFlow({ name: 'a-two', duration: { maximum: 'PT1S' }, ticket: { required: true } }),
        aFlow({ name: 'b-one', duration: { maximum: 'PT1S' } }),
      ],
      nearest: 'b-one',
    },
    {
      why: 'fails by a later rule of equally many',
      flows: [
        aFlow({ name: 'a-long', duration: { maximum: 'PT1S' } }),
        aFlow({ name: 'b-ticket', ticket: { required: true } }),
      ],
      nearest: 'b-ticket',
    },
    {
      why: 'fails by the grantee rather than by the requester',
      flows: [
        aFlow({ name: 'a-asks', requesters: nobody }),
        aFlow({ name: 'b-gets', grantees: nobody }),
      ],
      nearest: 'b-gets',
    },
    {
      why: 'has the first name of equals',
      flows: [
        aFlow({ name: 'b', ticket: { required: true } }),
        aFlow({ name: 'a', ticket: { required: true } }),
      ],
      nearest: 'a',
    },
  ])('$why', ({ flows, nearest }) => {
    const over = { startsAt: friday }

    expect(refusal(flows, over).nearest?.flow).toBe(nearest)
    expect(refusal(flows.toReversed(), over).nearest?.flow).toBe(nearest)
  })

  test('names all that has to change together', () => {
    const rule = { required: true, pattern: 'INC-[0-9]+' }
    const flow = aFlow({ timeframe: officeHours, ticket: rule })

    const verdict = refusal([flow], { startsAt: friday, durationMilliseconds: 86_400_000 })

    expect(verdict.code).toBe('outside-timeframe')
    expect(verdict.nearest).toEqual({
      flow: 'oncall',
      rule: 'timeframe',
      detail: verdict.detail,
      change: { startsAt: '2026-01-12T08:00:00.000Z', duration: 'PT8H', ticket: rule },
    })
    expect(verdict.detail).toMatch(/fri 17:30.*maximum of PT8H.*asks for a ticket/)
  })

  test('promises nothing where the requester cannot help it', () => {
    const flow = aFlow({ intake: ['service-bus'], duration: { maximum: 'PT1S' } })

    expect(refusal([flow]).nearest).not.toHaveProperty('change')
  })

  test('is none where no flow covers the resource', () => {
    const verdict = refusal([aFlow({ active: false })])

    expect(verdict).toMatchObject({ code: 'no-flow', refusals: [] })
    expect(verdict.detail).toBe('No access flow allows this request.')
    expect(verdict).not.toHaveProperty('nearest')
  })

  test.each([
    {
      what: 'that does not exist',
      flows: [],
      detail: 'There is no access flow "other" to ask by.',
    },
    {
      what: 'that is off',
      flows: [aFlow({ name: 'other', active: false })],
      detail: 'The flow is switched off.',
    },
    {
      what: 'that denies',
      flows: [aFlow({ name: 'other', effect: 'deny', requesters: nobody })],
      detail: 'There is no access flow "other" to ask by.',
    },
  ])('is the one without naming any, when a flow $what is named', ({ flows, detail }) => {
    const verdict = refusal([aFlow(), ...flows], { accessFlow: 'other' })

    expect(verdict.detail).toBe(detail)
    expect(verdict.nearest).toEqual({
      flow: 'oncall',
      rule: 'access-flow',
      detail: 'The flow "oncall" allows it, but "other" was asked for.',
      change: { accessFlow: 'oncall' },
    })
  })

  test('is the named one when nothing else allows it either', () => {
    const flows = [aFlow({ requesters: nobody }), aFlow({ name: 'other', active: false })]

    expect(refusal(flows, { accessFlow: 'other' }).nearest).toMatchObject({
      flow: 'other',
      rule: 'active',
    })
  })

  test('allows it once everything it names is changed', () => {
    const flows = fc.record(
      {
        name: fc.constant('oncall'),
        version: fc.constant(1),
        requesters: fc.constant(everybody),
        targets: fc.constant(aFlow().targets),
        duration: fc.constantFrom({ maximum: 'PT30M' }, { maximum: 'P1D' }),
        timeframe: fc.record({
          days: fc.uniqueArray(fc.constantFrom('mon', 'wed', 'sun'), { minLength: 1 }),
          from: fc.constantFrom('00:00', '13:30', '22:00'),
          to: fc.constantFrom('24:00', '06:00', '14:00'),
          timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York'),
        }),
        justification: fc.constant({ required: true }),
        ticket: fc.constant({ required: true, pattern: 'INC-[0-9]+' }),
      },
      { requiredKeys: ['name', 'version', 'requesters', 'targets', 'duration'] },
    )
    const instants = fc.date({
      noInvalidDate: true,
      min: new Date('2026-01-01T00:00:00Z'),
      max: new Date('2027-01-01T00:00:00Z'),
    })
    const asChanged = (change: Change): Partial<Question> => ({
      ...(change.duration === undefined
        ? {}
        : { durationMilliseconds: durationOf(change.duration) ?? 0 }),
      ...(change.startsAt === undefined ? {} : { startsAt: new Date(change.startsAt) }),
      ...(change.justification === undefined ? {} : { justification: 'as the flow asks' }),
      ...(change.ticket === undefined ? {} : { ticket: 'INC-1' }),
    })
    fc.assert(
      fc.property(flows, instants, (flow, startsAt) => {
        const verdict = judge([flow], { startsAt })
        if (verdict.kind === 'allowed') return

        const change = verdict.nearest?.change ?? {}
        expect(judge([flow], { startsAt, ...asChanged(change) }).kind).toBe('allowed')
      }),
    )
  })
})
