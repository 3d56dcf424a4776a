import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import type { Arrival } from '../../shared/operations/arrival.ts'
import {
  ben,
  brokerInMemory,
  Crash,
  flow,
  type InMemory,
  mia,
  readers,
} from './broker-in-memory.ts'

/** Mia asks for Ben, which the flow does not allow. */
const arrival = (key: string): Arrival => {
  const body = {
    resource: { type: 'group', id: readers },
    duration: 'PT1H',
    requestFor: ben,
  } as const
  return {
    body,
    intake: 'http',
    requester: mia,
    requesterIsApplication: false,
    actor: { id: mia, type: 'user' },
    claim: { owner: mia, key, body },
  }
}

const submit = (broker: InMemory, key = 'k1') =>
  broker.submitRequest(arrival(key), broker.clockwork)

const refusalsIn = (broker: InMemory, table: 'Ledger' | 'Audit') =>
  broker.tables.all(table).filter(({ columns }) => columns['event'] === 'request.refused')

const sweepLater = async (broker: InMemory) => {
  broker.advance(700_000)
  await broker.sweep()
}

describe('a refusal', () => {
  test.each(['before', 'after'] as const)(
    'is recorded exactly once, also when the first try dies %s any single call',
    async (when) => {
      const counted = await brokerInMemory()
      const before = counted.calls()
      await submit(counted)
      const calls = counted.calls() - before

      for (let call = 1; call <= calls; call++) {
        const broker = await brokerInMemory()
        broker.crashAt(call, when)
        await submit(broker).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error
        })
        const again = await submit(broker)
        await sweepLater(broker)

        const where = `crash ${when} call ${call}`
        expect(again, where).toMatchObject({ kind: 'refused', code: 'grantee-not-eligible' })
        expect(refusalsIn(broker, 'Ledger'), where).toHaveLength(1)
        expect(refusalsIn(broker, 'Audit'), where).toHaveLength(1)
        expect(new Set(broker.published.map(({ hash }) => hash)).size, where).toBe(1)
      }
    },
  )

  test('is recorded once, however many times it is asked for at once and later', async () => {
    const broker = await brokerInMemory()

    await Promise.all(Array.from({ length: 5 }, () => submit(broker)))
    for (let other = 0; other < 60; other++) await submit(broker, `other-${other}`)
    await submit(broker)

    expect(refusalsIn(broker, 'Ledger')).toHaveLength(61)
  })

  test('by hundreds of flows is kept short, says so, and names the nearest first', async () => {
    const elsewhere: Partial<AccessFlow> = {
      targets: [
        {
          integration: 'ContosoEntra',
          resourceType: 'group',
          permissions: ['member'],
          include: [{ by: 'name', values: ['Elsewhere *'] }],
        },
      ],
    }
    const flows = Array.from({ length: 400 }, (_, index) =>
      flow({ name: `flow-${index}`, ...(index === 399 ? {} : elsewhere) }),
    )
    const broker = await brokerInMemory(flows)

    const first = await submit(broker)
    const again = await submit(broker)

    expect(again).toEqual(first)
    expect(first).toMatchObject({ kind: 'refused', facts: { truncated: true } })
    const { trace } = 'trace' in first ? first : {}
    const [nearest, next] = [trace?.filter(({ flow: name }) => name === 'flow-399'), trace?.[10]]
    expect(trace?.slice(0, 10)).toEqual(nearest)
    expect(nearest).toContainEqual(expect.objectContaining({ rule: 'grantees', verdict: 'fail' }))
    expect(next).toMatchObject({ flow: 'flow-0', rule: 'target', verdict: 'fail' })
    expect(JSON.stringify(first).length).toBeLessThan(26_000)
  })
})
