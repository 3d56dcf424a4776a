import { describe, expect, test } from 'vitest'
import type { Arrival } from '../../shared/operations/arrival.ts'
import { brokerInMemory, flow, mia, readers } from './broker-in-memory.ts'

describe('a refusal that looked at very many flows', () => {
  const many = Array.from({ length: 600 }, (_, index) =>
    flow({ name: `flow-${index}`, justification: { required: true, pattern: `.{${index},}` } }),
  )

  test('fits the rows that keep it, and is answered again with what was kept', async () => {
    const broker = await brokerInMemory(many)
    const body = { resource: { type: 'group', id: readers }, duration: 'PT1H' } as const
    const arrival: Arrival = {
      body,
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      claim: { owner: 'mia', key: 'inc-1', body },
    }

    const first = await broker.submitRequest(arrival, broker.clockwork)
    const again = await broker.submitRequest(arrival, broker.clockwork)

    if (first.kind === 'accepted' || again.kind === 'accepted') throw new Error('It was accepted')
    expect(first.facts).toMatchObject({ truncated: true })
    const nearest = first.trace?.filter(({ flow }) => flow === first.nearest?.flow) ?? []
    expect(nearest).toHaveLength(10)
    expect(first.trace?.slice(0, 10)).toEqual(nearest)
    expect(again).toEqual(first)
    expect(JSON.stringify(again.trace).length).toBeLessThan(30_000)
  })
})
