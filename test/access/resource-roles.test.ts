import { describe, expect, test } from 'vitest'
import { describeRole, describeUnit, type RoleFacts } from '../../shared/access/resource.ts'

const noon = '2026-01-05T12:00:00.000Z'

describe('describeRole()', () => {
  const role = (over: Partial<RoleFacts> = {}): RoleFacts => ({
    id: '40000000-0000-4000-8000-000000000001',
    name: 'Role',
    description: '',
    isBuiltIn: true,
    isEnabled: true,
    actions: [],
    ...over,
  })
  const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10'
  const groupsAdministrator = 'fdd7a751-b60b-444a-984c-02652fe8fa1c'

  test.each<{ what: string; over: Partial<RoleFacts>; privileged: boolean }>([
    { what: 'labelled so', over: { id: globalAdministrator }, privileged: true },
    { what: 'of no power', over: { id: groupsAdministrator }, privileged: false },
    {
      what: 'new, and resetting passwords',
      over: { actions: ['microsoft.directory/users/password/update'] },
      privileged: true,
    },
    {
      what: 'only reading applications',
      over: { isBuiltIn: false, actions: ['microsoft.directory/applications/standard/read'] },
      privileged: false,
    },
    {
      what: "the tenant's own, changing applications",
      over: {
        isBuiltIn: false,
        actions: ['Microsoft.Directory/applications/credentials/update'],
      },
      privileged: true,
    },
    {
      what: "the tenant's own, about users' names",
      over: { isBuiltIn: false, actions: ['microsoft.directory/users/basic/update'] },
      privileged: false,
    },
  ])('takes a role that is $what for privileged: $privileged', ({ over, privileged }) => {
    expect(describeRole(role(over), noon)).toMatchObject({ privileged })
  })

  test("takes a tenant's own role for privileged when it cannot be read", () => {
    const { actions: _, ...unread } = role({ isBuiltIn: false })

    expect(describeRole(unread, noon)).toMatchObject({ privileged: true, kind: 'custom-role' })
  })

  test.each([
    { id: groupsAdministrator, isBuiltIn: true, isScopable: true },
    { id: globalAdministrator, isBuiltIn: true, isScopable: undefined },
    { id: 'own', isBuiltIn: false, isScopable: true },
  ])('lets $id be given at a unit: $isScopable', ({ isScopable, ...over }) => {
    expect(describeRole(role(over), noon).isScopable).toBe(isScopable)
  })

  test('says that a disabled role cannot be managed', () => {
    expect(describeRole(role({ isEnabled: false }), noon)).toMatchObject({
      unmanageable: 'role-disabled',
    })
  })

  test('is told as it was found, with nothing that groups have', () => {
    expect(describeRole(role({ description: 'Manages.' }), noon)).toEqual({
      type: 'directory-role',
      id: '40000000-0000-4000-8000-000000000001',
      name: 'Role',
      description: 'Manages.',
      kind: 'built-in-role',
      privileged: false,
      owners: [],
      attributes: {},
      seenAt: noon,
    })
    expect(describeRole(role(), noon)).not.toHaveProperty('description')
  })

  test.each([
    'microsoft.directory/applications/credentials/update',
    'microsoft.directory/servicePrincipals/appRoleAssignedTo/update',
    'microsoft.directory/users/password/update',
    'microsoft.directory/users/authenticationMethods/basic/update',
    'microsoft.directory/roleAssignments/allProperties/allTasks',
    'microsoft.directory/policies/standard/update',
    'microsoft.directory/groupsAssignableToRoles/members/update',
  ])('takes whoever may %s for privileged', (action) => {
    const own = (...actions: string[]) => describeRole(role({ isBuiltIn: false, actions }), noon)

    expect(own('microsoft.directory/groups/members/read', action).privileged).toBe(true)
    expect(own(action.replace(/[^/]+$/, 'read')).privileged).toBe(false)
    expect(own(`elsewhere.${action}`).privileged).toBe(false)
  })
})

describe('describeUnit()', () => {
  test('tells a unit as a scope that nobody has access to', () => {
    const unit = { id: 'u1', name: 'Bern', description: 'The office.' }

    expect(describeUnit(unit, noon)).toEqual({
      ...unit,
      type: 'administrative-unit',
      kind: 'administrative-unit',
      privileged: false,
      owners: [],
      attributes: {},
      seenAt: noon,
    })
    expect(describeUnit({ ...unit, description: '' }, noon)).not.toHaveProperty('description')
  })
})
