import { afterEach, describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { ben, flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, callers, startApi } from './start-api.ts'

let api: Api

const start = async (flows?: readonly AccessFlow[]) => {
  api = await startApi(flows === undefined ? {} : { flows })
}
afterEach(() => api.stop())

describe('GET /me', () => {
  test('tells each caller who he is and what he may do', async () => {
    await start()
    const told = await Promise.all(
      (['mia', 'ada', 'audrey', 'bot', 'tool'] as const).map(async (as) => {
        const { id, tenantId, ...rest } = (await api.call(as, 'GET', '/me')).body
        expect(id).toBe(callers[as].oid)
        expect(tenantId).toBe(api.needs.tenantId)
        return rest
      }),
    )
    expect(told).toEqual([
      { name: 'Mia', roles: [], may: ['request'] },
      {
        name: 'Ada',
        roles: ['Access.Admin'],
        may: [
          'request',
          'audit.read',
          'config.read',
          'config.write',
          'grants.revoke',
          'emergency-stop',
          'connectors.test',
        ],
      },
      { name: 'Audrey', roles: ['Access.Auditor'], may: ['audit.read', 'config.read'] },
      { roles: ['Access.RequestOnBehalf'], may: ['request', 'request-for-others'] },
      { roles: [], may: [] },
    ])
  })
})

const catalog = async (as: CallerName, query = '') =>
  (await api.call(as, 'GET', `/catalog${query}`)).body.items
const namesOf = (items: readonly { resource: { name: string } }[]) =>
  items.map(({ resource }) => resource.name)

const [target] = flow().targets
const to = (...values: string[]) =>
  [{ ...target, include: [{ by: 'name', values }] }] as AccessFlow['targets']
const by = (...values: string[]): AccessFlow['requesters'] => ({
  operator: 'or',
  conditions: [{ type: 'user', values }],
})

describe('GET /catalog', () => {
  test('shows what the caller may ask for, and how', async () => {
    await start([flow({ duration: { maximum: 'PT8H', default: 'PT1H' } })])
    await api.call('ada', 'PUT', '/integrations/ContosoEntra', {
      body: { resourceTypes: ['group'], customAccessDetails: 'Sign in at the jump host.' },
    })
    expect(await catalog('mia')).toEqual([
      {
        integration: 'ContosoEntra',
        resource: { type: 'group', id: readers, name: 'Production Readers' },
        permissions: ['member'],
        accessFlows: ['oncall'],
        maximumDuration: 'PT8H',
        defaultDuration: 'PT1H',
        approval: 'automatic',
        hasAccessDetails: true,
      },
    ])
    expect(await catalog('sam')).toEqual([])
  })

  test('tells the durations of the flow that would be taken, not of another one', async () => {
    await start([
      flow({ name: 'long', duration: { maximum: 'PT8H' } }),
      flow({ name: 'short', duration: { maximum: 'PT1H', default: 'PT30M' } }),
    ])
    const [item] = await catalog('mia')
    expect(item).toMatchObject({ accessFlows: ['long', 'short'], maximumDuration: 'PT8H' })
    expect(item).not.toHaveProperty('defaultDuration')
  })

  test('keeps the default of the flow that would be taken beside shorter ones', async () => {
    await start([
      flow({ name: 'long', duration: { maximum: 'PT8H', default: 'PT2H' } }),
      flow({ name: 'short', duration: { maximum: 'PT1H' } }),
    ])
    expect(await catalog('mia')).toMatchObject([
      { maximumDuration: 'PT8H', defaultDuration: 'PT2H' },
    ])
  })

  test.each([
    ['', ['Blue', 'Green', 'Production Readers']],
    ['?q=gREEN', ['Green']],
    ['?q=of%20the%20forest', ['Green']],
    ['?q=nothing', []],
    ['?type=group', ['Blue', 'Green', 'Production Readers']],
    ['?type=directory-role', []],
    ['?type=team', []],
    ['?integration=ContosoEntra', ['Blue', 'Green', 'Production Readers']],
    ['?integration=contosoentra', ['Blue', 'Green', 'Production Readers']],
    ['?integration=Elsewhere', []],
  ])('finds by %s', async (query, expected) => {
    await start()
    api.newGroup({ name: 'Green', description: 'Friends of the forest' })
    api.newGroup({ name: 'Blue' })
    expect(namesOf(await catalog('mia', query))).toEqual(expected)
  })

  test('shows nothing that a request would be refused for', async () => {
    await start([
      flow({ targets: to('Open*', 'Denied', 'Dynamic', 'Privileged') }),
      flow({ name: 'no', effect: 'deny', targets: to('Denied') }),
      flow({ name: 'off', active: false, targets: to('Switched off') }),
      flow({ name: 'queue', intake: ['service-bus'], targets: to('By message only') }),
      flow({ name: 'bens', requesters: by(ben), targets: to("Ben's") }),
    ])
    api.newGroup({ name: 'Open to all' })
    api.newGroup({ name: 'Denied' })
    api.newGroup({ name: 'Dynamic', unmanageable: 'dynamic' })
    api.newGroup({ name: 'Privileged', unmanageable: 'role-assignable' })
    api.newGroup({ name: 'Switched off' })
    api.newGroup({ name: 'By message only' })
    api.newGroup({ name: "Ben's" })
    expect(namesOf(await catalog('mia'))).toEqual(['Open to all'])
    expect(namesOf(await catalog('ben'))).toEqual(["Ben's", 'Open to all'])

    const body = { resourceTypes: ['group'], privileged: true }
    await api.call('ada', 'PUT', '/integrations/ContosoEntra', { body })
    expect(namesOf(await catalog('mia'))).toEqual(['Open to all', 'Privileged'])
  })

  test('is empty for an auditor, who may not ask, whatever a flow says', async () => {
    await start([flow({ requesters: by(callers.audrey.oid, mia) })])
    expect(await catalog('audrey')).toEqual([])
    expect(await catalog('mia')).toHaveLength(1)
  })

  test('knows members of groups, nested ones included, as a decision does', async () => {
    const team = '31000000-0000-4000-8000-0000000000aa'
    const inner = '31000000-0000-4000-8000-0000000000ab'
    const conditions = [{ type: 'group', values: [team] }] as const
    await start([flow({ requesters: { operator: 'or', conditions } })])
    api.directory.addGroup({ id: inner, name: 'Inner', members: [mia] })
    api.directory.addGroup({ id: team, name: 'Team', members: [inner] })
    expect(namesOf(await catalog('mia'))).toContain('Production Readers')
    expect(await catalog('ben')).toEqual([])
  })

  test('is not to be had while the directory is away', async () => {
    await start()
    api.directory.setFault({ effect: 'unavailable' })
    const { status, headers } = await api.call('mia', 'GET', '/catalog')
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('5')
  })
})

describe('GET /health', () => {
  test('is 200 while everything answers, and 503 with the name of what does not', async () => {
    let isUp = true
    api = await startApi({
      checks: {
        storage: async () => {},
        directory: async () => {
          if (!isUp) throw new Error('a secret of the house')
        },
      },
    })
    const up = await api.send('GET', '/health')
    isUp = false
    const down = await api.send('GET', '/health')
    expect([up.status, up.body]).toEqual([
      200,
      { status: 'ok', dependencies: { storage: 'ok', directory: 'ok' } },
    ])
    expect([down.status, down.body]).toEqual([
      503,
      { status: 'degraded', dependencies: { storage: 'ok', directory: 'unavailable' } },
    ])
  })

  test('tells administrators and auditors how many grants are overdue, and nobody else', async () => {
    api = await startApi()
    const asked = await api.call('mia', 'POST', '/requests', {
      body: { resource: { type: 'group', id: readers }, duration: 'PT1H' },
    })
    expect(asked.status).toBe(202)
    await api.pass(1_000)
    api.directory.setFault({ effect: 'unavailable', on: ['remove'] })
    await api.pass(3_600_000 + 310_000)

    const strangers = await api.send('GET', '/health')
    const spoilt = await api.send('GET', '/health', { headers: { authorization: 'Bearer no' } })
    expect([strangers.body, spoilt.body]).toEqual([
      { status: 'ok', dependencies: {} },
      { status: 'ok', dependencies: {} },
    ])
    expect((await api.call('mia', 'GET', '/health')).body).not.toHaveProperty('overdue')
    for (const who of ['ada', 'audrey'] as const) {
      expect((await api.call(who, 'GET', '/health')).body).toMatchObject({ overdue: 1 })
    }

    api.directory.clearFaults()
    await api.pass(60_000)
    expect((await api.call('audrey', 'GET', '/health')).body).toMatchObject({ overdue: 0 })
  })
})

describe('POST /reconcile', () => {
  test('takes the number of people who have left, where somebody has looked, and nothing else', async () => {
    await start()
    const confirmed = await api.call('ada', 'POST', '/reconcile', { body: { peopleLeft: 45 } })
    const bare = await api.call('ada', 'POST', '/reconcile')
    const wrong = await api.call('ada', 'POST', '/reconcile', { body: { peopleLeft: 0, x: 1 } })

    expect([confirmed.status, bare.status, wrong.status]).toEqual([202, 202, 400])
    const row = await api.tables.read('Index', 'reconcile', 'left-confirmed')
    expect(row?.columns).toMatchObject({ people: 45 })
  })
})
