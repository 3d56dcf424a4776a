import type { Write } from '../../shared/ledger/tables.ts'
import {
  ask,
  asPut,
  changeHead,
  giveBack,
  type Implant,
  isOf,
  isPair,
  onDirectory,
  onHeads,
  onTables,
  rememberReads,
  standing,
  story,
  withoutAttempt,
} from './implant-tools.ts'
import { implantsOfPeers } from './implants-of-peers.ts'

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
    ...story([ask, { at: 1_500, ...giveBack }], [{ call: 1, about: 'write', kind: 'slow' }]),
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
    ...story([ask, { at: 900, ...giveBack }], [], [{ from: 0, to: 9_000, kind: 'stale-writes' }]),
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
    ...story([ask], [{ call: 2, about: 'write', kind: 'not-done-unclear' }]),
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
    ...story([standing, ask]),
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
    ...story([standing, ask], [{ call: 1, about: 'write', kind: 'not-done-unclear' }]),
    needs: onDirectory((directory) => ({ ...directory, holds: async () => ({ present: false }) })),
  },
  {
    name: 'an unclear addition is repeated blindly',
    ...story([standing, ask], [{ call: 1, about: 'write', kind: 'not-done-unclear' }]),
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
    ...story([ask], [{ call: 1, about: 'write', kind: 'reply-lost' }]),
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
    ...story([ask, { at: 9_000, do: 'stop', active: true }, { ...ask, at: 70_000, key: 'k2' }]),
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
    ...story([
      { ...ask, flow: 'asked' },
      { at: 70_000, do: 'decide', of: 'k1', by: 'ben', verdict: 'approve' },
    ]),
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
    ...story([ask], [], [{ from: 0, to: 9_000, kind: 'publisher-down' }]),
    needs: (needs) => ({
      ...needs,
      publisher: { publish: (events) => needs.publisher.publish(events).catch(() => {}) },
    }),
  },
  {
    name: 'views are written once at most, and failures forgotten',
    ...story([ask], [], [{ from: 500, to: 9_000, kind: 'storage-outage' }]),
    needs: onTables((tables) => ({
      ...tables,
      write: (table, partition, writes) =>
        table === 'Audit'
          ? tables.write(table, partition, writes).catch(() => [])
          : tables.write(table, partition, writes),
    })),
  },
  ...implantsOfPeers,
]
