import { describe, expect, test } from 'vitest'
import { createMemoryDirectory } from '../../shared/directory/memory-directory.ts'

describe('nested groups in memory', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `group-${index}`)
  const [first = '', second = ''] = ids

  test.each([
    { who: 'a member of one of them', members: ['ann'], held: [first, second] },
    { who: 'a member of none', members: [], held: [] },
  ])('that all hold each other are looked at once each for $who', async ({ members, held }) => {
    const now = () => new Date('2026-01-05T12:00:00Z')
    const directory = createMemoryDirectory({ tenantId: 'local', now })
    directory.addUser({ id: 'ann' })
    for (const id of ids) directory.addGroup({ id, name: id, members: [...ids, ...members] })

    const { memberOf } = await directory.lookUp({ people: ['ann'], groups: [first, second] })

    expect(memberOf.get('ann')).toEqual(new Set(held))
  })
})
