import { describe, expect, test } from 'vitest'
import { oncePer } from '../../shared/access/once.ts'

describe('oncePer()', () => {
  test('makes something once for each part, though what it makes may be nothing', () => {
    const asked: string[] = []
    const lengthOf = oncePer(({ name }: { name: string }) => {
      asked.push(name)
      return name === '' ? undefined : name.length
    })
    const [some, none] = [{ name: 'abc' }, { name: '' }]

    const made = [lengthOf(some), lengthOf(none), lengthOf(some), lengthOf(none)]

    expect(made).toEqual([3, undefined, 3, undefined])
    expect(asked).toEqual(['abc', ''])
  })

  test('makes it anew for another part that says the same', () => {
    const boxOf = oncePer((_part: { name: string }) => ({}))

    expect(boxOf({ name: 'abc' })).not.toBe(boxOf({ name: 'abc' }))
  })
})
