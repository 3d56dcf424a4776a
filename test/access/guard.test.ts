import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decidingGroups,
  type GroupPower,
  type GuardNode,
  graphOfGroup,
  mayHandOut,
  obstacleOfGuarded,
  pathToPower,
} from '../../shared/access/guard.ts'
import type { Integration } from '../../shared/access/integration.ts'
import { aFlow } from './flow-builders.ts'

const graph = (nodes: Readonly<Record<string, Partial<GuardNode>>>) =>
  new Map(
    Object.entries(nodes).map(([id, node]) => [
      id,
      { name: id.toUpperCase(), leadsTo: [], ...node },
    ]),
  )

describe('the way to power', () => {
  test.each([
    { what: 'a group that leads nowhere', nodes: { a: {} }, path: undefined },
    { what: 'power itself', nodes: { a: { power: 'roles' } }, path: ['A', 'roles'] },
    {
      what: 'a group that lies in one with power',
      nodes: { a: { leadsTo: ['b'] }, b: { power: 'roles' } },
      path: ['A', 'B', 'roles'],
    },
    {
      what: 'two ways, of which it tells the shorter',
      nodes: {
        a: { leadsTo: ['b', 'c'] },
        b: { leadsTo: ['d'] },
        c: { power: 'x' },
        d: { power: 'y' },
      },
      path: ['A', 'C', 'x'],
    },
    {
      what: 'a circle without power',
      nodes: { a: { leadsTo: ['b'] }, b: { leadsTo: ['a'] } },
      path: undefined,
    },
    {
      what: 'a circle with power behind it',
      nodes: { a: { leadsTo: ['b'] }, b: { leadsTo: ['a', 'c'] }, c: { power: 'roles' } },
      path: ['A', 'B', 'C', 'roles'],
    },
    {
      what: 'something that could not be read',
      nodes: { a: { leadsTo: ['b'] }, b: { leadsTo: 'unreadable' as const } },
      path: ['A', 'B', 'what could not be read'],
    },
    {
      what: 'something that is not there',
      nodes: { a: { leadsTo: ['b'] } },
      path: ['A', 'what could not be read'],
    },
  ])('is told of $what', ({ nodes, path }) => {
    expect(pathToPower(graph(nodes), 'a')).toEqual(path)
  })

  const size = 8
  const ids = Array.from({ length: size }, (_, number) => String(number))
  const anyGraph = fc.record({
    edges: fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 20 }),
    power: fc.subarray(ids, { maxLength: 2 }),
    unreadable: fc.subarray(ids, { maxLength: 1 }),
  })
  type AnyGraph = typeof anyGraph extends fc.Arbitrary<infer Value> ? Value : never

  const made = ({ edges, power, unreadable }: AnyGraph) =>
    new Map(
      ids.map((id): [string, GuardNode] => [
        id,
        {
          name: id,
          power: power.includes(id) ? 'power' : undefined,
          leadsTo: unreadable.includes(id)
            ? 'unreadable'
            : edges.flatMap(([from, to]) => (from === id ? [to] : [])),
        },
      ]),
    )

  /** Said once more in another way: whatever is reached in as many steps as there are groups. */
  const reachedFrom = ({ edges, unreadable }: AnyGraph, start: string) => {
    let reached = new Set([start])
    for (const _ of ids) {
      const steps = edges.filter(([from]) => reached.has(from) && !unreadable.includes(from))
      reached = new Set([...reached, ...steps.map(([, to]) => to)])
    }
    return reached
  }

  test('is found wherever there is one, and nowhere else, through whatever nests', () => {
    void fc.assert(
      fc.property(anyGraph, (each) => {
        const reached = reachedFrom(each, '0')
        const isGuarded = [...each.power, ...each.unreadable].some((id) => reached.has(id))

        expect(pathToPower(made(each), '0') !== undefined).toBe(isGuarded)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is one that can be walked', () => {
    void fc.assert(
      fc.property(anyGraph, (each) => {
        const nodes = made(each)
        const path = pathToPower(nodes, '0')
        if (path === undefined) return
        const walked = path.slice(0, -1)
        expect(walked[0]).toBe('0')
        for (const [index, name] of walked.slice(1).entries()) {
          expect(nodes.get(walked[index] ?? '')?.leadsTo).toContain(name)
        }
        const last = nodes.get(walked.at(-1) ?? '')
        expect(last?.power !== undefined || last?.leadsTo === 'unreadable').toBe(true)
      }),
    )
  })

  test('does not go away by more nesting', () => {
    void fc.assert(
      fc.property(
        anyGraph,
        fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)),
        (each, edge) => {
          const more = { ...each, edges: [...each.edges, edge] }

          if (pathToPower(made(each), '0') !== undefined) {
            expect(pathToPower(made(more), '0')).toBeDefined()
          }
        },
      ),
    )
  })
})

