import type { GroupChange, RoleFacts, UnitFacts } from '../access/resource.ts'
import type { Directory, GroupChanges } from './directory.ts'
import {
  changesPageShape,
  groupChangeFrom,
  roleFactsFrom,
  unitFactsFrom,
} from './graph-discovery-objects.ts'
import { pagesOf } from './graph-holdings.ts'
import type { GraphHost } from './graph-host.ts'
import { parsed } from './graph-objects.ts'
import {
  groupDeltaPath,
  keptDeltaPath,
  listAdministrativeUnitsPath,
  listRoleDetailsPath,
  nextLinkPath,
} from './graph-paths.ts'
import { type ReadGraph, unavailable } from './graph-reads.ts'

interface Needs {
  readonly read: ReadGraph
  readonly host: GraphHost
  readonly now: () => Date
}

const pageSize = 999

/** What discovery asks of Graph: changes of groups by delta query, roles and units by listing. */
export function createGraphDiscovery(
  needs: Needs,
): Pick<Directory, 'readGroupChanges' | 'listRoles' | 'listUnits'> {
  return {
    readGroupChanges: (token, attributes) => readGroupChanges(needs, token, attributes),

    async *listRoles() {
      const pages = pagesOf(needs, 'list the roles', listRoleDetailsPath())
      for await (const page of pages) yield page.map((item): RoleFacts => roleFactsFrom(item))
    },

    async *listUnits() {
      const pages = pagesOf(needs, 'list the units', listAdministrativeUnitsPath(pageSize))
      for await (const page of pages) yield page.map((item): UnitFacts => unitFactsFrom(item))
    },
  }
}

async function readGroupChanges(
  { read, host, now }: Needs,
  token: string | undefined,
  attributes: readonly string[],
): Promise<GroupChanges> {
  const action = 'read the changes of groups'
  const path = token === undefined ? groupDeltaPath(attributes) : keptDeltaPath(token)
  if (path === undefined) return { kind: 'expired' }
  const answer = await read({ action, path })
  // 410 is the word for an expired token; a damaged or unknown one is answered 400.
  const isRefused = answer.status === 410 || answer.status === 400
  if (isRefused && token !== undefined) return { kind: 'expired' }
  if (answer.status === 400 && attributes.length > 0) return { kind: 'attributes-refused' }
  if (answer.status !== 200) throw unavailable(action, answer, now())

  const page = parsed(changesPageShape, answer.body)
  const more = page['@odata.nextLink']
  const changes = page.value.map((item): GroupChange => groupChangeFrom(item, attributes))
  return {
    kind: 'page',
    changes,
    // The path alone: whoever reads it back from storage cannot make it lead to another host.
    token: nextLinkPath(host, more ?? page['@odata.deltaLink'] ?? ''),
    isLast: more === undefined,
  }
}
