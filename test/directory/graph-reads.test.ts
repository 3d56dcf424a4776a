import { afterEach, describe, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import { createGraphDirectory } from '../../shared/directory/graph-directory.ts'
import type { GraphCallRecord } from '../../shared/directory/graph-transport.ts'
import {
  ann,
  graphError,
  group,
  membership,
  notFound,
  role,
  type Script,
  startScriptedGraph,
  tenantId,
  tokenForTests,
  unit,
  unitRole,
} from './scripted-graph.ts'

const stops: (() => Promise<void>)[] = []

/** A directory whose time passes only when it sleeps; time limits are never reached by themselves. */
async function graph(script: Script, credential: object = tokenForTests) {
  const server = await startScriptedGraph(script)
  stops.push(server.stop)
  let now = Date.parse('2026-01-05T12:00:00Z')
  const pauses: number[] = []
  const records: GraphCallRecord[] = []
  const directory = createGraphDirectory({
    credential: { ...tokenForTests, ...credential },
    baseUrl: server.url,
    tenantId,
    now: () => new Date(now),
    log: (record) => records.push(record),
    wait: async (milliseconds) => {
      if (milliseconds === 10_000) await new Promise(() => undefined)
      pauses.push(milliseconds)
      now += milliseconds
    },
  })
  return { ...server, directory, pauses, records }
}

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('holds() on Graph', () => {
  test.each([
    { permission: 'member', links: 'members' },
    { permission: 'owner', links: 'owners' },
  ] as const)('reads the single link of a $permission', async ({ permission, links }) => {
    const { directory, seen } = await graph(() => ({ body: { id: ann } }))

    expect(await directory.holds({ ...membership, permission })).toEqual({ present: true })
    expect(seen).toMatchObject([{ method: 'GET', path: `/groups/${group}/${links}/${ann}/$ref` }])
  })

  test.each([
    { missing: ann, expected: { present: false } },
    { missing: group, expected: { present: false, missing: 'resource' } },
  ])('reads a 404 about $missing as $expected', async ({ missing, expected }) => {
    const { directory } = await graph(() => notFound(missing))

    expect(await directory.holds(membership)).toEqual(expected)
  })

  test.each([400, 405, 501])(
    'walks the whole list where a single link is answered %i',
    async (status) => {
      const { directory } = await graph(({ path }) => {
        if (path.includes('/$ref')) return { status, body: graphError('BadRequest', 'No.') }
        return path.includes('skiptoken')
          ? { body: { value: [{ id: ann.toUpperCase() }] } }
          : {
              body: {
                value: [],
                '@odata.nextLink': `https://graph.microsoft.com/v1.0/groups/${group}/members?$skiptoken=2`,
              },
            }
      })

      expect(await directory.holds(membership)).toEqual({ present: true })
    },
  )

  test('finds nobody in a list without the person', async () => {
    const { directory } = await graph(({ path }) =>
      path.includes('/$ref') ? { status: 400 } : { body: { value: [{ id: group }] } },
    )

    expect(await directory.holds(membership)).toEqual({ present: false })
  })

  test('tells the id of the role assignment at just this scope', async () => {
    const base = { principalId: ann, roleDefinitionId: role }
    const value = [
      { ...base, id: 'tenant-wide', directoryScopeId: '/' },
      { ...base, id: 'ours', directoryScopeId: `/administrativeUnits/${unit}` },
    ]
    const { directory } = await graph(() => ({ body: { value } }))

    expect(await directory.holds(unitRole)).toEqual({ present: true, assignmentId: 'ours' })
    expect(
      await directory.holds({ ...unitRole, resource: { ...unitRole.resource, scope: '/' } }),
    ).toMatchObject({ assignmentId: 'tenant-wide' })
  })

  test('says nothing when it may not read', async () => {
    const { directory } = await graph(() => ({ status: 403 }))

    await expect(directory.holds(membership)).rejects.toThrow(DirectoryUnavailableError)
  })
})

describe('A read of the directory on Graph', () => {
  test('is repeated after a fault, and waits as long as the directory asks', async () => {
    let count = 0
    const { directory, pauses } = await graph(() => {
      count += 1
      if (count === 1) return { status: 503, headers: { 'retry-after': '2' } }
      return count === 2 ? { drop: true } : { body: { id: ann } }
    })

    expect(await directory.holds(membership)).toEqual({ present: true })
    expect(pauses).toEqual([2_000, 1_000])
  })

  test('gives up after three tries', async () => {
    const { directory, seen } = await graph(() => ({ status: 500 }))

    await expect(directory.ping()).rejects.toThrow('Cannot reach the directory')
    expect(seen).toHaveLength(3)
  })

  test('gives up at once when told to wait longer than it has time', async () => {
    const { directory, seen, pauses } = await graph(() => ({
      status: 429,
      headers: { 'retry-after': '120' },
    }))

    await expect(directory.ping()).rejects.toMatchObject({ retryAfterSeconds: 120 })
    expect([seen.length, pauses]).toEqual([1, []])
  })

  test('is not tried without a token', async () => {
    const { directory, seen } = await graph(() => ({ body: { value: [] } }), {
      getToken: () => Promise.reject(new Error('no identity here')),
    })

    await expect(directory.ping()).rejects.toThrow(DirectoryUnavailableError)
    expect(seen).toEqual([])
  })

  test('brings another token after one was refused', async () => {
    let token = 'old'
    const { directory, seen } = await graph(
      ({ headers }) => (headers['authorization'] === 'Bearer new' ? {} : { status: 401 }),
      {
        getToken: async () => ({ token, expiresOnTimestamp: 0 }),
        forget: () => {
          token = 'new'
        },
      },
    )

    await directory.ping()

    expect(seen).toHaveLength(2)
  })

  test('ends when its time is over, however long the directory takes', async () => {
    const { url, stop } = await startScriptedGraph(() => ({ hang: true }))
    stops.push(stop)
    const directory = createGraphDirectory({
      credential: tokenForTests,
      baseUrl: url,
      tenantId,
      now: () => new Date('2026-01-05T12:00:00Z'),
      wait: async () => undefined,
    })

    await expect(directory.ping()).rejects.toThrow(DirectoryUnavailableError)
  })

  test('is logged by address, status and request id, without its query', async () => {
    const { directory, records } = await graph(() => ({ body: { value: [] } }))

    await directory.ping()

    expect(records).toEqual([
      { method: 'GET', path: '/groups', status: 200, graphRequestId: 'graph-request-1' },
    ])
  })
})

describe('list() on Graph', () => {
  test('gives groups page after page, an empty page included', async () => {
    const { directory, url, seen } = await graph(({ path }) => {
      if (path.includes('skiptoken=2')) {
        return { body: { value: [], '@odata.nextLink': `${url}/v1.0/groups?$skiptoken=3` } }
      }
      if (path.includes('skiptoken=3')) return { body: { value: [{ id: unit, displayName: 'B' }] } }
      return {
        body: {
          value: [{ id: group, displayName: 'A', groupTypes: ['DynamicMembership'] }],
          '@odata.nextLink': 'https://graph.microsoft.com/v1.0/groups?$skiptoken=2',
        },
      }
    })

    expect(await collect(directory.list('group'))).toEqual([
      { ref: { type: 'group', id: group }, name: 'A', unmanageable: 'dynamic' },
      { ref: { type: 'group', id: unit }, name: 'B' },
    ])
    expect(seen.every(({ headers }) => headers['authorization'] === 'Bearer local')).toBe(true)
  })

  test('gives roles at the scope of the tenant', async () => {
    const { directory } = await graph(() => ({
      body: {
        value: [{ id: role, displayName: 'Helpdesk', description: 'Helps.', isEnabled: true }],
      },
    }))

    expect(await collect(directory.list('directory-role'))).toEqual([
      {
        ref: { type: 'directory-role', id: role, scope: '/' },
        name: 'Helpdesk',
        description: 'Helps.',
      },
    ])
  })

  test('stops at a next page that is not Graph', async () => {
    const { directory, seen } = await graph(() => ({
      body: { value: [], '@odata.nextLink': 'https://evil.example/v1.0/groups' },
    }))

    await expect(collect(directory.list('group'))).rejects.toThrow(DirectoryUnavailableError)
    expect(seen).toHaveLength(1)
  })
})
