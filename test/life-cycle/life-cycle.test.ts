import { afterEach, describe, expect, test } from 'vitest'
import { flow, mia, readers, tenantId } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

const access = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
} as const

const ask = (duration: string, more: object = {}) => ({
  resource: access.resource,
  duration,
  ...more,
})

let running: LifeCycle | undefined

afterEach(async () => {
  await running?.stop()
  running = undefined
})

const start = async (...options: Parameters<typeof startLifeCycle>): Promise<LifeCycle> => {
  running = await startLifeCycle(...options)
  return running
}

const eventsOf = async (life: LifeCycle, id: string): Promise<string[]> => {
  const { body } = await life.call('admin', 'GET', `/requests/${id}/events`)
  return body.items.map(({ event }: { event: string }) => event)
}

describe('a grant on the embedded host', () => {
  test('goes from asking to proof, with two writes to the directory', async () => {
    const life = await start()
    const { status, body } = await life.call(mia, 'POST', '/requests', ask('PT1H'))
    expect(status).toBe(202)
    await life.clock.advanceTo(life.clock.now() + 1_000)
    expect((await life.call(mia, 'GET', `/requests/${body.id}`)).body.status).toBe('active')
    expect(life.directory.isHeld(access)).toBe(true)

    await life.clock.advanceTo(life.clock.now() + 3_600_000)
    const ended = (await life.call(mia, 'GET', `/requests/${body.id}`)).body
    expect(ended).toMatchObject({ status: 'ended', endReason: 'expired' })
    expect(life.directory.writes.map(({ operation }) => operation)).toEqual(['add', 'remove'])
    expect(await eventsOf(life, body.id)).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
      'grant.ending',
      'grant.ended',
    ])
  })

  test('ends to the second although its orchestration was lost, once reconcile has been by', async () => {
    const life = await start({ sweepSchedule: '0 0 0 * * *' })
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT2H'))
    await life.clock.advanceTo(life.clock.now() + 1_000)
    await life.store.purge(body.id)
    await life.restart()
    expect(await life.store.read(body.id)).toBeUndefined()

    await life.clock.advanceTo(Date.parse('2026-01-05T13:00:05Z'))

    expect(await life.store.read(body.id)).toBeDefined()
    const { endsAt } = (await life.call(mia, 'GET', `/requests/${body.id}`)).body
    await life.clock.advanceTo(Date.parse(endsAt) + 5_000)
    expect(life.directory.isHeld(access)).toBe(false)
    expect(life.directory.writes.map(({ operation }) => operation)).toEqual(['add', 'remove'])
  })

  test('of ninety days takes two activities and ends to the second', async () => {
    const flows = [flow({ duration: { maximum: 'P90D' } })]
    const life = await start({ flows, sweepSchedule: '0 0 0 * * *' })
    const { body } = await life.call(mia, 'POST', '/requests', ask('P90D'))
    await life.clock.advanceTo(life.clock.now() + 1_000)
    const { endsAt } = (await life.call(mia, 'GET', `/requests/${body.id}`)).body
    await life.clock.advanceTo(Date.parse(endsAt) - 1)
    expect(life.directory.isHeld(access)).toBe(true)
    await life.clock.advanceTo(Date.parse(endsAt) + 5_000)
    expect(life.directory.isHeld(access)).toBe(false)
    const history = (await life.store.read(body.id))?.history ?? []
    expect(history.filter(({ EventType }) => EventType === 5)).toHaveLength(2)
  }, 120_000)

  test('never ends before its time, though timers fire up to a second early', async () => {
    const life = await start({ earlyMilliseconds: 1_000 })
    const ends: number[] = []
    for (let round = 0; round < 20; round++) {
      const { body } = await life.call(mia, 'POST', '/requests', ask('PT2M'))
      await life.clock.advanceTo(life.clock.now() + 130_000)
      const { status, endsAt } = (await life.call(mia, 'GET', `/requests/${body.id}`)).body
      expect(status).toBe('ended')
      const removed = life.directory.writes.findLast(({ operation }) => operation === 'remove')
      ends.push((removed?.at.getTime() ?? 0) - Date.parse(endsAt))
    }
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...ends)).toBeLessThan(5_000)
  })

  test('that starts later begins and ends at the times that were asked for', async () => {
    const life = await start()
    const startsAt = new Date(life.clock.now() + 600_000).toISOString()
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT10M', { startsAt }))
    await life.clock.advanceTo(Date.parse(startsAt) - 1)
    expect(life.directory.isHeld(access)).toBe(false)
    await life.clock.advanceTo(Date.parse(startsAt) + 5_000)
    expect(life.directory.isHeld(access)).toBe(true)
    await life.clock.advanceTo(Date.parse(startsAt) + 605_000)
    expect(life.directory.isHeld(access)).toBe(false)
    expect((await eventsOf(life, body.id)).at(-1)).toBe('grant.ended')
  })

  test('ends at once when it is given back', async () => {
    const life = await start()
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT1H'))
    await life.clock.advanceTo(life.clock.now() + 10_000)
    const revoked = await life.call(mia, 'POST', `/requests/${body.id}/revoke`, { reason: 'done' })
    expect(revoked.status).toBe(202)
    await life.clock.advanceTo(life.clock.now() + 5_000)
    const ended = (await life.call(mia, 'GET', `/requests/${body.id}`)).body
    expect(ended).toMatchObject({ status: 'ended', endReason: 'given-back' })
    expect(life.directory.isHeld(access)).toBe(false)
  })

  test('ends in time though the host was away in the middle', async () => {
    const life = await start()
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT1H'))
    await life.clock.advanceTo(life.clock.now() + 10_000)
    await life.restart()
    await life.clock.advanceTo(life.clock.now() + 3_605_000)
    expect(life.directory.isHeld(access)).toBe(false)
    expect(await eventsOf(life, body.id)).toEqual(
      expect.arrayContaining(['grant.active', 'grant.ended']),
    )
    expect(life.directory.writes).toHaveLength(2)
  })

  test('ends by the sweep when its orchestration is lost', async () => {
    const life = await start()
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT1H'))
    await life.clock.advanceTo(life.clock.now() + 10_000)
    await life.store.purge(body.id)
    await life.restart()
    await life.clock.advanceTo(life.clock.now() + 3_600_000 + 35_000)
    expect(life.directory.isHeld(access)).toBe(false)
    expect((await eventsOf(life, body.id)).filter((event) => event === 'grant.ended')).toHaveLength(
      1,
    )
  })

  test('that is extended in time has no gap and costs no further write', async () => {
    const life = await start()
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT1H'))
    await life.clock.advanceTo(life.clock.now() + 3_000_000)
    const extension = await life.call(mia, 'POST', `/requests/${body.id}/extend`, {
      duration: 'PT1H',
      justification: 'still at it',
    })
    expect(extension.status).toBe(202)
    await life.clock.advanceTo(life.clock.now() + 2_000_000)
    expect(life.directory.isHeld(access)).toBe(true)
    await life.clock.advanceTo(life.clock.now() + 3_600_000)
    expect(life.directory.isHeld(access)).toBe(false)
    expect(life.directory.writes.map(({ operation }) => operation)).toEqual(['add', 'remove'])
  })

  test('hands its end over to the sweep when the activity has failed ten times', async () => {
    const life = await start()
    const { body } = await life.call(mia, 'POST', '/requests', ask('PT1H'))
    await life.clock.advanceTo(life.clock.now() + 10_000)
    life.tables.fault = ({ table }) => (table === 'Ledger' ? 'unavailable' : undefined)
    await life.clock.advanceTo(life.clock.now() + 3_600_000 + 600_000)

    const instance = await life.store.read(body.id)
    expect(instance?.head).toMatchObject({ status: 'Completed', output: '"handed-over"' })
    expect(instance?.history.filter(({ EventType }) => EventType === 6)).toHaveLength(10)

    life.tables.fault = () => undefined
    await life.clock.advanceTo(life.clock.now() + 35_000)
    expect(life.directory.isHeld(access)).toBe(false)
  })
})
