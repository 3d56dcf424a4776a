import { afterEach, describe, expect, test } from 'vitest'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import { type Script, startScriptedGraph } from './scripted-graph.ts'

const principalId = '5e9d4000-0000-4000-8000-000000000001'
const roleId = 'fdd7a751-b60b-444a-984c-02652fe8fa1c'

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url')
const tokenOf = (claims: object) => `${part({ alg: 'RS256' })}.${part(claims)}.signature`
const claims = {
  appid: 'app',
  oid: principalId,
  tid: 'tenant',
  roles: ['User.Read.All', 'GroupMember.ReadWrite.All'],
}

let stop: (() => Promise<void>) | undefined
afterEach(async () => {
  await stop?.()
  stop = undefined
})

async function describeWith(script: Script, getToken = async () => tokenOf(claims)) {
  const graph = await startScriptedGraph(script)
  stop = graph.stop
  let forgotten = 0
  const directory = createGraphDirectory({
    credential: {
      getToken: async () => ({ token: await getToken(), expiresOnTimestamp: 9e15 }),
      forget: () => void ++forgotten,
    },
    baseUrl: graph.url,
    tenantId: 'tenant',
    now: () => new Date('2026-01-05T12:00:00Z'),
    // No pause between tries, and no time-out.
    wait: async (_, signal) => {
      if (signal.aborted) throw new Error('over')
      await new Promise((resolve) => setTimeout(resolve, _ < 8_000 ? 0 : 100_000).unref())
    },
  })
  const facts = await directory.describeConnector()
  return { facts, seen: graph.seen, forgotten: () => forgotten }
}

describe('what the connector is told to hold', () => {
  test('is what a fresh token carries, and the roles of its principal by name', async () => {
    const assignment = { id: 'a1', principalId, roleDefinitionId: roleId, directoryScopeId: '/' }
    const role = { id: roleId, displayName: 'Groups Administrator' }
    const { facts, forgotten } = await describeWith(({ path }) =>
      path.startsWith('/$batch')
        ? { body: { responses: [{ id: '0', status: 200, body: role }] } }
        : { body: { value: [assignment] } },
    )

    expect(facts).toEqual({
      token: {
        ok: true,
        appId: 'app',
        principalId,
        tenantId: 'tenant',
        permissions: claims.roles,
      },
      roles: [{ id: roleId, name: 'Groups Administrator', scope: '/' }],
    })
    expect(forgotten()).toBe(1)
  })

  test.each([403, 503])('is no role, and not that it has none, after a %s', async (status) => {
    const { facts } = await describeWith(() => ({ status, body: { error: { code: 'no' } } }))

    expect(facts).toMatchObject({ token: { ok: true } })
    expect(facts).not.toHaveProperty('roles')
  })

  test.each([
    [
      'AADSTS7000215: Invalid client secret hunter2 for app 5e9d',
      'No token was given: AADSTS7000215.',
    ],
    ['connect ECONNREFUSED 10.0.0.4', 'No token was given.'],
  ])('is nothing without a token, told without what the error says: %s', async (text, problem) => {
    const { facts, seen } = await describeWith(
      () => ({}),
      async () => {
        throw new Error(text)
      },
    )

    expect(facts).toEqual({ token: { ok: false, problem } })
    expect(seen).toEqual([])
  })

  test('asks for no roles where the token does not say whose they would be', async () => {
    const { facts, seen } = await describeWith(
      () => ({}),
      async () => tokenOf({ ...claims, oid: "' or 1 eq 1" }),
    )

    expect(facts).not.toHaveProperty('roles')
    expect(seen).toEqual([])
  })
})
