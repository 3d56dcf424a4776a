import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Condition,
  type ConditionTree,
  depthOf,
  holdsFor,
} from '../../shared/access/conditions.ts'
import { allOf, anyOf, ben, engineers, mia, people } from './flow-builders.ts'

const platform = '30000000-0000-4000-8000-0000000000aa'
const staff = '30000000-0000-4000-8000-0000000000ab'

/** Groups and what is in them, people and groups; a person is in what holds him at any depth. */
const nested = (groups: Readonly<Record<string, readonly string[]>>) => {
  const holds = (group: string, member: string): boolean =>
    (groups[group] ?? []).some((each) => each === member || holds(each, member))
  return { ...people(), isMember: (person: string, group: string) => holds(group, person) }
}
/** Mia is in the platform team, which is in engineering, which is in staff; Ben is staff. */
const facts = nested({ [staff]: [engineers, ben], [engineers]: [platform], [platform]: [mia] })

const isUser = (...values: string[]): Condition => ({ type: 'user', values })
const isIn = (...values: string[]): Condition => ({ type: 'group', values })
const not = (condition: Condition): Condition => ({ ...condition, match: 'is-not' })

describe('holdsFor()', () => {
  test.each<{ title: string; tree: Condition | ConditionTree; holds: boolean }>([
    { title: 'the person', tree: isUser(mia), holds: true },
    { title: 'the person in any case', tree: isUser(mia.toUpperCase()), holds: true },
    { title: 'one of several people', tree: isUser(ben, mia), holds: true },
    { title: 'somebody else', tree: isUser(ben), holds: false },
    { title: 'said outright', tree: { ...isUser(mia), match: 'is' }, holds: true },
    { title: 'not somebody else', tree: not(isUser(ben)), holds: true },
    { title: 'not the person', tree: not(isUser(mia)), holds: false },
    { title: 'none of several people', tree: not(isUser(ben, mia)), holds: false },
    { title: 'a group', tree: isIn(platform), holds: true },
    { title: 'a group in any case', tree: isIn(platform.toUpperCase()), holds: true },
    { title: 'a group around the group', tree: isIn(engineers), holds: true },
    { title: 'a group around that', tree: isIn(staff), holds: true },
    { title: 'a group nobody knows', tree: isIn('other'), holds: false },
    { title: 'one of several groups', tree: isIn('other', staff), holds: true },
    { title: 'not a group around the group', tree: not(isIn(staff)), holds: false },
    { title: 'not a group nobody knows', tree: not(isIn('other')), holds: true },
    { title: 'everything of nothing', tree: allOf(), holds: true },
    { title: 'anything of nothing', tree: anyOf(), holds: false },
    { title: 'all of two that hold', tree: allOf(isUser(mia), isIn(staff)), holds: true },
    {
      title: 'all of two, one of which holds',
      tree: allOf(isUser(mia), isUser(ben)),
      holds: false,
    },
    { title: 'any of two, one of which holds', tree: anyOf(isUser(ben), isIn(staff)), holds: true },
    { title: 'any of two that do not hold', tree: anyOf(isUser(ben), isIn('other')), holds: false },
    {
      title: 'a tree in a tree',
      tree: allOf(isIn(staff), anyOf(isUser(ben), allOf(isIn(engineers), not(isUser(ben))))),
      holds: true,
    },
    {
      title: 'a tree in a tree that fails deep inside',
      tree: allOf(isIn(staff), anyOf(isUser(ben), allOf(isIn(engineers), not(isUser(mia))))),
      holds: false,
    },
  ])('judges $title: $holds', ({ tree, holds }) => {
    expect(holdsFor(tree, mia, facts)).toBe(holds)
  })

  test('asks about the person it is given, and nobody else', () => {
    expect(holdsFor(isIn(engineers), ben, facts)).toBe(false)
    expect(holdsFor(isIn(staff), ben, facts)).toBe(true)
  })

  test('is plain boolean logic: the opposite of a tree holds exactly where the tree does not', () => {
    const leaf = fc.record({
      type: fc.constantFrom('user' as const, 'group' as const),
      match: fc.constantFrom('is' as const, 'is-not' as const),
      values: fc.uniqueArray(fc.constantFrom(mia, ben, platform, engineers, staff), {
        minLength: 1,
      }),
    })
    const { tree } = fc.letrec<{ tree: ConditionTree; node: Condition | ConditionTree }>((tie) => ({
      node: fc.oneof({ maxDepth: 3 }, leaf, tie('tree')),
      tree: fc.record({
        operator: fc.constantFrom('and' as const, 'or' as const),
        conditions: fc.array(tie('node'), { maxLength: 3 }),
      }),
    }))
    const opposite = (node: Condition | ConditionTree): Condition | ConditionTree =>
      'conditions' in node
        ? {
            operator: node.operator === 'and' ? 'or' : 'and',
            conditions: node.conditions.map(opposite),
          }
        : { ...node, match: node.match === 'is-not' ? 'is' : 'is-not' }

    fc.assert(
      fc.property(tree, fc.constantFrom(mia, ben, 'stranger'), (node, person) => {
        expect(holdsFor(opposite(node), person, facts)).toBe(!holdsFor(node, person, facts))
      }),
      { numRuns: 300 },
    )
  })
})

describe('depthOf()', () => {
  const deep = (levels: number): unknown => {
    let tree: unknown = isUser(mia)
    for (let level = 1; level < levels; level++) tree = { operator: 'and', conditions: [tree] }
    return tree
  }

  test.each([
    { title: 'a condition', tree: deep(1), depth: 1 },
    { title: 'a tree of conditions', tree: deep(2), depth: 2 },
    { title: 'the deepest that is enough', tree: deep(11), depth: 11 },
    { title: 'one deeper', tree: deep(12), depth: 12 },
    { title: 'one much deeper, at which it stops', tree: deep(100_000), depth: 12 },
    { title: 'the deepest branch', tree: { conditions: [deep(1), deep(3)] }, depth: 4 },
    { title: 'no tree at all', tree: null, depth: 1 },
    { title: 'a tree of something else', tree: { conditions: ['x', null, 7] }, depth: 2 },
    { title: 'conditions that are no list', tree: { conditions: 'x' }, depth: 1 },
  ])('counts $title', ({ tree, depth }) => {
    expect(depthOf(tree, 11)).toBe(depth)
  })
})
