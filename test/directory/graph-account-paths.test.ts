import { describe, expect, test } from 'vitest'
import {
  accountItselfPath,
  accountPath,
  assertAccountPath,
  rolesOfPath,
} from '../../shared/directory/graph-account-paths.ts'
import { assertRemovalPath } from '../../shared/directory/graph-paths.ts'

const id = '20000000-0000-4000-8000-000000000001'

describe('the removal of an account', () => {
  test('names one account, and is refused wherever a link is meant to be removed', () => {
    expect(assertAccountPath(accountItselfPath(id))).toBe(`/users/${id}`)
    expect(() => assertRemovalPath(accountItselfPath(id))).toThrow('Cannot remove')
  })

  test.each([
    `/groups/${id}/members/${id}/$ref`,
    `/groups/${id}`,
    `/users/${id}/manager/$ref`,
    `/users/${id}?$select=id`,
    '/users/',
    '/users/mia@contoso.example',
  ])('is none for %s', (path) => {
    expect(() => assertAccountPath(path)).toThrow('it is no account')
  })

  test.each([accountItselfPath, accountPath, rolesOfPath])(
    'is never named by anything but an object id',
    (path) => {
      expect(() => path("x' or true")).toThrow('it is no object id')
    },
  )
})
