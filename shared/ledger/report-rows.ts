import { type Counters, noCounters } from '../access/counters.ts'
import { joinJson, splitJson } from './columns.ts'
import { rowsOf, type Tables } from './tables.ts'

/** What reports are split by. */
export type ReportBy = 'day' | 'flow' | 'integration'

export const reportKinds: readonly ReportBy[] = ['day', 'flow', 'integration']

/** Stands for what names no flow or no integration; no name of either can be this. */
export const nameless = '-'

/** The counters of one day, of all or of one flow or integration. Disposable: made of the day rows. */
export interface DayCounters {
  readonly day: string
  readonly name: string
  readonly counters: Counters
  /** Key of the last day row that is in them. */
  readonly through: string
}

/** How far the day rows have been counted. */
export interface CountedTo {
  readonly day: string
  /** Key of the last row of that day; empty before the first. */
  readonly through: string
  /** Up to this day everything was counted once more, when nothing could come late any more. */
  readonly recounted: string
}

const statePartition = 'reports'
const mostWrites = 100

const partitionOf = (by: ReportBy): string => `report-${by}`
const keyOf = ({ day, name }: Pick<DayCounters, 'day' | 'name'>): string =>
  `${day}~${name.toLowerCase()}`

/** The counters of the days from one on, up to another that is left out, in their order. */
export async function* readCounters(
  tables: Tables,
  by: ReportBy,
  from: string,
  before: string,
): AsyncGenerator<DayCounters> {
  for await (const { columns } of rowsOf(tables, 'Index', partitionOf(by), { from, before })) {
    yield {
      day: String(columns['day']),
      name: String(columns['name']),
      through: String(columns['through']),
      // The row is ours; one that cannot be read counts nothing until the day is counted again.
      counters: (joinJson('counters', columns) as Counters | undefined) ?? noCounters,
    }
  }
}

/** Replaces counters. A crash in between leaves some behind, which say themselves how far they are. */
export async function writeCounters(
  tables: Tables,
  by: ReportBy,
  rows: readonly DayCounters[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += mostWrites) {
    await tables.write(
      'Index',
      partitionOf(by),
      rows.slice(start, start + mostWrites).map((row) => ({
        do: 'put',
        key: keyOf(row),
        columns: {
          day: row.day,
          name: row.name,
          through: row.through,
          ...splitJson('counters', row.counters),
        },
      })),
    )
  }
}

export async function readCountedTo(tables: Tables): Promise<CountedTo | undefined> {
  const row = await tables.read('Index', statePartition, 'state')
  if (row === undefined) return undefined
  const text = (name: string) => String(row.columns[name] ?? '')
  return { day: text('day'), through: text('through'), recounted: text('recounted') }
}

export async function writeCountedTo(tables: Tables, countedTo: CountedTo): Promise<void> {
  await tables.write('Index', statePartition, [
    { do: 'put', key: 'state', columns: { ...countedTo } },
  ])
}
