import { describe, expect, test } from 'vitest'
import { listGrants } from '../../shared/operations/list-grants.ts'
import { listRequests } from '../../shared/operations/list-requests.ts'
import { brokerInMemory, type InMemory, mia } from './broker-in-memory.ts'

const auditor = {
  id: 'audrey',
  tenantId: '10000000-0000-4000-8000-000000000001',
  kind: 'user',
  roles: ['Access.Auditor'],
} as const

const many = async (count: number): Promise<InMemory> => {
  const broker = await brokerInMemory()
  for (let number = 1; number <= count; number += 1) {
    const id = `33000000-0000-4000-8000-${String(number).padStart(12, '0')}`
    broker.directory.addGroup({ id, name: `Group ${number}` })
    const outcome = await broker.submitRequest(
      {
        intake: 'http',
        actor: { id: mia, type: 'user' },
        requester: mia,
        requesterIsApplication: false,
        body: { resource: { type: 'group', id }, duration: 'PT1H' },
      },
      broker.clockwork,
    )
    if (outcome.kind === 'refused') throw new Error(outcome.detail)
    await broker.settlePair(outcome.request.reason.id.slice(0, 26), { patience: 0 })
    broker.advance(10)
  }
  return broker
}

const costOf = async <Result>(broker: InMemory, run: () => Promise<Result>) => {
  const before = broker.calls()
  const result = await run()
  return { result, calls: broker.calls() - before }
}

describe('the cost of a list', () => {
  test('of grants is that of its page, whichever page it is, not that of all grants', async () => {
    const broker = await many(200)
    const page = (after?: string) => listGrants(broker.needs, auditor, {}, 10, after)

    const first = await costOf(broker, () => page())
    const second = await costOf(broker, () => page(first.result.next))

    expect(first.result.requests).toHaveLength(10)
    expect(second.result.requests).toHaveLength(10)
    expect(first.calls).toBeLessThan(50)
    expect(second.calls).toBeLessThan(50)
  })

  test('of requests with a rare status is bounded, and the rest is on further pages', async () => {
    const broker = await many(1_100)
    const rare = (after?: string) =>
      listRequests(broker.needs, auditor, { status: 'overdue' }, 100, after)

    const first = await costOf(broker, () => rare())
    const second = await rare(first.result.next)

    expect(first.result).toMatchObject({ requests: [], next: expect.any(String) })
    expect(first.calls).toBeLessThan(1_200)
    expect(second).toEqual({ requests: [] })
  })
})
