import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { CallerFacts } from '../../shared/operations/callers.ts'
import { type Search, searchDirectory } from '../../shared/operations/search-directory.ts'
import {
  ben,
  brokerInMemory,
  flow,
  mia,
  petra,
  readers,
  tenantId,
  zoe,
} from './broker-in-memory.ts'

const helpdesk = '30000000-0000-4000-8000-000000000009'
const requester = { id: mia, tenantId, kind: 'user', roles: [] } as const
const administrator = { ...requester, id: petra, roles: ['Access.Admin'] } as const

/** Mia asks for whoever is in the help desk, and for nobody else. */
const forHelpdesk = (over: Partial<AccessFlow> = {}) =>
  flow({
    requesters: { operator: 'or', conditions: [{ type: 'user', values: [mia] }] },
    grantees: { operator: 'or', conditions: [{ type: 'group', values: [helpdesk] }] },
    ...over,
  })

const worldOf = async (...flows: readonly AccessFlow[]) => {
  const world = await brokerInMemory(flows)
  const { directory, needs, readConfiguration } = world
  directory.addUser({ id: ben, displayName: 'Anna Ben' })
  directory.addUser({ id: zoe, displayName: 'Anna Zoe' })
  directory.addGroup({ id: helpdesk, name: 'Help Desk', members: [ben] })
  const idsFor = async (caller: CallerFacts, search: Search) => {
    const outcome = await searchDirectory(needs, readConfiguration, caller, search)
    return outcome.kind === 'refused' ? outcome.code : outcome.items.map(({ id }) => id)
  }
  return { ...world, idsFor }
}

const anna: Search = { q: 'anna', type: 'user' }

describe('searching the directory', () => {
  test('shows an administrator everybody, and groups too', async () => {
    const { idsFor } = await worldOf()

    expect(await idsFor(administrator, anna)).toEqual([ben, zoe])
    expect(await idsFor(administrator, { q: 'read', type: 'group' })).toEqual([readers])
  })

  test('shows a requester only people for whom a flow lets him ask', async () => {
    const { idsFor } = await worldOf(forHelpdesk())

    expect(await idsFor(requester, anna)).toEqual([ben])
  })

  test('shows a requester nobody who is disabled', async () => {
    const { idsFor, directory } = await worldOf(forHelpdesk())
    directory.addUser({ id: ben, displayName: 'Anna Ben', enabled: false })

    expect(await idsFor(requester, anna)).toEqual([])
  })

  test.each([
    { of: 'asks for himself only', over: { grantees: undefined } },
    { of: 'is off', over: { active: false } },
    { of: 'denies', over: { effect: 'deny' } },
    { of: 'takes messages only', over: { intake: ['service-bus'] } },
    { of: 'gives by itself', over: { trigger: 'automatic' } },
    {
      of: 'is for other requesters',
      over: { requesters: { operator: 'or', conditions: [{ type: 'user', values: [ben] }] } },
    },
  ] as const)('refuses whoever has no flow but one that $of', async ({ over }) => {
    const { idsFor } = await worldOf(forHelpdesk(over))

    expect(await idsFor(requester, anna)).toBe('not-admitted')
  })

  test('shows no requester any group', async () => {
    const { idsFor } = await worldOf(forHelpdesk())

    expect(await idsFor(requester, { q: 'help', type: 'group' })).toBe('not-admitted')
  })

  test('answers twenty at most, of those whom the flow admits', async () => {
    const { idsFor, directory } = await worldOf(forHelpdesk())
    const ids = Array.from(
      { length: 30 },
      (_, index) => `40000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    )
    for (const id of ids) directory.addUser({ id, displayName: 'Otto' })
    directory.addGroup({ id: helpdesk, name: 'Help Desk', members: ids.slice(5) })

    expect(await idsFor(requester, { q: 'otto', type: 'user' })).toEqual(ids.slice(5, 25))
    expect(await idsFor(administrator, { q: 'otto', type: 'user' })).toEqual(ids.slice(0, 20))
  })

  test('is refused at the 31st call of a person within a minute, and told when to come again', async () => {
    const { needs, readConfiguration, advance } = await worldOf()
    const search = (caller: CallerFacts = administrator) =>
      searchDirectory(needs, readConfiguration, caller, anna)
    await search()
    advance(20_000)
    for (let call = 2; call <= 30; call += 1) await search()
    const refused = await search()
    const other = await search({ ...administrator, id: zoe })
    advance(40_000)
    const later = await search()

    expect(refused).toMatchObject({ reason: 'too-many', retryAfterSeconds: 40 })
    expect(other).toMatchObject({ kind: 'found' })
    expect(later).toMatchObject({ kind: 'found' })
  })
})
