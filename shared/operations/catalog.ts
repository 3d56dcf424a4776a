import type { Permission, ResourceType } from '../access/access.ts'
import { necessaryDecisions } from '../access/approval-stages.ts'
import { factsAsked, type Offer } from '../access/evaluate.ts'
import type { ApprovalRule } from '../access/flow.ts'
import { manageability } from '../access/manageability.ts'
import { createOffers } from '../access/offers.ts'
import type { DirectoryResource } from '../directory/directory.ts'
import type { CallerFacts } from './callers.ts'
import type { Needs } from './needs.ts'
import { peopleFactsOf } from './people-facts.ts'
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
  /** The one that would be taken first, then the others that may be named. */
  readonly accessFlows: readonly string[]
  /** This and what follows is told of the flow that would be taken. */
  readonly maximumDuration: string
  readonly defaultDuration?: string
  readonly approval: 'automatic' | 'needed'
  readonly approvalMode?: ApprovalRule['mode']
  readonly necessaryDecisions?: number
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
  needs: Pick<Needs, 'directory' | 'now'>,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  filter: CatalogFilter,
): Promise<readonly CatalogItem[]> {
  const configuration = await readConfiguration()
  const facts = await needs.directory.lookUp({
    people: caller.kind === 'user' ? [caller.id] : [],
    ...factsAsked(configuration.accessFlows),
  })
  const offersOf = createOffers(
    { personId: caller.id, facts: peopleFactsOf(facts), now: needs.now() },
    { integrations: configuration.integrations, flows: configuration.accessFlows },
  )
  const items: CatalogItem[] = []
  for (const type of wantedTypes(filter)) {
    let seen = 0
    for await (const resource of needs.directory.list(type)) {
      if (++seen > mostResources) break
      if (!matches(resource, filter)) continue
      items.push(...itemsOf(resource, permissionsOf[type], offersOf, filter))
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
  offersOf: ReturnType<typeof createOffers>,
  filter: CatalogFilter,
): CatalogItem[] {
  const byIntegration = new Map<string, CatalogItem>()
  for (const permission of permissions) {
    const subject = { ref: resource.ref, name: resource.name }
    for (const { flow, integration } of offersOf(subject, permission)) {
      const wanted = filter.integration?.toLowerCase() ?? integration.name.toLowerCase()
      if (wanted !== integration.name.toLowerCase()) continue
      const isManageable =
        resource.unmanageable === undefined ||
        manageability(resource.unmanageable, integration.privileged ?? false) === undefined
      if (!isManageable) continue
      const former = byIntegration.get(integration.name) ?? itemOf(resource, flow, integration)
      byIntegration.set(integration.name, {
        ...former,
        permissions: [...new Set([...former.permissions, permission])],
        accessFlows: [...new Set([...former.accessFlows, flow.name])],
      })
    }
  }
  return [...byIntegration.values()]
}

/** What is told of a resource by the flow that would be taken. */
function itemOf(
  { ref, name, description }: DirectoryResource,
  { duration, approval }: Offer['flow'],
  integration: Offer['integration'],
): CatalogItem {
  return {
    integration: integration.name,
    resource: { ...ref, name, ...(description === undefined ? {} : { description }) },
    permissions: [],
    accessFlows: [],
    maximumDuration: duration?.maximum ?? '',
    ...(duration?.default === undefined ? {} : { defaultDuration: duration.default }),
    approval: approval === undefined ? 'automatic' : 'needed',
    ...(approval === undefined
      ? {}
      : { approvalMode: approval.mode, necessaryDecisions: necessaryDecisions(approval) }),
    hasAccessDetails: integration.customAccessDetails !== undefined,
  }
}
