import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import {
  createMemoryDirectory,
  type MemoryDirectoryNeeds,
} from '../../shared/directory/memory-directory.ts'

const noon = Date.parse('2026-01-05T12:00:00Z')
const membership: AccessKey = {
  tenantId: 'local',
  grantee: 'ann',
  resource: { type: 'group', id: 'readers' },
  permission: 'member',
}
const limits = { deadline: new Date(noon + 20_000), attemptId: 'attempt-1' }

function setUp(hooks: Pick<MemoryDirectoryNeeds, 'before' | 'after'> = {}) {
  const clock = { now: noon }
  const directory = createMemoryDirectory({
    tenantId: 'local',
    now: () => new Date(clock.now),
    ...hooks,
  })
  directory.addUser({ id: 'ann' })
  directory.addGroup({ id: 'readers', name: 'Readers' })
  return { clock, directory }
}

describe('The directory in memory', () => {
  test('keeps a log of writes: what was asked, answered and changed', async () => {
    const { directory } = setUp()

    await directory.add(membership, limits)
    await directory.add(membership, limits)

    const common = {
      operation: 'add',
      access: membership,
      attemptId: 'attempt-1',
      isSchedule: false,
    }
    expect(directory.writes).toEqual([
      {
        ...common,
        at: new Date(noon),
        applied: true,
        outcome: { kind: 'done', graphRequestId: 'request-1' },
      },
      {
        ...common,
        at: new Date(noon),
        applied: false,
        outcome: { kind: 'already', graphRequestId: expect.any(String) },
      },
    ])
  })

  test('knows changes that were made by hand, and keeps them out of the log', async () => {
    const { directory } = setUp()

    directory.addByHand(membership)
    const added = await directory.holds(membership)
    directory.removeByHand(membership)

    expect(added).toEqual({ present: true })
    expect(directory.isHeld(membership)).toBe(false)
    expect(directory.writes).toEqual([])
  })

  test('brings a link back together with the person that was deleted', async () => {
    const { directory } = setUp()
    await directory.add(membership, limits)

    directory.deleteObject('ann')
    const gone = await directory.holds(membership)
    directory.restoreObject('ann')

    expect(gone).toEqual({ present: false })
    expect(await directory.holds(membership)).toEqual({ present: true })
  })

  test('strikes as often as a fault counts, and only where it is set', async () => {
    const { directory } = setUp()
    directory.setFault({ effect: 'throttled', retryAfterSeconds: 5, on: ['add'], count: 2 })

    const outcomes = [
      await directory.add(membership, limits),
      await directory.remove(membership, limits),
      await directory.add(membership, limits),
      await directory.add(membership, limits),
    ]

    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'not-applied',
      'already',
      'not-applied',
      'done',
    ])
    expect(outcomes[0]).toMatchObject({ retryAfterSeconds: 5 })
  })

  test('refuses for good while writes are forbidden', async () => {
    const { directory } = setUp()
    directory.setFault({ effect: 'forbidden' })

    expect(await directory.add(membership, limits)).toMatchObject({ reason: 'forbidden' })
    expect(await directory.holds(membership)).toEqual({ present: false })
  })

  test('tells readers when to come back', async () => {
    const { directory } = setUp()
    directory.setFault({ effect: 'throttled', retryAfterSeconds: 5 })

    const error = await directory.holds(membership).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(DirectoryUnavailableError)
    expect(error).toMatchObject({ retryAfterSeconds: 5 })
  })

  test('reads the past until a stale time is over', async () => {
    const { clock, directory } = setUp()
    directory.setFault({ effect: 'stale', seconds: 60 })
    await directory.add(membership, limits)

    clock.now += 59_999
    const before = await directory.holds(membership)
    clock.now += 1

    expect(before).toEqual({ present: false })
    expect(await directory.holds(membership)).toEqual({ present: true })
  })

  test('says "not there" of what was just added, where writes are stale', async () => {
    const { directory } = setUp()
    directory.setFault({ effect: 'stale-writes', seconds: 60, on: ['remove'] })
    await directory.add(membership, limits)

    const outcome = await directory.remove(membership, limits)

    expect(outcome).toMatchObject({ kind: 'already' })
    expect(directory.isHeld(membership)).toBe(true)
  })

  test('changes nothing when its deadline passes before it begins', async () => {
    const { clock, directory } = setUp({
      before: async () => {
        clock.now += 20_000
      },
    })

    const outcome = await directory.add(membership, limits)

    expect(outcome.kind).toBe('not-applied')
    expect(directory.isHeld(membership)).toBe(false)
  })

  test('lets something happen between the effect and its answer', async () => {
    const { directory } = setUp({ after: async () => directory.removeByHand(membership) })

    const outcome = await directory.add(membership, limits)

    expect(outcome.kind).toBe('done')
    expect(directory.isHeld(membership)).toBe(false)
  })

  test('ends in groups that hold each other', async () => {
    const { directory } = setUp()
    directory.addGroup({ id: 'a', name: 'A', members: ['b'] })
    directory.addGroup({ id: 'b', name: 'B', members: ['a', 'ann'] })

    const { memberOf } = await directory.lookUp({ people: ['ann'], groups: ['a', 'b', 'readers'] })

    expect(memberOf.get('ann')).toEqual(new Set(['a', 'b']))
  })
})
