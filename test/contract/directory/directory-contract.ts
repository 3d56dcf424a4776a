/*
 * Over 300 lines on purpose: one contract, run on each directory there is.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AccessKey, ResourceRef } from '../../../shared/access/access.ts'
import { DirectoryUnavailableError } from '../../../shared/access/errors.ts'
import type {
  Directory,
  DirectoryResource,
  PeopleQuery,
  UnmanageableCode,
} from '../../../shared/directory/directory.ts'
import { createAsking } from './asking.ts'
import { describeChanges } from './changes-contract.ts'

/** What can go wrong between the broker and any directory. */
export type ContractFault = 'throttled' | 'lost-before' | 'lost-after' | 'unavailable' | 'stale'

/** A directory with a tenant in it, as the contract needs it. All ids are object ids. */
export interface DirectoryWorld {
  readonly directory: Directory
  readonly tenantId: string
  readonly now: () => Date
  /** An enabled member of the department "Engineering" under Eve, in no group but `inner`. */
  readonly ann: { readonly id: string; readonly userPrincipalName: string }
  /** A disabled guest. */
  readonly eve: { readonly id: string; readonly userPrincipalName: string }
  /** A plain security group without members or owners. */
  readonly readers: string
  /** A security group that holds `inner`, which holds Ann. */
  readonly outer: string
  readonly inner: string
  readonly unmanageable: Readonly<Partial<Record<UnmanageableCode, ResourceRef>>>
  readonly role: { readonly id: string; readonly name: string }
  readonly unit: { readonly id: string; readonly name: string }
  /** Gives the connector's own principal these roles, and no others. */
  setConnectorRoles(roles: readonly { id: string; scope: string }[]): Promise<void>
  /** A privileged role that may be given at a unit, and one that is not privileged. */
  readonly powers: { readonly privileged: string; readonly plain: string }
  /** A plain group within a group that carries roles, and both within each other's circle. */
  readonly nested: { readonly low: string; readonly middle: string; readonly top: string }
  /** Holds a role of this product. */
  readonly admins: string
  setManager(userId: string, managerId: string): Promise<void>
  newUser(): Promise<string>
  newGroup(): Promise<string>
  deleteUser(id: string): Promise<void>
  deleteGroup(id: string): Promise<void>
  renameGroup(id: string, name: string): Promise<void>
  restoreGroup(id: string): Promise<void>
  /** Sets a directory extension attribute. */
  setAttribute(groupId: string, name: string, value: string): Promise<void>
  /** A token of changes that the directory does not know any more. */
  readonly expiredToken: string
  /** Sets one fault for the next matching calls. */
  setFault(fault: ContractFault): Promise<void>
  clearFaults(): Promise<void>
  stop(): Promise<void>
}

const unknownId = '99999999-9999-4999-8999-999999999999'