describe('a group is guarded', () => {
  const target = { id: 'a', name: 'A', carriesRoles: false }
  const inside = (over: Partial<{ id: string; carriesRoles: boolean }> = {}): GroupPower => ({
    heldBy: [{ id: 'b', name: 'B', carriesRoles: false, ...over }],
    appRoleHolders: new Set(),
  })
  const plain: GroupPower = { heldBy: [], appRoleHolders: new Set() }
  const pathOf = (power: GroupPower, deciders: readonly string[] = []) =>
    pathToPower(graphOfGroup(target, power, new Set(deciders)), 'a')?.join(' → ')

  test.each([
    ['not by itself', pathOf(plain), undefined],
    ['not by a plain group around it', pathOf(inside()), undefined],
    [
      'by a group around it that carries roles',
      pathOf(inside({ carriesRoles: true })),
      'A → B → directory roles that can be assigned to it',
    ],
    [
      'by a role of this product',
      pathOf({ ...plain, appRoleHolders: new Set(['a']) }),
      'A → a role of this product',
    ],
    [
      'by a role of this product of a group around it',
      pathOf({ ...inside(), appRoleHolders: new Set(['b']) }),
      'A → B → a role of this product',
    ],
    ['by deciding about access', pathOf(plain, ['a']), 'A → a say in who gets access'],
    [
      'by a group around it that decides about access',
      pathOf(inside(), ['b']),
      'A → B → a say in who gets access',
    ],
    [
      'by groups around it that nobody could read',
      pathOf({ ...plain, heldBy: 'unreadable' }),
      'A → what could not be read',
    ],
    [
      'by roles of this product that nobody could read',
      pathOf({ ...plain, appRoleHolders: 'unreadable' }),
      'A → what could not be read',
    ],
    [
      'by roles that it carries itself',
      pathToPower(graphOfGroup({ ...target, carriesRoles: true }, plain, new Set()), 'a')?.join(
        ' → ',
      ),
      'A → directory roles that can be assigned to it',
    ],
    [
      'not by itself around itself',
      pathOf({ ...plain, heldBy: [{ id: 'a', name: 'A', carriesRoles: false }] }),
      undefined,
    ],
  ])('%s', (_what, path, expected) => {
    expect(path).toBe(expected)
  })

  test('when it owns an integration or approves in a flow', () => {
    const owner = { attribute: 'group', values: ['OWNERS'] } as const
    const approvers = [
      { type: 'group', id: 'approvers' },
      { type: 'user', id: 'mia' },
    ] as const
    const groups = decidingGroups(
      [
        { name: 'One', resourceTypes: ['group'], owner },
        { name: 'Two', resourceTypes: ['group'], owner: { attribute: 'user', values: ['ruth'] } },
      ],
      [aFlow({ approval: { mode: 'any-of', steps: [{ approvers: [...approvers, 'manager'] }] } })],
    )

    expect([...groups]).toEqual(['owners', 'approvers'])
  })
})

describe('an integration hands out what is guarded', () => {
  const global = '62e90394-69f5-4237-9190-012177145e10'
  const user = 'fe930be7-5e62-47db-91af-98c3a49a38b1'
  const may = (over: Partial<Integration>, id: string) =>
    mayHandOut({ name: 'One', resourceTypes: ['directory-role'], ...over }, id)

  test.each([
    ['not as it is', may({}, user), false],
    ['when it is privileged', may({ privileged: true }, user), true],
    ['but not a Global Administrator', may({ privileged: true }, global), false],
    [
      'and that one neither by name',
      may(
        { privileged: true, include: [{ by: 'name', values: ['Global Administrator', '*'] }] },
        global,
      ),
      false,
    ],
    [
      'but by id',
      may({ privileged: true, include: [{ by: 'id', values: [global] }] }, global),
      true,
    ],
    ['never by id alone', may({ include: [{ by: 'id', values: [global] }] }, global), false],
  ])('%s', (_what, is, expected) => {
    expect(is).toBe(expected)
  })

  const asked = { durationMilliseconds: 3_600_000, isExtension: false, decisions: 2 }
  test.each([
    ['for an hour, when two people approve', asked, undefined],
    [
      'not for longer',
      { ...asked, durationMilliseconds: 3_600_001 },
      'It is given for an hour at most.',
    ],
    ['not when one person approves', { ...asked, decisions: 1 }, 'Two people have to approve it.'],
    ['not by itself', { ...asked, decisions: 0 }, 'Two people have to approve it.'],
    [
      'not for longer by an extension',
      { ...asked, isExtension: true },
      'It cannot be extended: ask again when it has ended.',
    ],
  ])('%s', (_what, request, expected) => {
    expect(obstacleOfGuarded(request)).toBe(expected)
  })
})
