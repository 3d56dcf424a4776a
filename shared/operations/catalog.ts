import type { Permission, ResourceType } from '../access/access.ts'
import { groupsAsked, mayAsk, type Offer } from '../access/evaluate.ts'
import { manageability } from '../access/manageability.ts'
import type { DirectoryResource } from '../directory/directory.ts'
import type { CallerFacts } from './callers.ts'
import type { Needs } from './needs.ts'
import type { ReadConfiguration } from './system-stream.ts'

/** Something this caller may ask for, and how. */
export interface CatalogItem {
  readonly integration: string
  readonly resource: {
    readonly type: string
    readonly id: string
    readonly scope?: string
    readonly name: string
    readonly description?: string
  }
  readonly permissions: readonly Permission[]
  readonly accessFlows: readonly string[]
  readonly maximumDuration: string
  readonly defaultDuration?: string
  readonly approval: 'automatic'
  readonly hasAccessDetails: boolean
}

export interface CatalogFilter {
  readonly q?: string
  readonly type?: string
  readonly integration?: string
}

const permissionsOf: Readonly<Record<ResourceType, readonly Permission[]>> = {
  group: ['member', 'owner'],
  'directory-role': ['active'],
}

/** A thin catalogue reads the directory itself; it stops here, and says so by having no more. */
const mostResources = 2_000

/** What a caller may ask for, by the same conditions that decide a request. */
export async function readCatalog(
  needs: Pick<Needs, 'directory'>,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  filter: CatalogFilter,
): Promise<readonly CatalogItem[]> {
  const configuration = await readConfiguration()
  const config = { integrations: configuration.integrations, flows: configuration.accessFlows }
  const facts = await needs.directory.lookUp({
    people: caller.kind === 'user' ? [caller.id] : [],
    groups: groupsAsked(config.flows),
  })
  const members = {
    isMember: (person: string, group: string) => facts.memberOf.get(person)?.has(group) ?? false,
  }
  const items: CatalogItem[] = []
  for (const type of wantedTypes(filter)) {
    let seen = 0
    for await (const resource of needs.directory.list(type)) {
      if (++seen > mostResources) break
      if (!matches(resource, filter)) continue
      items.push(...itemsOf(resource, permissionsOf[type], caller.id, config, members, filter))
    }
  }
  return items.sort((a, b) => a.resource.name.localeCompare(b.resource.name))
}

function wantedTypes({ type }: CatalogFilter): readonly ResourceType[] {
  if (type === undefined) return ['group', 'directory-role']
  return type === 'group' || type === 'directory-role' ? [type] : []
}

function matches({ name, description }: DirectoryResource, { q }: CatalogFilter): boolean {
  if (q === undefined) return true
  const wanted = q.toLowerCase()
  return name.toLowerCase().includes(wanted) || (description ?? '').toLowerCase().includes(wanted)
}

function itemsOf(
  resource: DirectoryResource,
  permissions: readonly Permission[],
  callerId: string,
  config: Parameters<typeof mayAsk>[3],
  members: Parameters<typeof mayAsk>[4],
  filter: CatalogFilter,
): CatalogItem[] {
  const byIntegration = new Map<string, CatalogItem>()
  for (const permission of permissions) {
    const subject = { ref: resource.ref, name: resource.name }
    for (const offer of mayAsk(callerId, subject, permission, config, members)) {
      const { flow, integration } = offer
      // Whoever looks at the catalogue asks over HTTP.
      if (flow.intake?.includes('http') === false) continue
      const wanted = filter.integration?.toLowerCase() ?? integration.name.toLowerCase()
      if (wanted !== integration.name.toLowerCase()) continue
      const isManageable =
        resource.unmanageable === undefined ||
        manageability(resource.unmanageable, integration.privileged ?? false) === undefined
      if (!isManageable) continue
      // The least demanding flow comes first; it is the one that a request would be held to.
      const item = byIntegration.get(integration.name) ?? itemOf(resource, offer)
      byIntegration.set(integration.name, {
        ...item,
        permissions: [...new Set([...item.permissions, permission])],
        accessFlows: [...new Set([...item.accessFlows, flow.name])],
      })
    }
  }
  return [...byIntegration.values()]
}

function itemOf(resource: DirectoryResource, { flow, integration }: Offer): CatalogItem {
  const { description } = resource
  const usual = flow.duration?.default
  return {
    integration: integration.name,
    resource: {
      ...resource.ref,
      name: resource.name,
      ...(description === undefined ? {} : { description }),
    },
    permissions: [],
    accessFlows: [],
    maximumDuration: flow.duration?.maximum ?? '',
    ...(usual === undefined ? {} : { defaultDuration: usual }),
    approval: 'automatic',
    hasAccessDetails: integration.customAccessDetails !== undefined,
  }
}
