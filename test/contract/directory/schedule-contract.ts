import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AccessKey } from '../../../shared/access/access.ts'
import type { FoundSchedule, OwnSchedule } from '../../../shared/access/schedule.ts'
import type { Directory } from '../../../shared/directory/directory.ts'
import { createAsking } from './asking.ts'
import type { DirectoryWorld } from './directory-contract.ts'

/** A directory whose clock can be told, and whose people make schedules of their own. */
export interface ScheduleWorld extends Omit<DirectoryWorld, 'now' | 'stop'> {
  now(): Date
  advance(milliseconds: number): Promise<void>
  /** As an administrator in the portal; for good where no end is told. */
  assignByHand(access: AccessKey, endsAt?: Date): Promise<void>
  /** As a person who is eligible. */
  activateByPerson(access: AccessKey, endsAt: Date): Promise<void>
  loseLicence(): Promise<void>
  regainLicence(): Promise<void>
  stop(): Promise<void>
}

const minute = 60_000

/** What every directory must do with access that it ends by itself. */
export function describeScheduleContract(name: string, start: () => Promise<ScheduleWorld>) {
  describe(`Schedules of the directory ${name}`, () => {
    let world: ScheduleWorld
    let directory: Directory
    let person: string
    let group: string

    beforeAll(async () => {
      world = await start()
      directory = world.directory
    })
    beforeEach(async () => {
      await world.clearFaults()
      await world.regainLicence()
      person = await world.newUser()
      group = await world.newGroup()
    })
    afterAll(() => world?.stop())

    const { limits, to } = createAsking(() => ({ ...world, person }))
    const roleAt = (scope: string) =>
      to({ type: 'directory-role', id: world.role.id, scope }, 'active')
    const inMinutes = (minutes: number) => new Date(world.now().getTime() + minutes * minute)
    const until = (end: Date) => ({ endsAt: end.toISOString(), justification: 'Request 1' })
    const assign = async (access: AccessKey, minutes = 70): Promise<OwnSchedule> => {
      const asked = until(inMinutes(minutes))
      const outcome = await directory.add(access, limits(), asked)
      if (outcome.kind !== 'done' || outcome.schedule === undefined) {
        throw new Error(`Cannot assign: ${JSON.stringify(outcome)}`)
      }
      return { endsAt: asked.endsAt, id: outcome.schedule.id }
    }
    const present = async (access: AccessKey) => (await directory.holds(access)).present
    const schedule = async (access: AccessKey): Promise<FoundSchedule | undefined> =>
      (await directory.schedulesOf([access]))?.[0]

    const kinds: readonly { kind: string; access: () => AccessKey }[] = [
      { kind: 'membership', access: () => to({ type: 'group', id: group }, 'member') },
      { kind: 'ownership', access: () => to({ type: 'group', id: group }, 'owner') },
      { kind: 'role in the tenant', access: () => roleAt('/') },
      { kind: 'role in a unit', access: () => roleAt(`/administrativeUnits/${world.unit.id}`) },
    ]

    describe.each(kinds)('giving a $kind for a time', ({ access }) => {
      test('shows it, with its end, until the directory ends it by itself', async () => {
        const end = inMinutes(70)
        const began = world.now().getTime()

        const outcome = await directory.add(access(), limits(), until(end))

        expect(outcome).toMatchObject({ kind: 'done', schedule: { by: 'assigned' } })
        expect(await present(access())).toBe(true)
        const found = await schedule(access())
        expect(found).toEqual({
          id: outcome.kind === 'done' ? outcome.schedule?.id : undefined,
          by: 'assigned',
          startedAt: expect.any(String),
          endsAt: end.toISOString(),
        })
        expect(Date.parse(found?.startedAt ?? '')).toBeGreaterThanOrEqual(began)
        await world.advance(70 * minute - 1_000)
        expect(await present(access())).toBe(true)
        await world.advance(2_000)
        expect(await present(access())).toBe(false)
        expect(await schedule(access())).toBeUndefined()
      })

      test('moves its end, and does so once however often it is asked', async () => {
        const own = await assign(access(), 20)
        const later = until(inMinutes(90))

        const moved = await directory.reschedule(access(), limits(), own, later)
        const again = await directory.reschedule(access(), limits(), own, later)

        expect([moved, again]).toMatchObject([
          { kind: 'done', schedule: { endsAt: later.endsAt } },
          { kind: 'done', schedule: { endsAt: later.endsAt } },
        ])
        await world.advance(30 * minute)
        expect(await present(access())).toBe(true)
      })

      test('is not taken before it is five minutes old, and tells when it can be', async () => {
        const own = await assign(access())
        const begun = Date.parse((await schedule(access()))?.startedAt ?? '')

        const early = await directory.unschedule(access(), limits(), own)

        expect(early).toMatchObject({
          kind: 'too-early',
          until: new Date(begun + 5 * minute).toISOString(),
        })
        await world.advance(5 * minute)
        expect(await directory.unschedule(access(), limits(), own)).toMatchObject({ kind: 'done' })
        expect(await present(access())).toBe(false)
        expect(await directory.unschedule(access(), limits(), own)).toMatchObject({
          kind: 'already',
        })
      })

      test('leaves standing access alone, whatever it is asked', async () => {
        await world.assignByHand(access())
        const own = { endsAt: inMinutes(70).toISOString() }

        const added = await directory.add(access(), limits(), until(inMinutes(70)))
        const moved = await directory.reschedule(access(), limits(), own, until(inMinutes(90)))
        const taken = await directory.unschedule(access(), limits(), own)

        expect([added, moved, taken]).toMatchObject([
          { kind: 'already', found: { by: 'assigned' } },
          { kind: 'already', found: { by: 'assigned' } },
          { kind: 'already', found: { by: 'assigned' } },
        ])
        expect(await schedule(access())).not.toHaveProperty('endsAt')
        expect(await present(access())).toBe(true)
      })

      test('tells what others gave for a time, and takes none of it', async () => {
        const end = inMinutes(30)
        await world.assignByHand(access(), end)
        const own = { id: 'another', endsAt: end.toISOString() }

        const taken = await directory.unschedule(access(), limits(), own)

        expect(taken).toMatchObject({
          kind: 'already',
          found: { by: 'assigned', endsAt: end.toISOString() },
        })
        expect(await present(access())).toBe(true)
      })

      test('tells what a person activated himself, and takes none of it', async () => {
        await world.activateByPerson(access(), inMinutes(30))
        const own = { endsAt: inMinutes(30).toISOString() }

        const added = await directory.add(access(), limits(), until(inMinutes(70)))
        await world.advance(6 * minute)
        const taken = await directory.unschedule(access(), limits(), own)

        expect([added, taken]).toMatchObject([
          { kind: 'already', found: { by: 'activated' } },
          { kind: 'already', found: { by: 'activated' } },
        ])
        expect(await present(access())).toBe(true)
      })

      test('finds its own by the end that was asked for, where the reply was lost', async () => {
        const asked = until(inMinutes(70))
        await world.setFault('lost-after')
        const lost = await directory.add(access(), limits(), asked)
        await world.clearFaults()

        const again = await directory.add(access(), limits(), asked)
        await world.advance(5 * minute)
        const taken = await directory.unschedule(access(), limits(), { endsAt: asked.endsAt })

        expect([lost, again, taken]).toMatchObject([
          { kind: 'ambiguous' },
          { kind: 'already', found: { by: 'assigned', endsAt: asked.endsAt } },
          { kind: 'done' },
        ])
      })

      test('is refused to a person who is not there, and to nobody else', async () => {
        const nobody = { ...access(), grantee: '99999999-9999-4999-8999-999999999999' }

        const outcome = await directory.add(nobody, limits(), until(inMinutes(70)))

        expect(outcome).toMatchObject({ kind: 'refused', reason: 'grantee-gone' })
      })

      test('is refused beyond what the rules of the tenant allow', async () => {
        const outcome = await directory.add(access(), limits(), until(inMinutes(200 * 24 * 60)))

        expect(outcome).toMatchObject({ kind: 'refused', reason: 'policy' })
        expect(await present(access())).toBe(false)
      })

      test('is neither given nor told without the licence', async () => {
        await world.loseLicence()

        const outcome = await directory.add(access(), limits(), until(inMinutes(70)))

        expect(outcome).toMatchObject({ kind: 'refused', reason: 'unlicensed' })
        expect(await directory.schedulesOf([access()])).toBeUndefined()
        expect(await present(access())).toBe(false)
      })

      test('is certainly not done when throttled', async () => {
        await world.setFault('throttled')

        const outcome = await directory.add(access(), limits(), until(inMinutes(70)))

        expect(outcome).toMatchObject({ kind: 'not-applied' })
        await world.clearFaults()
        expect(await present(access())).toBe(false)
      })
    })

    test('has nothing to take where group or person is gone, and says which', async () => {
      const member = to({ type: 'group', id: group }, 'member')
      const other = { ...member, resource: { type: 'group', id: await world.newGroup() } } as const
      const own = await assign(member)
      const otherOwn = await assign(other)
      await world.advance(5 * minute)
      await world.deleteGroup(group)
      const withoutGroup = await directory.unschedule(member, limits(), own)
      await world.deleteUser(person)
      const withoutPerson = await directory.unschedule(other, limits(), otherOwn)

      expect(withoutGroup).toMatchObject({ kind: 'already', missing: 'resource' })
      expect(withoutPerson).toMatchObject({ kind: 'already', missing: 'grantee' })
    })

    test('tells how long the rules of the tenant let a schedule be', async () => {
      const accesses = kinds.map(({ access }) => access())
      const days = 180 * 24 * 60 * minute

      expect(await directory.longestSchedules(accesses)).toEqual(accesses.map(() => days))
      await world.loseLicence()
      expect(await directory.longestSchedules(accesses)).toBeUndefined()
    })

    test('refuses a group that is not there', async () => {
      const gone = to({ type: 'group', id: '99999999-9999-4999-8999-999999999999' }, 'member')

      const outcome = await directory.add(gone, limits(), until(inMinutes(70)))

      expect(outcome).toMatchObject({ kind: 'refused', reason: 'resource-gone' })
    })

    test('takes a plain entry that has a schedule, and the schedule with it', async () => {
      const member = to({ type: 'group', id: group }, 'member')
      await assign(member)

      const taken = await directory.remove(member, limits())

      expect(taken).toMatchObject({ kind: 'done' })
      expect(await schedule(member)).toBeUndefined()
    })
  })
}
