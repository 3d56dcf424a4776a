import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectorCredential } from './credential-cache.ts'
import type { Directory } from './directory.ts'
import { createDescribeConnector } from './graph-connector.ts'
import { createGraphDiscovery } from './graph-discovery.ts'
import { createLookUp } from './graph-facts.ts'
import { createHoldings, createHoldingsOfMany, pagesOf } from './graph-holdings.ts'
import { graphHost } from './graph-host.ts'
import { groupFrom, roleFrom } from './graph-objects.ts'
import { listGroupsPath, listRoleDefinitionsPath } from './graph-paths.ts'
import { createPeople } from './graph-people.ts'
import { createGraphReads, unavailable, type Wait } from './graph-reads.ts'
import { createReadLongest } from './graph-schedule-policies.ts'
import { createSchedulesOf } from './graph-schedule-reads.ts'
import { createGraphSchedules } from './graph-schedules.ts'
import { createGraphTransport, type GraphCallRecord } from './graph-transport.ts'
import { createGraphWrites } from './graph-writes.ts'
import type { WriteGovernor } from './write-governor.ts'

/** What the directory on Microsoft Graph is built from. */
export interface GraphDirectoryNeeds {
  /** The connector's credential. */
  readonly credential: ConnectorCredential
  /** `https://graph.microsoft.com`, another cloud's Graph, or a plain-http loopback address. */
  readonly baseUrl: string
  readonly tenantId: string
  /** The application whose roles are those of this product; without it, nobody knows who has them. */
  readonly apiClientId?: string
  readonly now: () => Date
  /** Sleeps between reads and until a write's deadline. */
  readonly wait?: Wait
  readonly fetch?: typeof fetch
  /** Keeps the writes within the quota; without one they are made at once. */
  readonly governor?: WriteGovernor
  /** Told of each call to Graph. */
  readonly log?: (record: GraphCallRecord) => void
}

const pageSize = 999

/** The directory of one tenant, by Microsoft Graph v1.0. */
export function createGraphDirectory(needs: GraphDirectoryNeeds): Directory {
  const host = graphHost(needs.baseUrl)
  const { now, wait = sleepUnder, governor = ungoverned } = needs
  const send = createGraphTransport({
    credential: needs.credential,
    host,
    fetch: needs.fetch ?? fetch,
    log: needs.log ?? (() => undefined),
  })
  const read = createGraphReads({ send, now, wait })
  const reads = { read, host, now }
  const holds = createHoldings(reads)
  const writing = { send, holds, host, tenantId: needs.tenantId, now, wait, governor }
  const plain = createGraphWrites(writing)
  const { assign, ...schedules } = createGraphSchedules({ ...writing, read })

  return {
    lookUp: createLookUp(reads, needs.apiClientId),
    ...createPeople(reads),
    holds: (access) => holds(access),
    holdsEach: createHoldingsOfMany(reads, holds),
    takeTurn: (operation) => governor.takeTurn(operation),
    add: (access, limits, schedule) =>
      schedule === undefined ? plain.add(access, limits) : assign(access, limits, schedule),
    remove: plain.remove,
    ...schedules,
    schedulesOf: createSchedulesOf(reads),
    longestSchedules: createReadLongest(reads),

    async *list(type) {
      const isGroup = type === 'group'
      const path = isGroup ? listGroupsPath(pageSize) : listRoleDefinitionsPath()
      for await (const page of pagesOf(reads, `list each ${type}`, path)) {
        yield* page.map((item) => (isGroup ? groupFrom(item) : roleFrom(item)))
      }
    },

    ...createGraphDiscovery(reads),

    describeConnector: createDescribeConnector({ ...reads, credential: needs.credential, wait }),

    async ping() {
      const action = 'reach the directory'
      const answer = await read({ action, path: listGroupsPath(1) })
      if (answer.status !== 200) throw unavailable(action, answer, now())
    },
  }
}

const ungoverned: WriteGovernor = {
  takeTurn: async () => ({ kind: 'now' }),
  pause: () => undefined,
  heed: () => undefined,
}

function sleepUnder(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return sleep(milliseconds, undefined, { signal })
}
