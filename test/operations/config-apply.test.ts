import { describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { eventFromRow } from '../../shared/ledger/ledger-event.ts'
import { rowsOf } from '../../shared/ledger/tables.ts'
import { applyConfig } from '../../shared/operations/config-apply.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import { brokerInMemory, Crash, flow, type InMemory, integration } from './broker-in-memory.ts'

const ada = { id: 'ada', tenantId: 'tenant', kind: 'user', roles: ['Access.Admin'] } as const

const many = (count: number, over: Partial<AccessFlow> = {}) =>
  Array.from({ length: count }, (_, n) => flow({ name: `flow-${n}`, ...over }))

const apply = (broker: InMemory, accessFlows: readonly AccessFlow[], planId?: string) =>
  applyConfig(broker.needs, broker.readConfiguration, ada, { accessFlows, prune: false }, planId)

const namesOf = async ({ readConfiguration }: InMemory) =>
  (await readConfiguration()).accessFlows.map(({ name }) => name)

const eventsOf = async ({ tables }: InMemory) => {
  const events = []
  for await (const row of rowsOf(tables, 'Ledger', 'system', { from: 'e-', before: 'e.' })) {
    const event = eventFromRow(row)
    if (event.event === 'configuration.changed') events.push(event)
  }
  return events
}

describe('applyConfig()', () => {
  test('makes a set of a thousand current in one transaction, its event in readable parts', async () => {
    const broker = await brokerInMemory([])
    const outcome = await apply(broker, many(999))

    expect(outcome.kind).toBe('applied')
    expect(await namesOf(broker)).toHaveLength(999)
    const events = await eventsOf(broker)
    expect(events).toHaveLength(20)
    expect(new Set(events.map(({ txId }) => txId)).size).toBe(1)
    expect(events.map(({ detail }) => detail['part'])).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    )
    expect(events.flatMap(({ detail }) => detail['changes'])).toHaveLength(999)
    expect(broker.published).toHaveLength(20)
  })

  test('refuses what would make the configuration larger than a thousand documents', async () => {
    const broker = await brokerInMemory([])
    await apply(broker, many(999))
    const outcome = await apply(broker, [flow({ name: 'one-more' })])

    expect(outcome).toMatchObject({ kind: 'refused', code: 'too-many-documents' })
    expect(await apply(broker, many(1, { description: 'changed' }))).toMatchObject({
      kind: 'applied',
    })
  })

  test.each(['before', 'after'] as const)(
    'leaves all or nothing when it dies %s any of its calls, and can be sent again',
    async (when) => {
      const set = [...many(3), flow({ description: 'changed' })]
      for (let call = 1; ; call++) {
        const broker = await brokerInMemory()
        broker.crashAt(call, when)
        const died = await apply(broker, set).then(
          () => false,
          (error) => {
            if (!(error instanceof Crash)) throw error
            return true
          },
        )
        if (!died) break
        const names = await namesOf(broker)
        expect([1, 4]).toContain(names.length)
        expect(await apply(broker, set)).toMatchObject({ kind: 'applied' })
        broker.advance(60_000)
        await broker.sweep()
        expect(await namesOf(broker)).toHaveLength(4)
        expect(await eventsOf(broker)).toHaveLength(1)
        const published = broker.published.filter(({ event }) => event === 'configuration.changed')
        expect(published.length).toBeGreaterThan(0)
      }
    },
  )

  test('starts again when somebody else changes a document between reading and writing', async () => {
    const broker = await brokerInMemory()
    let reads = 0
    const readConfiguration = async () => {
      const configuration = await broker.readConfiguration()
      reads += 1
      if (reads === 1) {
        const other = flow({ name: 'other', description: 'in between' })
        await putDocument(broker.needs, ada, 'access-flow', other, {})
      }
      return configuration
    }
    const set = { integrations: [integration], accessFlows: [flow({ name: 'night' })] }
    const outcome = await applyConfig(broker.needs, readConfiguration, ada, set, undefined)

    expect(outcome).toMatchObject({ kind: 'applied' })
    expect(reads).toBe(2)
    expect(await namesOf(broker)).toEqual(['oncall', 'other', 'night'])
  })

  test('stores a document of the largest size, whatever characters it is made of', async () => {
    const broker = await brokerInMemory()
    const labels = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`label-${n}`, '語'.repeat(256)]),
    )
    await apply(broker, [flow({ labels })])
    const [stored] = (await broker.readConfiguration()).accessFlows

    expect(stored?.labels).toEqual(labels)
  })
})
