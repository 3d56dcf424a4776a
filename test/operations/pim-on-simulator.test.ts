import { afterEach, describe, expect, test } from 'vitest'
import { type Entra, startEntra } from '../../local/entra/start-entra.ts'
import { groups } from '../../local/seed/groups.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import type { ResourceRef } from '../../shared/access/access.ts'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import { createLocalCredential } from '../../shared/directory/local-credential.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { createSubmitRequest } from '../../shared/operations/submit-request.ts'
import { sweep } from '../../shared/operations/sweep.ts'
import { brokerInMemory, flow } from './broker-in-memory.ts'

const [person] = seedTenant.users
const [group] = groups
const reportsReader = '4a5d8f65-41da-4de4-8968-e035b65339cf'
const definition = seedTenant.roleDefinitions.find(({ id }) => id === reportsReader)
const { tenantId } = seedTenant
let entra: Entra | undefined

afterEach(() => entra?.stop())

const resources: readonly [string, ResourceRef | undefined][] = [
  ['group', group && { type: 'group', id: group.id }],
  ['role', definition && { type: 'directory-role', id: definition.id, scope: '/' }],
]

/** The product on Graph, the simulator and one clock that only moves when told. */
async function start(resource: ResourceRef | undefined, endBy: 'broker' | 'entra') {
  if (person === undefined || resource === undefined) throw new Error('The company is empty')
  let time = Date.parse('2026-01-05T12:00:00Z')
  const clock = {
    now: () => time,
    skip: (milliseconds: number) => {
      time += milliseconds
    },
  }
  const now = () => new Date(clock.now())
  const permission = resource.type === 'group' ? 'member' : 'active'
  const permitted = flow({
    requesters: { operator: 'or', conditions: [{ type: 'user', values: [person.id] }] },
    targets: [
      { integration: 'ContosoEntra', resourceType: resource.type, permissions: [permission] },
    ],
  })
  const started = await startEntra({
    tenant: {
      ...seedTenant,
      roleAssignments: [],
      groups: seedTenant.groups.map((each) => ({ ...each, members: [] })),
    },
    now,
  })
  entra = started
  const inMemory = await brokerInMemory(
    [permitted],
    clock,
    {},
    {
      resourceTypes: ['group', 'directory-role'],
      mechanism: { group: 'pim', 'directory-role': 'pim' },
      endBy,
    },
  )
  const needs = {
    ...inMemory.needs,
    tenantId,
    directory: createGraphDirectory({
      credential: createLocalCredential({
        authority: started.url,
        tenantId,
        clientId: seedTenant.apiClientId,
        clientSecret: 'local',
        now,
        fetch,
      }),
      baseUrl: started.url,
      apiClientId: seedTenant.apiClientId,
      tenantId,
      now,
    }),
  }
  const { readConfiguration, clockwork } = inMemory
  const settlePair = createSettlePair(needs, createJudgeStarts(needs, readConfiguration))
  const submit = createSubmitRequest(needs, readConfiguration)
  const key = { tenantId, grantee: person.id, resource, permission } as const

  return {
    key,
    directory: needs.directory,
    advance: async (minutes: number) => {
      clock.skip(minutes * 60_000)
      await sweep(needs, settlePair, async () => false)
    },
    ask: async () => {
      const outcome = await submit(
        {
          body: { resource, duration: 'PT1H' },
          intake: 'http',
          requester: key.grantee,
          requesterIsApplication: false,
        },
        clockwork,
      )
      if (outcome.kind !== 'accepted') throw new Error(`Cannot ask: ${outcome.code}`)
      await settlePair(pairIdOf(key), { patience: 0 })
      return outcome.request.reason.id
    },
    reasonOf: async (id: string) => (await readRequest(needs.tables, id))?.reason,
    writes: () =>
      started.log
        .all()
        .filter(({ method, path }) => method === 'POST' && path.includes('ScheduleRequests')),
  }
}

describe.each(resources)('access by PIM of a %s, by Graph on the simulator', (_, resource) => {
  test('costs two writes, and one more for an extension', async () => {
    const product = await start(resource, 'broker')
    const first = await product.ask()
    expect(await product.reasonOf(first)).toMatchObject({ status: 'active', mechanism: 'pim' })
    await product.advance(30)
    const second = await product.ask()
    await product.advance(31)
    expect(await product.reasonOf(first)).toMatchObject({ status: 'ended' })
    expect(await product.directory.holds(product.key)).toMatchObject({ present: true })
    await product.advance(30)

    expect(await product.reasonOf(second)).toMatchObject({ status: 'ended', endReason: 'expired' })
    expect(await product.directory.holds(product.key)).toMatchObject({ present: false })
    expect(product.writes()).toHaveLength(3)
  })

  test('costs one write where Entra ends it', async () => {
    const product = await start(resource, 'entra')
    const id = await product.ask()
    await product.advance(59)
    expect(await product.directory.holds(product.key)).toMatchObject({ present: true })
    await product.advance(1.1)

    expect(await product.reasonOf(id)).toMatchObject({ status: 'ended', endReason: 'expired' })
    expect(product.writes()).toHaveLength(1)
  })

  test('ends with nobody there, ten minutes after its window', async () => {
    const product = await start(resource, 'broker')
    const id = await product.ask()
    expect(await product.directory.holds(product.key)).toMatchObject({ present: true })
    await product.advance(71)

    expect(await product.reasonOf(id)).toMatchObject({ status: 'ended' })
    expect(product.writes()).toHaveLength(1)
  })
})
