import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSelected, type Selector } from '../../shared/access/selector.ts'

const resource = { id: '30000000-0000-4000-8000-00000000000a', name: 'Production Readers' }
const byName = (...values: string[]): Selector => ({ by: 'name', values })
const byId = (...values: string[]): Selector => ({ by: 'id', values })
const named = (name: string, ...patterns: string[]) =>
  isSelected({ id: 'x', name }, { include: [byName(...patterns)] })

describe('isSelected()', () => {
  test.each<{ title: string; include?: Selector[]; exclude?: Selector[]; selected: boolean }>([
    { title: 'everything without an include', selected: true },
    { title: 'nothing by an empty include', include: [], selected: false },
    { title: 'by its id', include: [byId(resource.id)], selected: true },
    { title: 'by its id in any case', include: [byId(resource.id.toUpperCase())], selected: true },
    { title: 'by any of several ids', include: [byId('other', resource.id)], selected: true },
    {
      title: 'by any of several selectors',
      include: [byId('other'), byName('prod*')],
      selected: true,
    },
    { title: 'by any of several names', include: [byName('Staging*', 'prod*')], selected: true },
    {
      title: 'not by a tag that it does not have',
      include: [{ by: 'tag', key: 'team', values: ['*'] }],
      selected: false,
    },
    { title: 'not by a part of its id', include: [byId('30000000*')], selected: false },
    { title: 'not by its name given as an id', include: [byId(resource.name)], selected: false },
    { title: 'not by other names', include: [byName('Staging*')], selected: false },
    { title: 'not when it is excluded', exclude: [byName('Production*')], selected: false },
    { title: 'when others are excluded', exclude: [byName('Staging*')], selected: true },
    {
      title: 'not when it is both included and excluded',
      include: [byId(resource.id)],
      exclude: [byName('*readers')],
      selected: false,
    },
    {
      title: 'not when any exclude picks it',
      include: [byName('*')],
      exclude: [byName('Staging*'), byId(resource.id)],
      selected: false,
    },
  ])('picks a resource: $title', ({ include, exclude, selected }) => {
    expect(isSelected(resource, { include, exclude })).toBe(selected)
  })

  test.each([
    ['Production Readers', true],
    ['production readers', true],
    ['Production', false],
    ['*', true],
    ['**', true],
    ['Production*', true],
    ['*Readers', true],
    ['*tion*ead*', true],
    ['P*n R*s', true],
    ['*ion*ion*', false],
    ['*ea*r*', true],
    ['Production Readers*', true],
    ['*Production Readers', true],
    ['Production*Readers', true],
    ['Production *Readers*', true],
    ['*Production Readers Too', false],
    ['Readers*Production', false],
    ['*readers*readers', false],
    ['Production R*Readers', false],
    ['Production Readers*Readers', false],
    ['P?oduction Readers', false],
    ['Production.Readers', false],
    ['.*', false],
    ['', false],
  ])('takes * in "%s" for any text: %s', (pattern, selected) => {
    expect(named(resource.name, pattern)).toBe(selected)
  })

  test('compares names as people read them, not as they are encoded', () => {
    expect(named('Café', 'CAFE\u0301')).toBe(true)
    expect(named('Cafe\u0301 Berlin', 'café*')).toBe(true)
  })

  test('knows a letter whose small form depends on where it stands', () => {
    expect(named('ΟΔΟΣΗΜΑΝΣΗ', 'ΟΔΟΣ*')).toBe(true)
    expect(named('Οδοσήμανση', 'ΟΔΟΣ*')).toBe(true)
    expect(named('ΟΔΟΣ', '*οσ')).toBe(true)
  })

  test('gets done with a pattern that would backtrack', () => {
    const name = 'a'.repeat(5_000)

    expect(named(name, `${'a*'.repeat(200)}b`)).toBe(false)
    expect(named(name, `${'*a'.repeat(200)}*`)).toBe(true)
    expect(named(name, `${'*a*'.repeat(2_000)}b*`)).toBe(false)
  })

  test('agrees with a regular expression about every pattern', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B'), maxLength: 8 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*'), maxLength: 6 })

    fc.assert(
      fc.property(text, pattern, (name, wildcard) => {
        const expression = new RegExp(`^${wildcard.replaceAll('*', '.*')}$`, 'i')

        expect(named(name, wildcard)).toBe(expression.test(name))
      }),
      { numRuns: 1_000 },
    )
  })
})
