import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { ownerKey } from '../../local/seed/ids.ts'
import { person } from '../../local/seed/people.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { type Answer, type Simulator, startSimulator } from './start-simulator.ts'

const readers = group('Production Readers')
const writers = group('Production Writers')

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator({
    permissions: [
      'Group.ReadWrite.All',
      'GroupMember.ReadWrite.All',
      'User.ReadWrite.All',
      'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
    ],
  })
})

afterEach(() => simulator.stop())

const get = (link: string) => simulator.graph('GET', link)

const linkAfter = async (path: string): Promise<string> =>
  (await get(path)).body['@odata.deltaLink']

const addMember = (groupId: string, id: string) =>
  simulator.graph('POST', `/groups/${groupId}/members/$ref`, {
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
  })

const removeMember = (groupId: string, id: string) =>
  simulator.graph('DELETE', `/groups/${groupId}/members/${id}/$ref`)

const itemOf = ({ body }: Answer, id: string) =>
  body.value.find((item: { id: string }) => item.id === id)

describe('delta of groups', () => {
  const select = '/groups/delta?$select=displayName,members'

  test('begins with every group, with the properties and members that were selected', async () => {
    const first = await get(select)

    expect(first.body.value).toHaveLength(seedTenant.groups.length)
    expect(itemOf(first, writers)).toEqual({
      id: writers,
      displayName: 'Production Writers',
      'members@delta': [{ '@odata.type': '#microsoft.graph.user', id: person('farah') }],
    })
    expect(itemOf(first, readers)).toEqual({ id: readers, displayName: 'Production Readers' })
    expect(first.body['@odata.deltaLink']).toMatch(
      /^https:\/\/graph\.microsoft\.com\/v1\.0\/groups\/delta\?.*\$deltatoken=/,
    )
  })

  test('tells nothing when nothing has changed, and gives another link', async () => {
    const { body } = await get(await linkAfter(select))

    expect(body.value).toEqual([])
    expect(body['@odata.deltaLink']).toContain('$deltatoken=')
  })

  test('tells who came and who went, and no others', async () => {
    const link = await linkAfter(select)
    await addMember(readers, person('mia'))
    await addMember(writers, person('omar'))
    await removeMember(writers, person('omar'))
    await removeMember(writers, person('farah'))

    const changes = await get(link)

    expect(itemOf(changes, readers)['members@delta']).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: person('mia') },
    ])
    expect(itemOf(changes, writers)['members@delta']).toEqual(
      expect.arrayContaining([
        {
          '@odata.type': '#microsoft.graph.user',
          id: person('farah'),
          '@removed': { reason: 'deleted' },
        },
      ]),
    )
    expect(changes.body.value).toHaveLength(2)
    expect((await get(changes.body['@odata.deltaLink'])).body.value).toEqual([])
  })

  test('says nothing of members when they are not selected', async () => {
    const link = await linkAfter('/groups/delta?$select=displayName')
    await addMember(readers, person('mia'))

    expect((await get(link)).body.value).toEqual([])
  })

  test('tells owners to those who selected them, and to nobody else', async () => {
    const links = [
      await linkAfter('/groups/delta?$select=owners'),
      await linkAfter(select),
      await linkAfter('/groups/delta'),
    ]
    await simulator.graph('POST', `/groups/${readers}/owners/$ref`, {
      '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${person('ben')}`,
    })

    const [owners, members, everything] = await Promise.all(links.map(get))

    expect(owners?.body.value).toEqual([
      {
        id: readers,
        'owners@delta': [{ '@odata.type': '#microsoft.graph.user', id: person('ben') }],
      },
    ])
    expect([members?.body.value, everything?.body.value]).toEqual([[], []])
  })

  test('tells an assignment for a while twice: when it comes and when it ends', async () => {
    const link = await linkAfter(select)
    await simulator.graph(
      'POST',
      '/identityGovernance/privilegedAccess/group/assignmentScheduleRequests',
      {
        action: 'adminAssign',
        ...{ accessId: 'member', groupId: readers, principalId: person('mia') },
        justification: 'JIT 8c1f',
        scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
      },
    )
    const came = await get(link)
    simulator.advance(60)
    const went = await get(came.body['@odata.deltaLink'])

    expect(itemOf(came, readers)['members@delta']).toHaveLength(1)
    expect(itemOf(went, readers)['members@delta']).toMatchObject([
      { id: person('mia'), '@removed': { reason: 'deleted' } },
    ])
  })

  test('tells a deleted group as changed, a restored one with all its members, a purged one as deleted', async () => {
    const seen: unknown[] = []
    let link = await linkAfter(select)
    const look = async () => {
      const changes = await get(link)
      link = changes.body['@odata.deltaLink']
      seen.push(itemOf(changes, writers))
    }

    await simulator.graph('DELETE', `/groups/${writers}`)
    await look()
    await simulator.graph('POST', `/directory/deletedItems/${writers}/restore`)
    await look()
    await simulator.graph('DELETE', `/groups/${writers}`)
    await simulator.graph('DELETE', `/directory/deletedItems/${writers}`)
    await look()

    expect(seen).toEqual([
      { id: writers, '@removed': { reason: 'changed' } },
      expect.objectContaining({
        'members@delta': [expect.objectContaining({ id: person('farah') })],
      }),
      { id: writers, '@removed': { reason: 'deleted' } },
    ])
  })

  test('begins from now with the token latest', async () => {
    const latest = await get('/groups/delta?$deltatoken=latest&$select=members')
    await addMember(readers, person('mia'))

    expect(latest.body.value).toEqual([])
    expect((await get(latest.body['@odata.deltaLink'])).body.value).toHaveLength(1)
  })

  test('comes in pages that miss nothing, though groups come and go between them', async () => {
    const prefer = { prefer: 'odata.maxpagesize=10' }
    const first = await simulator.graph('GET', select, undefined, prefer)
    await simulator.graph('DELETE', `/groups/${first.body.value[0].id}`)
    const ids = first.body.value.map(({ id }: { id: string }) => id)
    let link: string | undefined = first.body['@odata.nextLink']
    let last: Answer = first
    while (link !== undefined) {
      last = await simulator.graph('GET', link, undefined, prefer)
      ids.push(...last.body.value.map(({ id }: { id: string }) => id))
      link = last.body['@odata.nextLink']
    }

    expect(first.body.value).toHaveLength(10)
    expect(new Set(ids)).toEqual(new Set(seedTenant.groups.map(({ id }) => id)))
    expect((await get(last.body['@odata.deltaLink'])).body.value).toEqual([
      { id: first.body.value[0].id, '@removed': { reason: 'changed' } },
    ])
  })

  test('can be of single groups, by id and by nothing else', async () => {
    const filter = (text: string) => get(`/groups/delta?$filter=${encodeURIComponent(text)}`)

    expect((await filter(`id eq '${readers}' or id eq '${writers}'`)).body.value).toHaveLength(2)
    expect((await filter("displayName eq 'Sales'")).status).toBe(400)
    expect((await get('/groups/delta?$top=5')).status).toBe(400)
  })

  test('carries directory extensions that are selected', async () => {
    const first = await get(`/groups/delta?$select=${ownerKey}`)

    expect(itemOf(first, group('Customer Data Readers'))).toEqual({
      id: group('Customer Data Readers'),
      [ownerKey]: 'Sales',
    })
  })
})

