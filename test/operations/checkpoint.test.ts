/*
 * Over 300 lines on purpose: what a checkpoint covers, change by change, is one story.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import { readLeaves } from '../../shared/ledger/checkpoint-leaves.ts'
import { type Checkpoint, readCheckpoints } from '../../shared/ledger/checkpoints.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import { makeCheckpoint, orderCheckpoint } from '../../shared/operations/checkpoint.ts'
import { verifyAudit } from '../../shared/operations/verify-audit.ts'
import { createTrail, type Trail, user } from '../contract/ledger/audit-trail.ts'
import { brokerInMemory, Crash, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

let tables: MemoryTables
let trail: Trail

beforeEach(() => {
  tables = createMemoryTables()
  trail = createTrail(tables)
})

const ada = { id: 'ada', type: 'user' } as const
/** What the timer does, after enough time for the next one. */
const tick = async () => {
  trail.advance(300_000)
  return makeCheckpoint(trail.needs, trail.archive)
}
const all = async () => {
  const found: Checkpoint[] = []
  for await (const checkpoint of readCheckpoints(tables)) found.push(checkpoint)
  return found
}
const leavesOf = async (checkpoint: Checkpoint | undefined) => {
  const leaves: string[] = []
  if (checkpoint === undefined) return leaves
  for await (const { stream, sequence } of readLeaves(tables, checkpoint)) {
    leaves.push(`${stream} ${sequence}`)
  }
  return leaves
}
const verify = () => verifyAudit(trail.needs, trail.archive)

describe('a checkpoint', () => {
  test('covers the heads that changed since the former one, and is chained to it', async () => {
    await trail.append(user('mia'))
    await trail.append(user('ben'))
    await tick()
    await trail.append(user('ben'))
    await tick()

    const [first, full, second] = await all()
    expect([first?.kind, full?.kind, second?.kind]).toEqual(['changes', 'full', 'changes'])
    expect(await leavesOf(first)).toEqual(['user:ben 1', 'user:mia 1'])
    expect(await leavesOf(second)).toEqual(['user:ben 2'])
    expect(second?.event.previousHash).toBe(full?.hash)
    expect(second?.event).toMatchObject({
      event: 'checkpoint.written',
      stream: 'checkpoints',
      sequence: 3,
      actor: { id: 'system', type: 'system' },
    })
  })

  test('is published and has a day row like every other event', async () => {
    await trail.append(user('mia'))
    await tick()

    const names = trail.published.map(({ event }) => event)
    const days = tables.all('Audit').map(({ columns }) => columns['event'])
    expect(names).toEqual(['request.refused', 'checkpoint.written', 'checkpoint.written'])
    expect(days).toEqual(names)
  })

  test('is never the reason for the next one: an idle broker makes none, at one read', async () => {
    await trail.append(user('mia'))
    await tick()
    const made = (await all()).length
    let calls = 0
    tables.fault = () => {
      calls += 1
      return undefined
    }
    for (let times = 0; times < 20; times++) {
      trail.advance(300_000)
      await makeCheckpoint(trail.needs, undefined)
    }

    expect(calls).toBe(20)
    expect(await all()).toHaveLength(made)
  })

  test('of all heads is made once a week, as long as anything changes', async () => {
    await trail.append(user('mia'))
    for (let day = 1; day <= 15; day++) {
      await trail.append(user(`person-${String(day).padStart(2, '0')}`))
      await tick()
      trail.advance(86_400_000)
    }

    const full = (await all()).filter(({ kind }) => kind === 'full')
    expect(full.map(({ leaves }) => leaves)).toEqual([2, 9, 16])
  })

  test('of all heads finds one whose change row was lost', async () => {
    await trail.append(user('mia'))
    await tick()
    await trail.append(user('ben'))
    tables.lose('Index', 'work', 'c-u-ben-0000000001')
    expect(await tick()).toBeUndefined()
    expect(await verify()).toMatchObject({ verdict: 'intact', uncovered: 1 })

    trail.advance(7 * 86_400_000)
    await trail.append(user('mia'))
    await tick()

    expect(await verify()).toMatchObject({ verdict: 'intact', uncovered: 0 })
  })

  test('that is ordered is made even when nothing has changed, in the name of who ordered it', async () => {
    const first = await orderCheckpoint(trail.needs, undefined, ada)
    const second = await orderCheckpoint(trail.needs, undefined, ada)

    expect([first, second]).toMatchObject([
      { number: 1, leaves: 0, event: { actor: ada } },
      { number: 2, leaves: 0, kind: 'changes' },
    ])
    expect(await verify()).toMatchObject({ verdict: 'intact', checkpoints: 2, uncovered: 0 })
  })

  test('covers what could not be projected yet, once', async () => {
    trail.isTopicDown = true
    await trail.append(user('mia'))
    for (let times = 0; times < 5; times++) await tick()

    const [first, ...others] = await all()
    expect(await leavesOf(first)).toEqual(['user:mia 1'])
    expect(others.map(({ kind }) => kind)).toEqual(['full'])
  })

  test('is made by one of two that begin at once; the other looks again', async () => {
    await trail.append(user('mia'))

    await Promise.all([
      orderCheckpoint(trail.needs, undefined, ada),
      orderCheckpoint(trail.needs, undefined, ada),
    ])

    expect((await all()).map(({ number }) => number)).toEqual([1, 2])
    expect(await verify()).toMatchObject({ verdict: 'intact', checkpoints: 2, uncovered: 0 })
  })

  test('covers heads from before checkpoints, which do not say when their last event was', async () => {
    await trail.append(user('mia'))
    const head = await tables.read('Ledger', 'u-mia', 'head')
    const { at: _, ...columns } = head?.columns ?? {}
    await tables.write('Ledger', 'u-mia', [{ do: 'put', key: 'head', columns }])
    await tick()

    expect(await verify()).toMatchObject({ verdict: 'intact', uncovered: 0 })
  })

  test('holds a thousand leaves in rows that fit', async () => {
    for (let person = 0; person < 1_000; person++) {
      await trail.append(user(String(person).padStart(36, '0')))
    }
    await tick()

    const [first] = await all()
    expect(first?.leaves).toBe(1_000)
    expect(await verify()).toMatchObject({ verdict: 'intact', uncovered: 0, streams: 1_001 })
  })
})

