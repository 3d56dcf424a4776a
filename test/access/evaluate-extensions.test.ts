import { describe, expect, test } from 'vitest'
import { aFlow, friday, judge, officeHours, refusal } from './flow-builders.ts'

describe('an extension', () => {
  const flow = aFlow({ extensions: { maximum: 2, duration: 'PT1H' } })
  const extension = { extends: true, durationMilliseconds: 3_600_000 }

  test.each([
    { so: 0, kind: 'allowed' },
    { so: 1, kind: 'allowed' },
    { so: 2, kind: 'refused' },
    { so: 3, kind: 'refused' },
  ])('after $so of two allowed ones is $kind', ({ so, kind }) => {
    expect(judge([flow], { ...extension, extensionsBefore: so }).kind).toBe(kind)
  })

  test('too many is refused by a code of its own, and no change would help', () => {
    const { code, detail, nearest } = refusal([flow], { ...extension, extensionsBefore: 2 })

    expect(code).toBe('too-many-extensions')
    expect(detail).toBe('Extended 2 times already, and 2 are allowed.')
    expect(nearest).not.toHaveProperty('change')
  })

  test('counts from none where nothing is said', () => {
    expect(judge([aFlow({ extensions: { maximum: 0 } })], extension).kind).toBe('refused')
    expect(judge([aFlow({ extensions: { maximum: 1 } })], extension).kind).toBe('allowed')
  })

  test.each([
    { what: 'an extension at its longest', ask: extension, kind: 'allowed' },
    {
      what: 'a longer extension',
      ask: { ...extension, durationMilliseconds: 3_601_000 },
      kind: 'refused',
    },
    { what: 'a request that is none', ask: { durationMilliseconds: 28_800_000 }, kind: 'allowed' },
  ])('may be held shorter than the first request: $what is $kind', ({ ask, kind }) => {
    expect(judge([flow], ask).kind).toBe(kind)
  })

  test('is never longer than the maximum, and the nearest change names the shorter of both', () => {
    const generous = aFlow({ extensions: { duration: 'P1D' } })
    const ask = { extends: true, durationMilliseconds: 86_400_000 }

    expect(refusal([generous], ask).nearest?.change).toEqual({ duration: 'PT8H' })
    expect(refusal([flow], ask).nearest?.change).toEqual({ duration: 'PT1H' })
  })

  test('is not counted by a flow that says nothing of extensions', () => {
    expect(judge([aFlow()], { ...extension, extensionsBefore: 99 }).kind).toBe('allowed')
  })

  test('does not hold for first requests', () => {
    expect(judge([aFlow({ extensions: { maximum: 0 } })], { extensionsBefore: 9 }).kind).toBe(
      'allowed',
    )
  })
})

describe('a denial with a timeframe', () => {
  const denial = aFlow({ name: 'closed', effect: 'deny', timeframe: officeHours })

  test('denies what starts within it, and nothing that starts outside', () => {
    expect(refusal([aFlow(), denial])).toMatchObject({ code: 'denied-by-flow' })
    expect(judge([aFlow(), denial], { startsAt: friday }).kind).toBe('allowed')
  })

  test('is named first by name when several deny', () => {
    const flows = [denial, aFlow({ name: 'always', effect: 'deny' })]

    expect(refusal(flows)).toMatchObject({
      detail: 'The flow "always" denies it.',
      nearest: { flow: 'always', rule: 'effect' },
    })
    expect(refusal(flows).nearest).not.toHaveProperty('change')
  })
})
