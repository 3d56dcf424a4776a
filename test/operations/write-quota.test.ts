import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import type { Turn } from '../../shared/directory/directory.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { openPair, readEvents } from '../../shared/ledger/pair-ledger.ts'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { createJudgeStarts } from '../../shared/operations/judge-starts.ts'
import { createSettlePair } from '../../shared/operations/settle-pair.ts'
import { brokerInMemory, mia, readers, tenantId } from './broker-in-memory.ts'

const key: AccessKey = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
}
const pairId = pairIdOf(key)

/** A broker whose quota of writes answers as a test says. */
const withQuota = async (takeTurn: () => Promise<Turn>) => {
  const broker = await brokerInMemory()
  const needs = { ...broker.needs, directory: { ...broker.needs.directory, takeTurn } }
  const settlePair = createSettlePair(needs, createJudgeStarts(needs, broker.readConfiguration))
  const outcome = await broker.submitRequest(
    {
      body: { resource: key.resource, duration: 'PT1H' },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(outcome.detail)
  const events = async () =>
    (await readEvents(broker.needs.tables, pairPartition(pairId))).map(({ event }) => event)
  const pair = async () => (await openPair(broker.needs.tables, pairId)).state?.pair
  return { broker, settlePair, events, pair }
}

describe('a grant without room in the quota', () => {
  test('opens no attempt, and comes back when it was told to', async () => {
    let turn: Turn = { kind: 'later', retryAfterSeconds: 7 }
    const { broker, settlePair, pair } = await withQuota(async () => turn)

    const { nextAt } = await settlePair(pairId, { patience: 0 })

    expect(nextAt).toEqual(new Date(broker.now().getTime() + 7_000))
    expect((await pair())?.attempt).toBeUndefined()
    expect(broker.directory.writes).toEqual([])

    turn = { kind: 'now' }
    broker.advance(7_000)
    await settlePair(pairId, { patience: 0 })
    expect(broker.directory.isHeld(key)).toBe(true)
  })

  test('that waits for its turn while the emergency stop comes is not made', async () => {
    const { broker, settlePair, events } = await withQuota(async () => {
      const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const
      await setEmergencyStop(broker.needs, admin, { active: true, reason: 'Incident' })
      return { kind: 'now' }
    })

    await settlePair(pairId, { patience: 0 })

    expect(broker.directory.writes).toEqual([])
    expect((await events()).at(-1)).not.toBe('grant.active')
  })

  test('is weighed anew after its turn came late: its time is over by then', async () => {
    const { broker, settlePair, events } = await withQuota(async () => {
      broker.advance(3_600_000)
      return { kind: 'now' }
    })

    await settlePair(pairId, { patience: 0 })

    expect(broker.directory.writes).toEqual([])
    expect((await events()).at(-1)).toBe('grant.failed')
  })
})
