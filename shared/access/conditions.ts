/** One question about a person. */
export interface Condition {
  readonly type: 'user' | 'group' | 'manager' | 'attribute'
  readonly attribute?: string | undefined
  readonly match?: 'is' | 'is-not' | 'contains' | 'starts-with' | undefined
  readonly values: readonly string[]
}

/** Conditions joined by `and` or `or`, nested as needed. */
export interface ConditionTree {
  readonly operator: 'and' | 'or'
  readonly conditions: readonly (Condition | ConditionTree)[]
}

/** Who is in which of the groups that were asked about, directly or nested. */
export interface Memberships {
  isMember(personId: string, groupId: string): boolean
}

function isTree(node: Condition | ConditionTree): node is ConditionTree {
  return 'conditions' in node
}

/** Plain boolean logic; `is-not` is the negation of `is`. An empty `and` holds, an empty `or` not. */
export function holdsFor(
  node: Condition | ConditionTree,
  personId: string,
  members: Memberships,
): boolean {
  if (isTree(node)) {
    return node.operator === 'and'
      ? node.conditions.every((each) => holdsFor(each, personId, members))
      : node.conditions.some((each) => holdsFor(each, personId, members))
  }
  const is = matchesAny(node, personId, members)
  return node.match === 'is-not' ? !is : is
}

function matchesAny(condition: Condition, personId: string, members: Memberships): boolean {
  switch (condition.type) {
    case 'user':
      return condition.values.some((value) => value.toLowerCase() === personId.toLowerCase())
    case 'group':
      return condition.values.some((value) => members.isMember(personId, value.toLowerCase()))
    default:
      // Such a flow cannot be saved; if one is met all the same, nobody fits it.
      throw new Error(`Cannot judge a condition of type ${condition.type}: it is not offered yet`)
  }
}

/** Every group that a tree asks about. */
export function groupsIn(node: Condition | ConditionTree): readonly string[] {
  if (isTree(node)) return node.conditions.flatMap(groupsIn)
  return node.type === 'group' ? node.values : []
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
