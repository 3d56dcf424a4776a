import { afterEach, describe, expect, test } from 'vitest'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import { automatic, memberOf, reading, team } from '../operations/automatic-in-memory.ts'
import { ben, mia, petra, zoe } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

let life: LifeCycle

afterEach(() => life.stop())

const hours = (count: number) => count * 3_600_000
const days = (count: number) => hours(24 * count)
const pass = (milliseconds: number) => life.clock.advanceTo(life.clock.now() + milliseconds)
const reads = (...people: string[]) => people.map((each) => life.directory.isHeld(reading(each)))

/** Of one person, each once: what is published may come again. */
const eventsOf = (person: string, event?: LedgerEvent['event']) => {
  const own = life.published.filter((each) => each.grantee === person)
  const once = new Map(own.map((each) => [each.sequence, each]))
  return [...once.values()].filter((each) => event === undefined || each.event === event)
}

describe('thirty days of an automatic flow', () => {
  test('access follows the condition, without a gap for who stays, through a stop, until it is off', async () => {
    life = await startLifeCycle({
      flows: [automatic({ duration: { maximum: 'P2D' } })],
      sweepSchedule: '0 30 */12 * * *',
      prepare: (directory) => {
        directory.addGroup({ id: team, name: 'Team', members: [mia, ben] })
        directory.addByHand(reading(zoe))
      },
    })
    await pass(hours(13))
    const atFirst = reads(mia, ben, petra)

    await pass(days(9))
    life.directory.addByHand(memberOf(team, petra))
    life.directory.removeByHand(memberOf(team, ben))
    await pass(hours(1.5))
    const afterChange = reads(mia, ben, petra)

    for (let day = 0; day < 10; day++) {
      await pass(days(1))
      expect(reads(mia, ben, petra)).toEqual([true, false, true])
    }
    const [lastWindow] = eventsOf(mia, 'grant.renewed').slice(-1)
    await life.call('admin', 'PUT', '/emergency-stop', { active: true, reason: 'drill' })
    await pass(days(3))
    const stopped = reads(mia, ben, petra)
    const [ranOut] = eventsOf(mia, 'grant.ended')

    await life.call('admin', 'PUT', '/emergency-stop', { active: false, reason: 'over' })
    await pass(hours(1.5))
    const again = reads(mia, ben, petra)

    await pass(days(5))
    const { body } = await life.call('admin', 'GET', '/access-flows/team-reads')
    await life.call('admin', 'PUT', '/access-flows/team-reads', { ...body, active: false })
    await pass(hours(1.5))

    expect(atFirst).toEqual([true, true, false])
    expect(afterChange).toEqual([true, false, true])
    expect(eventsOf(ben, 'grant.ended')).toMatchObject([
      { detail: { endReason: 'no-longer-eligible' } },
    ])
    expect(stopped).toEqual([false, false, false])
    const end = String(lastWindow?.detail['endsAt'])
    expect(ranOut).toMatchObject({ detail: { endReason: 'expired', endsAt: end } })
    // Ended by its own timer, within the second, however seldom the sweep comes.
    expect(ranOut?.at.slice(0, 19)).toBe(end.slice(0, 19))
    expect(again).toEqual([true, false, true])
    expect(body.automatic).toMatchObject({ people: 2, state: 'running' })
    expect(reads(mia, ben, petra, zoe)).toEqual([false, false, false, true])
    expect(eventsOf(petra, 'grant.ended').at(-1)).toMatchObject({
      detail: { endReason: 'no-longer-eligible' },
    })
    expectWindowsToMeet(mia)
  }, 60_000)
})

/** Each begins before the one before it ends, or after an end that was recorded; none is too long. */
function expectWindowsToMeet(person: string): void {
  let end = Number.POSITIVE_INFINITY
  const windows = { begun: 0 }
  for (const { event, at, detail } of eventsOf(person)) {
    if (event === 'grant.ended') end = Number.POSITIVE_INFINITY
    if (event !== 'grant.attempted' && event !== 'grant.renewed') continue
    windows.begun++
    const until = Date.parse(String(detail['endsAt']))
    expect(Date.parse(at)).toBeLessThan(end)
    expect(until - Date.parse(at)).toBeLessThanOrEqual(days(2))
    end = until
  }
  expect(windows.begun).toBeGreaterThan(20)
}
