import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Integration } from '../../shared/access/integration.ts'
import type { StoredResource, StoredType } from '../../shared/access/resource.ts'
import type { Selector } from '../../shared/access/selector.ts'
import { readResource } from '../../shared/ledger/resource-rows.ts'
import { createReadCatalog } from '../../shared/operations/catalog.ts'
import {
  carryOnDiscovery,
  orderDiscovery,
  orderRegularDiscovery,
  readDiscovery,
} from '../../shared/operations/discover.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { createReadResources } from '../../shared/operations/read-resources.ts'
import { putTags } from '../../shared/operations/resource-tags.ts'
import { listResources, type ResourceFilter } from '../../shared/operations/resources.ts'
import { createReadConfiguration } from '../../shared/operations/system-stream.ts'
import { brokerInMemory, Crash, flow, type InMemory, mia, readers } from './broker-in-memory.ts'

export const ada = { id: 'ada', tenantId: 'here', kind: 'user', roles: ['Access.Admin'] } as const

/** A broker whose integration covers groups and roles, with nothing discovered yet. */
export async function withIntegration(
  over: Partial<Integration> = {},
  flows?: readonly AccessFlow[],
): Promise<InMemory> {
  const broker = await brokerInMemory(flows)
  const integration: Integration = {
    name: 'ContosoEntra',
    resourceTypes: ['group', 'directory-role'],
    ...over,
  }
  await putDocument(broker.needs, ada, 'integration', integration, {})
  broker.published.length = 0
  return broker
}

/** Works as long as one call of the timer may. */
export async function carryOn(
  { clockwork, needs: own }: InMemory,
  { milliseconds = 120_000, needs = own }: { milliseconds?: number; needs?: Needs } = {},
): Promise<void> {
  await carryOnDiscovery(needs, createReadConfiguration(needs.tables), { milliseconds, clockwork })
}

/** A discovery by the timer, from its order to its end. */
export async function discoverRegularly(broker: InMemory) {
  await orderRegularDiscovery(broker.needs)
  await carryOn(broker)
  return lastDiscovery(broker)
}

/** A discovery that an administrator asked for. */
export async function discoverByHand(broker: InMemory, needs: Needs = broker.needs) {
  await orderDiscovery(needs, { id: ada.id, type: 'user' }, 'ContosoEntra')
  await carryOn(broker, { needs })
  return lastDiscovery(broker)
}

export async function lastDiscovery({ needs }: InMemory) {
  const discovery = await readDiscovery(needs)
  if (discovery === undefined) throw new Error('There was no discovery')
  return discovery
}

export async function storedOf(
  { needs }: InMemory,
  type: StoredType,
  id: string,
): Promise<StoredResource | undefined> {
  return (await readResource(needs.tables, type, id))?.resource
}

export const groupId = (number: number) =>
  `31000000-0000-4000-8000-${String(number).padStart(12, '0')}`

export function addGroups({ directory }: InMemory, count: number): void {
  for (let number = 1; number <= count; number++) {
    directory.addGroup({ id: groupId(number), name: `Group ${number}` })
  }
}

/** Lets the process die at the n-th call from now; asked, it tells whether that came, and ends it. */
export function crashIn(broker: InMemory, call: number, when: 'before' | 'after'): () => boolean {
  const former = broker.calls()
  broker.crashAt(call, when)
  return () => {
    broker.crashAt(0, when)
    return broker.calls() >= former + call
  }
}

/** Takes a crash for what it is, and nothing else. */
export function dies(error: unknown): void {
  if (!(error instanceof Crash)) throw error
}

/** A selector by tag. */
export const byTag = (key: string, ...values: string[]): Selector => ({ by: 'tag', key, values })

/** A flow with one target like the usual one. */
export const target = (over: object) =>
  flow({
    targets: [
      {
        integration: 'ContosoEntra',
        resourceType: 'group',
        permissions: ['member'],
        ...over,
      },
    ],
  })

/** What a broker shows, through caches that live as long as it does. */
export function readersOf({ needs }: InMemory) {
  const readConfiguration = createReadConfiguration(needs.tables)
  const readResources = createReadResources(needs.tables)
  const readCatalog = createReadCatalog(needs, readConfiguration, readResources)
  const person = { id: mia, tenantId: 'here', kind: 'user', roles: [] } as const
  return {
    list: async (filter: ResourceFilter = {}) =>
      listResources(readResources, (await readConfiguration()).integrations, filter),
    catalog: (filter = {}) => readCatalog(person, filter),
  }
}

/** Gives a group its catalogue tags, as an administrator. */
export const tag = (broker: InMemory, tags: Record<string, string>, ifMatch?: string) =>
  putTags(broker.needs, ada, { type: 'group', id: readers }, tags, ifMatch)
