/*
 * Over 300 lines on purpose: what becomes of an account, case by case, is one list.
 */
import { describe, expect, test } from 'vitest'
import { keepAccount, restoreCleaned } from '../../shared/operations/cleanup-decide.ts'
import { carryOnCleanup, orderCleanup } from '../../shared/operations/cleanup-order.ts'
import { runCleanup } from '../../shared/operations/cleanup-run.ts'
import { readers, tenantId } from './broker-in-memory.ts'
import {
  admin,
  type CleanupInMemory,
  cleanupInMemory,
  day,
  gina,
  sponsor,
} from './cleanup-in-memory.ts'

/** Cleanup has been on for a month, and the guest's one access has just ended. */
const started = async (userCleanup = {}): Promise<CleanupInMemory> => {
  const memory = await cleanupInMemory()
  await memory.configure({ action: 'disable', ...userCleanup })
  await memory.run()
  memory.advance(31 * day)
  await memory.giveAndEnd(gina)
  return memory
}

const eventsOf = (memory: CleanupInMemory) =>
  memory.published.map(({ event }) => event).filter((event) => event.startsWith('cleanup.'))
const isEnabled = (memory: CleanupInMemory) => memory.tenant.users.get(gina)?.enabled
const onlyCase = async (memory: CleanupInMemory) => {
  const [found] = await memory.cases()
  if (found === undefined) throw new Error('Nothing is planned')
  return found
}
const holds = (group: string) =>
  ({
    tenantId,
    grantee: gina,
    resource: { type: 'group', id: group },
    permission: 'member',
  }) as const

