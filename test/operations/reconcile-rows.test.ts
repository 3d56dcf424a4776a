import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import { ben, type InMemory } from './broker-in-memory.ts'
import { ask, indexOf, key, keyOf, withDrift } from './drift-in-memory.ts'

describe('two reconcile runs', () => {
  type Spoil = 'drop' | 'empty'
  const spoils = fc.array(
    fc.record({ pick: fc.nat(50), how: fc.constantFrom<Spoil>('drop', 'empty') }),
    { maxLength: 8 },
  )

  /** A row of the index as far as anybody relies on it: surplus due rows are the sweep's. */
  const index = (broker: InMemory) =>
    indexOf(broker).map(({ partition, key: row, columns: { from: _, ...columns } }) =>
      JSON.stringify([partition, row, partition === 'work' ? {} : columns]),
    )

  test('put back whatever the index has lost, unless a pair lost both marker and due row', async () => {
    await fc.assert(
      fc.asyncProperty(spoils, async (wanted) => {
        const broker = await withDrift('report')
        await ask(broker)
        await ask(broker, ben)
        broker.advance(20_000)
        await broker.sweep()
        const before = index(broker)
        const spoilt = new Set<string>()
        for (const { pick, how } of wanted) {
          const rows = indexOf(broker).filter(
            ({ partition }) => partition === 'work' || partition.startsWith('u-'),
          )
          const row = rows[pick % rows.length]
          if (row === undefined) continue
          const pair = /p-[0-9a-z]{26}$/.exec(row.key)?.[0] ?? row.key
          if (row.partition === 'work' && spoilt.has(pair)) continue
          spoilt.add(pair)
          if (how === 'drop') broker.tables.lose('Index', row.partition, row.key)
          else {
            await broker.tables.write('Index', row.partition, [
              { do: 'put', key: row.key, columns: {} },
            ])
          }
        }

        await reconcile(broker.needs, broker.settlePair)
        await reconcile(broker.needs, broker.settlePair)

        expect(index(broker)).toEqual(before)
        broker.advance(3_700_000)
        await broker.sweep()
        expect(broker.directory.isHeld(key) || broker.directory.isHeld(keyOf(ben))).toBe(false)
      }),
      { numRuns: 40, seed: 7 },
    )
  })
})

describe('a marker of open work', () => {
  test('goes where nothing is open any more', async () => {
    const broker = await withDrift('report')
    await ask(broker)
    broker.advance(3_700_000)
    await broker.sweep()
    broker.advance(10_000)
    await broker.sweep()
    const keys = () => indexOf(broker).map(({ partition, key: row }) => [partition, row])
    const before = keys()
    const subject = `p-${pairIdOf(key)}`
    await broker.tables.write('Index', 'work', [
      { do: 'put', key: `o-${subject}`, columns: { subject } },
    ])

    await reconcile(broker.needs, broker.settlePair)
    broker.advance(10_000)
    await broker.sweep()

    expect(keys()).toEqual(before)
  })

  test('brings back the due row of an outbox that is no pair', async () => {
    const broker = await withDrift('report')
    await broker.tables.write('Index', 'work', [
      { do: 'put', key: 'o-system', columns: { subject: 'system' } },
    ])

    await reconcile(broker.needs, broker.settlePair)
    broker.advance(10_000)
    await broker.sweep()

    expect(broker.published.map(({ event }) => event)).toContain('integration.changed')
    expect(indexOf(broker).filter(({ partition }) => partition === 'work')).toEqual([])
  })
})
