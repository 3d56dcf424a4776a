import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { apiClientId, ownerKey, principalId } from '../../local/seed/ids.ts'
import { employeeNumber, person } from '../../local/seed/people.ts'
import { errorOf, missing, type Simulator, startSimulator } from './start-simulator.ts'

const readers = group('Production Readers')

describe('what is known of people and groups', () => {
  let simulator: Simulator

  beforeAll(async () => {
    simulator = await startSimulator()
  })

  afterAll(() => simulator.stop())

  const get = async (path: string) => simulator.graph('GET', path)

  test('is a manager, or the 404 that names none', async () => {
    expect((await get(`/users/${person('mia')}/manager`)).body).toMatchObject({ id: person('ben') })
    expect(errorOf(await get(`/users/${person('helen')}/manager`))).toEqual(missing('manager'))
  })

  test('is whose a group is, by an extension that is selected', async () => {
    const plain = await get(`/groups/${readers}`)
    const filter = encodeURIComponent(`${ownerKey} eq '${employeeNumber('petra')}'`)
    const found = await get(`/groups?$filter=${filter}&$select=id,${ownerKey}`)
    const owner = await get(`/users/${person('petra')}?$select=employeeId`)

    expect(plain.body).not.toHaveProperty(ownerKey)
    expect(found.body.value).toEqual([
      { '@odata.type': '#microsoft.graph.group', id: readers, [ownerKey]: owner.body.employeeId },
    ])
  })

  test('is which groups hold a person or a group, directly and through others', async () => {
    const names = async (path: string) =>
      (await get(path)).body.value.map(({ displayName }: { displayName: string }) => displayName)

    expect(await names(`/users/${person('gustav')}/memberOf`)).not.toContain('On Call')
    expect(await names(`/users/${person('gustav')}/transitiveMemberOf`)).toContain('On Call')
    expect(await names(`/groups/${group('Operations')}/transitiveMemberOf`)).toEqual(['On Call'])
  })

  test('is which roles of the application they hold, a person also through his groups', async () => {
    const admins = await get(`/groups/${group('Identity Administrators')}/appRoleAssignments`)
    const ada = await get(`/users/${person('ada')}/appRoleAssignments`)
    const api = await get(`/servicePrincipals?$filter=appId eq '${apiClientId}'`)
    const [assignment] = admins.body.value

    expect(assignment).toMatchObject({ principalType: 'Group', resourceId: principalId(1) })
    expect(ada.body.value).toEqual([assignment])
    expect(api.body.value[0].appRoles).toContainEqual({
      id: assignment.appRoleId,
      value: 'Access.Admin',
    })
    expect((await get(`/users/${person('mia')}/appRoleAssignments`)).body.value).toEqual([])
  })
})
