import { describe, expect, test } from 'vitest'
import { styled, table, widthOf } from '../../cli/text.ts'
import { durationWords, localTime, parseDuration, relative } from '../../cli/time.ts'

const out = (over: object = {}) => ({ write: () => undefined, ...over })

describe('table()', () => {
  const rows = [
    { name: 'Ünïcode 👩‍🚒 組', id: 'one' },
    { name: 'a name that is much longer than there is room for', id: 'two' },
  ]
  const columns = [
    { head: 'NAME', cell: (row: (typeof rows)[number]) => row.name, mayShrink: true },
    { head: 'ID', cell: (row: (typeof rows)[number]) => row.id },
  ]

  test('lines up what is wide, and is as wide as it needs where nobody looks at it', () => {
    const lines = table(rows, columns, out({ columns: 20 })).split('\n')

    expect(lines.map((line) => widthOf(line))).toEqual([53, 54, 54])
  })

  test('fits a terminal by cutting what may be cut, and never an id', () => {
    const lines = table(rows, columns, out({ isTTY: true, columns: 30 })).split('\n')

    expect(lines[2]).toBe('a name that is much long…  two')
    expect(Math.max(...lines.map((line) => widthOf(line)))).toBe(30)
  })
})

describe('styled()', () => {
  test('is plain text where the output takes no colours', () => {
    expect(styled('red', 'x', out())).toBe('x')
    expect(styled('red', 'x', out({ hasColours: true }))).toBe('\u001b[31mx\u001b[39m')
  })
})

describe('parseDuration()', () => {
  test.each([
    ['90m', 'PT90M'],
    ['1h30m', 'PT1H30M'],
    ['1H', 'PT1H'],
    ['45min', 'PT45M'],
    ['10s', 'PT10S'],
    ['2d', 'P2D'],
    ['1w2d', 'P9D'],
    ['1d12h', 'P1DT12H'],
    ['pt4h', 'PT4H'],
    ['P1D', 'P1D'],
  ])('reads %s as %s', (text, iso) => {
    expect(parseDuration(text)).toBe(iso)
  })

  test.each(['', '1', 'h', '1h30', '-1h', 'an hour', '1.5h'])('does not guess at "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(/^Cannot read the duration/)
  })
})

describe('durationWords()', () => {
  test.each([
    ['PT90M', '1 h 30 min'],
    ['P1D', '1 d'],
    ['P1W', '7 d'],
    ['PT1H5S', '1 h 5 s'],
    ['PT0S', '0 s'],
    ['P1M', 'P1M'],
  ])('says %s as %s', (iso, words) => {
    expect(durationWords(iso)).toBe(words)
  })
})

describe('relative()', () => {
  const now = new Date('2026-01-05T12:00:00Z')

  test.each([
    ['2026-01-05T12:00:00.400Z', 'now'],
    ['2026-01-05T12:00:42Z', 'in 42 s'],
    ['2026-01-05T12:09:59Z', 'in 10 min'],
    ['2026-01-05T10:57:10Z', '1 h 3 min ago'],
    ['2026-01-07T14:10:00Z', 'in 2 d 2 h'],
    ['nonsense', 'nonsense'],
  ])('says %s as %s', (at, words) => {
    expect(relative(at, now)).toBe(words)
  })
})

describe('localTime()', () => {
  test('is in the zone of the person', () => {
    expect(localTime('2026-07-01T22:30:00Z', 'Europe/Lisbon')).toBe('2026-07-01 23:30')
    expect(localTime('nonsense', 'UTC')).toBe('nonsense')
    expect(localTime(undefined, 'UTC')).toBeUndefined()
  })
})
