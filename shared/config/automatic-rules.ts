import { type Condition, type ConditionTree, isTree, theRequester } from '../access/conditions.ts'
import { durationOf } from '../access/duration.ts'
import type { AccessFlow } from '../access/flow.ts'

/** A field that contradicts the trigger of its flow. */
export interface Contradiction {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Windows have to be long enough to be renewed at half time, whenever the next evaluation comes. */
const shortestWindow = 'PT5M'

/** What makes no sense in a flow by which nobody asks. */
export function contradictionsOf(flow: AccessFlow): readonly Contradiction[] {
  if (flow.trigger !== 'automatic') return []
  const found: Contradiction[] = []
  const refuse = (path: readonly PropertyKey[], message: string) => found.push({ path, message })
  if (flow.effect === 'deny') refuse(['effect'], 'A flow that denies gives nothing by itself.')
  if (flow.approval !== undefined) refuse(['approval'], 'Nobody asks, so nobody can approve.')
  if (flow.intake !== undefined) refuse(['intake'], 'Nobody asks, so there is no way to ask by.')
  if (flow.extensions !== undefined) {
    refuse(['extensions'], 'It is renewed as long as its condition holds.')
  }
  for (const name of ['justification', 'ticket'] as const) {
    if (flow[name]?.required === true) refuse([name, 'required'], 'Nobody asks, to give one.')
  }
  for (const path of requesterPaths(flow.grantees)) {
    refuse(['grantees', ...path], 'Nobody asks, to be compared with.')
  }
  const { maximum } = flow.duration ?? {}
  if (maximum !== undefined && (durationOf(maximum) ?? 0) < (durationOf(shortestWindow) ?? 0)) {
    refuse(['duration', 'maximum'], `An automatic flow needs at least ${shortestWindow}.`)
  }
  return found
}

/** Where a condition speaks of the requester. */
export function requesterPaths(
  node: Condition | ConditionTree | undefined,
): readonly (readonly PropertyKey[])[] {
  if (node === undefined) return []
  if (isTree(node)) {
    return node.conditions.flatMap((each, index) =>
      requesterPaths(each).map((path) => ['conditions', index, ...path]),
    )
  }
  if (node.type === 'attribute') return []
  return node.values.flatMap((value, index) => (value === theRequester ? [['values', index]] : []))
}
