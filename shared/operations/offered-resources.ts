import type { ResourceRef, ResourceType } from '../access/access.ts'
import type { AccessFlow } from '../access/flow.ts'
import { isSelected, type Tags } from '../access/selector.ts'
import type { DirectoryResource } from '../directory/directory.ts'
import type { Needs } from './needs.ts'
import type { KnownResource, ReadResources } from './read-resources.ts'

/** Before a discovery has finished, the directory itself is listed, and no further than this. */
const mostListed = 2_000

/** A resource as flows are held against it. */
export interface Offered extends DirectoryResource {
  readonly tags?: Tags
  /** A role that is guarded at this scope. */
  readonly isGuarded?: boolean
}

/** Everything of a type that flows can be about: as it is stored, or else as the directory lists it. */
export async function resourcesOf(
  needs: Pick<Needs, 'directory'>,
  readResources: ReadResources,
  type: ResourceType,
  flows: readonly AccessFlow[],
): Promise<readonly Offered[]> {
  const known = await readResources(type)
  if (known === undefined) return listed(needs, type)
  const there = known.filter(({ goneAt }) => goneAt === undefined)
  if (type === 'group') return there.map((group) => offered(group, { type, id: group.id }))
  const units = (await readResources('administrative-unit')) ?? []
  const thereUnits = units.filter(({ goneAt }) => goneAt === undefined)
  return there.flatMap((role) => {
    const anywhere = offered(role, { type, id: role.id, scope: '/' })
    const atTenant = { ...anywhere, isGuarded: role.privileged }
    if (role.isScopable !== true || !isNamedByTarget(role, flows)) return [atTenant]
    const atUnits = thereUnits.map((unit) => ({
      ...anywhere,
      ref: { type, id: role.id, scope: `/administrativeUnits/${unit.id}` },
      name: `${role.name} (${unit.name})`,
    }))
    return [atTenant, ...atUnits]
  })
}

/** Roles that a flow singles out are offered at each unit, too; all roles at all units are too many. */
function isNamedByTarget(role: KnownResource, flows: readonly AccessFlow[]): boolean {
  return flows.some(({ targets }) =>
    targets.some(
      (target) =>
        target.resourceType === 'directory-role' &&
        target.include !== undefined &&
        isSelected(role, target),
    ),
  )
}

function offered(
  { name, description, unmanageable, tags }: KnownResource,
  ref: ResourceRef,
): Offered {
  return {
    ref,
    name,
    ...(description === undefined ? {} : { description }),
    ...(unmanageable === undefined ? {} : { unmanageable }),
    tags,
  }
}

async function listed(
  { directory }: Pick<Needs, 'directory'>,
  type: ResourceType,
): Promise<readonly Offered[]> {
  const resources: Offered[] = []
  for await (const resource of directory.list(type)) {
    resources.push(resource)
    if (resources.length === mostListed) break
  }
  return resources
}
