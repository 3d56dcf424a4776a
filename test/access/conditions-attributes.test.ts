import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Condition,
  type ConditionTree,
  holdsFor,
  needsOf,
} from '../../shared/access/conditions.ts'
import { attributeName, isExtension } from '../../shared/access/user-attributes.ts'
import { allOf, anyOf, attribute, ben, engineers, ines, mia, people } from './flow-builders.ts'

describe('a condition on an attribute', () => {
  test.each([
    { held: 'Engineering', match: 'is', values: ['Engineering'], holds: true },
    { held: 'Engineering', match: 'is', values: ['Sales', 'Engineering'], holds: true },
    { held: 'Engineering', match: 'is', values: ['Engineer'], holds: false },
    { held: 'ENGINEERING', match: 'is', values: ['engineering'], holds: true },
    { held: 'Engineering', match: 'is-not', values: ['Sales'], holds: true },
    { held: 'Engineering', match: 'is-not', values: ['Sales', 'engineering'], holds: false },
    { held: 'Site Reliability', match: 'contains', values: ['RELIAB'], holds: true },
    { held: 'Site Reliability', match: 'contains', values: ['office', 'site'], holds: true },
    { held: 'Site Reliability', match: 'contains', values: ['sitereliability'], holds: false },
    { held: 'Site Reliability', match: 'starts-with', values: ['site'], holds: true },
    { held: 'Site Reliability', match: 'starts-with', values: ['reliab'], holds: false },
    { held: 'Site Reliability', match: 'starts-with', values: ['office', 'site'], holds: true },
    // The same letters, composed and decomposed.
    { held: 'Andre\u0301', match: 'is', values: ['andr\u00e9'], holds: true },
    { held: 'Caf\u00e9 Nord', match: 'starts-with', values: ['cafe\u0301'], holds: true },
  ] as const)('"$held" $match $values: $holds', ({ held, match, values, holds }) => {
    const facts = people({ [mia]: { attributes: { department: held } } })

    expect(holdsFor(attribute('department', match, ...values), mia, facts)).toBe(holds)
  })

  test('without a match is compared as a whole', () => {
    const facts = people({ [mia]: { attributes: { department: 'Engineering' } } })
    const condition = { type: 'attribute', attribute: 'department', values: ['Engineer'] } as const

    expect(holdsFor(condition, mia, facts)).toBe(false)
  })

  test.each([
    { match: 'is', holds: false },
    { match: 'contains', holds: false },
    { match: 'starts-with', holds: false },
    { match: 'is-not', holds: true },
  ] as const)('that a person does not have fits $match: $holds', ({ match, holds }) => {
    expect(holdsFor(attribute('department', match, ''), mia, people())).toBe(holds)
  })

  test('looks at the attribute it names and at no other', () => {
    const facts = people({ [mia]: { attributes: { jobTitle: 'Engineering' } } })

    expect(holdsFor(attribute('department', 'is', 'Engineering'), mia, facts)).toBe(false)
  })
})

describe('a condition on the manager', () => {
  const isBen = { type: 'manager', values: [ben.toUpperCase()] } as const

  test.each([
    { who: 'whose manager it names', known: { manager: ben }, is: true },
    { who: 'of another manager', known: { manager: ines }, is: false },
    { who: 'without a manager', known: {}, is: false },
  ])('holds for a person $who: $is', ({ known, is }) => {
    const facts = people({ [mia]: known })

    expect(holdsFor(isBen, mia, facts)).toBe(is)
    expect(holdsFor({ ...isBen, match: 'is-not' }, mia, facts)).toBe(!is)
  })

  test('goes one step up and no further, so people who manage each other are no loop', () => {
    const facts = people({
      [mia]: { manager: ben },
      [ben]: { manager: mia },
      [ines]: { manager: ines },
    })

    expect(holdsFor({ type: 'manager', values: [mia] }, mia, facts)).toBe(false)
    expect(holdsFor({ type: 'manager', values: [mia] }, ben, facts)).toBe(true)
    expect(holdsFor({ type: 'manager', values: [ines] }, ines, facts)).toBe(true)
  })
})

describe('the value "requester"', () => {
  const reports = { type: 'manager', values: ['requester'] } as const
  const self = { type: 'user', values: ['requester'] } as const
  const facts = people({ [mia]: { manager: ben } })

  test('makes a manager ask for direct reports', () => {
    expect(holdsFor(reports, mia, facts, ben)).toBe(true)
    expect(holdsFor(reports, mia, facts, ines)).toBe(false)
    expect(holdsFor(reports, ben, facts, ben)).toBe(false)
  })

  test('stands for the person who asks among users', () => {
    expect(holdsFor(self, mia, facts, mia)).toBe(true)
    expect(holdsFor(self, mia, facts, ben)).toBe(false)
  })

  test('stands beside others', () => {
    const condition = { type: 'user', values: [ines, 'requester'] } as const

    expect(holdsFor(condition, ines, facts, ben)).toBe(true)
    expect(holdsFor(condition, ben, facts, ben)).toBe(true)
    expect(holdsFor(condition, mia, facts, ben)).toBe(false)
  })

  test('is nobody where nobody asks', () => {
    expect(holdsFor(self, mia, facts)).toBe(false)
    expect(holdsFor(reports, ines, people())).toBe(false)
  })
})