describe('a guest whose access has ended', () => {
  test('is announced to the sponsor, disabled when the days are over, and told in the audit', async () => {
    const memory = await started()
    await memory.days(84)
    expect(await memory.cases()).toMatchObject([
      { state: 'planned', action: 'disable', told: [{ id: sponsor, as: 'sponsor' }] },
    ])
    await memory.days(5)
    expect(isEnabled(memory)).toBe(true)
    await memory.days(2)
    expect(isEnabled(memory)).toBe(false)
    expect(await memory.cases()).toMatchObject([{ state: 'done', sessions: 'not-applicable' }])
    expect(eventsOf(memory)).toEqual(['cleanup.planned', 'cleanup.done'])
  })

  test('is deleted where the integration says so, and can be restored for thirty days', async () => {
    const memory = await started({ action: 'delete' })
    await memory.days(91)
    expect(memory.tenant.deleted).toContain(gina)
    const { id } = await onlyCase(memory)
    const restored = await restoreCleaned(memory.cleanupNeeds, admin, id, 'still needed')
    expect(restored).toMatchObject({ kind: 'decided', cleanup: { state: 'restored' } })
    expect(memory.tenant.deleted).not.toContain(gina)
    await memory.days(120)
    expect(eventsOf(memory)).toEqual(['cleanup.planned', 'cleanup.done', 'cleanup.restored'])
  })

  test('cannot be restored when the thirty days are over', async () => {
    const memory = await started({ action: 'delete' })
    await memory.days(122)
    const { id } = await onlyCase(memory)
    expect(await restoreCleaned(memory.cleanupNeeds, admin, id, 'late')).toMatchObject({
      kind: 'refused',
      reason: 'gone',
    })
  })

  test('as a member has the sessions revoked', async () => {
    const memory = await started({ userTypes: ['guest', 'member'] })
    memory.directory.addUser({ id: gina, userType: 'member', attributes: { jit: 'yes' } })
    await memory.days(91)
    expect(memory.accounts.writes.map(({ what }) => what)).toEqual(['disable', 'revoke-sessions'])
    expect(await memory.cases()).toMatchObject([{ state: 'done', sessions: 'revoked' }])
  })

  test('is only reported in the first thirty days of the rule, and planned in earnest after them', async () => {
    const memory = await cleanupInMemory()
    await memory.giveAndEnd(gina)
    memory.advance(200 * day)
    await memory.configure({ action: 'disable' })
    await memory.days(8)
    expect(await memory.cases()).toMatchObject([{ state: 'done', action: 'report' }])
    expect(isEnabled(memory)).toBe(true)
    await memory.days(31)
    expect(isEnabled(memory)).toBe(false)
  })

  test('is found although the access ended before cleanup was switched on', async () => {
    const memory = await cleanupInMemory()
    await memory.giveAndEnd(gina)
    await memory.days(100)
    expect(await memory.cases()).toEqual([])
    await memory.configure({ action: 'report' })
    await memory.days(1)
    expect(await memory.cases()).toMatchObject([{ state: 'planned' }])
  })

  test('is kept by a new request, and by its end counted anew', async () => {
    const memory = await started()
    await memory.days(85)
    await memory.giveAndEnd(gina)
    expect(await memory.cases()).toMatchObject([{ state: 'kept', reasons: ['new-request'] }])
    await memory.days(80)
    expect(isEnabled(memory)).toBe(true)
    await memory.days(11)
    expect(isEnabled(memory)).toBe(false)
  })

  test('is kept until a day by the sponsor, who then is told again', async () => {
    const memory = await started()
    await memory.days(85)
    const { id } = await onlyCase(memory)
    const caller = { id: sponsor, tenantId, kind: 'user', roles: [] } as const
    const until = new Date(memory.now().getTime() + 60 * day).toISOString()
    const kept = await keepAccount(memory.cleanupNeeds, caller, id, { reason: 'a project', until })
    expect(kept).toMatchObject({ kind: 'decided', cleanup: { state: 'kept', keepUntil: until } })
    await memory.days(59)
    expect(isEnabled(memory)).toBe(true)
    await memory.days(9)
    expect(isEnabled(memory)).toBe(false)
  })

  test('is kept for good without a day, and by nobody who does not answer for it', async () => {
    const memory = await started()
    await memory.days(85)
    const { id } = await onlyCase(memory)
    const caller = (who: string) => ({ id: who, tenantId, kind: 'user', roles: [] }) as const
    const keep = (who: string) =>
      keepAccount(memory.cleanupNeeds, caller(who), id, { reason: 'needed' })
    expect(await keep(readers)).toMatchObject({ reason: 'not-found' })
    expect(await keep(gina)).toMatchObject({ reason: 'not-found' })
    memory.accounts.describe(gina, { sponsors: [] })
    expect(await keep(sponsor)).toMatchObject({ reason: 'not-allowed' })
    memory.accounts.describe(gina, { sponsors: [sponsor] })
    expect(await keep(sponsor)).toMatchObject({ kind: 'decided' })
    await memory.days(200)
    expect(isEnabled(memory)).toBe(true)
  })

  test('is not announced when nobody can be told', async () => {
    const memory = await started()
    memory.accounts.describe(gina, { sponsors: [] })
    await memory.days(100)
    expect(await memory.cases()).toMatchObject([{ state: 'refused', reasons: ['nobody-told'] }])
    expect(eventsOf(memory)).toEqual(['cleanup.refused'])
  })

  test.each<[string, (memory: CleanupInMemory) => void, string]>([
    ['joins a group', ({ directory }) => directory.addByHand(holds(readers)), 'holds-other-access'],
    [
      'becomes a member',
      ({ directory }) => directory.addUser({ id: gina, userType: 'member' }),
      'user-type',
    ],
    [
      'signs in',
      ({ accounts, now }) => accounts.describe(gina, { lastSignIn: now() }),
      'signed-in',
    ],
    [
      'is disabled by others',
      ({ directory }) => directory.addUser({ id: gina, userType: 'guest', enabled: false }),
      'already-disabled',
    ],
    [
      'is synchronised',
      ({ accounts }) => accounts.describe(gina, { isSynchronised: true }),
      'synchronised',
    ],
    ['is deleted', ({ directory }) => directory.deleteObject(gina), 'person-gone'],
    ['administers', ({ accounts }) => accounts.makeAdministrators([gina]), 'administrator'],
  ])(
    'who %s between announcement and action is left alone, and said so',
    async (_what, change, reason) => {
      const memory = await started()
      await memory.days(85)
      change(memory)
      await memory.days(7)
      expect(memory.accounts.writes).toEqual([])
      expect(await memory.cases()).toMatchObject([{ state: 'refused', reasons: [reason] }])
    },
  )

  test('is not touched while a protected group cannot be found', async () => {
    const memory = await started({ protected: ['30000000-0000-4000-8000-00000000dead'] })
    await memory.days(100)
    expect(await memory.cases()).toMatchObject([{ state: 'refused', reasons: ['unclear'] }])
  })

  test('is not touched earlier than announced when settings are shortened', async () => {
    const memory = await started({ announceDays: 30 })
    await memory.days(62)
    await memory.configure({ action: 'disable', announceDays: 0 }, { userCleanupAfterDays: 1 })
    await memory.days(26)
    expect(isEnabled(memory)).toBe(true)
    await memory.days(4)
    expect(isEnabled(memory)).toBe(false)
  })

  test('is not planned any more once cleanup is switched off', async () => {
    const memory = await started()
    await memory.days(85)
    await memory.configure({}, { userCleanupAfterDays: undefined })
    await memory.days(10)
    expect(await memory.cases()).toMatchObject([
      { state: 'kept', reasons: ['no-longer-asked-for'] },
    ])
    expect(isEnabled(memory)).toBe(true)
  })

  test('with a request that waits is looked at again later', async () => {
    const memory = await started()
    await memory.days(82)
    await memory.ask(gina)
    memory.directory.setFault({ effect: 'unavailable', on: ['add'] })
    await memory.run()
    expect(memory.accounts.writes).toEqual([])
  })
})

