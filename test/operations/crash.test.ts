import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { genesisHash, hashOf } from '../../shared/ledger/ledger-event.ts'
import { readEvents, readRequest } from '../../shared/ledger/pair-ledger.ts'
import type { Arrival } from '../../shared/operations/arrival.ts'
import { makeCheckpoint } from '../../shared/operations/checkpoint.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { verifyAudit } from '../../shared/operations/verify-audit.ts'
import {
  brokerInMemory,
  Crash,
  flow,
  type InMemory,
  mia,
  petra,
  readers,
  tenantId,
} from './broker-in-memory.ts'

const key: AccessKey = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
}
const pairId = pairIdOf(key)

const arrival = (idempotencyKey: string, over: Partial<Arrival['body']> = {}): Arrival => {
  const body = { resource: key.resource, duration: 'PT60S', ...over }
  return {
    body,
    intake: 'http',
    requester: mia,
    requesterIsApplication: false,
    actor: { id: mia, type: 'user' },
    claim: { owner: mia, key: idempotencyKey, body },
  }
}

/** What the orchestration would do, step by step; a crash anywhere stops it for good. */
type Story = (broker: InMemory) => Promise<void>

const submitAndGrant = async (broker: InMemory, request: Arrival): Promise<string> => {
  const outcome = await broker.submitRequest(request, broker.clockwork)
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  await broker.settlePair(pairId, { patience: 0 })
  return outcome.request.reason.id
}

/** A flow by which Petra has to say yes; unnamed requests go by the other one, which grants longer. */
const asked = flow({
  name: 'asked',
  duration: { maximum: 'PT1H' },
  approval: {
    mode: 'any-of',
    steps: [{ approvers: [{ type: 'user', id: petra }] }],
    timeout: 'PT5M',
  },
})

const startBroker = () => brokerInMemory([flow(), asked])

const say = async (broker: InMemory, requestId: string, verdict: 'approve' | 'deny') => {
  const request = await readRequest(broker.needs.tables, requestId)
  if (request === undefined) throw new Error('Cannot decide: there is no such request')
  const caller = { id: petra, tenantId, kind: 'user', roles: [] } as const
  await broker.decideApproval(request, caller, { verdict }, broker.clockwork)
}

const settleAt = async (broker: InMemory, time: string) => {
  broker.advance(Date.parse(time) - broker.now().getTime())
  await broker.settlePair(pairId, { patience: 2_000 })
}

const stories: Readonly<Record<string, Story>> = {
  'a grant that runs out': async (broker) => {
    await submitAndGrant(broker, arrival('k1'))
    await settleAt(broker, '2026-01-05T12:01:00Z')
  },
  'an extension that overlaps': async (broker) => {
    await submitAndGrant(broker, arrival('k1'))
    broker.advance(30_000)
    await submitAndGrant(broker, arrival('k2'))
    await settleAt(broker, '2026-01-05T12:01:00Z')
    await settleAt(broker, '2026-01-05T12:01:30Z')
  },
  'a grant that is given back': async (broker) => {
    const requestId = await submitAndGrant(broker, arrival('k1'))
    broker.advance(10_000)
    const actor = { id: mia, type: 'user' } as const
    await endRequest(broker.needs, { requestId, actor, endReason: 'given-back' }, broker.clockwork)
    await broker.settlePair(pairId, { patience: 0 })
  },
  'a request that is approved': async (broker) => {
    const requestId = await submitAndGrant(broker, arrival('k1', { accessFlow: 'asked' }))
    broker.advance(10_000)
    await say(broker, requestId, 'approve')
    await broker.settlePair(pairId, { patience: 0 })
    await settleAt(broker, '2026-01-05T12:01:10Z')
  },
  'a request that is denied': async (broker) => {
    const requestId = await submitAndGrant(broker, arrival('k1', { accessFlow: 'asked' }))
    await say(broker, requestId, 'deny')
    await broker.settlePair(pairId, { patience: 0 })
  },
  'a scheduled window that touches another': async (broker) => {
    await submitAndGrant(broker, arrival('k1'))
    await broker.submitRequest(
      arrival('k2', { startsAt: '2026-01-05T12:01:00Z' }),
      broker.clockwork,
    )
    await settleAt(broker, '2026-01-05T12:01:00Z')
    await settleAt(broker, '2026-01-05T12:02:00Z')
  },
}

