import { expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { createWriteGovernor } from '../../shared/directory/write-governor.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { sweep } from '../../shared/operations/sweep.ts'
import { createVirtualTime } from '../simulation/virtual-time.ts'
import { brokerInMemory, flow, readers, tenantId } from './broker-in-memory.ts'

const [second, minute, hour] = [1_000, 60_000, 3_600_000]
const writesASecond = 20
const sweepEvery = 30 * second
const callMilliseconds = 80

const people = Array.from(
  { length: 1_000 },
  (_, number) => `50000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
)
const accessOf = (grantee: string): AccessKey => ({
  tenantId,
  grantee,
  resource: { type: 'group', id: readers },
  permission: 'member',
})

/** A thousand grants that end at one moment, with the quota of writes and the limits of production. */
const startBroker = async () => {
  const time = createVirtualTime(Date.parse('2026-01-05T12:00:00Z'))
  const requesters = { operator: 'or', conditions: [{ type: 'user', values: people }] } as const
  const broker = await brokerInMemory([flow({ requesters })], {
    now: time.now,
    skip: time.jump,
  })
  const governor = createWriteGovernor({
    perSecond: writesASecond,
    now: broker.now,
    wait: (milliseconds) => time.sleep(milliseconds),
  })
  const told: { readonly code: unknown; readonly requestId: unknown; readonly at: number }[] = []
  const needs: Needs = {
    ...broker.needs,
    pause: (milliseconds) => time.sleep(milliseconds),
    limits: { ...broker.needs.limits, replicationTime: minute, retryMaximum: minute },
    log: (level, _, facts) => {
      const { code, requestId } = facts ?? {}
      if (level === 'error') told.push({ code, requestId, at: time.now() })
    },
    directory: {
      ...broker.needs.directory,
      takeTurn: (operation) => governor.takeTurn(operation),
      remove: async (...call) => {
        await time.sleep(callMilliseconds)
        return broker.needs.directory.remove(...call)
      },
    },
  }
  for (const grantee of people) {
    broker.directory.addUser({ id: grantee, displayName: 'Somebody' })
    const outcome = await broker.submitRequest(
      {
        body: { resource: accessOf(grantee).resource, duration: 'PT1H' },
        intake: 'http',
        requester: grantee,
        requesterIsApplication: false,
      },
      broker.clockwork,
    )
    if (outcome.kind !== 'accepted') throw new Error(outcome.detail)
    await broker.settlePair(pairIdOf(accessOf(grantee)), { patience: 0 })
  }

  const settlePair = createSettlePair(needs, createJudgeStarts(needs, broker.readConfiguration))
  let sweeping = false
  /** As the timer does: one sweep at a time. */
  const tick = async () => {
    if (sweeping) return
    sweeping = true
    await sweep(needs, settlePair, async () => false)
    sweeping = false
  }
  const sweepUntil = async (until: number, every: number) => {
    for (let at = time.now() + every; at <= until; at += every) time.at(at, () => void tick())
    await time.runUntil(until, () => {})
  }
  const held = () => people.filter((grantee) => broker.directory.isHeld(accessOf(grantee)))
  return { time, broker, needs, told, sweepUntil, held }
}

test('a thousand ends that come due while the directory is away for 72 hours are alarmed about once each, and done within the time of the quota when it is back', async () => {
  const { time, broker, needs, told, sweepUntil, held } = await startBroker()
  const endsAt = time.now() + hour
  const back = endsAt + 72 * hour
  await time.runUntil(endsAt - second, () => {})
  broker.directory.setFault({ effect: 'unavailable' })

  await sweepUntil(endsAt + 10 * minute, sweepEvery)
  // In between each sweep does the same again; every hour is enough to see that none gives up.
  await sweepUntil(back - 10 * minute, hour)
  await sweepUntil(back, sweepEvery)

  expect(held()).toHaveLength(1_000)
  const alarms = told.filter(({ code }) => code === 'GRANT_OVERDUE')
  expect(new Set(alarms.map(({ requestId }) => requestId)).size).toBe(1_000)
  expect(alarms).toHaveLength(1_000)
  const overdueAfter = needs.limits.overdueAfter
  const { sweepGrace } = needs.rules
  const times = alarms.map(({ at }) => at - endsAt)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(overdueAfter)
  expect(Math.max(...times)).toBeLessThanOrEqual(overdueAfter + minute + sweepGrace + sweepEvery)

  broker.directory.clearFaults()
  const quota = (people.length / writesASecond) * second
  const bound = needs.limits.retryMaximum + sweepGrace + sweepEvery + 5 * second + quota
  await sweepUntil(back + bound, sweepEvery)

  expect(held()).toEqual([])
  for (const grantee of people) {
    const partition = pairPartition(pairIdOf(accessOf(grantee)))
    const events = (await readEvents(broker.needs.tables, partition)).map(({ event }) => event)
    expect(events.slice(-3)).toEqual(['grant.ending', 'grant.overdue', 'grant.ended'])
  }
}, 120_000)
