import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { principalId } from '../../local/seed/ids.ts'
import { person } from '../../local/seed/people.ts'
import { role } from '../../local/seed/roles.ts'
import { seedTenant } from '../../local/seed/seed-tenant.ts'
import { errorOf, missing, type Simulator, startSimulator } from './start-simulator.ts'

const readers = group('Production Readers')
const nobody = '00000000-0000-4000-8000-00000000dead'
const memberOnly = ['GroupMember.ReadWrite.All']
const graphRoot = 'https://graph.microsoft.com/v1.0'

const denied = [
  403,
  'Authorization_RequestDenied',
  'Insufficient privileges to complete the operation.',
]
const badRequest = (message: string) => [400, 'Request_BadRequest', message]

const linking = (simulator: () => Simulator) => ({
  add: (groupId: string, id: string, links = 'members') =>
    simulator().graph('POST', `/groups/${groupId}/${links}/$ref`, {
      '@odata.id': `${graphRoot}/directoryObjects/${id}`,
    }),
  remove: (groupId: string, id: string, links = 'members') =>
    simulator().graph('DELETE', `/groups/${groupId}/${links}/${id}/$ref`),
  has: async (groupId: string, id: string) =>
    (await simulator().graph('GET', `/groups/${groupId}/members/${id}/$ref`)).status === 200,
})

describe('membership of a group', () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })

  afterEach(() => simulator.stop())

  const { add, remove, has } = linking(() => simulator)

  test('is added and removed by reference, and each leaves a line in the audit log', async () => {
    expect(errorOf(await add(readers, person('mia')))[0]).toBe(204)
    expect(await has(readers, person('mia'))).toBe(true)
    expect((await remove(readers, person('mia'))).status).toBe(204)
    expect(await has(readers, person('mia'))).toBe(false)
    const { body } = await simulator.graph('GET', '/auditLogs/directoryAudits')

    expect(body.value).toMatchObject([
      { activityDisplayName: 'Remove member from group', operationType: 'Unassign' },
      {
        activityDisplayName: 'Add member to group',
        initiatedBy: { app: { displayName: 'entra-jit', servicePrincipalId: principalId(1) } },
        targetResources: [{ id: person('mia'), userPrincipalName: 'mia@contoso.example' }],
      },
    ])
  })

  test('is refused to the letter when there is nothing to do or nobody to do it to', async () => {
    await add(readers, person('mia'))

    expect(errorOf(await add(readers, person('mia')))).toEqual(
      badRequest(
        "One or more added object references already exist for the following modified properties: 'members'.",
      ),
    )
    expect(errorOf(await remove(readers, person('omar')))).toEqual(missing(person('omar')))
    expect(errorOf(await add(nobody, person('mia')))).toEqual(missing(nobody))
    expect(errorOf(await remove(nobody, person('mia')))).toEqual(missing(nobody))
    expect(errorOf(await add(readers, nobody))).toEqual(missing(nobody))
    expect(errorOf(await add(readers, 'mia'))).toEqual(
      badRequest("Invalid object identifier 'mia'."),
    )
  })

  test('is bound for several at once, all or none', async () => {
    const bind = (...ids: readonly string[]) =>
      simulator.graph('PATCH', `/groups/${readers}`, {
        'members@odata.bind': ids.map((id) => `${graphRoot}/directoryObjects/${id}`),
      })

    expect((await bind(person('mia'), nobody)).status).toBe(404)
    expect(await has(readers, person('mia'))).toBe(false)
    expect((await bind(person('mia'), person('omar'))).status).toBe(204)
    expect(await has(readers, person('omar'))).toBe(true)
    const { body } = await simulator.graph('GET', '/auditLogs/directoryAudits')
    expect(body.value).toHaveLength(2)
  })

  test.each([
    { method: 'POST', path: `/groups/${readers}/members/${person('mia')}` },
    { method: 'PATCH', path: `/groups/${readers}/members/$ref` },
  ])('is not written by $method to another address', async ({ method, path }) => {
    const { status, body } = await simulator.graph(method, path, {})

    expect([status, body.error.code]).toEqual([400, 'BadRequest'])
  })

  test('ends at 100 owners', async () => {
    const { users } = seedTenant
    const full = Array.from({ length: 100 }, (_, index) => users[index % users.length]?.id ?? '')
    const groups = seedTenant.groups.map((one) =>
      one.id === readers ? { ...one, owners: full } : one,
    )
    const crowded = await startSimulator({ tenant: { ...seedTenant, groups } })

    expect(errorOf(await linking(() => crowded).add(readers, principalId(1), 'owners'))).toEqual([
      403,
      'Directory_QuotaExceeded',
      "Unable to perform operation as '101' would exceed the maximum quota count '100' for forward-link 'owners'.",
    ])
    await crowded.stop()
  })
})

