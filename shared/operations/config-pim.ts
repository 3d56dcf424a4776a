import type { Permission, ResourceRef } from '../access/access.ts'
import { durationOf } from '../access/duration.ts'
import type { AccessFlow } from '../access/flow.ts'
import { givingOf, longestSchedule } from '../access/giving.ts'
import type { Integration } from '../access/integration.ts'
import { isSelected } from '../access/selector.ts'
import type { ConfigSet } from '../config/config-set.ts'
import { away, type PlanFacts, unlessAway } from './config-facts.ts'
import type { LintIssue } from './config-lint.ts'
import type { Needs } from './needs.ts'

/** Each policy is a read of the directory. */
const mostPolicies = 20

interface Given {
  readonly pointer: string
  readonly name: string
  readonly resource: ResourceRef
  readonly permission: Permission
  /** As long as the longest schedule of the flow. */
  readonly milliseconds: number
}

/**
 * Flows of the set that may give access by PIM for longer than its policy lets a schedule be: their
 * longest windows would be refused by the directory. What is not looked at is told in `gaps`.
 */
export async function lintByPolicies(
  { directory }: Pick<Needs, 'directory'>,
  set: ConfigSet,
  integrations: readonly Integration[],
  { resources }: PlanFacts,
  gaps: Set<string>,
): Promise<readonly LintIssue[]> {
  const given = (set.accessFlows ?? []).flatMap((flow, index) =>
    givenByPim(flow, `/accessFlows/${index}`, integrations, resources ?? []),
  )
  if (given.length === 0) return []
  if (given.length > mostPolicies) gaps.add(`More than ${mostPolicies} PIM policies are concerned.`)
  const asked = given.slice(0, mostPolicies)
  const longest = await unlessAway(() => directory.longestSchedules(asked), gaps)
  if (longest === away) return []
  if (longest === undefined) {
    gaps.add('The tenant has no licence for Privileged Identity Management.')
    return []
  }
  return asked.flatMap(({ pointer, name, milliseconds }, index): readonly LintIssue[] => {
    const most = longest[index]
    if (most === undefined || milliseconds <= most) return []
    const detail = `The PIM policy of "${name}" allows at most ${most / 60_000} minutes, and a schedule for the longest window takes ${milliseconds / 60_000}.`
    return [{ code: 'beyond-pim-policy', severity: 'warning', pointer, detail }]
  })
}

function givenByPim(
  flow: AccessFlow,
  pointer: string,
  integrations: readonly Integration[],
  resources: NonNullable<PlanFacts['resources']>,
): readonly Given[] {
  const maximum = durationOf(flow.duration?.maximum ?? '')
  if (flow.effect === 'deny' || maximum === undefined) return []
  return flow.targets.flatMap((target): readonly Given[] => {
    const integration = integrations.find(
      ({ name }) => name.toLowerCase() === target.integration.toLowerCase(),
    )
    const giving = integration && givingOf(integration, target.resourceType)
    if (integration === undefined || giving === undefined) return []
    return resources
      .filter(
        ({ ref, selectable }) =>
          ref.type === target.resourceType &&
          isSelected(selectable, target) &&
          isSelected(selectable, integration),
      )
      .slice(0, mostPolicies + 1)
      .flatMap(({ ref, name }) =>
        target.permissions.map((permission) => ({
          pointer: `${pointer}/duration/maximum`,
          name,
          resource: ref,
          permission,
          milliseconds: longestSchedule(giving, maximum),
        })),
      )
  })
}
