import { describe, expect, test } from 'vitest'
import {
  durationChoices,
  durationWords,
  readDuration,
  shortDuration,
  withWords,
} from '../../portal/src/parts/duration.ts'
import { linksOf } from '../../portal/src/parts/links.ts'
import { piecesOf } from '../../portal/src/parts/marks.ts'
import { relativeWords, utcTime } from '../../portal/src/parts/time-words.ts'

describe('readDuration()', () => {
  test.each([
    ['90 min', 'PT1H30M'],
    ['1h 30m', 'PT1H30M'],
    ['1 hour and 30 minutes', 'PT1H30M'],
    ['1:30', 'PT1H30M'],
    ['1.5 hours', 'PT1H30M'],
    ['2 days', 'PT48H'],
    ['pt45m', 'PT45M'],
    ['P1D', 'PT24H'],
    ['15 s', 'PT15S'],
    ['1 week', 'PT168H'],
  ])('reads "%s" as %s', (typed, expected) => {
    expect(readDuration(typed)).toBe(expected)
  })

  test.each(['', '90', 'soon', '1 month', '0 min', '-5 min', 'PT', '1h foo', '5 min 5'])(
    'takes "%s" for no length of time',
    (typed) => {
      expect(readDuration(typed)).toBeUndefined()
    },
  )
})

describe('the choices of a duration', () => {
  test('are the usual ones below the maximum, and the maximum itself', () => {
    expect(durationChoices('PT2H', 'PT30M')).toEqual(['PT15M', 'PT30M', 'PT1H', 'PT2H'])
  })

  test('hold the preset even where nobody else would pick it', () => {
    expect(durationChoices('PT1H', 'PT20M')).toEqual(['PT15M', 'PT20M', 'PT30M', 'PT1H'])
  })
})

describe('lengths of time in words', () => {
  test.each([
    [5_400_000, '1 hour 30 minutes', '1 h 30 min'],
    [86_400_000, '1 day', '1 d'],
    [62_000, '1 minute 2 seconds', '1 min 2 s'],
    [0, 'no time', '0 s'],
  ])('%i ms are "%s", and short "%s"', (milliseconds, words, short) => {
    expect([durationWords(milliseconds), shortDuration(milliseconds)]).toEqual([words, short])
  })

  test('take the place of ISO 8601 durations in a sentence, and of nothing else', () => {
    expect(withWords('Longer than the maximum of PT8H. P1 and PTA stay.')).toBe(
      'Longer than the maximum of 8 hours. P1 and PTA stay.',
    )
  })
})

describe('times in words', () => {
  const noon = Date.parse('2026-01-05T12:00:00Z')

  test.each([
    ['2026-01-05T11:55:00Z', '5 minutes ago'],
    ['2026-01-05T14:00:00Z', 'in 2 hours'],
    ['2026-01-05T11:59:50Z', 'just now'],
    ['2026-01-05T12:00:40Z', 'in less than a minute'],
    ['2026-01-04T12:00:00Z', 'yesterday'],
  ])('%s is %s at noon', (at, expected) => {
    expect(relativeWords(at, noon)).toBe(expected)
  })

  test('say that they are of UTC where they are', () => {
    expect(utcTime('2026-01-05T11:55:00.000Z')).toBe('2026-01-05 11:55 UTC')
  })
})

describe('linksOf()', () => {
  const linked = (text: string) =>
    linksOf(text).flatMap((piece) => (piece.kind === 'link' ? [piece.text] : []))

  test.each([
    ['See https://wiki.example/on-call.', ['https://wiki.example/on-call']],
    ['(http://wiki.example/a_(b))', ['http://wiki.example/a_(b)']],
    ['https://a.example and https://b.example', ['https://a.example', 'https://b.example']],
    ['javascript:alert(1)', []],
    ['data:text/html,<script>alert(1)</script>', []],
    ['https://user:secret@evil.example', []],
    ['https://wiki.example@evil.example', []],
    ['https://', []],
    ['xhttps://evil.example', []],
    ['<a href="https://quoted.example">', ['https://quoted.example']],
    ['https://exa\u202emple.evil', ['https://exa']],
    ['ftp://files.example', []],
  ])('finds in "%s" what may be followed', (text, expected) => {
    expect(linked(text)).toEqual(expected)
  })

  test.each(['a https://b.example, c\nd', 'javascript:https://x.example'])(
    'loses nothing of "%s"',
    (text) => {
      expect(
        linksOf(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text)
    },
  )
})

describe('piecesOf()', () => {
  const marks = (text: string, lines = false) =>
    piecesOf(text, lines).flatMap((piece) => (piece.kind === 'mark' ? [piece.text] : []))

  test.each([
    ['Admins\u202enimdA', ['U+202E right-to-left override']],
    ['Pay\u200bments', ['U+200B zero width space']],
    ['a\u0007b', ['U+0007 invisible character']],
    ['Reader\u200ds', []],
    ['👩‍💻', []],
    ['می\u200cخواهم', []],
    ['plain, Zoë, 東京', []],
    ['\u{e0041}tag', ['U+E0041 invisible character']],
  ])('shows what cannot be seen in "%s"', (text, expected) => {
    expect(marks(text)).toEqual(expected)
  })

  test('keeps line breaks only where lines are wanted', () => {
    expect([marks('a\nb', true), marks('a\nb')]).toEqual([[], ['U+000A invisible character']])
  })
})
