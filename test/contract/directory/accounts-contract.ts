import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AccountFacts } from '../../../shared/access/cleanup-checks.ts'
import { DirectoryUnavailableError } from '../../../shared/access/errors.ts'
import type { Accounts } from '../../../shared/directory/accounts.ts'

/** Accounts with a tenant behind them, as the contract needs it. */
export interface AccountsWorld {
  readonly accounts: Accounts
  readonly now: () => Date
  /** Somebody who administers this product, by himself or by a group. */
  readonly administrator: string
  /** A new enabled guest without anything, created in 2024, who signed in on the first of June 2025. */
  newGuest(): Promise<string>
  newGroup(over: { isRoleAssignable?: boolean; isDynamic?: boolean }): Promise<string>
  addMember(group: string, id: string): Promise<void>
  addOwner(group: string, id: string): Promise<void>
  giveRole(id: string): Promise<void>
  makeEligible(id: string): Promise<void>
  setManager(id: string, manager: string): Promise<void>
  setSponsors(id: string, sponsors: readonly string[]): Promise<void>
  synchronise(id: string): Promise<void>
  restrict(id: string): Promise<void>
  forgetSignIn(id: string): Promise<void>
  /** The next write gets no reply, and has or has not happened. */
  loseReply(when: 'before' | 'after'): Promise<void>
  goAway(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

const nobody = '99999999-9999-4999-8999-999999999999'

export function describeAccountsContract(name: string, start: () => Promise<AccountsWorld>) {
  describe(`Accounts ${name}`, () => {
    let world: AccountsWorld
    let accounts: Accounts
    let guest: string
    let attempts = 0

    beforeAll(async () => {
      world = await start()
      accounts = world.accounts
    })
    beforeEach(async () => {
      await world.comeBack()
      guest = await world.newGuest()
    })
    afterAll(() => world?.stop())

    const limits = () => ({
      deadline: new Date(world.now().getTime() + 20_000),
      attemptId: `00000000-0000-4000-8000-${String(++attempts).padStart(12, '0')}`,
    })
    const read = async (): Promise<AccountFacts> => {
      const facts = await accounts.read(guest)
      if (facts === 'gone') throw new Error('The account is gone')
      return facts
    }

    test('show one that holds nothing as it is', async () => {
      expect(await read()).toMatchObject({
        id: guest,
        userType: 'guest',
        enabled: true,
        isSynchronised: false,
        isManagementRestricted: false,
        lastSignIn: new Date('2025-06-01T00:00:00Z'),
        groups: [],
        owned: [],
        holdsRole: false,
        appRoles: 0,
        hasReports: false,
      })
      expect((await read()).createdAt?.getUTCFullYear()).toBe(2024)
    })

    test('tell who is not there', async () => {
      expect(await accounts.read(nobody)).toBe('gone')
      expect(await accounts.isDeleted(nobody)).toBe(false)
    })

    test('show groups that hold one, through others too, and what kind they are', async () => {
      const outer = await world.newGroup({ isRoleAssignable: true })
      const inner = await world.newGroup({})
      const dynamic = await world.newGroup({ isDynamic: true })
      await world.addMember(outer, inner)
      await world.addMember(inner, guest)
      await world.addMember(dynamic, guest)
      const { groups } = await read()
      expect(groups).toHaveLength(3)
      expect(groups).toEqual(
        expect.arrayContaining([
          { id: outer, isRoleAssignable: true, isDynamic: false },
          { id: inner, isRoleAssignable: false, isDynamic: false },
          { id: dynamic, isRoleAssignable: false, isDynamic: true },
        ]),
      )
    })

    test('show what one owns', async () => {
      const group = await world.newGroup({ isRoleAssignable: true })
      await world.addOwner(group, guest)
      expect((await read()).owned).toEqual([{ id: group, kind: 'group', isRoleAssignable: true }])
    })

    test.each(['giveRole', 'makeEligible'] as const)('show a directory role: %s', async (how) => {
      await world[how](guest)
      expect((await read()).holdsRole).toBe(true)
    })

    test('show who is synchronised, restricted, or has people reporting to him', async () => {
      await world.synchronise(guest)
      await world.restrict(guest)
      await world.setManager(await world.newGuest(), guest)
      expect(await read()).toMatchObject({
        isSynchronised: true,
        isManagementRestricted: true,
        hasReports: true,
      })
    })

    test('tell a sign-in that never was from one that nobody may read', async () => {
      await world.forgetSignIn(guest)
      expect((await read()).lastSignIn).toBeUndefined()
    })

    test('know sponsors and manager, as far as there are any', async () => {
      expect(await accounts.relations(guest)).toEqual({ sponsors: [] })
      const [sponsor, manager] = [await world.newGuest(), await world.newGuest()]
      await world.setSponsors(guest, [sponsor])
      await world.setManager(guest, manager)
      expect(await accounts.relations(guest)).toEqual({ sponsors: [sponsor], managerId: manager })
    })

    test('know who administers this product, and which objects exist', async () => {
      expect(await accounts.administrators()).toContain(world.administrator)
      const group = await world.newGroup({})
      expect(await accounts.existing([guest, group, nobody])).toEqual(new Set([guest, group]))
    })

    test('are disabled, signed out and enabled again', async () => {
      expect(await accounts.write(guest, 'disable', limits())).toMatchObject({ kind: 'done' })
      expect(await accounts.write(guest, 'revoke-sessions', limits())).toMatchObject({
        kind: 'done',
      })
      expect((await read()).enabled).toBe(false)
      expect(await accounts.write(guest, 'enable', limits())).toMatchObject({ kind: 'done' })
      expect((await read()).enabled).toBe(true)
    })

    test('are deleted and come back with what they held', async () => {
      const group = await world.newGroup({})
      await world.addMember(group, guest)
      expect(await accounts.write(guest, 'delete', limits())).toMatchObject({ kind: 'done' })
      expect(await accounts.read(guest)).toBe('gone')
      expect(await accounts.isDeleted(guest)).toBe(true)
      expect(await accounts.write(guest, 'delete', limits())).toMatchObject({ kind: 'already' })

      expect(await accounts.write(guest, 'restore', limits())).toMatchObject({ kind: 'done' })
      expect((await read()).groups).toMatchObject([{ id: group }])
      expect(await accounts.isDeleted(guest)).toBe(false)
      expect(await accounts.write(guest, 'restore', limits())).toMatchObject({ kind: 'already' })
    })

    test('refuse to change a synchronised one', async () => {
      await world.synchronise(guest)
      expect(await accounts.write(guest, 'disable', limits())).toMatchObject({ kind: 'refused' })
      expect((await read()).enabled).toBe(true)
    })

    test.each([
      { when: 'before', enabled: true },
      { when: 'after', enabled: false },
    ] as const)(
      'do not tell what became of a change whose reply was lost $when it',
      async ({ when, enabled }) => {
        await world.loseReply(when)
        expect(await accounts.write(guest, 'disable', limits())).toMatchObject({
          kind: 'ambiguous',
        })
        await world.comeBack()
        expect((await read()).enabled).toBe(enabled)
      },
    )

    test('change nothing when no time is left', async () => {
      const late = { ...limits(), deadline: world.now() }
      expect(await accounts.write(guest, 'delete', late)).toMatchObject({ kind: 'not-applied' })
      expect(await accounts.read(guest)).not.toBe('gone')
    })

    test('that cannot be reached are unavailable, not gone', async () => {
      await world.goAway()
      await expect(accounts.read(guest)).rejects.toThrow(DirectoryUnavailableError)
      await expect(accounts.administrators()).rejects.toThrow(DirectoryUnavailableError)
    })
  })
}
