import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { graphHost } from '../../shared/directory/graph-host.ts'
import {
  addLinkPath,
  assertRemovalPath,
  directoryScopeId,
  findRoleAssignmentsPath,
  linkPath,
  namesPerson,
  nextLinkPath,
  objectReference,
  roleAssignmentPath,
  userPath,
} from '../../shared/directory/graph-paths.ts'
import { ann, group, role, unit, unitRole } from './scripted-graph.ts'

const cloud = graphHost('https://graph.microsoft.com')
const local = graphHost('http://127.0.0.1:7072')

describe('assertRemovalPath()', () => {
  test.each([
    linkPath(group, 'members', ann),
    linkPath(group, 'owners', ann),
    roleAssignmentPath('lAPpYvVpN0KRkAEhdxReEMmO4KwRqtpKkUWt3wOYIz4-1'),
  ])('lets the removal %s pass', (path) => {
    expect(assertRemovalPath(path)).toBe(path)
  })

  test.each([
    `/groups/${group}/members/${ann}`,
    `/groups/${group}/members/${ann}/`,
    `/groups/${group}/members/${ann}/$ref?x`,
    `/groups/${group}`,
    `/users/${ann}`,
    `/directoryObjects/${ann}/$ref`,
    '/roleManagement/directory/roleAssignments/',
    '/roleManagement/directory/roleAssignments/..',
    '/roleManagement/directory/roleDefinitions/abc',
  ])('stops %s, which would delete something else', (path) => {
    expect(() => assertRemovalPath(path)).toThrow('Cannot remove')
  })
})

describe('paths', () => {
  test.each(['', '..', '../x', 'a/b', `${ann}/`, 'ann@local', `${ann}?x`, '%2e%2e'])(
    'never take %j for an object id',
    (id) => {
      expect(() => linkPath(group, 'members', id)).toThrow('no object id')
      expect(() => addLinkPath(id, 'members')).toThrow('no object id')
      expect(() => objectReference(cloud, id)).toThrow('no object id')
    },
  )

  test.each(['', '.', '..', 'a/b', 'a b', 'x?y'])('never take %j for an assignment id', (id) => {
    expect(() => roleAssignmentPath(id)).toThrow('no assignment id')
  })

  test('encode what a principal name may hold', () => {
    expect(userPath('eve_other.org#EXT#@contoso.org')).toMatch(
      /^\/users\/eve_other\.org%23EXT%23%40contoso\.org\?/,
    )
    expect(userPath("o'neil+x%@contoso.org")).toMatch(/^\/users\/o'neil%2Bx%25%40contoso\.org\?/)
    expect(userPath('$mia@contoso.org')).toMatch(/^\/users\('%24mia%40contoso\.org'\)\?/)
  })

  test.each(['', '.', '..', 'ann', '/ann@x', 'ann@x?y', 'a b@c', 'a\\b@c', '\ud800@c'])(
    'never take %j for a person',
    (name) => {
      expect(() => userPath(name)).toThrow('it is no name')
    },
  )

  test('stay one segment for whatever passes for a name', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const name = fc.tuple(text, text).map(([user, domain]) => `${user}@${domain}`)

    fc.assert(
      fc.property(fc.oneof(name, text), (person) => {
        fc.pre(namesPerson(person))
        const { pathname, searchParams } = new URL(`https://graph.microsoft.com${userPath(person)}`)
        expect(pathname).toMatch(/^\/users[/(][^/]+$/)
        expect([...searchParams.keys()]).toEqual(['$select'])
      }),
    )
  })

  test('end in a link, or are not made, for whatever passes for an id', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        for (const make of [
          () => linkPath(first, 'members', ann),
          () => linkPath(group, 'owners', second),
        ]) {
          expect(make).toThrow('no object id')
        }
      }),
    )
  })

  test('ask for role assignments with an encoded filter', () => {
    const url = new URL(findRoleAssignmentsPath(unitRole), 'https://graph.microsoft.com')

    expect(url.searchParams.get('$filter')).toBe(
      `principalId eq '${ann}' and roleDefinitionId eq '${role}'`,
    )
  })

  test.each([
    { scope: undefined, expected: '/' },
    { scope: '/', expected: '/' },
    { scope: `/administrativeunits/${unit}`, expected: `/administrativeUnits/${unit}` },
  ])('spell the scope $scope as the directory does', ({ scope, expected }) => {
    const ref = { type: 'directory-role', id: role, ...(scope === undefined ? {} : { scope }) }

    expect(directoryScopeId({ ...ref, type: 'directory-role' })).toBe(expected)
  })

  test.each(['', '/x', `/${unit}`, '/administrativeUnits/', `/administrativeUnits/${unit}/x`])(
    'refuse the scope %j',
    (scope) => {
      expect(() => directoryScopeId({ type: 'directory-role', id: role, scope })).toThrow('scope')
    },
  )
})

describe('nextLinkPath()', () => {
  test.each([
    'https://graph.microsoft.com/v1.0/groups?$skiptoken=A%20b',
    'http://127.0.0.1:7072/v1.0/groups?$skiptoken=A%20b',
  ])('follows %s', (link) => {
    expect(nextLinkPath(local, link)).toBe('/groups?$skiptoken=A%20b')
  })

  test.each([
    'https://evil.example/v1.0/groups',
    'https://graph.microsoft.com.evil.example/v1.0/groups',
    'https://graph.microsoft.com:444/v1.0/groups',
    'http://graph.microsoft.com/v1.0/groups',
    'https://graph.microsoft.com/beta/groups',
    'http://127.0.0.1:7073/v1.0/groups',
    'groups',
  ])('refuses to take the token to %s', (link) => {
    expect(() => nextLinkPath(local, link)).toThrow('Cannot read the next page')
  })
})

describe('graphHost()', () => {
  test.each([
    { baseUrl: 'https://graph.microsoft.us', canonical: 'https://graph.microsoft.us' },
    { baseUrl: 'https://graph.microsoft.com/', canonical: 'https://graph.microsoft.com' },
    { baseUrl: 'http://localhost:7072', canonical: 'https://graph.microsoft.com' },
  ])('accepts $baseUrl', ({ baseUrl, canonical }) => {
    expect(graphHost(baseUrl).canonical).toBe(canonical)
  })

  test.each([
    'http://graph.microsoft.com',
    'https://graph.example',
    'https://graph.microsoft.com.evil.example',
    'https://graph.microsoft.com:8443',
    'https://graph.microsoft.com/v1.0',
    'https://user@graph.microsoft.com',
    'http://127.0.0.1.evil.example',
    'graph.microsoft.com',
  ])('refuses %s', (baseUrl) => {
    expect(() => graphHost(baseUrl)).toThrow('Cannot use')
  })
})
