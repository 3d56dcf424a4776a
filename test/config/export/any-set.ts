import * as fc from 'fast-check'
import { type ConfigSet, parseConfigSet } from '../../../shared/config/config-set.ts'

/** Pieces that mean something in one of the languages, or are not what they look like. */
export const hostile = fc
  .array(
    fc.constantFrom(
      ...['${', '%{', '$', '%', '{', '}', '$${', '%%{', '"', "'", "'''", '\\', '\\u0041', '`'],
      ...['\n', '\t', '# ', '// ', '/*', '- ', ': ', '? ', '<<EOF', '---\n', '&a', '*a', '!x'],
      ...['\u202e', '\u2066', '\u2028', '\u2029', '\u0085', '\ufeff', '\u200b', '\u00a0', '\u007f'],
      ...['👩‍🚒', '\u{e0067}', '𐀀', '\u{1fffe}', 'é', 'null', 'true', '1e3', ' ', 'a', '~'],
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((pieces) => pieces.join('').normalize('NFC'))

const id = fc
  .integer({ min: 0, max: 99 })
  .map((n) => `20000000-0000-4000-8000-${String(n).padStart(12, '0')}`)
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const listOf = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(value, { minLength: 1, maxLength: 3 })

const selector = fc.oneof(
  fc.record({ by: fc.constant('id' as const), values: listOf(id) }),
  fc.record({ by: fc.constant('name' as const), values: listOf(hostile) }),
  fc.record({ by: fc.constant('tag' as const), key: hostile, values: listOf(hostile) }),
)
const selectors = maybe(fc.array(selector, { maxLength: 2 }))
const condition = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('user' as const, 'group' as const, 'manager' as const),
      match: fc.constantFrom('is' as const, 'is-not' as const),
      values: listOf(id),
    },
    { requiredKeys: ['type', 'values'] },
  ),
  fc.record({
    type: fc.constant('attribute' as const),
    attribute: fc.constant('department'),
    match: fc.constantFrom('is' as const, 'contains' as const, 'starts-with' as const),
    values: listOf(hostile),
  }),
)
const tree = fc.record({
  operator: fc.constantFrom('and' as const, 'or' as const),
  conditions: listOf(
    fc.oneof(
      condition,
      fc.record({ operator: fc.constant('or' as const), conditions: listOf(condition) }),
    ),
  ),
})
const duration = fc.constantFrom('PT1H', 'P1D', 'PT8H')

const integrationOf = (name: string) =>
  fc.record({
    name: fc.constant(name),
    resourceTypes: fc.constantFrom(['group'], ['group', 'directory-role']),
    customAccessDetails: maybe(hostile),
    privileged: maybe(fc.boolean()),
    connector: maybe(fc.constant('default')),
    mechanism: maybe(fc.constantFrom({ group: 'direct' }, { group: 'pim' }, {})),
    include: selectors,
    exclude: selectors,
    owner: maybe(fc.record({ attribute: fc.constant('user'), values: listOf(id) })),
  })
const flowOf = (name: string) =>
  fc.record({
    description: maybe(hostile),
    labels: maybe(
      fc.oneof(
        fc.array(hostile, { maxLength: 3 }),
        fc.dictionary(hostile, hostile, { maxKeys: 4 }),
      ),
    ),
    requesters: tree,
    grantees: maybe(tree),
    active: maybe(fc.boolean()),
    intake: maybe(fc.constantFrom(['http'], ['http', 'service-bus'])),
    justification: maybe(
      fc.record(
        { required: fc.boolean(), pattern: fc.constant('INC-\\d+ \\$\\{') },
        {
          requiredKeys: [],
        },
      ),
    ),
    duration: fc.record({ maximum: duration }),
    timeframe: maybe(
      fc.record({
        days: fc.constant(['mon', 'fri']),
        from: fc.constant('22:00'),
        to: fc.constant('06:00'),
        timeZone: fc.constant('Europe/Lisbon'),
      }),
    ),
    targets: listOf(
      fc.record({
        integration: fc.constantFrom('One', 'two'),
        resourceType: fc.constant('group'),
        permissions: fc.constantFrom(['member'], ['member', 'owner']),
        include: selectors,
      }),
    ),
    name: fc.constant(name),
  })

const bundleOf = (name: string) =>
  fc.record({
    resources: fc.uniqueArray(
      fc.record(
        {
          permission: fc.constantFrom('member', 'owner'),
          resource: fc.record({ id, type: fc.constant('group') }),
          integration: fc.constantFrom('One', 'two'),
        },
        { requiredKeys: ['resource'] },
      ),
      { minLength: 1, maxLength: 3, selector: ({ resource }) => resource.id },
    ),
    description: maybe(hostile),
    name: fc.constant(name),
  })

/** A set as somebody might send it: keys in any order, whatever holds anyway said or not. */
export const sets = fc
  .record({
    accessFlows: fc.tuple(flowOf('oncall'), flowOf('a-night'), flowOf('Zoo')),
    integrations: fc.tuple(integrationOf('two'), integrationOf('One')),
    bundles: maybe(fc.tuple(bundleOf('starter'))),
  })
  .map((set): ConfigSet => {
    const parsed = parseConfigSet(JSON.parse(JSON.stringify(set)))
    if (!parsed.ok) throw new Error(JSON.stringify([parsed.errors, set]))
    return parsed.value
  })
