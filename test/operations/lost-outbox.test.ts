import { expect, test } from 'vitest'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import type { InMemory } from './broker-in-memory.ts'
import { ask, key, withDrift } from './drift-in-memory.ts'

const pairId = pairIdOf(key)

const loseDueRows = ({ tables }: InMemory) => {
  for (const { partition, key: row } of tables.all('Index')) {
    if (partition === 'work' && row.startsWith('d-')) tables.lose('Index', partition, row)
  }
}

const reachOutside = ({ tables }: InMemory, isReached: boolean) => {
  tables.fault = ({ table, kind }) =>
    !isReached && table === 'Audit' && kind === 'write' ? 'unavailable' : undefined
}

/** Sequences of the pair's events that lack their day row. */
const missing = async ({ tables, needs }: InMemory): Promise<readonly number[]> => {
  const audited = new Set(tables.all('Audit').map(({ columns }) => columns['hash']))
  const events = await readEvents(needs.tables, pairPartition(pairId))
  return events.filter(({ hash }) => !audited.has(hash)).map(({ sequence }) => sequence)
}

test.each([
  { what: 'while its grant is active', ends: false },
  { what: 'after its grant has ended', ends: true },
])(
  'events whose outbox was lost with its due row are found although another request of the pair has come $what',
  async ({ ends }) => {
    const broker = await withDrift('report')
    if (!ends) reachOutside(broker, false)
    await ask(broker)
    if (ends) {
      broker.advance(3_600_000)
      reachOutside(broker, false)
      await broker.settlePair(pairId, { patience: 0 })
    }
    loseDueRows(broker)
    expect(await missing(broker)).not.toEqual([])
    reachOutside(broker, true)

    await ask(broker)
    broker.advance(15_000)
    await broker.sweep()
    await reconcile(broker.needs, broker.settlePair)

    expect(await missing(broker)).toEqual([])
  },
)