/** What every directory must do, whatever it is made of. */
export function describeDirectoryContract(name: string, start: () => Promise<DirectoryWorld>) {
  describe(`The directory ${name}`, () => {
    let world: DirectoryWorld
    let directory: Directory
    let person: string
    let group: string

    beforeAll(async () => {
      world = await start()
      directory = world.directory
    })
    beforeEach(async () => {
      await world.clearFaults()
      person = await world.newUser()
      group = await world.newGroup()
    })
    afterAll(() => world?.stop())

    const { limits, to } = createAsking(() => ({ ...world, person }))
    const member = () => to({ type: 'group', id: group }, 'member')
    const roleAt = (scope: string) =>
      to({ type: 'directory-role', id: world.role.id, scope }, 'active')
    const unitScope = () => `/administrativeUnits/${world.unit.id}`

    const kinds: readonly { kind: string; access: () => AccessKey }[] = [
      { kind: 'membership', access: member },
      { kind: 'ownership', access: () => to({ type: 'group', id: group }, 'owner') },
      { kind: 'role in the tenant', access: () => roleAt('/') },
      { kind: 'role in a unit', access: () => roleAt(unitScope()) },
    ]

    describe.each(kinds)('giving and taking a $kind', ({ access }) => {
      test('shows it from its addition to its removal', async () => {
        const before = await directory.holds(access())
        const added = await directory.add(access(), limits())
        const between = await directory.holds(access())
        const removed = await directory.remove(access(), limits())
        const after = await directory.holds(access())

        expect(before).toMatchObject({ present: false })
        expect(added).toMatchObject({ kind: 'done', graphRequestId: expect.any(String) })
        expect(between).toMatchObject({ present: true })
        expect(removed).toMatchObject({ kind: 'done', graphRequestId: expect.any(String) })
        expect(after).toMatchObject({ present: false })
      })

      test('is there already the second time, and is not there the second time', async () => {
        await directory.add(access(), limits())

        expect(await directory.add(access(), limits())).toMatchObject({ kind: 'already' })
        await directory.remove(access(), limits())
        const again = await directory.remove(access(), limits())
        expect(again).toMatchObject({ kind: 'already' })
        expect(again).not.toHaveProperty('missing')
      })

      test('is done by one of several additions at the same time', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 4 }, () => directory.add(access(), limits())),
        )

        const kindsSeen = outcomes.map(({ kind }) => kind).sort()
        expect(kindsSeen).toEqual(['already', 'already', 'already', 'done'])
      })

      test('is not started when its deadline is over', async () => {
        const outcome = await directory.add(access(), { ...limits(), deadline: world.now() })

        expect(outcome).toMatchObject({ kind: 'not-applied' })
        expect(await directory.holds(access())).toMatchObject({ present: false })
      })

      test('is refused to a person who is not there', async () => {
        const outcome = await directory.add({ ...access(), grantee: unknownId }, limits())

        expect(outcome).toMatchObject({ kind: 'refused', reason: 'grantee-gone' })
      })

      test('is certainly not done when throttled', async () => {
        await world.setFault('throttled')

        const outcome = await directory.add(access(), limits())

        expect(outcome).toMatchObject({
          kind: 'not-applied',
          retryAfterSeconds: expect.any(Number),
        })
        await world.clearFaults()
        expect(await directory.holds(access())).toMatchObject({ present: false })
      })

      test.each([
        { fault: 'lost-before', present: false },
        { fault: 'lost-after', present: true },
      ] as const)('is unclear without a reply: $fault, present $present', async (row) => {
        await world.setFault(row.fault)

        const outcome = await directory.add(access(), limits())

        expect(outcome).toMatchObject({ kind: 'ambiguous' })
        await world.clearFaults()
        expect(await directory.holds(access())).toMatchObject({ present: row.present })
      })
    })

    test('tells of many accesses at once what it tells of each, in their order', async () => {
      const owner = to({ type: 'group', id: group }, 'owner')
      const accesses = [owner, member(), roleAt(unitScope()), roleAt('/')]
      await directory.add(member(), limits())
      await directory.add(roleAt('/'), limits())

      const alone = await Promise.all(accesses.map((access) => directory.holds(access)))
      const many = Array.from({ length: 6 }, () => accesses).flat()

      expect(await directory.holdsEach(many)).toEqual(Array.from({ length: 6 }, () => alone).flat())
      expect(alone.map(({ present }) => present)).toEqual([false, true, false, true])
      expect(await directory.holdsEach([])).toEqual([])
    })

    describe('keeping one access apart from another', () => {
      test('owns no group by being its member', async () => {
        await directory.add(member(), limits())

        const owner = to({ type: 'group', id: group }, 'owner')
        expect(await directory.holds(owner)).toMatchObject({ present: false })
        expect(await directory.remove(owner, limits())).toMatchObject({ kind: 'already' })
        expect(await directory.holds(member())).toMatchObject({ present: true })
      })

      test('takes a role from no scope but the one that is named', async () => {
        await directory.add(roleAt(unitScope()), limits())

        expect(await directory.holds(roleAt('/'))).toMatchObject({ present: false })
        expect(await directory.remove(roleAt('/'), limits())).toMatchObject({ kind: 'already' })
        expect(await directory.holds(roleAt(unitScope()))).toMatchObject({ present: true })
      })

      test('knows a unit however its scope is spelt', async () => {
        await directory.add(roleAt(unitScope()), limits())

        const shouted = roleAt(`/administrativeunits/${world.unit.id.toUpperCase()}`)
        expect(await directory.holds(shouted)).toMatchObject({ present: true })
      })

      test('takes away by the id of the assignment, and only while that id is the one', async () => {
        const first = await directory.add(roleAt('/'), limits())
        const firstId = first.kind === 'done' ? first.assignmentId : undefined
        expect(firstId).toEqual(expect.any(String))
        expect(await directory.holds(roleAt('/'))).toEqual({ present: true, assignmentId: firstId })

        const removed = await directory.remove(roleAt('/'), limits(), firstId)
        expect(removed).toMatchObject({ kind: 'done' })
        await directory.add(roleAt('/'), limits())
        const again = await directory.remove(roleAt('/'), limits(), firstId)

        expect(again).toMatchObject({ kind: 'already' })
        expect(await directory.holds(roleAt('/'))).toMatchObject({ present: true })
      })

      test('does not take nested membership for membership', async () => {
        const nested = {
          ...to({ type: 'group', id: world.outer }, 'member'),
          grantee: world.ann.id,
        }

        expect(await directory.holds(nested)).toMatchObject({ present: false })
      })
    })

    describe('when things are gone', () => {
      test('refuses to add to a group that is not there', async () => {
        const access = to({ type: 'group', id: unknownId }, 'member')

        expect(await directory.add(access, limits())).toMatchObject({ reason: 'resource-gone' })
        expect(await directory.holds(access)).toEqual({ present: false, missing: 'resource' })
      })

      test('refuses a role that is not there, and one at a unit that is not there', async () => {
        const role = to({ type: 'directory-role', id: unknownId, scope: '/' }, 'active')
        const unit = roleAt(`/administrativeUnits/${unknownId}`)

        expect(await directory.add(role, limits())).toMatchObject({ reason: 'resource-gone' })
        expect(await directory.add(unit, limits())).toMatchObject({ reason: 'resource-gone' })
        expect(await directory.holds(role)).toMatchObject({ present: false })
        expect(await directory.holds(unit)).toMatchObject({ present: false })
      })

      test('has nothing to remove from a deleted group, and says why', async () => {
        await directory.add(member(), limits())
        await world.deleteGroup(group)

        const outcome = await directory.remove(member(), limits())

        expect(outcome).toMatchObject({ kind: 'already', missing: 'resource' })
      })

      test('has nothing to remove of a deleted person, and says why', async () => {
        await directory.add(member(), limits())
        await world.deleteUser(person)

        const outcome = await directory.remove(member(), limits())

        expect(outcome).toMatchObject({ kind: 'already', missing: 'grantee' })
        expect(await directory.holds(member())).toMatchObject({ present: false })
      })
    })

    describe('refusing what it cannot manage', () => {
      test('changes no group that is managed elsewhere', async () => {
        const refusals = Object.entries(world.unmanageable).filter(
          ([code]) => code !== 'role-disabled' && code !== 'role-assignable',
        )
        expect(refusals.length).toBeGreaterThan(0)
        for (const [code, resource] of refusals) {
          const outcome = await directory.add(to(resource, 'member'), limits())

          expect([code, outcome.kind]).toEqual([code, 'refused'])
          expect(outcome).toMatchObject({
            reason: expect.stringMatching(/^(forbidden|not-manageable)$/),
          })
        }
      })

      test('takes no access of another tenant, and none that does not exist', async () => {
        const foreign = { ...member(), tenantId: unknownId }
        const activeGroup = to({ type: 'group', id: group }, 'active')
        const roleMember = to({ type: 'directory-role', id: world.role.id, scope: '/' }, 'member')

        for (const access of [foreign, activeGroup, roleMember, roleAt('/elsewhere')]) {
          expect(await directory.add(access, limits())).toMatchObject({ reason: 'invalid' })
        }
      })
    })

    describe('finding the people behind an approver', () => {
      const find = async (query: PeopleQuery) => {
        const [found] = await directory.findPeople([query])
        return { ...found, users: found?.users.map(({ id }) => id) }
      }

      test('finds somebody by id, and nobody behind an id that is none', async () => {
        expect(await find({ by: 'user', id: person })).toMatchObject({ users: [person] })
        expect(await find({ by: 'user', id: unknownId })).toMatchObject({ users: [] })
        expect(await find({ by: 'user', id: 'nonsense' })).toMatchObject({ users: [] })
      })

      test('finds the members of a group, nested ones too, with its name', async () => {
        const found = await find({ by: 'group', id: world.outer })

        expect(found.users).toEqual([world.ann.id])
        expect(found.groups).toMatchObject([{ id: world.outer }])
        expect(await find({ by: 'group', id: unknownId })).toMatchObject({ users: [], groups: [] })
      })

      test('finds the manager, and nobody where there is none', async () => {
        expect(await find({ by: 'manager', of: person })).toMatchObject({ users: [] })
        await world.setManager(person, world.ann.id)

        expect(await find({ by: 'manager', of: person })).toMatchObject({ users: [world.ann.id] })
      })

      test('finds the owners of a group', async () => {
        await directory.add(to({ type: 'group', id: group }, 'owner'), limits())

        expect(await find({ by: 'owners', group })).toMatchObject({ users: [person] })
      })

      test('finds users and groups by the value of an attribute', async () => {
        const { userPrincipalName } = world.ann
        const [group] =
          (await directory.findPeople([{ by: 'group', id: world.outer }]))[0]?.groups ?? []
        const byName = { by: 'attribute', attribute: 'displayName' } as const

        expect(
          await find({
            ...byName,
            of: 'user',
            attribute: 'userPrincipalName',
            value: userPrincipalName,
          }),
        ).toMatchObject({ users: [world.ann.id] })
        expect(await find({ ...byName, of: 'group', value: group?.name ?? '' })).toMatchObject({
          groups: [group],
        })
        expect(await find({ ...byName, of: 'user', value: "O'Nobody or 1 eq 1" })).toMatchObject({
          users: [],
        })
      })

      test('answers many queries in their order', async () => {
        const many = Array.from({ length: 25 }, () => ({ by: 'user', id: person }) as const)
        const found = await directory.findPeople([...many, { by: 'user', id: world.ann.id }])

        expect(found).toHaveLength(26)
        expect(found.at(-1)?.users).toMatchObject([{ id: world.ann.id }])
      })

      test('reads attributes of groups, in their order', async () => {
        const [named] =
          (await directory.findPeople([{ by: 'group', id: world.outer }]))[0]?.groups ?? []

        const asked = [
          { group: world.outer, attribute: 'displayName' },
          { group: world.outer, attribute: 'extension_none' },
          { group: unknownId, attribute: 'displayName' },
          { group: world.outer, attribute: 'displayName' },
        ]
        const values = [named?.name, undefined, undefined, named?.name]
        expect(await directory.groupAttributes(asked)).toEqual(values)
        expect(await directory.groupAttributes([])).toEqual([])
      })
    })

    describe('searching by name', () => {
      const idsOf = async (type: 'user' | 'group', text: string) =>
        (await directory.search(type, text, 100)).map(({ id }) => id)

      test('finds users by the beginning of a word of their name, in any spelling', async () => {
        expect(await idsOf('user', 'aNN')).toContain(world.ann.id)
        expect(await idsOf('user', 'nn')).not.toContain(world.ann.id)
        expect(await idsOf('user', 'ann nobody')).not.toContain(world.ann.id)
      })

      test('finds users by the beginning of their principal name', async () => {
        const { id, userPrincipalName } = world.eve
        expect(await idsOf('user', userPrincipalName.slice(0, 8))).toContain(id)
        expect(await idsOf('user', userPrincipalName.slice(1))).not.toContain(id)
      })

      test('finds groups and no users among groups', async () => {
        const found = await directory.search('group', 'inne', 100)

        expect(found).toContainEqual({ type: 'group', id: world.inner, name: 'Inner' })
        expect(await idsOf('group', 'ann')).not.toContain(world.ann.id)
      })

      test('finds no more than are asked for', async () => {
        expect(await directory.search('user', world.ann.userPrincipalName, 1)).toHaveLength(1)
      })

      test.each([
        'x" OR "displayName:ann',
        'a"nn',
        'ann\\',
        'ann&$top=999',
        '#ann',
        "o'nobody",
        ':',
      ])('takes %j for a name and nothing else', async (text) => {
        expect(await idsOf('user', text)).not.toContain(world.ann.id)
      })
    })

    describe('listing people', () => {
      const list = async (of: { group: string } | 'everybody') => {
        const ids: string[] = []
        let token: string | undefined
        do {
          const page = await directory.readPeople(of, token)
          ids.push(...page.users.map(({ id }) => id))
          token = page.token
        } while (token !== undefined)
        return ids
      }

      test('tells the members of a group, nested ones too, and nobody of what is no group', async () => {
        expect(await list({ group: world.outer })).toEqual([world.ann.id])
        expect(await list({ group: unknownId })).toEqual([])
        expect(await list({ group: 'nonsense' })).toEqual([])
      })

      test('tells every user of the tenant once, page by page', async () => {
        const ids = await list('everybody')

        expect(ids).toEqual(expect.arrayContaining([world.ann.id, world.eve.id]))
        expect(new Set(ids).size).toBe(ids.length)
      })
    })

    describe('looking up', () => {
      const look = (ref: ResourceRef) =>
        directory.lookUp({ people: [], resource: ref, groups: [] }).then(({ resource }) => resource)

      test('knows people by id and by name, in any spelling', async () => {
        const shouted = world.eve.userPrincipalName.toUpperCase()

        const { people } = await directory.lookUp({
          people: [world.ann.id, shouted, unknownId, 'nobody@nowhere.invalid', 'nonsense'],
          groups: [],
        })

        expect([...people.keys()]).toEqual([world.ann.id, shouted])
        expect(people.get(world.ann.id)).toMatchObject({
          id: world.ann.id,
          userPrincipalName: world.ann.userPrincipalName,
          enabled: true,
          userType: 'member',
        })
        expect(people.get(shouted)).toMatchObject({
          id: world.eve.id,
          enabled: false,
          userType: 'guest',
        })
      })

      test('knows direct and nested groups of everybody', async () => {
        const groups = [world.inner, world.outer, world.readers, unknownId]

        const { memberOf } = await directory.lookUp({
          people: [world.ann.userPrincipalName, world.eve.id, unknownId],
          groups,
        })

        expect(memberOf).toEqual(
          new Map([
            [world.ann.userPrincipalName, new Set([world.inner, world.outer])],
            [world.eve.id, new Set()],
          ]),
        )
      })

      test('knows them among more groups than fit into one question', async () => {
        const strangers = Array.from(
          { length: 25 },
          (_, index) => `99999999-9999-4999-8999-${String(index).padStart(12, '0')}`,
        )

        const { memberOf } = await directory.lookUp({
          people: [world.ann.id],
          groups: [...strangers, world.outer],
        })

        expect(memberOf.get(world.ann.id)).toEqual(new Set([world.outer]))
      })

      test('knows a group', async () => {
        expect(await look({ type: 'group', id: world.readers })).toMatchObject({
          ref: { type: 'group', id: world.readers },
          name: expect.any(String),
        })
        expect(await look({ type: 'group', id: world.readers })).not.toHaveProperty('unmanageable')
      })

      test('knows a role, in the tenant and in a unit', async () => {
        const { id, name: roleName } = world.role
        const tenant = { type: 'directory-role', id, scope: '/' } as const
        const unit = { type: 'directory-role', id, scope: unitScope() } as const

        expect(await look({ type: 'directory-role', id })).toMatchObject({ ref: tenant })
        expect(await look(tenant)).toMatchObject({ ref: tenant, name: roleName })
        expect(await look(unit)).toMatchObject({
          ref: unit,
          name: `${roleName} (${world.unit.name})`,
        })
      })

      test('knows nothing of what is not there', async () => {
        const { id } = world.role
        const nowhere = `/administrativeUnits/${unknownId}`

        expect(await look({ type: 'group', id: unknownId })).toBeUndefined()
        expect(await look({ type: 'group', id: 'nonsense' })).toBeUndefined()
        expect(await look({ type: 'directory-role', id: unknownId })).toBeUndefined()
        expect(await look({ type: 'directory-role', id, scope: nowhere })).toBeUndefined()
        expect(await look({ type: 'directory-role', id, scope: '/nonsense' })).toBeUndefined()
      })

      test('says why something cannot be managed', async () => {
        for (const [code, ref] of Object.entries(world.unmanageable)) {
          expect(await look(ref)).toMatchObject({ unmanageable: code })
        }
      })

      test('knows the attributes that were asked for, and only those that somebody has', async () => {
        const attributes = ['department', 'userType', 'extensionAttribute7']
        const { id, userPrincipalName } = world.ann

        const { people } = await directory.lookUp({
          people: [id, userPrincipalName, unknownId],
          groups: [],
          attributes,
        })

        const asked = { department: 'Engineering', userType: 'Member' }
        expect(people.get(id)?.attributes).toEqual(asked)
        expect(people.get(userPrincipalName)?.attributes).toEqual(asked)
        expect(people.has(unknownId)).toBe(false)
      })

      test('knows who manages whom when asked, and who has no manager', async () => {
        const people = [world.ann.id, world.eve.id, unknownId]

        const asked = await directory.lookUp({ people, groups: [], managers: true })
        const unasked = await directory.lookUp({ people, groups: [] })

        expect(asked.people.get(world.ann.id)?.managerId).toBe(world.eve.id)
        expect(asked.people.get(world.eve.id)).not.toHaveProperty('managerId')
        expect(asked.people.has(unknownId)).toBe(false)
        expect(unasked.people.get(world.ann.id)).not.toHaveProperty('managerId')
        expect(unasked.people.get(world.ann.id)).not.toHaveProperty('attributes')
      })

      test('tells what power a group brings: all groups around it, through circles', async () => {
        const { low, middle, top } = world.nested
        const { power } = await directory.lookUp({
          people: [],
          resource: { type: 'group', id: low },
          groups: [],
        })
        if (power?.kind !== 'group' || power.heldBy === 'unreadable') throw new Error('Unreadable')
        const around = power.heldBy.filter(({ id }) => id !== low)

        expect(new Map(around.map(({ id, carriesRoles }) => [id, carriesRoles]))).toEqual(
          new Map([
            [middle, false],
            [top, true],
          ]),
        )
        expect(power.appRoleHolders).toContain(world.admins)
        expect(power.appRoleHolders).not.toContain(low)
      })

      test.each(['privileged', 'plain'] as const)(
        'tells whether a role is privileged: %s, and not in one unit',
        async (name) => {
          const powerAt = async (scope: string) => {
            const resource = { type: 'directory-role', id: world.powers[name], scope } as const
            return (await directory.lookUp({ people: [], resource, groups: [] })).power
          }

          expect(await powerAt('/')).toEqual({ kind: 'role', isPrivileged: name === 'privileged' })
          expect(await powerAt(`/administrativeUnits/${world.unit.id}`)).toEqual({
            kind: 'role',
            isPrivileged: false,
          })
        },
      )

      test('asks for nothing and gets nothing', async () => {
        const facts = await directory.lookUp({ people: [], groups: [] })

        expect(facts).toEqual({ people: new Map(), memberOf: new Map() })
      })
    })

    test('lists every group and every role', async () => {
      const groups = await collect(directory.list('group'))
      const roles = await collect(directory.list('directory-role'))

      const ids = groups.map(({ ref }) => ref.id)
      expect(ids).toEqual(expect.arrayContaining([group, world.readers, world.outer, world.inner]))
      expect(new Set(ids).size).toBe(ids.length)
      expect(roles).toContainEqual(
        expect.objectContaining({
          ref: { type: 'directory-role', id: world.role.id, scope: '/' },
          name: world.role.name,
        }),
      )
    })

    describe('telling what there is and what changes', () => describeChanges(() => world))

    test('tells what the connector is, and which permissions and roles it holds', async () => {
      const scope = `/administrativeUnits/${world.unit.id}`
      await world.setConnectorRoles([{ id: world.role.id, scope }])

      const { token, roles } = await directory.describeConnector()

      expect(roles).toEqual([{ id: world.role.id, name: world.role.name, scope }])
      expect(token).toMatchObject({ ok: true, tenantId: world.tenantId })
      expect(token).toHaveProperty(
        'permissions',
        expect.arrayContaining(['GroupMember.ReadWrite.All']),
      )
    })

    test('answers a ping', async () => {
      await expect(directory.ping()).resolves.toBeUndefined()
    })

    test('throws from every read that it cannot answer', async () => {
      await world.setFault('unavailable')
      const reads = [
        () => directory.ping(),
        () => directory.holds(member()),
        () => directory.holdsEach([member()]),
        () => directory.lookUp({ people: [person], groups: [] }),
        () => directory.findPeople([{ by: 'user', id: person }]),
        () => directory.groupAttributes([{ group, attribute: 'displayName' }]),
        () => directory.search('user', 'ann', 5),
        () => collect(directory.list('group')),
      ]

      for (const read of reads) await expect(read()).rejects.toThrow(DirectoryUnavailableError)
    })

    test('may read for a while what was true before', async () => {
      await world.setFault('stale')
      await directory.add(member(), limits())

      const stale = await directory.holds(member())
      await world.clearFaults()

      expect(stale).toMatchObject({ present: false })
      expect(await directory.holds(member())).toMatchObject({ present: true })
    })
  })
}

async function collect(resources: AsyncIterable<DirectoryResource>): Promise<DirectoryResource[]> {
  const all: DirectoryResource[] = []
  for await (const resource of resources) all.push(resource)
  return all
}
