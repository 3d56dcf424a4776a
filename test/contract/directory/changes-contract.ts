import { beforeEach, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../../shared/access/errors.ts'
import type { GroupChange } from '../../../shared/access/resource.ts'
import type { Directory } from '../../../shared/directory/directory.ts'
import type { DirectoryWorld } from './directory-contract.ts'

/** What every directory must do for discovery: changes of groups, roles and units. */
export function describeChanges(worldOf: () => DirectoryWorld): void {
  let world: DirectoryWorld
  let directory: Directory
  let group: string

  beforeEach(async () => {
    world = worldOf()
    directory = world.directory
    group = await world.newGroup()
  })

  test('tells all groups at first, each with what it is', async () => {
    const { changes } = await readAll(directory)

    const told = new Map(changes.map((change) => [change.id, change]))
    expect([...told.keys()]).toEqual(
      expect.arrayContaining([group, world.readers, world.outer, world.inner]),
    )
    expect(told.get(world.readers)).toMatchObject({
      isGone: false,
      facts: { name: 'Readers', groupTypes: [], mailEnabled: false, securityEnabled: true },
    })
    expect(told.get(world.unmanageable.dynamic?.id ?? '')).toMatchObject({
      facts: { groupTypes: ['DynamicMembership'] },
    })
    expect(told.get(world.unmanageable['role-assignable']?.id ?? '')).toMatchObject({
      facts: { isAssignableToRole: true },
    })
  })

  test('tells nothing when nothing has changed', async () => {
    const { token } = await readAll(directory)

    expect(await readAll(directory, token)).toMatchObject({ changes: [] })
  })

  test('tells what was made, renamed and deleted since, and nothing else', async () => {
    const deleted = await world.newGroup()
    const { token } = await readAll(directory)
    const made = await world.newGroup()
    await world.renameGroup(group, 'Another name')
    await world.deleteGroup(deleted)

    const { changes } = await readAll(directory, token)

    expect(new Set(changes.map(({ id }) => id))).toEqual(new Set([group, made, deleted]))
    expect(changes).toContainEqual(
      expect.objectContaining({
        id: group,
        facts: expect.objectContaining({ name: 'Another name' }),
      }),
    )
    expect(changes).toContainEqual({ id: deleted, isGone: true })
  })

  test('tells who became an owner of a group, and who is none any more', async () => {
    const owner = await world.newUser()
    const access = {
      tenantId: world.tenantId,
      grantee: owner,
      resource: { type: 'group', id: group },
      permission: 'owner',
    } as const
    const limits = () => ({
      deadline: new Date(world.now().getTime() + 20_000),
      attemptId: '00000000-0000-4000-8000-000000000001',
    })
    const { token } = await readAll(directory)
    await directory.add(access, limits())
    const came = await readAll(directory, token)
    const all = await readAll(directory)
    await directory.remove(access, limits())
    const went = await readAll(directory, came.token)

    expect(came.changes).toMatchObject([{ id: group, owners: { added: [owner], removed: [] } }])
    expect(all.changes.find(({ id }) => id === group)).toMatchObject({ owners: { added: [owner] } })
    expect(went.changes).toMatchObject([{ id: group, owners: { added: [], removed: [owner] } }])
  })

  test('tells the values of the attributes that are named, and of no others', async () => {
    const named = 'extension_00000000000000000000000000000001_owner'
    const other = 'extension_00000000000000000000000000000002_owner'
    await world.setAttribute(group, named, 'ann')
    await world.setAttribute(world.inner, other, 'eve')

    const { changes } = await readAll(directory, undefined, [named])

    const values = changes.flatMap((change) =>
      change.isGone ? [] : Object.values(change.attributes),
    )
    expect(values.filter((value) => value !== null)).toEqual(['ann'])
  })

  test('tells a group again that was restored', async () => {
    await world.deleteGroup(group)
    const { token } = await readAll(directory)
    await world.restoreGroup(group)

    const { changes } = await readAll(directory, token)

    expect(changes).toMatchObject([{ id: group, isGone: false }])
  })

  test('says so when it no longer knows a token', async () => {
    expect(await directory.readGroupChanges(world.expiredToken, [])).toEqual({ kind: 'expired' })
  })

  test('lists every role with its nature, and every unit', async () => {
    const roles = await collectPages(directory.listRoles())
    const units = await collectPages(directory.listUnits())

    expect(roles).toContainEqual(
      expect.objectContaining({ ...world.role, isBuiltIn: true, isEnabled: true }),
    )
    expect(roles).toContainEqual(
      expect.objectContaining({ id: world.unmanageable['role-disabled']?.id, isEnabled: false }),
    )
    expect(units).toContainEqual(expect.objectContaining(world.unit))
  })

  test('tells no changes when it cannot be reached', async () => {
    const { token } = await readAll(directory)
    await world.setFault('unavailable')

    const reads = [
      () => directory.readGroupChanges(undefined, []),
      () => directory.readGroupChanges(token, []),
      () => collectPages(directory.listRoles()),
      () => collectPages(directory.listUnits()),
    ]

    // At once: each of them tries for a while.
    await Promise.all(
      reads.map((read) => expect(read()).rejects.toThrow(DirectoryUnavailableError)),
    )
  })
}

async function readAll(directory: Directory, from?: string, attributes: readonly string[] = []) {
  const changes: GroupChange[] = []
  let token = from
  for (;;) {
    const page = await directory.readGroupChanges(token, attributes)
    if (page.kind !== 'page') throw new Error(`Cannot read the changes: ${page.kind}`)
    changes.push(...page.changes)
    token = page.token
    if (page.isLast) return { changes, token }
  }
}

async function collectPages<Item>(pages: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const all: Item[] = []
  for await (const page of pages) all.push(...page)
  return all
}
