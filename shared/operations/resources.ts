import type { Integration } from '../access/integration.ts'
import { manageability, type ObstacleCode } from '../access/manageability.ts'
import type { ResourceKind, StoredType } from '../access/resource.ts'
import { isSelected, type Tags } from '../access/selector.ts'
import { byName, type KnownResource, type ReadResources } from './read-resources.ts'

/** A discovered resource as administrators see it. */
export interface ResourceView {
  readonly type: StoredType
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly kind: ResourceKind
  readonly privileged: boolean
  readonly manageable: boolean
  /** Why it cannot be managed. */
  readonly reason?: { readonly code: ObstacleCode; readonly detail: string }
  /** The integrations that cover it. */
  readonly integrations: readonly string[]
  readonly owners: readonly string[]
  /** All tags, those of the directory too. */
  readonly tags: Tags
  /** Those that were given it here. */
  readonly catalogTags: Tags
  /** By which its tags can be changed safely. */
  readonly tagsEtag: string
  readonly seenAt: string
  readonly goneAt?: string
}

export interface ResourceFilter {
  readonly integration?: string
  readonly type?: string
  readonly q?: string
}

/** Units are scopes of roles: they are listed only when they are asked for. */
const orderOfTypes: readonly StoredType[] = ['group', 'directory-role', 'administrative-unit']

/** Everything that discovery knows, by type and name; nothing until the first one has finished. */
export async function listResources(
  readResources: ReadResources,
  integrations: readonly Integration[],
  filter: ResourceFilter,
): Promise<readonly ResourceView[]> {
  const types = orderOfTypes.filter((type) =>
    filter.type === undefined ? type !== 'administrative-unit' : type === filter.type,
  )
  const lists = await Promise.all(types.map((type) => readResources(type)))
  const asked = integrations.filter(
    ({ name }) =>
      filter.integration === undefined || name.toLowerCase() === filter.integration.toLowerCase(),
  )
  const views: ResourceView[] = []
  for (const resource of lists.flatMap((list) => list ?? [])) {
    if (!matches(resource, filter.q)) continue
    const view = resourceView(resource, asked)
    if (filter.integration === undefined || view.integrations.length > 0) views.push(view)
  }
  return views
}

/** Where a page of resources ends, as text. */
export function placeOf({ type, name, id }: ResourceView): string {
  return JSON.stringify([type, name, id])
}

/** Whether a text is such a place. */
export function isPlace(text: string): boolean {
  return placeFrom(text) !== undefined
}

/** Whether a resource comes after a place; the one that stood there may be gone meanwhile. */
export function followsAfter(
  place: string,
): (resource: Pick<ResourceView, 'type' | 'name' | 'id'>) => boolean {
  const last = placeFrom(place)
  if (last === undefined) return () => true
  const lastType = orderOfTypes.map(String).indexOf(last.type)
  return (resource) => {
    const distance = orderOfTypes.indexOf(resource.type) - lastType
    return (distance || byName(resource, last)) > 0
  }
}

function placeFrom(text: string) {
  try {
    const parts: unknown = JSON.parse(text)
    if (!Array.isArray(parts) || parts.length !== 3) return undefined
    const [type, name, id] = parts.map(String)
    return { type: type ?? '', name: name ?? '', id: id ?? '' }
  } catch {
    return undefined
  }
}

/** A resource with the integrations that cover it, of those that are asked about. */
export function resourceView(
  resource: KnownResource,
  integrations: readonly Integration[],
): ResourceView {
  const { type, id, name, description, kind, privileged } = resource
  const covering = integrations.filter((each) => covers(each, resource))
  // One that may manage what is guarded suffices.
  const mayGuarded = covering.some((each) => each.privileged === true)
  const code = resource.unmanageable ?? (isGuardedRole(resource) ? 'guarded' : undefined)
  const obstacle = code && manageability(code, mayGuarded)
  return {
    type,
    id,
    name,
    ...(description === undefined ? {} : { description }),
    kind,
    privileged,
    manageable: obstacle === undefined && resource.goneAt === undefined,
    ...(code === undefined || obstacle === undefined ? {} : { reason: { code, detail: obstacle } }),
    integrations: covering.map((each) => each.name),
    owners: resource.owners,
    tags: resource.tags,
    catalogTags: resource.catalogTags,
    tagsEtag: tagsEtag(resource.tagsVersion),
    seenAt: resource.seenAt,
    ...(resource.goneAt === undefined ? {} : { goneAt: resource.goneAt }),
  }
}

/** Entity tag of the tags of a resource. */
export function tagsEtag(version: number): string {
  return `"tags-${version}"`
}

/** Whether a text occurs in the name or description, or is the id. */
export function matches(
  { id, name, description = '' }: Pick<KnownResource, 'id' | 'name' | 'description'>,
  q: string | undefined,
): boolean {
  if (q === undefined) return true
  const wanted = q.toLowerCase()
  return (
    name.toLowerCase().includes(wanted) ||
    description.toLowerCase().includes(wanted) ||
    id === wanted
  )
}

function covers(integration: Integration, resource: KnownResource): boolean {
  return (
    integration.resourceTypes.some((type) => type === resource.type) &&
    isSelected(resource, integration)
  )
}

/** A role that is guarded wherever it is given; one that may be given in a unit is not, there. */
function isGuardedRole({ type, privileged, isScopable }: KnownResource): boolean {
  return type === 'directory-role' && privileged && isScopable !== true
}
