import type { Permission, ResourceType } from '../access/access.ts'
import { necessaryDecisions } from '../access/approval-stages.ts'
import { factsAsked, type Offer } from '../access/evaluate.ts'
import type { ApprovalRule } from '../access/flow.ts'
import { givingOf, minimumOf } from '../access/giving.ts'
import { manageability } from '../access/manageability.ts'
import { createOffers } from '../access/offers.ts'
import type { DirectoryResource, Facts, FactsQuery } from '../directory/directory.ts'
import type { CallerFacts } from './callers.ts'
import type { Needs } from './needs.ts'
import { type Offered, resourcesOf } from './offered-resources.ts'
import { peopleFactsOf } from './people-facts.ts'
import { byName, type ReadResources } from './read-resources.ts'
import { matches } from './resources.ts'
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
  readonly minimumDuration?: string
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

/** What a caller is member of may be so old where it only decides what is shown. */
const factsMilliseconds = 60_000
const mostFacts = 1_000

export type ReadCatalog = (
  caller: CallerFacts,
  filter: CatalogFilter,
) => Promise<readonly CatalogItem[]>

/**
 * Reads what a caller may ask for, by the same conditions that decide a request: from the stored
 * resources, and with his memberships kept for a minute, so that a keystroke costs no call to the
 * directory. Nothing is decided by it.
 */
export function createReadCatalog(
  needs: Pick<Needs, 'directory' | 'now'>,
  readConfiguration: ReadConfiguration,
  readResources: ReadResources,
): ReadCatalog {
  const lookUp = keepFacts(needs)
  return async (caller, filter) => {
    const { integrations, accessFlows: flows } = await readConfiguration()
    const facts = await lookUp({
      people: caller.kind === 'user' ? [caller.id] : [],
      ...factsAsked(flows),
    })
    const offersOf = createOffers(
      { personId: caller.id, facts: peopleFactsOf(facts), now: needs.now() },
      { integrations, flows },
    )
    const items: CatalogItem[] = []
    for (const type of wantedTypes(filter)) {
      const resources = await resourcesOf(needs, readResources, type, flows)
      for (const resource of resources) {
        if (!matches({ ...resource, id: resource.ref.id }, filter.q)) continue
        items.push(...itemsOf(resource, permissionsOf[type], offersOf, filter))
      }
    }
    return items.sort((one, other) => byName(one.resource, other.resource))
  }
}

/** Looks facts up, and gives them again for a while to whoever asks the same. */
function keepFacts({ directory, now }: Pick<Needs, 'directory' | 'now'>) {
  const kept = new Map<string, { readonly at: number; readonly facts: Facts }>()
  return async (query: FactsQuery): Promise<Facts> => {
    const key = JSON.stringify(query)
    const former = kept.get(key)
    if (former !== undefined && former.at + factsMilliseconds > now().getTime()) return former.facts
    const facts = await directory.lookUp(query)
    kept.delete(key)
    kept.set(key, { at: now().getTime(), facts })
    const [oldest] = kept.keys()
    if (kept.size > mostFacts && oldest !== undefined) kept.delete(oldest)
    return facts
  }
}

function wantedTypes({ type }: CatalogFilter): readonly ResourceType[] {
  if (type === undefined) return ['group', 'directory-role']
  return type === 'group' || type === 'directory-role' ? [type] : []
}

function itemsOf(
  resource: Offered,
  permissions: readonly Permission[],
  offersOf: ReturnType<typeof createOffers>,
  filter: CatalogFilter,
): CatalogItem[] {
  const byIntegration = new Map<string, CatalogItem>()
  for (const permission of permissions) {
    const subject = { ref: resource.ref, name: resource.name, tags: resource.tags }
    for (const { flow, integration } of offersOf(subject, permission)) {
      const wanted = filter.integration?.toLowerCase() ?? integration.name.toLowerCase()
      if (wanted !== integration.name.toLowerCase()) continue
      const obstacle = resource.unmanageable ?? (resource.isGuarded ? 'guarded' : undefined)
      const isManageable =
        obstacle === undefined ||
        manageability(obstacle, integration.privileged ?? false) === undefined
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
  const minimumDuration = minimumOf(givingOf(integration, ref.type))
  return {
    integration: integration.name,
    resource: { ...ref, name, ...(description === undefined ? {} : { description }) },
    permissions: [],
    accessFlows: [],
    maximumDuration: duration?.maximum ?? '',
    ...(minimumDuration === undefined ? {} : { minimumDuration }),
    ...(duration?.default === undefined ? {} : { defaultDuration: duration.default }),
    approval: approval === undefined ? 'automatic' : 'needed',
    ...(approval === undefined
      ? {}
      : { approvalMode: approval.mode, necessaryDecisions: necessaryDecisions(approval) }),
    hasAccessDetails: integration.customAccessDetails !== undefined,
  }
}