describe('needsOf()', () => {
  test('names what a tree asks about, however deep it stands', () => {
    const tree = allOf(
      { type: 'group', values: [engineers.toUpperCase()] },
      anyOf(
        attribute('department', 'is', 'Engineering'),
        allOf({ type: 'manager', values: [ben] }, { type: 'user', values: [mia] }),
      ),
    )

    expect(needsOf(tree)).toEqual({
      groups: [engineers],
      attributes: ['department'],
      managers: true,
    })
  })

  test('needs no attribute that a condition of another type names, or that none names', () => {
    const tree = anyOf(
      { type: 'group', attribute: 'department', values: [engineers] },
      { type: 'attribute', values: ['IT'] },
    )

    expect(needsOf(tree)).toEqual({ groups: [engineers], attributes: [], managers: false })
  })

  test('needs nothing for users', () => {
    const tree = anyOf({ type: 'user', values: [mia] })

    expect(needsOf(tree)).toEqual({ groups: [], attributes: [], managers: false })
  })
})

describe('attributeName()', () => {
  test.each([
    { name: 'department', known: 'department' },
    { name: 'JOBTITLE', known: 'jobTitle' },
    { name: 'userprincipalname', known: 'userPrincipalName' },
    { name: 'extensionAttribute1', known: 'extensionAttribute1' },
    { name: 'ExtensionAttribute15', known: 'extensionAttribute15' },
    {
      name: 'extension_0123456789ABCDEF0123456789abcdef_costCenter',
      known: 'extension_0123456789abcdef0123456789abcdef_costCenter',
    },
    { name: 'extensionAttribute0', known: undefined },
    { name: 'extensionAttribute16', known: undefined },
    { name: 'extension_0123_costCenter', known: undefined },
    { name: 'extension_0123456789abcdef0123456789abcdef_', known: undefined },
    { name: 'extension_0123456789abcdef0123456789abcdef_a,id', known: undefined },
    { name: 'mobilePhone', known: undefined },
    { name: 'manager', known: undefined },
    { name: '__proto__', known: undefined },
    { name: '', known: undefined },
  ])('knows "$name" as $known', ({ name, known }) => {
    expect(attributeName(name)).toBe(known)
  })
})

describe('isExtension()', () => {
  test.each([
    ['extension_0123456789abcdef0123456789abcdef_costCenter', true],
    ['EXTENSION_0123456789ABCDEF0123456789ABCDEF_COSTCENTER', true],
    ['my_extension_0123456789abcdef0123456789abcdef_costCenter', false],
    ['extensionAttribute1', false],
    ['department', false],
  ])('tells whether only this tenant has %s: %s', (name, is) => {
    expect(isExtension(name)).toBe(is)
  })
})

describe('condition trees', () => {
  const leaf: fc.Arbitrary<Condition> = fc.oneof(
    fc.record({
      type: fc.constant('attribute' as const),
      attribute: fc.constantFrom('department', 'city'),
      match: fc.constantFrom('is', 'is-not', 'contains', 'starts-with'),
      values: fc.array(fc.constantFrom('a', 'ab', 'b', 'A'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constantFrom('user' as const, 'manager' as const),
      match: fc.constantFrom('is', 'is-not'),
      values: fc.array(fc.constantFrom(mia, ben, ines, 'requester'), { minLength: 1 }),
    }),
  )
  const { tree } = fc.letrec<{ tree: ConditionTree; node: Condition | ConditionTree }>((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, leaf, tie('tree')),
    tree: fc.record({
      operator: fc.constantFrom('and', 'or'),
      conditions: fc.array(tie('node'), { maxLength: 4 }),
    }),
  }))
  const known = fc.record(
    {
      manager: fc.constantFrom(mia, ben, ines),
      attributes: fc.dictionary(fc.constantFrom('department', 'city'), fc.constantFrom('ab', 'A')),
    },
    { requiredKeys: [] },
  )

  const opposite: Readonly<Record<string, NonNullable<Condition['match']>>> = {
    is: 'is-not',
    'is-not': 'is',
  }
  const isFlat = (node: Condition | ConditionTree): boolean =>
    'conditions' in node
      ? node.conditions.every(isFlat)
      : opposite[node.match ?? 'is'] !== undefined
  /** De Morgan: the tree that has to say the opposite. */
  const negated = (node: Condition | ConditionTree): Condition | ConditionTree =>
    'conditions' in node
      ? {
          operator: node.operator === 'and' ? 'or' : 'and',
          conditions: node.conditions.map(negated),
        }
      : { ...node, match: opposite[node.match ?? 'is'] }

  test('are plain boolean logic: the negation of a tree says the opposite for everybody', () => {
    fc.assert(
      fc.property(tree.filter(isFlat), known, (node, about) => {
        const facts = people({ [mia]: about })

        return holdsFor(node, mia, facts, ben) !== holdsFor(negated(node), mia, facts, ben)
      }),
    )
  })

  test('say the same in any order of their conditions and values', () => {
    const turned = (node: Condition | ConditionTree): Condition | ConditionTree =>
      'conditions' in node
        ? { ...node, conditions: node.conditions.map(turned).reverse() }
        : { ...node, values: node.values.toReversed() }
    fc.assert(
      fc.property(tree, known, (node, about) => {
        const facts = people({ [mia]: about })

        return holdsFor(node, mia, facts, ben) === holdsFor(turned(node), mia, facts, ben)
      }),
    )
  })
})
