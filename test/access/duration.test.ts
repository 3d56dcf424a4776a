import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  durationOf,
  durationProblem,
  durationText,
  parseDuration,
} from '../../shared/access/duration.ts'

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]

describe('durationOf()', () => {
  test.each([
    ['PT1S', second],
    ['PT90S', 90 * second],
    ['PT1M', minute],
    ['PT1H', hour],
    ['PT1H30M', 90 * minute],
    ['PT1H1M1S', hour + minute + second],
    ['PT1H1S', hour + second],
    ['P1D', day],
    ['P1DT12H', 36 * hour],
    ['P1W', 7 * day],
    ['P52W', 364 * day],
    ['P400D', 400 * day],
    ['PT0S', 0],
    ['P0D', 0],
    ['PT99999999S', 99_999_999 * second],
  ])('of %s is %i ms', (text, milliseconds) => {
    expect(durationOf(text)).toBe(milliseconds)
  })

  test.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    'P1Y2M3D',
    'P1W1D',
    'P1WT1H',
    'PT1.5H',
    'PT1,5H',
    'PT-1H',
    '-PT1H',
    '+PT1H',
    'pt1h',
    ' PT1H',
    'PT1H ',
    'PT1H\n',
    'PT1M1H',
    'PT1H1H',
    'PT1',
    'T1H',
    '1H',
    'PT١H',
    'PT1234567H',
    'PT1HPT1H',
  ])('takes no %j', (text) => {
    expect(durationOf(text)).toBeUndefined()
  })

  test('adds up whatever parts there are', () => {
    const part = fc.nat({ max: 999 })

    fc.assert(
      fc.property(part, part, part, part, (days, hours, minutes, seconds) => {
        const text = `P${days}DT${hours}H${minutes}M${seconds}S`

        expect(durationOf(text)).toBe(
          days * day + hours * hour + minutes * minute + seconds * second,
        )
      }),
    )
  })
})

describe('parseDuration()', () => {
  test('reads what a schema has let through, and throws at anything else', () => {
    expect(parseDuration('PT1H')).toBe(hour)
    expect(() => parseDuration('P1M')).toThrow('Cannot read the duration "P1M"')
  })
})

describe('durationProblem()', () => {
  test.each(['PT1S', 'P400D', 'PT9600H'])('finds nothing wrong with %s', (text) => {
    expect(durationProblem(text)).toBeUndefined()
  })

  test.each([
    ['P1M', /no fixed length/],
    ['P1Y', /no fixed length/],
    ['P18M', /no fixed length/],
    ['P2Y6M', /no fixed length/],
    ['in P1M', /no ISO 8601 duration/],
    ['an hour', /no ISO 8601 duration/],
    ['PT1.5H', /no ISO 8601 duration/],
    ['PT0S', /longer than nothing/],
    ['P401D', /longest duration is P400D/],
    ['PT9601H', /longest duration is P400D/],
  ])('tells what is wrong with %s', (text, problem) => {
    expect(durationProblem(text)).toMatch(problem)
  })
})

describe('durationText()', () => {
  test.each([
    [0, 'PT0S'],
    [999, 'PT0S'],
    [second, 'PT1S'],
    [90 * second, 'PT1M30S'],
    [hour, 'PT1H'],
    [90 * minute, 'PT1H30M'],
    [hour + second, 'PT1H1S'],
    [36 * hour, 'PT36H'],
    [400 * day, 'PT9600H'],
  ])('of %i ms is %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text)
  })

  test('is read back as what it was made of, to the second', () => {
    fc.assert(
      fc.property(fc.nat({ max: 400 * 86_400 }), (seconds) => {
        expect(durationOf(durationText(seconds * second))).toBe(seconds * second)
      }),
    )
  })
})
