import { isDeepStrictEqual } from 'node:util'
import type { Condition, ConditionTree } from '../../access/conditions.ts'
import type { AccessFlow } from '../../access/flow.ts'
import type { Integration } from '../../access/integration.ts'

/** What is left of a value; undefined when it says nothing. */
type Rule = (value: unknown) => unknown

const unless =
  (standard: unknown): Rule =>
  (value) =>
    isDeepStrictEqual(value, standard) ? undefined : value

const fieldsBy =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value) => {
    const kept = keep(value as object, rules)
    return Object.keys(kept).length === 0 ? undefined : kept
  }

const textRule = fieldsBy({ required: unless(false) })
const tree: Rule = (value) => plainTree(value as ConditionTree)

const integrationRules: Readonly<Record<string, Rule>> = {
  connector: unless('default'),
  mechanism: fieldsBy({ group: unless('direct'), 'directory-role': unless('direct') }),
  mechanismFallback: unless('none'),
  endBy: unless('broker'),
  userCleanup: fieldsBy({
    action: unless('report'),
    userTypes: unless(['guest']),
    announceDays: unless(7),
    signInWithinDays: unless(30),
    maxPerDay: unless(20),
    maxShare: unless(0.05),
    ignoreOtherAccess: unless(false),
  }),
  drift: unless('report'),
  privileged: unless(false),
}

const flowRules: Readonly<Record<string, Rule>> = {
  active: unless(true),
  effect: unless('allow'),
  trigger: unless('self-serve'),
  intake: unless(['http']),
  requesters: tree,
  grantees: tree,
  justification: textRule,
  ticket: textRule,
}

/** An integration without what holds anyway: two that mean the same look the same. */
export function plainIntegration(integration: Integration): Integration {
  return keep(integration, integrationRules)
}

/** An access flow without what holds anyway. */
export function plainFlow(flow: AccessFlow): AccessFlow {
  return keep(flow, flowRules)
}

function plainTree(node: ConditionTree | Condition): ConditionTree | Condition {
  return 'conditions' in node
    ? { ...node, conditions: node.conditions.map(plainTree) }
    : keep(node, { match: unless('is') })
}

/** The fields in their order, each as its rule leaves it. */
function keep<Fields extends object>(
  fields: Fields,
  rules: Readonly<Record<string, Rule>>,
): Fields {
  const kept = Object.entries(fields).flatMap(([name, value]) => {
    const left = rules[name] === undefined ? value : rules[name](value)
    return left === undefined ? [] : [[name, left] as const]
  })
  return Object.fromEntries(kept) as Fields
}
