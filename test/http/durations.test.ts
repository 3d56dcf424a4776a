import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flow } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi({ flows: [flow({ duration: { maximum: 'P400D' } })] })
})
afterAll(() => api.stop())

const post = (more: object) =>
  api.call('mia', 'POST', '/requests', {
    body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H', ...more },
  })

describe('a duration', () => {
  test.each([
    ['of nothing', 'PT0S'],
    ['of nothing, in days', 'P0D'],
    ['that is negative', '-PT1H'],
    ['with a negative part', 'PT-1H'],
    ['of a thousand years', 'P1000Y'],
    ['of a year', 'P1Y'],
    ['of a month', 'P1M'],
    ['of a month and a day', 'P1M1D'],
    ['of half an hour as a fraction', 'PT0.5H'],
    ['with a fraction by comma', 'PT1,5H'],
    ['of a fraction of a second', 'PT1.5S'],
    ['a second over 400 days', 'P400DT1S'],
    ['of 401 days', 'P401D'],
    ['of a thousand weeks', 'P1000W'],
    ['of more digits than anybody needs', 'PT99999999999999999999S'],
    ['of weeks and days together', 'P1W1D'],
    ['without any part', 'P'],
    ['with T and nothing after it', 'P1DT'],
    ['in lower case', 'pt1h'],
    ['with a space', 'PT1H '],
    ['in another notation', '1h'],
    ['that is empty', ''],
    ['of many kinds of nothing', 'PT0H0M0S'],
  ])('%s (%s, %s) is refused', async (_what, duration) => {
    const { status, body } = await post({ duration })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/duration'])
  })

  test.each([
    ['PT1S', 'PT1S'],
    ['PT90M', 'PT1H30M'],
    ['P1D', 'PT24H'],
    ['P1W', 'PT168H'],
    ['P1DT2H3M4S', 'PT26H3M4S'],
    ['P400D', 'PT9600H'],
  ])('of %s is taken, and told as %s', async (duration, told) => {
    const { status, body } = await post({ duration })
    expect(status).toBe(202)
    expect(body.duration).toBe(told)
  })

  test('says what is wrong about months and years', async () => {
    const { body } = await post({ duration: 'P1M' })
    expect(body.errors[0].detail).toContain('no fixed length')
  })
})

describe('a start', () => {
  test.each([
    ['31 seconds ago', '2026-01-05T11:59:29Z'],
    ['a year ago', '2025-01-05T12:00:00Z'],
    ['90 days and a second ahead', '2026-04-05T12:00:01Z'],
    ['in the year 9999', '9999-12-31T23:59:59Z'],
    ['without an offset', '2026-01-06T12:00:00'],
    ['on a day that does not exist', '2026-02-30T12:00:00Z'],
    ['of a date alone', '2026-01-06'],
    ['in words', 'tomorrow'],
    ['in milliseconds', 1_767_614_400_000],
  ])('%s (%s) is refused', async (_what, startsAt) => {
    const { status, body } = await post({ startsAt })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/startsAt'])
  })

  test.each([
    ['30 seconds ago', '2026-01-05T11:59:30Z', '2026-01-05T11:59:30.000Z'],
    ['90 days ahead', '2026-04-05T12:00:00Z', '2026-04-05T12:00:00.000Z'],
    ['at another offset', '2026-01-06T01:00:00+13:00', '2026-01-05T12:00:00.000Z'],
  ])('%s (%s) is taken', async (_what, startsAt, told) => {
    const { status, body } = await post({ startsAt })
    expect(status).toBe(202)
    expect(body.startsAt).toBe(told)
  })
})

describe('a duration over the maximum of the flow', () => {
  test('is refused with the trace, and never cut', async () => {
    await api.call('ada', 'PUT', '/access-flows/oncall', { body: flow() })
    expect((await post({ duration: 'PT8H' })).status).toBe(202)
    const { status, body } = await post({ duration: 'PT8H1S' })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/too-long')
    expect(body.detail).toContain('PT8H')
    expect(body.trace).toContainEqual({
      flow: 'oncall',
      rule: 'duration',
      verdict: 'fail',
      detail: 'It is longer than the maximum of PT8H.',
    })
  })
})

describe('a duration below the minimum of the settings', () => {
  test('is refused, and the minimum itself is taken', async () => {
    const strict = await startApi({ rules: { minimumDuration: 300_000 } })
    const ask = (duration: string) =>
      strict.call('mia', 'POST', '/requests', {
        body: { resource: { type: 'group', id: strict.newGroup() }, duration },
      })
    const { status, body } = await ask('PT4M59S')
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      { pointer: '/duration', detail: 'The shortest duration is 300 seconds.' },
    ])
    expect((await ask('PT5M')).status).toBe(202)
    await strict.stop()
  })
})
