import { fold } from './fold.ts'
import { oncePer } from './once.ts'

/** One question about a person. */
export interface Condition {
  readonly type: 'user' | 'group' | 'manager' | 'attribute'
  /** Name of a user attribute; for the type `attribute` only. */
  readonly attribute?: string | undefined
  readonly match?: 'is' | 'is-not' | 'contains' | 'starts-with' | undefined
  readonly values: readonly string[]
}

/** Conditions joined by `and` or `or`, nested as needed. */
export interface ConditionTree {
  readonly operator: 'and' | 'or'
  readonly conditions: readonly (Condition | ConditionTree)[]
}

/** What the directory says of people, as far as conditions ask. */
export interface PeopleFacts {
  /** Whether a group holds the person, directly or nested. */
  isMember(personId: string, groupId: string): boolean
  /** Object id of the person's manager; undefined when there is none. */
  managerOf(personId: string): string | undefined
  /** Undefined when the person has no such attribute. */
  attributeOf(personId: string, attribute: string): string | undefined
}

/** What conditions ask about; together it is what has to be read for a decision. */
export interface ConditionNeeds {
  readonly groups: readonly string[]
  readonly attributes: readonly string[]
  readonly managers: boolean
}

/** In a condition on grantees: the person who asks. */
export const theRequester = 'requester'

type Node = Condition | ConditionTree

export function isTree(node: Node): node is ConditionTree {
  return 'conditions' in node
}

/**
 * Plain boolean logic; `is-not` is the negation of `is`. An empty `and` holds, an empty `or` not.
 * What a person does not have fits nothing but `is-not`.
 */
export function holdsFor(
  node: Node,
  personId: string,
  facts: PeopleFacts,
  requesterId?: string,
): boolean {
  if (isTree(node)) {
    return node.operator === 'and'
      ? node.conditions.every((each) => holdsFor(each, personId, facts, requesterId))
      : node.conditions.some((each) => holdsFor(each, personId, facts, requesterId))
  }
  const matches = matchesAny(node, personId, facts, requesterId)
  return node.match === 'is-not' ? !matches : matches
}

function matchesAny(
  condition: Condition,
  personId: string,
  facts: PeopleFacts,
  requesterId: string | undefined,
): boolean {
  const values = foldedValues(condition)
  const names = (id: string | undefined) =>
    id !== undefined &&
    (values.has(id.toLowerCase()) || (values.has(theRequester) && id === requesterId))
  switch (condition.type) {
    case 'user':
      return names(personId)
    case 'manager':
      return names(facts.managerOf(personId))
    case 'group':
      for (const group of values) if (facts.isMember(personId, group)) return true
      return false
    case 'attribute': {
      const held = facts.attributeOf(personId, condition.attribute ?? '')
      return held !== undefined && compare(fold(held), condition.match, values)
    }
  }
}

function compare(held: string, match: Condition['match'], values: ReadonlySet<string>): boolean {
  switch (match) {
    case 'contains':
      return [...values].some((value) => held.includes(value))
    case 'starts-with':
      return [...values].some((value) => held.startsWith(value))
    default:
      return values.has(held)
  }
}

/** Values as they are compared. */
const foldedValues = oncePer(
  ({ values }: Condition): ReadonlySet<string> => new Set(values.map(fold)),
)

/** Everything that a tree asks the directory about. */
export const needsOf = oncePer((root: ConditionTree): ConditionNeeds => {
  const leaves = leavesOf(root)
  return {
    groups: leaves.flatMap((leaf) => (leaf.type === 'group' ? [...foldedValues(leaf)] : [])),
    attributes: leaves.flatMap(({ type, attribute }) =>
      type === 'attribute' && attribute !== undefined ? [attribute] : [],
    ),
    managers: leaves.some(({ type }) => type === 'manager'),
  }
})

function leavesOf(node: Node): readonly Condition[] {
  return isTree(node) ? node.conditions.flatMap(leavesOf) : [node]
}

/** How deep a tree is nested; counts without recursion, so that no tree is too deep for it. */
export function depthOf(root: unknown, enough: number): number {
  let level: unknown[] = [root]
  for (let depth = 1; depth <= enough; depth++) {
    level = level.flatMap((node) => {
      const children = (node as { conditions?: unknown } | null)?.conditions
      return Array.isArray(children) ? (children as unknown[]) : []
    })
    if (level.length === 0) return depth
  }
  return enough + 1
}
