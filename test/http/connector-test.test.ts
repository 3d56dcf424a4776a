import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flow, tenantId } from '../operations/broker-in-memory.ts'
import { type Api, startApi } from './start-api.ts'

const principalId = '5e9d4000-0000-4000-8000-000000000001'
const token = { ok: true, appId: 'app', principalId, tenantId } as const
const reads = ['GroupMember.Read.All', 'Application.Read.All', 'User.Read.All']

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const runTest = (name = 'ContosoEntra') => api.call('ada', 'POST', `/integrations/${name}/test`)
const stateOf = (body: { features: { name: string; state: string }[] }, feature: string) =>
  body.features.find(({ name }) => name === feature)?.state

describe('POST /integrations/{name}/test', () => {
  test('tells what the connector can do, what it lacks, and what it could do without', async () => {
    api.directory.setConnector({
      token: { ...token, permissions: ['RoleManagement.ReadWrite.Directory', ...reads] },
      roles: [],
    })
    const { status, body } = await runTest('contosoentra')

    expect(status).toBe(200)
    expect(body).toMatchObject({
      connector: 'default',
      kind: 'local',
      appId: 'app',
      tenantId,
      token: { ok: true },
      permissions: [
        'Application.Read.All',
        'GroupMember.Read.All',
        'RoleManagement.ReadWrite.Directory',
        'User.Read.All',
      ],
      directoryRoles: [],
      excess: [{ name: 'RoleManagement.ReadWrite.Directory', tier0: true }],
    })
    expect(stateOf(body, 'discover')).toBe('ok')
    expect(stateOf(body, 'group-members')).toBe('missing')
    expect(body.commands.map(({ shell }: { shell: string }) => shell)).toEqual(['az', 'powershell'])
    expect(body.commands[0].text).toContain(principalId)
  })

  test('proposes ownership only where a flow gives it', async () => {
    api.directory.setConnector({
      token: { ...token, permissions: ['GroupMember.ReadWrite.All', ...reads] },
      roles: [],
    })
    const before = await runTest()
    const [target] = flow().targets
    await api.call('ada', 'PUT', '/access-flows/owners', {
      body: flow({ name: 'owners', targets: [{ ...target, permissions: ['owner'] } as never] }),
    })
    const after = await runTest()

    expect(before.body.commands).toEqual([])
    expect(after.body.commands[0].effect).toContain('Group.ReadWrite.All, for group-owners')
  })

  test.each([
    { body: { mechanism: { group: 'pim' } }, inUse: ['pim-groups'] },
    {
      body: { mechanism: { group: 'pim' }, mechanismFallback: 'direct' },
      inUse: ['group-members', 'pim-groups'],
    },
    { body: {}, inUse: ['group-members'] },
  ])('proposes what $body.mechanism with $body.mechanismFallback uses: $inUse', async (each) => {
    api.directory.setConnector({ token: { ...token, permissions: reads }, roles: [] })
    await api.call('ada', 'PUT', '/integrations/ContosoEntra', {
      body: { resourceTypes: ['group'], ...each.body },
    })
    const { body } = await runTest()

    const effects: readonly string[] = body.commands.map(({ effect }: { effect: string }) => effect)
    const forWhat = new Set(effects.map((effect) => / for (.+)\.$/.exec(effect)?.[1]))
    expect([...forWhat].sort()).toEqual(each.inUse)
  })

  test('takes the connector for an owner of groups that discovery has found', async () => {
    const group = api.newGroup({ owners: [principalId] })
    api.directory.setConnector({ token: { ...token, permissions: reads }, roles: [] })
    const before = await runTest()
    await api.call('ada', 'POST', '/integrations/ContosoEntra/discover')
    await api.pass(61_000)
    const after = await runTest()

    expect(group).toBeDefined()
    expect(stateOf(before.body, 'group-members')).toBe('missing')
    expect(stateOf(after.body, 'group-members')).toBe('ok')
  })

  test('says what is wrong without a token, and proposes nothing', async () => {
    const problem = 'No token was given: AADSTS7000215.'
    api.directory.setConnector({ token: { ok: false, problem } })
    const { status, body } = await runTest()

    expect(status).toBe(200)
    expect(body).toMatchObject({
      appId: null,
      token: { ok: false, problem },
      directoryRoles: null,
      excess: [],
      commands: [],
    })
    expect(stateOf(body, 'discover')).toBe('unknown')
  })

  test('is made twice a minute at most, and for no integration that there is not', async () => {
    expect((await runTest('Nowhere')).status).toBe(404)
    const statuses = [await runTest(), await runTest(), await runTest()].map(({ status }) => status)
    await api.pass(60_000)

    expect(statuses).toEqual([200, 200, 429])
    expect((await runTest()).status).toBe(200)
  })

  test('changes nothing: not the directory, not the audit', async () => {
    await runTest()

    expect(api.directory.writes).toEqual([])
    expect(api.published).toEqual([])
  })
})

describe('GET /connectors', () => {
  test('tells by what the broker reaches the directory, and who goes by it', async () => {
    await api.call('ada', 'PUT', '/integrations/Another', { body: { resourceTypes: ['group'] } })
    const { body } = await api.call('audrey', 'GET', '/connectors')

    expect(body.items).toEqual([
      {
        name: 'default',
        kind: 'local',
        appId: null,
        tenantId,
        integrations: ['Another', 'ContosoEntra'],
      },
    ])
  })
})