describe('a request that comes while an account is being changed', () => {
  test('has to be sent again, and one that came before wins', async () => {
    const memory = await started()
    await memory.days(89)
    memory.advance(day)
    for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
    let met: unknown
    const write = memory.accounts.write
    const needs = {
      ...memory.cleanupNeeds,
      accounts: {
        ...memory.cleanupNeeds.accounts,
        write: async (...args: Parameters<typeof write>) => {
          met = await memory.ask(gina).catch((error: unknown) => error)
          return write(...args)
        },
      },
    }
    expect(await runCleanup(needs)).toMatchObject({ done: 1 })
    expect(met).toMatchObject({ code: 'LEDGER_CONFLICT', retryable: true })
  })

  test('between the checks and the intent cancels the action', async () => {
    const memory = await started()
    await memory.days(89)
    memory.advance(day)
    for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
    let reads = 0
    const needs = {
      ...memory.cleanupNeeds,
      accounts: {
        ...memory.cleanupNeeds.accounts,
        read: async (id: string) => {
          // The first look counts; the second is the one of the action itself.
          if (++reads === 2) await memory.ask(gina)
          return memory.accounts.read(id)
        },
      },
    }
    expect(await runCleanup(needs)).toMatchObject({ done: 0, later: 1 })
    expect(memory.accounts.writes).toEqual([])
    expect(await memory.cases()).toMatchObject([{ state: 'kept', reasons: ['new-request'] }])
  })
})

describe('a call whose answer is lost', () => {
  test.each(['before', 'after'] as const)(
    '%s it took effect is found out about, and happens once',
    async (when) => {
      const memory = await started({ action: 'delete' })
      await memory.days(90)
      memory.accounts.setFault({ effect: `ambiguous-${when}`, on: ['delete'], count: 1 })
      await memory.days(1)
      await memory.settle()
      await memory.days(1)
      await memory.settle()
      expect(memory.accounts.writes.filter(({ applied }) => applied)).toHaveLength(1)
      expect(eventsOf(memory)).toEqual(['cleanup.planned', 'cleanup.done'])
    },
  )

  test('that the directory refuses is told, and not tried every day', async () => {
    const memory = await started()
    memory.accounts.setFault({ effect: 'forbidden', on: ['disable'], count: 9 })
    await memory.days(94)
    expect(await memory.cases()).toMatchObject([
      { state: 'refused', reasons: ['directory-refused'] },
    ])
    expect(eventsOf(memory)).toEqual(['cleanup.planned', 'cleanup.refused'])
  })
})

describe('a run', () => {
  const crowd = async (count: number, userCleanup = {}) => {
    const memory = await cleanupInMemory()
    await memory.configure({ action: 'disable', ...userCleanup })
    await memory.run()
    memory.advance(31 * day)
    const people = Array.from({ length: count }, (_, index) => memory.addGuest(index))
    for (const person of people) await memory.give(person)
    await memory.passHours(2)
    return memory
  }
  const disabled = (memory: CleanupInMemory) =>
    memory.accounts.writes.filter(({ what }) => what === 'disable').length

  test('touches nobody when it would touch more than its share, and says so once', async () => {
    const memory = await crowd(25)
    await memory.days(90)
    expect(disabled(memory)).toBe(0)
    const stops = memory.published.filter(({ event }) => event === 'cleanup.refused')
    expect(stops).toMatchObject([{ stream: 'cleanup', detail: { reasons: ['share'], count: 25 } }])
  })

  test('goes on when an administrator has named the true number, as many a day as allowed', async () => {
    const memory = await crowd(25)
    await memory.days(91)
    const order = (expectedCount: number) =>
      orderCleanup(memory.cleanupNeeds, admin, { dryRun: false, expectedCount })
    expect(await order(24)).toMatchObject({ kind: 'refused', facts: { count: 25 } })
    expect(await order(25)).toEqual({ kind: 'ordered', count: 25 })
    await carryOnCleanup(memory.cleanupNeeds)
    expect(disabled(memory)).toBe(20)
    await carryOnCleanup(memory.cleanupNeeds)
    expect(disabled(memory)).toBe(20)
  })

  test('counts and does nothing when it is dry', async () => {
    const memory = await crowd(3)
    await memory.days(89)
    memory.advance(day)
    const counted = await orderCleanup(memory.cleanupNeeds, admin, { dryRun: true })
    expect(counted).toEqual({ kind: 'ordered', count: 3 })
    await carryOnCleanup(memory.cleanupNeeds)
    expect(disabled(memory)).toBe(0)
  })

  test('acts on each account once, and on no more than its number, when two run at once', async () => {
    const memory = await crowd(6, { maxPerDay: 4 })
    await memory.days(89)
    memory.advance(day)
    for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
    await Promise.all([runCleanup(memory.cleanupNeeds), runCleanup(memory.cleanupNeeds)])
    expect(disabled(memory)).toBe(4)
    expect(new Set(memory.accounts.writes.map(({ id }) => id)).size).toBe(4)
  })

  test('reads no more of the tables when nobody is due, however many there were', async () => {
    const cost = async (count: number) => {
      const memory = await crowd(count)
      await memory.days(1)
      const before = memory.calls()
      await memory.run()
      return memory.calls() - before
    }
    expect(await cost(30)).toBe(await cost(3))
  })
})
