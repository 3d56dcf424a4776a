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

async function readAll(directory: Directory, from?: string) {
  const changes: GroupChange[] = []
  let token = from
  for (;;) {
    const page = await directory.readGroupChanges(token, [])
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
