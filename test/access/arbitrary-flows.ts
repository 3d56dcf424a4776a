import fc from 'fast-check'
import type { Condition, ConditionTree } from '../../shared/access/conditions.ts'
import type { Policy, Question, VersionedFlow } from '../../shared/access/evaluate.ts'
import type { Target } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import type { Selector } from '../../shared/access/selector.ts'
import { aFlow, anyOf, aQuestion, ben, engineers, everybody, mia, people } from './flow-builders.ts'

/*
 * A world small enough that flows often meet: two people, one group, two resources, two
 * integrations, a few durations.
 */

export const worldFacts = people({ [mia]: { groups: [engineers] } })

const person = fc.constantFrom(mia, ben)
const longest = fc.constantFrom('PT1H', 'PT4H', 'PT8H')
const integrationNames = ['Contoso', 'Fabrikam'] as const
const resources = ['Production Readers', 'Production Writers'] as const
const effect = fc.constantFrom('allow' as const, 'deny' as const)

const condition: fc.Arbitrary<Condition> = fc.record({
  type: fc.constantFrom('user', 'group'),
  match: fc.constantFrom('is', 'is-not'),
  values: fc.uniqueArray(fc.constantFrom(mia, ben, engineers), { minLength: 1 }),
})
const tree: fc.Arbitrary<ConditionTree> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(everybody) },
  {
    weight: 1,
    arbitrary: fc.record({
      operator: fc.constantFrom('and', 'or'),
      conditions: fc.array(
        fc.oneof(
          condition,
          condition.map((each) => anyOf(each)),
        ),
        {
          maxLength: 2,
        },
      ),
    }),
  },
)
const selectors: fc.Arbitrary<readonly Selector[] | undefined> = fc.constantFrom(
  undefined,
  undefined,
  [{ by: 'name', values: ['*Readers'] }],
  [{ by: 'name', values: ['Production W*'] }],
)
const target: fc.Arbitrary<Target> = fc.record({
  integration: fc.constantFrom(...integrationNames),
  resourceType: fc.constant('group'),
  permissions: fc.constantFrom(['member'], ['member', 'owner']),
  include: selectors,
  exclude: selectors,
})

/** A flow of any kind under a name. */
export const flowNamed = (name: string): fc.Arbitrary<VersionedFlow> =>
  fc
    .record({
      active: fc.constantFrom(true, true, true, false),
      effect: fc.oneof({ weight: 4, arbitrary: fc.constant('allow' as const) }, effect),
      intake: fc.constantFrom(undefined, ['http' as const, 'service-bus' as const]),
      requesters: tree,
      grantees: fc.option(tree, { nil: undefined }),
      targets: fc.array(target, { minLength: 1, maxLength: 2 }),
      duration: longest.map((maximum) => ({ maximum })),
      justification: fc.constantFrom(
        undefined,
        undefined,
        { required: true },
        { pattern: 'INC-.+' },
      ),
      extensions: fc.constantFrom(undefined, undefined, { duration: 'PT2H' }),
    })
    .map((over) => aFlow({ name, ...over }))

const integration = (name: string): fc.Arbitrary<Integration> =>
  fc.record({
    name: fc.constant(name),
    resourceTypes: fc.constant(['group' as const]),
    include: selectors,
    exclude: selectors,
  })

/** A policy of up to four flows. */
export const policy: fc.Arbitrary<Policy> = fc.record({
  integrations: fc.tuple(integration(integrationNames[0]), integration(integrationNames[1])),
  flows: fc
    .tuple(flowNamed('a'), flowNamed('b'), flowNamed('c'), flowNamed('d'))
    .chain((flows) => fc.subarray(flows)),
})

/** A request; the flow that it may name is one of those a policy has. */
export const question: fc.Arbitrary<Question> = fc
  .record(
    {
      requesterId: person,
      granteeId: person,
      permission: fc.constantFrom('member', 'member', 'owner'),
      durationMilliseconds: fc.integer({ min: 1, max: 9 * 3_600_000 }),
      intake: fc.constantFrom('http', 'http', 'service-bus'),
      justification: fc.constantFrom('', 'because', 'INC-1'),
      integration: fc.constantFrom(...integrationNames),
      accessFlow: fc.constantFrom('a', 'b', 'C'),
      extends: fc.boolean(),
      name: fc.constantFrom(...resources),
    },
    {
      requiredKeys: [
        'requesterId',
        'granteeId',
        'permission',
        'durationMilliseconds',
        'intake',
        'name',
      ],
    },
  )
  .map(({ name, ...over }) => aQuestion({ ...over, resource: { ...aQuestion().resource, name } }))
