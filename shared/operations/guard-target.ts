import { necessaryDecisions } from '../access/approval-stages.ts'
import type { Verdict } from '../access/evaluate.ts'
import { graphOfGroup, mayHandOut, obstacleOfGuarded, pathToPower } from '../access/guard.ts'
import type { DirectoryResource, Power } from '../directory/directory.ts'

/**
 * The way from a resource to power over this product, by name; undefined where there is none.
 * `deciders` are the groups that are named as owners or approvers.
 */
export function guardedBy(
  { ref, name, unmanageable }: DirectoryResource,
  power: Power | undefined,
  deciders: ReadonlySet<string>,
): readonly string[] | undefined {
  if (power?.kind === 'role') return power.isPrivileged ? [name] : undefined
  const target = { id: ref.id, name, carriesRoles: unmanageable === 'role-assignable' }
  const facts = power ?? { heldBy: 'unreadable', appRoleHolders: 'unreadable' }
  return pathToPower(graphOfGroup(target, facts, deciders), target.id)
}

/** Why what is guarded is not given to this request; undefined where it is. */
export function obstacleOf(
  path: readonly string[],
  resourceId: string,
  { integration, flow }: Extract<Verdict, { kind: 'allowed' }>,
  asked: { readonly durationMilliseconds: number; readonly isExtension: boolean },
): string | undefined {
  const way = `It gives power over this product: ${path.join(' → ')}.`
  if (!mayHandOut(integration, resourceId)) return way
  const decisions = necessaryDecisions(flow.approval)
  const obstacle = obstacleOfGuarded({ ...asked, decisions })
  return obstacle === undefined ? undefined : `${way} ${obstacle}`
}
