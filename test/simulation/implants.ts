import type { Directory } from '../../shared/directory/directory.ts'
import { joinJson, splitJson } from '../../shared/ledger/columns.ts'
import type { PairState } from '../../shared/ledger/pair-ledger.ts'
import type { Row, TableName, Tables, Write } from '../../shared/ledger/tables.ts'
import type { Needs } from '../../shared/operations/needs.ts'

/** A bug that is put around the product, to see whether the simulation finds it. */
export interface Implant {
  readonly name: string
  needs(needs: Needs): Needs
  /** Timers that never run. */
  readonly without?: 'sweep'
}

/** The product as it is. */
export const asItIs: Implant = { name: 'no bug', needs: (needs) => needs }

/** Each takes away one safety, as a broker without it would behave. */
export const implants: readonly Implant[] = [
  { name: 'nothing is swept', needs: (needs) => needs, without: 'sweep' },
  {
    name: 'ETags are ignored',
    needs: onTables((tables) => ({
      ...tables,
      write: (table, partition, writes) =>
        tables.write(table, partition, isPair(table, partition) ? writes.map(asPut) : writes),
    })),
  },
  {
    name: 'one reason is remembered for a pair',
    needs: onHeads(({ pair, ...state }) => ({
      ...state,
      pair: { ...pair, reasons: pair.reasons.slice(0, 1) },
    })),
  },
  {
    name: 'attempts are not fenced',
    needs: onHeads(({ pair: { attempt: _, ...pair }, ...state }) => ({ ...state, pair })),
  },
  {
    name: 'no intent is recorded before a call',
    needs: onTables((tables) => ({
      ...tables,
      write: (table, partition, writes) =>
        tables.write(
          table,
          partition,
          writes.map((write) => changeHead(table, partition, write, withoutAttempt)),
        ),
    })),
  },
  {
    name: 'not there is believed at once, without another read',
    needs: onDirectory((directory) => ({
      ...directory,
      remove: async (...args) => {
        const answer = await directory.remove(...args)
        return answer.kind === 'already' ? { kind: 'done' } : answer
      },
    })),
  },
  {
    name: 'an end without an answer counts as done',
    needs: onDirectory((directory) => ({
      ...directory,
      remove: async (...args) => {
        const answer = await directory.remove(...args)
        return answer.kind === 'ambiguous' || answer.kind === 'not-applied'
          ? { kind: 'done' }
          : answer
      },
    })),
  },
  {
    name: 'what exists counts as ours',
    needs: onDirectory((directory) => ({
      ...directory,
      add: async (...args) => {
        const answer = await directory.add(...args)
        return answer.kind === 'already' ? { kind: 'done' } : answer
      },
    })),
  },
  {
    name: 'no snapshot of standing access is taken',
    needs: onDirectory((directory) => ({ ...directory, holds: async () => ({ present: false }) })),
  },
  {
    name: 'an unclear addition is repeated blindly',
    needs: onDirectory((directory) => ({
      ...directory,
      add: async (access, limits) => {
        const answer = await directory.add(access, limits)
        if (answer.kind !== 'ambiguous') return answer
        const again = { ...limits, deadline: new Date(limits.deadline.getTime() + 60_000) }
        const repeated = await directory.add(access, again)
        return repeated.kind === 'already' ? { kind: 'done' } : repeated
      },
    })),
  },
  {
    name: 'an addition without an answer counts as not done',
    needs: onDirectory((directory) => ({
      ...directory,
      add: async (...args) => {
        const answer = await directory.add(...args)
        return answer.kind === 'ambiguous'
          ? { kind: 'refused', reason: 'invalid', detail: answer.detail }
          : answer
      },
    })),
  },
  {
    name: 'the clock of ends runs ahead',
    needs: (needs) => ({ ...needs, now: () => new Date(needs.now().getTime() + 4_000) }),
  },
  {
    name: 'due rows are never written',
    needs: onTables((tables) => ({
      ...tables,
      write: (table, partition, writes) => {
        const kept = writes.filter(({ key }) => table !== 'Index' || !key.startsWith('d-'))
        return kept.length === 0 ? Promise.resolve([]) : tables.write(table, partition, kept)
      },
    })),
  },
  {
    name: 'the emergency stop is read once and remembered',
    needs: onTables(rememberReads((table, partition) => isOf(table, partition, 'system'))),
  },
  {
    name: 'idempotency keys are not claimed',
    needs: onTables((tables) => ({
      ...tables,
      read: (table, partition, key) =>
        table === 'Claims' ? Promise.resolve(undefined) : tables.read(table, partition, key),
      write: (table, partition, writes) =>
        tables.write(table, partition, table === 'Claims' ? writes.map(asPut) : writes),
    })),
  },
  {
    name: 'an event is left out of its transaction',
    needs: onTables((tables) => ({
      ...tables,
      write: (table, partition, writes) => {
        const isActive = (write: Write) =>
          write.do === 'insert' && write.columns['event'] === 'grant.active'
        const left = isPair(table, partition) ? writes.filter((write) => !isActive(write)) : writes
        return tables.write(table, partition, left)
      },
    })),
  },
  {
    name: 'who decides is not looked up when he decides',
    needs: onDirectory((directory) => ({
      ...directory,
      lookUp: async (query) => {
        const facts = await directory.lookUp(query)
        const people = [...facts.people].map(
          ([id, user]) => [id, { ...user, enabled: true }] as const,
        )
        const memberOf = query.people.map((id) => [id, new Set(query.groups)] as const)
        return { ...facts, people: new Map(people), memberOf: new Map(memberOf) }
      },
    })),
  },
  {
    name: 'events are published once at most, and failures forgotten',
    needs: (needs) => ({
      ...needs,
      publisher: { publish: (events) => needs.publisher.publish(events).catch(() => {}) },
    }),
  },
  {
    name: 'views are written once at most, and failures forgotten',
    needs: onTables((tables) => ({
      ...tables,
      write: (table, partition, writes) =>
        table === 'Audit'
          ? tables.write(table, partition, writes).catch(() => [])
          : tables.write(table, partition, writes),
    })),
  },
]

function onTables(change: (tables: Tables) => Tables) {
  return (needs: Needs): Needs => ({ ...needs, tables: change(needs.tables) })
}

function onDirectory(change: (directory: Directory) => Directory) {
  return (needs: Needs): Needs => ({ ...needs, directory: change(needs.directory) })
}

/** Changes what is read of the head of every pair. */
function onHeads(change: (state: PairState) => PairState) {
  return onTables((tables) => ({
    ...tables,
    read: async (table, partition, key) => {
      const row = await tables.read(table, partition, key)
      if (row === undefined || !isPair(table, partition) || key !== 'head') return row
      return { ...row, columns: { ...row.columns, ...splitJson('state', change(stateOf(row))) } }
    },
  }))
}

function changeHead(
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

function withoutAttempt({ pair: { attempt: _, ...pair }, ...state }: PairState): PairState {
  return { ...state, pair }
}

function rememberReads(isKept: (table: TableName, partition: string) => boolean) {
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

function isPair(table: TableName, partition: string): boolean {
  return table === 'Ledger' && partition.startsWith('p-')
}

function isOf(table: TableName, partition: string, wanted: string): boolean {
  return table === 'Ledger' && partition === wanted
}

function asPut(write: Write): Write {
  return write.do === 'replace' || write.do === 'insert'
    ? { do: 'put', key: write.key, columns: write.columns }
    : write
}
