import type { AccessFlow } from './flow.ts'
import type { Integration } from './integration.ts'

/** Something that a target may lead to: by holding it one holds what it leads to. */
export interface GuardNode {
  readonly name: string
  /** Why whoever holds this could make himself master of this product; absent where he could not. */
  readonly power?: string | undefined
  /** What holding it brings besides; `unreadable` where nobody could find out. */
  readonly leadsTo: readonly string[] | 'unreadable'
}

/** What leads to what, by id. */
export type GuardGraph = ReadonlyMap<string, GuardNode>

const unknown = 'what could not be read'

/**
 * The shortest way from a target to power over this product, by name; undefined where there is none.
 * What could not be read counts as a way: nothing is given on the strength of not knowing.
 */
export function pathToPower(graph: GuardGraph, target: string): readonly string[] | undefined {
  const ways: { readonly id: string; readonly names: readonly string[] }[] = [
    { id: target, names: [] },
  ]
  const seen = new Set([target])
  for (const { id, names } of ways) {
    const node = graph.get(id)
    if (node === undefined) return [...names, unknown]
    const way = [...names, node.name]
    if (node.power !== undefined) return [...way, node.power]
    if (node.leadsTo === 'unreadable') return [...way, unknown]
    for (const next of node.leadsTo) {
      if (seen.has(next)) continue
      seen.add(next)
      ways.push({ id: next, names: way })
    }
  }
  return undefined
}

/** A group that holds the target, directly or by groups between them. */
export interface HoldingGroup {
  readonly id: string
  readonly name: string
  /** Directory roles can be assigned to it. */
  readonly carriesRoles: boolean
}

/** What the directory says of the power that a group brings; `unreadable` where it does not say. */
export interface GroupPower {
  readonly heldBy: readonly HoldingGroup[] | 'unreadable'
  /** Who holds a role of this product, people and groups. */
  readonly appRoleHolders: ReadonlySet<string> | 'unreadable'
}

/** The graph around a group: itself, the groups that hold it, and what each of them brings. */
export function graphOfGroup(
  target: HoldingGroup,
  { heldBy, appRoleHolders }: GroupPower,
  deciders: ReadonlySet<string>,
): GuardGraph {
  const powerOf = ({ id, carriesRoles }: Pick<HoldingGroup, 'id' | 'carriesRoles'>) => {
    if (carriesRoles) return 'directory roles that can be assigned to it'
    if (deciders.has(id)) return 'a say in who gets access'
    return appRoleHolders !== 'unreadable' && appRoleHolders.has(id)
      ? 'a role of this product'
      : undefined
  }
  const others = heldBy === 'unreadable' ? [] : heldBy.filter(({ id }) => id !== target.id)
  const isKnown = heldBy !== 'unreadable' && appRoleHolders !== 'unreadable'
  return new Map<string, GuardNode>([
    [
      target.id,
      {
        name: target.name,
        power: powerOf(target),
        leadsTo: isKnown ? others.map(({ id }) => id) : 'unreadable',
      },
    ],
    ...others.map((each): [string, GuardNode] => [
      each.id,
      { name: each.name, power: powerOf(each), leadsTo: [] },
    ]),
  ])
}

/** Groups that are named as owners or approvers: whoever is in one decides about access. */
export function decidingGroups(
  integrations: readonly Integration[],
  flows: readonly AccessFlow[],
): ReadonlySet<string> {
  const owners = integrations.flatMap(({ owner }) =>
    owner?.attribute === 'group' ? owner.values : [],
  )
  const approvers = flows.flatMap(({ approval }) =>
    (approval?.steps ?? []).flatMap((step) =>
      step.approvers.flatMap((each) =>
        typeof each === 'object' && each.type === 'group' ? [each.id] : [],
      ),
    ),
  )
  return new Set([...owners, ...approvers].map((id) => id.toLowerCase()))
}

/** Nobody gets these by accident: an integration has to name them by id. */
const namedOnly = new Set([
  '62e90394-69f5-4237-9190-012177145e10', // Global Administrator
  'e8611ab8-c189-46e8-94e1-60213ab1f814', // Privileged Role Administrator
])

/** Whether an integration that may hand out what is guarded may hand out this. */
export function mayHandOut({ privileged, include }: Integration, resourceId: string): boolean {
  if (privileged !== true) return false
  if (!namedOnly.has(resourceId)) return true
  return (include ?? []).some(({ by, values }) => by === 'id' && values.includes(resourceId))
}

const mostMilliseconds = 3_600_000
const fewestApprovers = 2

/** What is asked of a request for something guarded. */
export interface GuardedRequest {
  readonly durationMilliseconds: number
  readonly isExtension: boolean
  /** People who decide at the least. */
  readonly decisions: number
}

/** Why a guarded target is not given even by an integration that may; undefined where it is. */
export function obstacleOfGuarded(asked: GuardedRequest): string | undefined {
  if (asked.decisions < fewestApprovers) return 'Two people have to approve it.'
  if (asked.durationMilliseconds > mostMilliseconds) return 'It is given for an hour at most.'
  return asked.isExtension ? 'It cannot be extended: ask again when it has ended.' : undefined
}
