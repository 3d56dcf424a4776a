import { randomBytes } from 'node:crypto'
import { startEntra } from '../local/entra/start-entra.ts'
import { createVirtualClock } from '../local/host/virtual-clock.ts'
import { groups } from '../local/seed/groups.ts'
import { seedTenant } from '../local/seed/seed-tenant.ts'
import type { Integration } from '../shared/access/integration.ts'
import { createGraphDirectory } from '../shared/directory/graph-directory.ts'
import { createLocalCredential } from '../shared/directory/local-credential.ts'
import { pairIdOf } from '../shared/ledger/ids.ts'
import { createMemoryTables } from '../shared/ledger/memory-tables.ts'
import { readRequest } from '../shared/ledger/pair-ledger.ts'
import { putDocument } from '../shared/operations/documents.ts'
import { createJudgeStarts } from '../shared/operations/judge-starts.ts'
import type { Needs } from '../shared/operations/needs.ts'
import { createSettlePair } from '../shared/operations/settle-pair.ts'
import { createSubmitRequest } from '../shared/operations/submit-request.ts'
import { createReadConfiguration } from '../shared/operations/system-stream.ts'
import type { Figure } from './figure.ts'
import { pace } from './pace.ts'

const { tenantId } = seedTenant
const admin = { id: 'bench', tenantId, kind: 'user', roles: ['Access.Admin'] } as const

/** What a life cycle by PIM costs Graph, by who ends it; in virtual time, since Entra asks for minutes. */
export async function benchScheduledLifeCycle(): Promise<readonly Figure[]> {
  return [
    {
      name: 'Graph writes a life cycle by pim',
      value: await graphWrites('broker'),
      unit: 'calls',
      limit: { at: 'exactly', value: 2 },
    },
    {
      name: 'Graph writes a life cycle by pim, endBy: entra',
      value: await graphWrites('entra'),
      unit: 'calls',
      limit: { at: 'exactly', value: 1 },
    },
  ]
}

async function graphWrites(endBy: 'broker' | 'entra'): Promise<number> {
  const [person, [group]] = [seedTenant.users[0], groups.filter(isPlain)]
  if (person === undefined || group === undefined) throw new Error('Cannot ask: nobody is there')
  const clock = createVirtualClock(new Date('2026-01-05T12:00:00Z'))
  const now = () => new Date(clock.now())
  const entra = await startEntra({ tenant: { ...seedTenant, groups: [group] }, now })
  try {
    const needs = needsOn(entra.url, now)
    const targets = [
      { integration: 'Bench', resourceType: 'group', permissions: ['member'] },
    ] as const
    const integration: Integration = {
      name: 'Bench',
      resourceTypes: ['group'],
      mechanism: { group: 'pim' },
      endBy,
    }
    await putDocument(needs, admin, 'integration', integration, {})
    const requesters = {
      operator: 'or',
      conditions: [{ type: 'user', values: [person.id] }],
    } as const
    const flow = { name: 'bench', requesters, targets, duration: { maximum: 'PT8H' } }
    await putDocument(needs, admin, 'access-flow', flow, {})

    const readConfiguration = createReadConfiguration(needs.tables)
    const settle = createSettlePair(needs, createJudgeStarts(needs, readConfiguration))
    const resource = { type: 'group', id: group.id } as const
    const outcome = await createSubmitRequest(needs, readConfiguration)(
      {
        body: { resource, duration: 'PT1H' },
        intake: 'http',
        requester: person.id,
        requesterIsApplication: false,
      },
      { start: async () => {}, nudge: async () => {} },
    )
    if (outcome.kind === 'refused') throw new Error(`Cannot ask: ${outcome.detail}`)
    const { key, reason } = outcome.request
    await settle(pairIdOf(key), { patience: 0 })
    await clock.advanceTo(clock.now() + 3_600_000)
    await settle(pairIdOf(key), { patience: 0 })
    const status = (await readRequest(needs.tables, reason.id))?.reason.status
    if (status !== 'ended') throw new Error(`Cannot count: the request is ${status}, not ended`)
    return entra.log
      .all()
      .filter(({ method, path }) => method !== 'GET' && path.includes('ScheduleRequests')).length
  } finally {
    await entra.stop()
  }
}

function isPlain(group: (typeof groups)[number]): boolean {
  return group.groupTypes.length === 0 && !group.mailEnabled && group.members.length === 0
}

function needsOn(url: string, now: () => Date): Needs {
  const credential = createLocalCredential({
    authority: url,
    tenantId,
    clientId: seedTenant.apiClientId,
    clientSecret: 'local',
    now,
    fetch,
  })
  return {
    tables: createMemoryTables(),
    directory: createGraphDirectory({
      credential,
      baseUrl: url,
      tenantId,
      apiClientId: seedTenant.apiClientId,
      now,
    }),
    publisher: { publish: async () => {} },
    log: () => {},
    now,
    random: (count) => randomBytes(count),
    pause: async () => {},
    tenantId,
    ...pace,
  }
}
