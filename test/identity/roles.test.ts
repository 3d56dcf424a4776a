import { describe, expect, test } from 'vitest'
import type { Caller } from '../../shared/identity/authenticate.ts'
import { may, rolesOf } from '../../shared/identity/roles.ts'

function aCaller(overrides: Partial<Caller>): Caller {
  return {
    id: 'mia',
    tenantId: 'local',
    kind: 'user',
    roles: [],
    scopes: ['Access.Use'],
    ...overrides,
  }
}

describe('may()', () => {
  test.each([
    { kind: 'user', roles: [], expected: ['request'] },
    { kind: 'user', roles: ['Access.Auditor'], expected: ['audit.read', 'config.read'] },
    {
      kind: 'user',
      roles: ['Access.Admin'],
      expected: [
        'request',
        'audit.read',
        'config.read',
        'config.write',
        'grants.revoke',
        'emergency-stop',
        'connectors.test',
      ],
    },
    { kind: 'user', roles: ['Access.RequestOnBehalf'], expected: ['request'] },
    {
      kind: 'application',
      roles: ['Access.RequestOnBehalf'],
      expected: ['request', 'request-for-others'],
    },
    { kind: 'application', roles: ['Access.Auditor'], expected: ['audit.read', 'config.read'] },
    { kind: 'application', roles: ['access.admin', 'Everything'], expected: [] },
  ] as const)('lets a $kind with $roles $expected', ({ kind, roles, expected }) => {
    expect(may(aCaller({ kind, roles }))).toEqual(expected)
  })
})

describe('rolesOf()', () => {
  test('leaves out what is not a role of the broker', () => {
    const roles = ['Other.Role', 'Access.Auditor', 'access.admin']

    expect(rolesOf(aCaller({ roles }))).toEqual(['Access.Auditor'])
  })
})
