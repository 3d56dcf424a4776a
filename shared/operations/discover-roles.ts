import {
  describeRole,
  describeUnit,
  type StoredResource,
  type StoredType,
  saysTheSame,
} from '../access/resource.ts'
import { type ResourceRow, resourcePage } from '../ledger/resource-rows.ts'
import { counted, type Stepped } from './discover-groups.ts'
import type { DiscoveryRun, DiscoveryState } from './discover-state.ts'
import { changeResources, type Effect, markMissing } from './discover-store.ts'
import type { Needs } from './needs.ts'

const rowsAPage = 1_000

/**
 * Reads all roles, and the administrative units at which some of them may be given. They are few
 * and have no changes to ask for, so they are listed and compared with what is stored.
 */
export async function discoverRoles(
  needs: Needs,
  state: DiscoveryState,
  run: DiscoveryRun,
): Promise<Stepped> {
  const at = needs.now().toISOString()
  const roles = await listed(needs.directory.listRoles(), (role) => describeRole(role, at))
  const units = await listed(needs.directory.listUnits(), (unit) => describeUnit(unit, at))
  let next = {
    ...run,
    pages: run.pages + roles.pages + units.pages,
    found: run.found + roles.resources.size + units.resources.size,
  }
  next = counted(next, await store(needs, 'directory-role', roles.resources, at))
  next = counted(next, await store(needs, 'administrative-unit', units.resources, at))
  return { state: { ...state, run: next }, isDone: true }
}

type ById = ReadonlyMap<string, StoredResource>

async function listed<Facts>(
  pages: AsyncIterable<readonly Facts[]>,
  describe: (facts: Facts) => StoredResource,
): Promise<{ readonly pages: number; readonly resources: ById }> {
  const resources = new Map<string, StoredResource>()
  let count = 0
  for await (const page of pages) {
    count++
    for (const facts of page) {
      const resource = describe(facts)
      resources.set(resource.id, resource)
    }
  }
  return { pages: count, resources }
}

async function store(needs: Needs, type: StoredType, found: ById, at: string): Promise<Effect> {
  const rows = await allRows(needs, type)
  const known = new Map(rows.map(({ resource }) => [resource.id, resource]))
  const news = [...found.values()].filter((each) => !saysTheSame(known.get(each.id), each))
  const missing = rows.filter(
    ({ resource }) => resource.goneAt === undefined && !found.has(resource.id),
  )
  const told = await changeResources(
    needs,
    type,
    news.map(({ id }) => id),
    (_former, id) => found.get(id),
  )
  const gone = await markMissing(needs, type, missing, at)
  return { changed: told.changed + gone.changed, gone: told.gone + gone.gone }
}

async function allRows(needs: Needs, type: StoredType): Promise<readonly ResourceRow[]> {
  const rows: ResourceRow[] = []
  let after: string | undefined
  do {
    const page = await resourcePage(needs.tables, type, { limit: rowsAPage, after })
    rows.push(...page.rows)
    after = page.next
  } while (after !== undefined)
  return rows
}
