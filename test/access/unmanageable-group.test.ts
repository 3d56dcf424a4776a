import { describe, expect, test } from 'vitest'
import { unmanageableGroup } from '../../shared/access/unmanageable-group.ts'

const plain = {
  groupTypes: [],
  mailEnabled: false,
  onPremisesSyncEnabled: false,
  isManagementRestricted: false,
  isAssignableToRole: false,
}

describe('unmanageableGroup()', () => {
  test('finds nothing against a plain security group', () => {
    expect(unmanageableGroup(plain)).toBeUndefined()
  })

  test('names what no permission can change before what one could', () => {
    const everything = {
      groupTypes: ['DynamicMembership'],
      mailEnabled: true,
      onPremisesSyncEnabled: true,
      isManagementRestricted: true,
      isAssignableToRole: true,
    }

    expect(unmanageableGroup(everything)).toBe('dynamic')
    expect(unmanageableGroup({ ...everything, groupTypes: [] })).toBe('synchronised')
  })
})