describe('a kind of group that cannot be managed', () => {
  let simulator: Simulator

  beforeAll(async () => {
    simulator = await startSimulator({ permissions: memberOnly })
  })

  afterAll(() => simulator.stop())

  const { add, remove } = linking(() => simulator)
  const mail = badRequest('Cannot Update a mail-enabled security groups and or distribution list.')

  test.each([
    { name: 'Sales', kind: 'dynamic', answer: denied },
    { name: 'Company News', kind: 'dynamic Microsoft 365', answer: denied },
    {
      name: 'File Server Finance',
      kind: 'synchronised',
      answer: badRequest(
        'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
      ),
    },
    { name: 'Security Alerts', kind: 'mail-enabled security', answer: mail },
    { name: 'Newsletter', kind: 'distribution', answer: mail },
    { name: 'Executive Devices', kind: 'restricted unit', answer: denied },
    { name: 'Directory Role Holders', kind: 'role-assignable', answer: denied },
  ])('($kind) refuses to add and to remove', async ({ name, answer }) => {
    expect(errorOf(await add(group(name), person('tove')))).toEqual(answer)
    expect(errorOf(await remove(group(name), person('helen')))).toEqual(answer)
  })

  test('(no permission for owners) refuses to add one', async () => {
    expect(errorOf(await add(readers, person('mia'), 'owners'))).toEqual(denied)
  })

  test('(Microsoft 365) takes people, and no groups', async () => {
    expect((await add(group('Incident Room'), person('mia'))).status).toBe(204)
    expect((await add(group('Incident Room'), group('Auditors'))).status).toBe(400)
  })

  test('(role-assignable) is managed with the permission for roles', async () => {
    const strong = await startSimulator({
      permissions: [...memberOnly, 'RoleManagement.ReadWrite.Directory'],
    })

    const answer = await linking(() => strong).add(group('Directory Role Holders'), person('mia'))

    expect(answer.status).toBe(204)
    await strong.stop()
  })
})

describe('a removal without /$ref', () => {
  const path = `/groups/${group('Production Writers')}/members/${person('farah')}`

  test('deletes the person, for who may delete people', async () => {
    const simulator = await startSimulator({
      permissions: [...memberOnly, 'User.DeleteRestore.All'],
    })

    expect((await simulator.graph('DELETE', path)).status).toBe(204)
    expect((await simulator.graph('GET', `/users/${person('farah')}`)).status).toBe(404)
    await simulator.stop()
  })

  test('is refused to who may not', async () => {
    const simulator = await startSimulator({ permissions: memberOnly })

    expect(errorOf(await simulator.graph('DELETE', path))).toEqual(denied)
    expect((await simulator.graph('GET', `/users/${person('farah')}`)).status).toBe(200)
    await simulator.stop()
  })
})

describe('what is deleted', () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator({
      permissions: [
        ...memberOnly,
        'Group.ReadWrite.All',
        'User.ReadWrite.All',
        'RoleManagement.ReadWrite.Directory',
      ],
    })
  })

  afterEach(() => simulator.stop())

  const { add, remove, has } = linking(() => simulator)
  const writers = group('Production Writers')

  test('keeps its links unseen, and restoring a person restores his access', async () => {
    await simulator.graph('DELETE', `/users/${person('farah')}`)

    expect(await has(writers, person('farah'))).toBe(false)
    expect(errorOf(await add(readers, person('farah')))).toEqual(missing(person('farah')))
    expect(errorOf(await remove(writers, person('farah')))).toEqual(missing(person('farah')))
    const listed = await simulator.graph('GET', '/directory/deletedItems/microsoft.graph.user')
    expect(listed.body.value).toMatchObject([
      { id: person('farah'), deletedDateTime: '2026-01-05T12:00:00.000Z' },
    ])
    const restored = await simulator.graph(
      'POST',
      `/directory/deletedItems/${person('farah')}/restore`,
    )
    expect(restored.status).toBe(200)
    expect(await has(writers, person('farah'))).toBe(true)
  })

  test('brings its members back as a group', async () => {
    await simulator.graph('DELETE', `/groups/${writers}`)
    expect(errorOf(await add(writers, person('mia')))).toEqual(missing(writers))
    await simulator.graph('POST', `/directory/deletedItems/${writers}/restore`)

    expect(await has(writers, person('farah'))).toBe(true)
  })

  test('for good leaves no link and no role behind', async () => {
    // He holds a role, so that a permission alone may not delete him; this way nobody is asked.
    await simulator.graph('DELETE', `/groups/${writers}/members/${person('jorge')}`)
    await simulator.graph('DELETE', `/directory/deletedItems/${person('jorge')}`)
    const roles = await simulator.graph(
      'GET',
      `/roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq '${role('Helpdesk Administrator')}'`,
    )
    const owners = await simulator.graph('GET', `/groups/${group('Service Desk')}/owners`)

    expect(roles.body.value).toEqual([])
    expect(owners.body.value).toEqual([])
    const restore = `/directory/deletedItems/${person('jorge')}/restore`
    expect((await simulator.graph('POST', restore)).status).toBe(404)
  })
})