/**
 * Sweeps every two seconds until everything is long over, and once more after the ten minutes for
 * which a due row waits for a transaction that never came.
 */
const recover = async (broker: InMemory) => {
  for (let tick = 0; tick < 150; tick++) {
    broker.advance(tick < 148 ? 2_000 : 700_000)
    try {
      await broker.sweep()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }
}

const run = async (story: Story, broker: InMemory) => {
  try {
    await story(broker)
  } catch (error) {
    if (!(error instanceof Crash)) throw error
  }
  await recover(broker)
}

const ends = new Set(['grant.ended', 'grant.failed', 'request.denied', 'request.timed-out'])

/** Invariants I1, I3, I5, I6, I8 and I9 on what is left when all is quiet. */
const check = async (broker: InMemory) => {
  expect(broker.directory.isHeld(key)).toBe(false)
  const applied = broker.directory.writes.filter((write) => write.applied)
  expect(applied.map(({ operation }) => operation)).toEqual(
    applied.length === 0 ? [] : ['add', 'remove'],
  )

  const events = await readEvents(broker.needs.tables, pairPartition(pairId))
  let previous = genesisHash
  for (const { hash, txId: _, ...event } of events) {
    expect(event.previousHash).toBe(previous)
    expect(hashOf(event)).toBe(hash)
    previous = hash
  }
  const requests = new Set(events.map(({ requestId }) => requestId))
  for (const requestId of requests) {
    const own = events.filter((event) => event.requestId === requestId).map(({ event }) => event)
    expect(own.filter((event) => ends.has(event))).toHaveLength(1)
    expect(new Set(own).size).toBe(own.length)
    expect(own[0]).toBe('request.created')
    if (own.includes('grant.attempted')) expect(own[1]).toBe('request.approved')
  }
  for (const { at, event, detail } of events) {
    if (event !== 'grant.ended' || detail['endReason'] !== 'expired') continue
    expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(String(detail['endsAt'])))
  }

  const day = broker.tables
    .all('Audit')
    .filter((row) => String(row.columns['stream']).startsWith('pair:'))
  expect(day.map((row) => row.columns['hash']).sort()).toEqual(
    events.map(({ hash }) => hash).sort(),
  )
  const published = new Set(broker.published.map(({ hash }) => hash))
  for (const { hash } of events) expect(published.has(hash)).toBe(true)
  await makeCheckpoint(broker.needs, undefined)
  expect(await verifyAudit(broker.needs, undefined)).toMatchObject({
    verdict: 'intact',
    pending: 0,
    uncovered: 0,
  })
  const work = broker.tables.all('Index').filter(({ partition }) => partition === 'work')
  expect(work.map((row) => row.key)).toEqual([])
  expect(broker.tables.all('Index').filter(({ partition }) => partition === 'pending')).toEqual([])
  expect(requests.size).toBeLessThanOrEqual(2)
  return events.map(({ event }) => event)
}

const countCalls = async (story: Story): Promise<number> => {
  const broker = await startBroker()
  const before = broker.calls()
  await story(broker)
  return broker.calls() - before
}

describe.each(Object.entries(stories))('%s', (_, story) => {
  test('leaves nothing behind when nothing goes wrong', async () => {
    const broker = await startBroker()

    await run(story, broker)

    const events = await check(broker)
    expect(events.length).toBeGreaterThanOrEqual(events.includes('request.denied') ? 2 : 6)
  })

  test.each(['before', 'after'] as const)(
    'is brought to its end by the sweep after a crash %s any single call',
    async (when) => {
      const calls = await countCalls(story)
      for (let call = 1; call <= calls; call++) {
        const broker = await startBroker()
        broker.crashAt(call, when)

        await run(story, broker)

        await expect(check(broker), `crash ${when} call ${call}`).resolves.toBeDefined()
      }
    },
    120_000,
  )
})
