import type { Directory } from '../../shared/directory/directory.ts'
import { joinJson, splitJson } from '../../shared/ledger/columns.ts'
import type { PairState } from '../../shared/ledger/pair-ledger.ts'
import type { Row, TableName, Tables, Write } from '../../shared/ledger/tables.ts'
import type { DecideApproval } from '../../shared/operations/decide-approval.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import type { JudgeStarts } from '../../shared/operations/settle-pair.ts'
import type { Fault, Spell, Step, Story } from './story.ts'

/** A bug that is put around the product, to see whether the simulation finds it. */
export interface Implant {
  readonly name: string
  needs(needs: Needs): Needs
  /** A story that it spoils, for what is too rare to wait for. */
  readonly story?: Omit<Story, 'seed'>
  /** The same, where each seed is to have its own. */
  storyOf?(seed: number): Omit<Story, 'seed'>
  /** Timers that never run. */
  readonly without?: 'sweep' | 'evaluations'
  judgeStarts?(real: JudgeStarts): JudgeStarts
  decideApproval?(real: DecideApproval): DecideApproval
}

/** The product as it is. */
export const asItIs: Implant = { name: 'no bug', needs: (needs) => needs }

export const ask: Extract<Step, { do: 'ask' }> = {
  at: 0,
  do: 'ask',
  key: 'k1',
  who: 'mia',
  resource: 'readers',
  flow: 'oncall',
  seconds: 60,
  by: 'http',
  times: 1,
}
export const standing = { at: 0, do: 'hand-add', who: 'mia', resource: 'readers' } as const
export const giveBack = { do: 'end', of: 'k1', how: 'given-back' } as const

export const story = (
  steps: readonly Step[],
  faults: readonly Fault[] = [],
  spells: readonly Spell[] = [],
): Pick<Implant, 'story'> => ({ story: { steps, faults, spells } })

export function onTables(change: (tables: Tables) => Tables) {
  return (needs: Needs): Needs => ({ ...needs, tables: change(needs.tables) })
}

export function onDirectory(change: (directory: Directory) => Directory) {
  return (needs: Needs): Needs => ({ ...needs, directory: change(needs.directory) })
}

/** Changes what is read of the head of every pair. */
export function onHeads(change: (state: PairState) => PairState) {
  return onTables((tables) => ({
    ...tables,
    read: async (table, partition, key) => {
      const row = await tables.read(table, partition, key)
      if (row === undefined || !isPair(table, partition) || key !== 'head') return row
      return { ...row, columns: { ...row.columns, ...splitJson('state', change(stateOf(row))) } }
    },
  }))
}

export function changeHead(
  table: TableName,
  partition: string,
  write: Write,
  change: (state: PairState) => PairState,
): Write {
  if (!isPair(table, partition) || write.key !== 'head' || write.do === 'drop') return write
  const changed = splitJson('state', change(stateOf(write)))
  return { ...write, columns: { ...write.columns, ...changed } }
}

function stateOf({ columns }: Pick<Row, 'columns'>): PairState {
  return joinJson('state', columns) as PairState
}

export function withoutAttempt({ pair: { attempt: _, ...pair }, ...state }: PairState): PairState {
  return { ...state, pair }
}

export function rememberReads(isKept: (table: TableName, partition: string) => boolean) {
  const known = new Map<string, Row | undefined>()
  return (tables: Tables): Tables => ({
    ...tables,
    read: async (table, partition, key) => {
      if (!isKept(table, partition)) return tables.read(table, partition, key)
      if (!known.has(key)) known.set(key, await tables.read(table, partition, key))
      return known.get(key)
    },
  })
}

export function isPair(table: TableName, partition: string): boolean {
  return table === 'Ledger' && partition.startsWith('p-')
}

export function isOf(table: TableName, partition: string, wanted: string): boolean {
  return table === 'Ledger' && partition === wanted
}

export function asPut(write: Write): Write {
  return write.do === 'replace' || write.do === 'insert'
    ? { do: 'put', key: write.key, columns: write.columns }
    : write
}
