import { eventFromRow, hashOf, type LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import type { MemoryTables } from '../../shared/ledger/memory-tables.ts'
import type { Model } from './model.ts'
import { Violation } from './model-state.ts'

/** What the tables and the topic have to hold when all is quiet. */
export function checkTables(
  tables: MemoryTables,
  published: readonly LedgerEvent[],
  model: Model,
  { now, isCalm }: { readonly now: Date; readonly isCalm: boolean },
): void {
  const expect = (invariant: string, holds: boolean, what: string) => {
    if (!holds) model.violation ??= new Violation(invariant, what)
  }
  const events = tables
    .all('Ledger')
    .filter(({ partition, key }) => partition.startsWith('p-') && key.startsWith('e-'))
    .map(eventFromRow)
  const audited = new Set(tables.all('Audit').map(({ columns }) => columns['hash']))
  const sent = new Set(published.map(({ hash }) => hash))
  for (const { hash, txId: _, ...event } of events) {
    expect('I8', hashOf(event) === hash, `${event.event} has another hash than its content`)
    expect('I8', audited.has(hash), `${event.event} is missing in the audit of its day`)
    expect('I8', sent.has(hash), `${event.event} was never published`)
  }
  const index = tables.all('Index')
  const watched = tables
    .all('Ledger')
    .filter(({ key, columns }) => key === 'head' && String(columns['state']).includes('"watch":'))
    .map(({ partition }) => partition)
  // The marker of an ordered reconcile stays where the order itself was lost; it costs nothing. Change
  // rows stay for the next checkpoint, and a deleted object is watched for a month.
  const work = index.filter(
    ({ partition, key }) =>
      partition === 'work' &&
      key !== 'o-reconcile' &&
      !key.startsWith('c-') &&
      !watched.some((pair) => key.endsWith(pair)) &&
      // What was once watched for tomorrow is surplus until then; the sweep drops it.
      !(key.startsWith('d-') && key > `d-${now.toISOString()}`),
  )
  expect('I10', work.length === 0, `work is left when all is quiet: ${work[0]?.key}`)
  // After trouble a row may come later than its end; whoever reads it drops it.
  const isShown = index.some(({ partition }) => partition === 'pending')
  expect('views', !(isCalm && isShown), 'a pending approval is kept that is none')
  const targets = index.filter(({ partition, key }) => partition.startsWith('m-') && key !== 'head')
  const ordered = new Set(
    index
      .filter(({ partition, key }) => partition.startsWith('m-') && key === 'head')
      .map(({ partition }) => partition),
  )
  const open = targets.filter(
    ({ partition, columns }) => ordered.has(partition) && columns['done'] !== true,
  )
  expect('I10', open.length === 0, 'a mass end was not carried out')
}