describe('a life cycle under checkpoints', () => {
  const key = {
    tenantId,
    grantee: mia,
    resource: { type: 'group', id: readers },
    permission: 'member',
  } as const
  const pairId = pairIdOf(key)

  const live = (broker: InMemory) =>
    submitAndLive(broker, async () => {
      await makeCheckpoint(broker.needs, undefined)
    })

  const submitAndLive = async (broker: InMemory, checkpoint: () => Promise<void>) => {
    const body = { resource: key.resource, duration: 'PT60S' }
    await broker.submitRequest(
      {
        body,
        intake: 'http',
        requester: mia,
        requesterIsApplication: false,
        actor: { id: mia, type: 'user' },
        claim: { owner: mia, key: 'k1', body },
      },
      broker.clockwork,
    )
    // As an orchestration does, which has only begun when the events before it are outside.
    const known = broker.started.length === 0 ? {} : { projectedTo: 2 }
    const granted = await broker.settlePair(pairId, { patience: 0, ...known })
    await checkpoint()
    broker.advance(60_000)
    const { projectedTo } = granted
    await broker.settlePair(pairId, {
      patience: 2_000,
      ...(projectedTo === undefined ? {} : { projectedTo }),
    })
    await checkpoint()
  }

  const crashed = async (run: () => Promise<unknown>) => {
    try {
      await run()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
  }

  test.each(['before', 'after'] as const)(
    'is covered in the end, whichever call it dies %s',
    async (when) => {
      const counted = await brokerInMemory()
      const before = counted.calls()
      await live(counted)
      const calls = counted.calls() - before

      for (let call = 1; call <= calls; call++) {
        const broker = await brokerInMemory()
        broker.crashAt(call, when)
        await crashed(() => live(broker))
        for (let minute = 0; minute < 15; minute++) {
          broker.advance(60_000)
          await broker.sweep()
          await makeCheckpoint(broker.needs, undefined)
        }

        const where = `crash ${when} call ${call}`
        const verdict = await verifyAudit(broker.needs, undefined)
        expect(verdict, where).toMatchObject({ verdict: 'intact', uncovered: 0, pending: 0 })
        expect(verdict.streams, where).toBeGreaterThan(1)
      }
    },
  )

  test('costs no storage call for its change rows', async () => {
    const broker = await brokerInMemory()
    let writes = 0
    broker.tables.fault = ({ kind }) => {
      if (kind === 'write') writes += 1
      return undefined
    }
    await submitAndLive(broker, async () => {})

    expect(writes).toBe(14)
  })

  test('that nobody finishes is covered as far as it has come', async () => {
    const broker = await brokerInMemory()
    broker.crashAt(12, 'before')
    await crashed(() => live(broker))
    await makeCheckpoint(broker.needs, undefined)

    expect(await verifyAudit(broker.needs, undefined)).toMatchObject({
      verdict: 'intact',
      uncovered: 0,
    })
  })
})
