import type { Permission, ResourceRef } from './access.ts'
import type { AccessFlow, Target } from './flow.ts'
import type { Integration } from './integration.ts'
import { oncePer } from './once.ts'
import { isSelected, type Tags } from './selector.ts'

/** What is asked for. */
export interface Subject {
  readonly resource: {
    readonly ref: ResourceRef
    readonly name: string
    readonly tags?: Tags | undefined
  }
  readonly permission: Permission
  /** The integration that the caller names, if any. */
  readonly integration?: string | undefined
}

/** By which integration a flow covers what is asked for, or why it does not. */
export type Coverage =
  | { readonly passes: true; readonly detail: string; readonly integration: Integration }
  | { readonly passes: false; readonly detail: string }

/** Looks up which flows cover one resource; what the integrations say of it is found out once. */
export function createCoverage(
  { resource, permission, integration: wanted }: Subject,
  integrations: readonly Integration[],
): (flow: Pick<AccessFlow, 'targets' | 'effect'>) => Coverage {
  const { ref, name, tags } = resource
  const selectable = { id: ref.id, name, tags }
  const named = new Map(integrations.map((each) => [each.name.toLowerCase(), each]))
  const wantedKey = wanted?.toLowerCase()
  const uncovered: Coverage = {
    passes: false,
    detail: `No target covers the ${ref.type} "${name}" for "${permission}".`,
  }
  const through = oncePer((integration: Integration): Coverage => {
    const isOf = integration.resourceTypes.includes(ref.type) && isSelected(selectable, integration)
    const detail = `Covered by the integration "${integration.name}".`
    return isOf ? { passes: true, detail, integration } : uncovered
  })

  const cover = (target: Target, isDenial: boolean): Coverage => {
    if (target.resourceType !== ref.type || !target.permissions.includes(permission)) {
      return uncovered
    }
    const key = target.integration.toLowerCase()
    // How it is asked must not get around a denial.
    if (!isDenial && wantedKey !== undefined && wantedKey !== key) return uncovered
    const integration = named.get(key)
    if (integration === undefined) {
      return { passes: false, detail: `There is no integration "${target.integration}".` }
    }
    return isSelected(selectable, target) ? through(integration) : uncovered
  }

  return ({ targets, effect }) => {
    let nearest: Coverage = uncovered
    for (const target of targets) {
      const coverage = cover(target, effect === 'deny')
      if (coverage.passes) return coverage
      if (coverage !== uncovered) nearest = coverage
    }
    return nearest
  }
}
