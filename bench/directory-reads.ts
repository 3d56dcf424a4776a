import { randomBytes } from 'node:crypto'
import { noQuotas } from '../local/entra/quota.ts'
import { startEntra } from '../local/entra/start-entra.ts'
import { group, groups } from '../local/seed/groups.ts'
import { person } from '../local/seed/people.ts'
import { seedConfiguration } from '../local/seed/seed-configuration.ts'
import { seedTenant } from '../local/seed/seed-tenant.ts'
import { parseConfigSet } from '../shared/config/config-set.ts'
import { createGraphDirectory } from '../shared/directory/graph-directory.ts'
import { createLocalCredential } from '../shared/directory/local-credential.ts'
import { createMemoryTables } from '../shared/ledger/memory-tables.ts'
import { applyConfig } from '../shared/operations/config-apply.ts'
import { createDecideApproval } from '../shared/operations/decide-approval.ts'
import {
  carryOnDiscovery,
  orderRegularDiscovery,
  readDiscovery,
} from '../shared/operations/discover.ts'
import type { Needs } from '../shared/operations/needs.ts'
import { createSubmitRequest } from '../shared/operations/submit-request.ts'
import { createReadConfiguration } from '../shared/operations/system-stream.ts'
import type { Figure } from './figure.ts'

const groupCount = 10_000
const changeCount = 10
const { tenantId, apiClientId } = seedTenant
const ada = { id: person('ada'), tenantId, kind: 'user', roles: ['Access.Admin'] } as const

/** What is read of Graph to know what changed and to decide, and what an approval costs. */
export async function benchDirectoryReads(): Promise<readonly Figure[]> {
  const entra = await startEntra({ tenant: withManyGroups(), quotas: noQuotas })
  try {
    return await measure(entra)
  } finally {
    await entra.stop()
  }
}

async function measure(entra: Awaited<ReturnType<typeof startEntra>>): Promise<readonly Figure[]> {
  const counted = { graph: 0, transactions: 0, nudges: 0 }
  const now = () => new Date()
  const tables = createMemoryTables()
  tables.fault = ({ kind, table, partition }) => {
    if (kind === 'write' && table === 'Ledger' && partition.startsWith('p-')) {
      counted.transactions += 1
    }
    return undefined
  }
  const clockwork = {
    start: async () => {},
    nudge: async () => {
      counted.nudges += 1
    },
  }
  const needs = needsOf({ tables, now, entraUrl: entra.url, onRead: () => counted.graph++ })
  const readConfiguration = createReadConfiguration(tables)
  const set = parseConfigSet(seedConfiguration)
  if (!set.ok) throw new Error('Cannot measure: the sample configuration is not valid')
  await applyConfig(needs, readConfiguration, ada, set.value, undefined)

  const pagesOfDiscovery = async () => {
    await orderRegularDiscovery(needs)
    await carryOnDiscovery(needs, readConfiguration, { milliseconds: 120_000, clockwork })
    const last = await readDiscovery(needs)
    if (last?.state !== 'finished') throw new Error('Cannot measure: no discovery has finished')
    return last.pages
  }
  const full = await pagesOfDiscovery()
  for (let number = 0; number < changeCount; number++) {
    const id = groupId(number * 900)
    const value = { ...entra.state.now().groups.get(id), displayName: `Renamed ${number}` }
    entra.state.apply([{ put: 'groups', id, value }])
  }
  const refresh = await pagesOfDiscovery()

  counted.graph = 0
  const submitted = await createSubmitRequest(needs, readConfiguration)(
    {
      intake: 'http',
      requester: person('mia'),
      requesterIsApplication: false,
      body: {
        resource: { type: 'group', id: group('Production Readers') },
        duration: 'PT1H',
        justification: 'measured',
      },
    },
    clockwork,
  )
  if (submitted.kind === 'refused') throw new Error(`Cannot measure: ${submitted.detail}`)
  const decideReads = counted.graph

  const asked = await createSubmitRequest(needs, readConfiguration)(
    {
      intake: 'http',
      requester: person('mia'),
      requesterIsApplication: false,
      body: {
        resource: { type: 'group', id: group('Production Writers') },
        duration: 'PT30M',
        justification: 'measured',
      },
    },
    clockwork,
  )
  if (asked.kind === 'refused') throw new Error(`Cannot measure: ${asked.detail}`)
  Object.assign(counted, { transactions: 0, nudges: 0 })
  const petra = { id: person('petra'), tenantId, kind: 'user', roles: [] } as const
  const decide = createDecideApproval(needs, readConfiguration)
  const decided = await decide(asked.request, petra, { verdict: 'approve' }, clockwork)
  if (decided.kind === 'refused') throw new Error(`Cannot measure: ${decided.detail}`)

  const exactly = (value: number) => ({ at: 'exactly', value }) as const
  const most = (value: number) => ({ at: 'most', value }) as const
  return [
    { name: `pages of the first discovery of ${groupCount} groups`, value: full, unit: 'pages' },
    {
      name: `pages of a refresh with ${changeCount} changes`,
      value: refresh,
      unit: 'pages',
      limit: most(3),
    },
    { name: 'Graph requests to decide', value: decideReads, unit: 'calls', limit: most(2) },
    {
      name: 'ledger transactions an approval',
      value: counted.transactions,
      unit: 'writes',
      limit: exactly(1),
    },
    {
      name: 'events to the orchestration an approval',
      value: counted.nudges,
      unit: 'events',
      limit: exactly(1),
    },
  ]
}

interface NeedsOf {
  readonly tables: Needs['tables']
  readonly now: () => Date
  readonly entraUrl: string
  readonly onRead: () => void
}

function needsOf({ tables, now, entraUrl, onRead }: NeedsOf): Needs {
  const hour = 3_600_000
  return {
    tables,
    directory: createGraphDirectory({
      credential: createLocalCredential({
        authority: entraUrl,
        tenantId,
        clientId: apiClientId,
        clientSecret: 'local',
        now,
        fetch,
      }),
      baseUrl: entraUrl,
      tenantId,
      apiClientId,
      now,
      log: onRead,
    }),
    publisher: { publish: async () => {} },
    log: () => {},
    now,
    random: (count) => randomBytes(count),
    pause: async () => {},
    tenantId,
    limits: { overdueAfter: hour, giveUpAfter: hour, replicationTime: 2_000, retryMaximum: 5_000 },
    rules: {
      minimumDuration: 1_000,
      requestTimeout: 24 * hour,
      maximumPending: 20,
      sweepGrace: 0,
    },
  }
}

function groupId(number: number): string {
  return `31000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

/** The sample company, grown to many groups. */
function withManyGroups() {
  const [first] = groups
  if (first === undefined) throw new Error('Cannot measure: the sample company has no groups')
  const more = Array.from({ length: groupCount - groups.length }, (_, number) => ({
    ...first,
    ...{ id: groupId(number), displayName: `Group ${number}`, members: [], owners: [] },
  }))
  return { ...seedTenant, groups: [...groups, ...more] }
}
