import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { person } from '../../local/seed/people.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { errorOf, type Simulator, startSimulator } from './start-simulator.ts'

const eventual = { consistencylevel: 'eventual' }

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.stop())

const get = (path: string, query: Readonly<Record<string, string>> = {}, headers = {}) =>
  simulator.graph('GET', `${path}?${new URLSearchParams(query)}`, undefined, headers)

const names = async (path: string, query: Readonly<Record<string, string>>, headers = {}) => {
  const { body } = await get(path, query, headers)
  return body.value.map(({ displayName }: { displayName: string }) => displayName)
}

describe('a list', () => {
  test('shows what Graph shows when nothing is selected, and what is selected otherwise', async () => {
    const plain = await get(`/users/${person('mia')}`)
    const chosen = await get(`/users/${person('mia')}`, { $select: 'id,department' })

    expect(plain.body).not.toHaveProperty('department')
    expect(plain.body).toMatchObject({ displayName: 'Mia Tanaka', businessPhones: [] })
    expect(chosen.body).toEqual({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users/$entity',
      '@odata.type': '#microsoft.graph.user',
      id: person('mia'),
      department: 'Engineering',
    })
  })

  test('comes in pages whose links name Graph, keep the query and lead to everybody once', async () => {
    const ids: string[] = []
    let link: string | undefined = '/users?$select=id&$top=15'
    let pages = 0
    while (link !== undefined) {
      const { body } = await simulator.graph('GET', link)
      ids.push(...body.value.map(({ id }: { id: string }) => id))
      link = body['@odata.nextLink']
      pages += 1
      if (link !== undefined) {
        expect(link).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/users\?/)
        expect(link).toContain('$select=id')
      }
    }

    expect(pages).toBe(Math.ceil(seedTenant.users.length / 15))
    expect(ids.toSorted()).toEqual(seedTenant.users.map(({ id }) => id).toSorted())
  })

  test.each(['0', '1000', 'ten'])('refuses a page of %s', async (top) => {
    expect((await get('/users', { $top: top })).status).toBe(400)
  })

  test('refuses a page token that nobody has made', async () => {
    expect((await get('/users', { $skiptoken: 'abc' })).body.error.code).toBe(
      'Directory_ExpiredPageToken',
    )
  })

  test('is spelled with a key in parentheses too, and finds people by name', async () => {
    const { body } = await simulator.graph('GET', "/users('mia@contoso.example')?$select=id")

    expect(body.id).toBe(person('mia'))
  })
})

describe('$filter', () => {
  test.each([
    { filter: "displayName eq 'Auditors'", found: ['Auditors'] },
    { filter: "displayName EQ 'auditors'", found: ['Auditors'] },
    {
      filter: "startswith(displayName,'Production')",
      found: ['Production Readers', 'Production Writers'],
    },
    { filter: "groupTypes/any(c:c eq 'Unified')", found: ['Incident Room', 'Company News'] },
    {
      filter: "groupTypes/any(c:c eq 'Unified') and membershipRule eq null",
      found: ['Incident Room'],
    },
    {
      filter: 'isAssignableToRole eq true or onPremisesSyncEnabled eq true',
      found: ['Directory Role Holders', 'File Server Finance'],
    },
    {
      filter: "(displayName eq 'Sales' or displayName eq 'Auditors') and mailEnabled eq false",
      found: ['Auditors', 'Sales'],
    },
    { filter: "displayName in ('Sales','Auditors')", found: ['Auditors', 'Sales'] },
    { filter: "displayName eq 'No ''such'' group'", found: [] },
  ])('finds by $filter', async ({ filter, found }) => {
    expect(await names('/groups', { $filter: filter })).toEqual(found)
  })

  test('finds a name with an apostrophe', async () => {
    expect(await names('/users', { $filter: "displayName eq 'Seán O''Brien'" })).toEqual([
      "Seán O'Brien",
    ])
  })

  test.each([
    'displayName',
    'displayName eq',
    "(displayName eq 'x'",
    "displayName like 'x'",
    "displayName eq 'x' displayName",
  ])('refuses what it cannot read: %s', async (filter) => {
    expect((await get('/groups', { $filter: filter })).status).toBe(400)
  })
})

describe('an advanced query', () => {
  const members = `/groups/${group('Engineering')}/members`

  test.each([
    { what: 'ne', path: '/users', query: { $filter: "department ne 'Sales'" } },
    { what: 'not', path: '/users', query: { $filter: "not startswith(displayName,'A')" } },
    { what: 'endsWith', path: '/users', query: { $filter: "endsWith(mail,'example')" } },
    {
      what: 'a filter with an order',
      path: '/users',
      query: { $filter: "department eq 'Sales'", $orderby: 'displayName' },
    },
    { what: 'a filter on members', path: members, query: { $filter: `id eq '${person('mia')}'` } },
  ])('($what) needs both the header and $count', async ({ path, query }) => {
    const counted = { ...query, $count: 'true' }

    expect(errorOf(await get(path, query))).toEqual([
      400,
      'Request_UnsupportedQuery',
      'Unsupported Query.',
    ])
    expect((await get(path, counted)).status).toBe(400)
    expect((await get(path, query, eventual)).status).toBe(400)
    const { status, body } = await get(path, counted, eventual)
    expect(status).toBe(200)
    expect(body['@odata.count']).toBeGreaterThan(0)
  })

  test('that searches needs the header alone', async () => {
    const query = { $search: '"displayName:prod"', $select: 'displayName' }

    expect((await get('/groups', query)).body.error.code).toBe('Request_UnsupportedQuery')
    expect(await names('/groups', query, eventual)).toEqual([
      'Production Readers',
      'Production Writers',
    ])
  })

  test('is not needed by $count, which is then ignored', async () => {
    const { status, body } = await get('/users', { $count: 'true' })

    expect(status).toBe(200)
    expect(body).not.toHaveProperty('@odata.count')
  })

  test('counts on the first page only, and wants its header again on the next', async () => {
    const query = { $filter: "department ne 'Sales'", $count: 'true', $top: '20' }
    const first = await get('/users', query, eventual)
    const next = first.body['@odata.nextLink']

    expect((await simulator.graph('GET', next)).status).toBe(400)
    const second = await simulator.graph('GET', next, undefined, eventual)
    expect(second.status).toBe(200)
    expect(second.body).not.toHaveProperty('@odata.count')
  })
})

test('the audit log is filtered and ordered without an advanced query', async () => {
  const { status } = await get('/auditLogs/directoryAudits', {
    $filter: 'activityDateTime ge 2026-01-01T00:00:00Z',
    $orderby: 'activityDateTime desc',
  })

  expect(status).toBe(200)
})
