import { describe, expect, test } from 'vitest'
import { wordsOf } from '../../shared/access/condition-words.ts'
import { allOf, anyOf, attribute, ben, engineers } from './flow-builders.ts'

describe('wordsOf()', () => {
  test.each([
    {
      tree: anyOf({ type: 'group', values: [engineers] }),
      words: `group is "${engineers}"`,
    },
    {
      tree: allOf(
        attribute('department', 'starts-with', 'Eng'),
        anyOf({ type: 'manager', match: 'is-not', values: [ben] }, attribute('city', 'is', 'Bern')),
      ),
      words: `department starts with "Eng" and (manager is not "${ben}" or city is "Bern")`,
    },
    { tree: anyOf({ type: 'manager', values: ['requester'] }), words: 'manager is the requester' },
    {
      tree: anyOf(attribute('city', 'is', 'Bern', 'Rome', 'Oslo', 'Lima', 'Kyiv')),
      words: 'city is "Bern" or "Rome" or "Oslo" or 2 more',
    },
    {
      tree: allOf(anyOf(attribute('city', 'is', 'Bern')), attribute('country', 'is', 'CH')),
      words: 'city is "Bern" and country is "CH"',
    },
    {
      tree: anyOf({ type: 'group', attribute: 'city', values: [engineers] }),
      words: `group is "${engineers}"`,
    },
    { tree: allOf(), words: 'everybody' },
    { tree: anyOf(), words: 'nobody' },
  ] as const)('says: $words', ({ tree, words }) => {
    expect(wordsOf(tree)).toBe(words)
  })

  test('counts the conditions that would be too many to read', () => {
    const conditions = ['a', 'b', 'c', 'd', 'e'].map((value) => attribute('city', 'is', value))

    expect(wordsOf(anyOf(...conditions))).toBe(
      'city is "a" or city is "b" or city is "c" or 2 more',
    )
  })

  test('stays short, whatever the values are', () => {
    const long = attribute('city', 'is', 'x'.repeat(256), 'y'.repeat(256))

    expect(wordsOf(allOf(long))).toHaveLength(300)
  })

  test('says all of what just fits', () => {
    const words = wordsOf(allOf(attribute('city', 'is', 'x'.repeat(290))))

    expect(words).toHaveLength(300)
    expect(words).toMatch(/x"$/)
  })
})
