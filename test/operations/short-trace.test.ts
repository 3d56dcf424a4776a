import { describe, expect, test } from 'vitest'
import type { Arrival } from '../../shared/operations/submit-request.ts'
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
    expect(first.trace).toHaveLength(600 * 10)
    expect(again).toMatchObject({
      code: first.code,
      detail: first.detail,
      nearest: first.nearest,
      facts: { truncated: true },
    })
    const ofNearest = (flowName: string | undefined) => (entry: { flow: string }) =>
      entry.flow === flowName
    const nearest = ofNearest(first.nearest?.flow)
    expect(again.trace?.filter(nearest)).toEqual(first.trace?.filter(nearest))
    expect(JSON.stringify(again.trace).length).toBeLessThan(30_000)
  })
})
