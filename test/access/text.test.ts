import { describe, expect, test } from 'vitest'
import { compilePattern, textProblem } from '../../shared/access/text.ts'

describe('compilePattern()', () => {
  test.each([
    { pattern: 'INC-[0-9]+', text: 'INC-4711', matches: true },
    { pattern: 'INC-[0-9]+', text: 'see INC-4711', matches: false },
    { pattern: 'INC-[0-9]+', text: 'INC-4711\n', matches: false },
    { pattern: 'INC-[0-9]+', text: 'inc-4711', matches: false },
    { pattern: '(?i)INC-[0-9]+', text: 'inc-4711', matches: true },
    { pattern: '.*INC.*', text: 'see INC-4711', matches: true },
    { pattern: 'a|b', text: 'ab', matches: false },
    { pattern: '𝄞.', text: '𝄞𝄞', matches: true },
    { pattern: '', text: '', matches: true },
  ])('$pattern matches "$text" as a whole: $matches', ({ pattern, text, matches }) => {
    expect(compilePattern(pattern)?.matches(text)).toBe(matches)
  })

  test.each(['(', '[', 'a{2,1}', '(?=a)', '(?<!a)b', '(a)\\1', 'a**'])('takes no %s', (pattern) => {
    expect(compilePattern(pattern)).toBeUndefined()
  })

  test.each(['(a+)+b', '(a|aa)+b', '(.*)*b', '(a?){50}a{50}b'])(
    'gets done with %s where a backtracking engine would not',
    (pattern) => {
      expect(compilePattern(pattern)?.matches('a'.repeat(2_000))).toBe(false)
    },
  )
})

describe('textProblem()', () => {
  test.each([
    ['nothing', ''],
    ['a tab', 'a\tb'],
    ['a line feed', 'a\nb'],
    ['letters of every kind', 'Störung é 停电'],
    ['a whole surrogate pair', '𝄞𝄞'],
    ['what hides or turns text', '\u202e\u200b'],
  ])('finds nothing wrong with %s', (_, text) => {
    expect(textProblem(text)).toBeUndefined()
  })

  test.each([
    ['a null', 'a\u0000b'],
    ['a backspace', 'a\u0008b'],
    ['a vertical tab', 'a\u000bb'],
    ['a carriage return', 'a\rb'],
    ['an escape', '\u001b[31m'],
    ['the last of C0', '\u001f'],
    ['a first half of a pair', 'a\ud834'],
    ['a second half of a pair', '\udd1ea'],
    ['two first halves', '\ud834\ud834\udd1e'],
    ['two second halves', '\ud834\udd1e\udd1e'],
  ])('refuses %s', (_, text) => {
    expect(textProblem(text)).toBe('It contains control characters or broken Unicode.')
  })
})
