import { describe, expect, test } from 'vitest'
import { manageability } from '../../shared/access/manageability.ts'

describe('manageability()', () => {
  test.each([
    'dynamic',
    'synchronised',
    'mail-enabled',
    'restricted-unit',
    'role-disabled',
  ] as const)('of a resource that is %s is given to no integration', (code) => {
    expect(manageability(code, false)).toMatch(/^\w.*\.$/)
    expect(manageability(code, true)).toBe(manageability(code, false))
  })

  test('of a group that carries roles is given to an integration that is privileged', () => {
    expect(manageability('role-assignable', false)).toMatch(/privileged/)
    expect(manageability('role-assignable', true)).toBeUndefined()
  })
})