describe('a token of delta', () => {
  test.each([
    { name: 'is older than seven days', spoil: async () => simulator.advance(7 * 24 * 60 + 1) },
    {
      name: 'was made before a reset',
      spoil: async () => simulator.control('POST', 'delta-reset'),
    },
  ])('that $name is gone, and the answer says where to begin again', async ({ spoil }) => {
    const link = await linkAfter('/groups/delta?$select=members')
    await spoil()

    const { status, body, headers } = await get(link)

    expect([status, body.error.code]).toEqual([410, 'syncStateNotFound'])
    const again = await get(headers.get('location') ?? '')
    expect(again.body.value).toHaveLength(seedTenant.groups.length)
    expect((await get(again.body['@odata.deltaLink'])).status).toBe(200)
  })

  test('that nobody has made is gone', async () => {
    expect((await get('/users/delta?$deltatoken=abc')).status).toBe(410)
  })

  test('outlives a restart', async () => {
    const link = await linkAfter('/groups/delta?$select=members')
    await addMember(readers, person('mia'))
    await simulator.restart()

    expect((await get(link)).body.value).toHaveLength(1)
  })
})

describe('delta of users', () => {
  test('tells what changed of a person, and who the manager is where it is asked for', async () => {
    const link = await linkAfter('/users/delta?$select=department,manager')
    await simulator.graph('PATCH', `/users/${person('mia')}`, { department: 'Operations' })

    expect((await get(link)).body.value).toEqual([
      {
        id: person('mia'),
        department: 'Operations',
        'manager@delta': [{ '@odata.type': '#microsoft.graph.user', id: person('ben') }],
      },
    ])
  })

  test('tells a deleted person at once, while memberships are told only when he is gone for good', async () => {
    const users = await linkAfter('/users/delta')
    const groups = await linkAfter('/groups/delta?$select=members')
    await simulator.graph('DELETE', `/users/${person('farah')}`)

    expect((await get(users)).body.value).toEqual([
      { id: person('farah'), '@removed': { reason: 'changed' } },
    ])
    expect((await get(groups)).body.value).toEqual([])

    await simulator.graph('DELETE', `/directory/deletedItems/${person('farah')}`)

    expect((await get(users)).body.value).toEqual([
      { id: person('farah'), '@removed': { reason: 'deleted' } },
    ])
    expect(itemOf(await get(groups), writers)['members@delta']).toMatchObject([
      { id: person('farah'), '@removed': { reason: 'deleted' } },
    ])
  })
})
