import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../shared/config/parse-yaml.ts'

const detailOf = (text: string) => {
  const parsed = parseYaml(text)
  return parsed.ok ? undefined : parsed.errors[0]?.detail
}

const doubled = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)

describe('parseYaml()', () => {
  test('reads what JSON could say, and aliases as what they stand for', () => {
    const text = 'a: &people ["x", "y"] # on call\nb: *people\nc: { d: true, e: 3, f: null }\n'

    expect(parseYaml(text)).toEqual({
      ok: true,
      value: { a: ['x', 'y'], b: ['x', 'y'], c: { d: true, e: 3, f: null } },
    })
  })

  test('takes words that older YAML turned into truth values, dates or merges as they stand', () => {
    expect(parseYaml('y: yes\nd: 2026-01-05\n1: off\n<<: x')).toEqual({
      ok: true,
      value: { y: 'yes', d: '2026-01-05', '1': 'off', '<<': 'x' },
    })
  })

  test.each([
    [
      'a name that is there twice',
      'a: 1\nb:\n  c: 1\n  c: 2',
      '"c" is there twice (line 4, column 3)',
    ],
    ['a second document', 'a: 1\n---\nb: 2', 'more than one document'],
    ['a tag', 'a: !!binary aGk=', 'Unresolved tag'],
    ['a tag of its own', 'a: !ruby/object x', 'Unresolved tag'],
    ['a name that is no text', '? [a]\n: b', 'A name is no text (line 1, column 3)'],
    ['an alias without its anchor', 'a: *b', 'There is no anchor "b"'],
    ['an alias within what it stands for', 'a: &a\n  - *a', '"a" contains itself'],
    ['aliases that double and double', `a0: &a0 [x]\n${doubled.join('\n')}`, 'multiply'],
    [
      'more aliases than anybody needs',
      `a: &a x\nb:\n${'  - *a\n'.repeat(101)}`,
      'too many aliases',
    ],
    ['broken syntax', 'a: "b', 'closing "quote'],
  ])('refuses %s', (_what, text, words) => {
    expect(detailOf(text)).toContain(words)
  })

  test.each([
    ['brackets', '['.repeat(4_000_000)],
    ['list marks', '- '.repeat(2_000_000)],
    ['braces', '{a: '.repeat(1_000_000)],
    ['indentation', Array.from({ length: 2_500 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
  ])('refuses endless nesting by %s before it costs anything', (_what, text) => {
    expect(detailOf(text)).toContain('nested too deep')
  })

  test('refuses more pieces than the parser can be kept busy with', () => {
    expect(detailOf('[]'.repeat(2_000_000))).toContain('too long')
  })
})
