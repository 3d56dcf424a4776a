import type { WriteOutcome } from '../../shared/directory/directory.ts'
import { joinJson, splitJson } from '../../shared/ledger/columns.ts'
import type { Row, Tables, Write } from '../../shared/ledger/tables.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import type { SystemState } from '../../shared/operations/system-stream.ts'
import {
  ask,
  giveBack,
  type Implant,
  isOf,
  isPair,
  onDirectory,
  onHeads,
  onTables,
  story,
} from './implant-tools.ts'
import { automaticFlow, named } from './people.ts'
import type { Step } from './story.ts'

const guarded = { ...ask, flow: 'guarded', seconds: 7 * 3_600 } as const
const minute = 60_000
const lost = (minutes: number): readonly Step[] => [
  { at: minutes * minute, do: 'hand-remove', who: 'mia', resource: 'readers' },
  { at: (minutes + 1) * minute, do: 'reconcile' },
]
const joins = { at: 0, do: 'join', who: 'mia' } as const

/** Tried so often, and then never again. */
function givesUpAfter(tries: number): Implant['needs'] {
  const failed = new Map<string, number>()
  return onDirectory((directory) => ({
    ...directory,
    remove: async (access, limits, assignmentId): Promise<WriteOutcome> => {
      const id = `${access.grantee} ${access.resource.id}`
      const before = failed.get(id) ?? 0
      if (before >= tries) return { kind: 'not-applied', detail: 'Given up' }
      const answer = await directory.remove(access, limits, assignmentId)
      const isDone = answer.kind === 'done' || answer.kind === 'already'
      failed.set(id, isDone ? 0 : before + 1)
      return answer
    },
  }))
}

/** What others were found to do wrong, and every safety that the first list leaves standing. */
export const implantsOfPeers: readonly Implant[] = [
  {
    name: 'what was read of a pair a minute ago is not read again',
    ...story([{ ...ask, seconds: 300 }]),
    needs: rememberHeads,
  },
  {
    name: 'a transaction of our own is not recognised',
    storyOf: (seed) => ({
      steps: [ask],
      faults: [{ call: seed + 1, kind: 'own-conflict' }],
      spells: [],
    }),
    needs: onTables((tables) => ({
      ...tables,
      read: async (table, partition, key) => {
        const row = await tables.read(table, partition, key)
        if (row === undefined || !isPair(table, partition)) return row
        return { ...row, columns: { ...row.columns, txId: '' } }
      },
    })),
  },
  {
    name: 'the due row is written after its transaction',
    storyOf: (seed) => ({
      steps: [ask],
      faults: [{ call: seed + 1, kind: 'crash-before' }],
      spells: [],
    }),
    needs: onTables((tables) => {
      let owed: readonly Write[] = []
      return {
        ...tables,
        write: async (table, partition, writes) => {
          if (table === 'Index' && writes.some(({ do: kind, key }) => isLaid(kind, key))) {
            owed = writes
            return writes.map(() => '')
          }
          const etags = await tables.write(table, partition, writes)
          if (isPair(table, partition) && owed.length > 0) {
            const laid = owed
            owed = []
            await tables.write('Index', 'work', laid).catch(() => [])
          }
          return etags
        },
      }
    }),
  },
  {
    name: 'a start is not judged again',
    ...story([
      { ...ask, startsAt: 300_000 },
      { at: 100_000, do: 'disable', who: 'mia' },
    ]),
    needs: (needs) => needs,
    judgeStarts: () => async (requests) => new Map(requests.map((id) => [id, { eligible: true }])),
  },
  {
    name: 'whoever asks may decide about it',
    ...story([
      { ...ask, flow: 'asked' },
      { at: 10_000, do: 'decide', of: 'k1', by: 'mia', verdict: 'approve' },
    ]),
    needs: (needs) => needs,
    decideApproval: (real) => (request, caller, said, clockwork) => {
      const requester = { ...request.submission.requester, id: named('ben') }
      const submission = { ...request.submission, requester }
      const key = { ...request.key, grantee: named('ben') }
      return real({ ...request, submission, key }, caller, said, clockwork)
    },
  },
  {
    name: 'a call goes on beyond its deadline',
    ...story([ask, { at: 1_500, ...giveBack }]),
    needs: (needs) => ({
      ...needs,
      directory: {
        ...needs.directory,
        add: async (access, limits, asked) => {
          await needs.pause(40_000)
          const deadline = new Date(limits.deadline.getTime() + minute)
          return needs.directory.add(access, { ...limits, deadline }, asked)
        },
      },
    }),
  },
  {
    name: 'a window that begins where another ends is not seen',
    ...story([ask, { ...ask, at: 1_000, key: 'k2', startsAt: 60_000 }]),
    needs: onHeads(({ pair, ...state }) => {
      const isOther = pair.reasons.some(({ status }) => status === 'active' || status === 'ending')
      const reasons = pair.reasons.filter(({ status }) => !isOther || status !== 'scheduled')
      return { ...state, pair: { ...pair, reasons } }
    }),
  },
  {
    name: 'an end that is throttled is tried once',
    ...story([ask], [], [{ from: 50_000, to: 70_000, kind: 'directory-throttled' }]),
    needs: givesUpAfter(1),
  },
  {
    name: 'an end is given up after some minutes',
    ...story([ask], [], [{ from: 50_000, to: 1_250_000, kind: 'directory-down' }]),
    needs: givesUpAfter(6),
  },
  {
    name: 'an addition without an answer counts as done',
    ...story([ask], [{ call: 1, about: 'write', kind: 'not-done-unclear' }]),
    needs: onDirectory((directory) => ({
      ...directory,
      add: async (...args) => {
        const answer = await directory.add(...args)
        return answer.kind === 'ambiguous' ? { kind: 'done' } : answer
      },
    })),
  },
  {
    name: 'an end by hand is told and never made',
    ...story([
      { ...ask, seconds: 3_600 },
      { at: 60_000, ...giveBack },
    ]),
    needs: onHeads(({ pair, ...state }) => ({
      ...state,
      pair: {
        ...pair,
        reasons: pair.reasons.map(({ endRequestedAt, ...reason }) =>
          endRequestedAt === undefined || reason.status !== 'ending'
            ? { ...reason, ...(endRequestedAt === undefined ? {} : { endRequestedAt }) }
            : { ...reason, status: 'active' as const },
        ),
      },
    })),
  },
  {
    name: 'what we added is taken for standing access',
    ...story([ask]),
    needs: onDirectory((directory) => ({
      ...directory,
      add: async (...args) => {
        const answer = await directory.add(...args)
        return answer.kind === 'done' ? { kind: 'already' } : answer
      },
    })),
  },
  {
    name: 'an extension does not move the end of the schedule',
    ...story([
      { ...ask, flow: 'scheduled', seconds: 360 },
      { at: 100_000, do: 'extend', of: 'k1', key: 'k2', seconds: 3_600 },
    ]),
    needs: onDirectory((directory) => ({
      ...directory,
      reschedule: async (_, __, { id = '' }, { endsAt }) => ({
        kind: 'done',
        schedule: { id, by: 'assigned', endsAt },
      }),
    })),
  },
  {
    name: 'what others take away is added again for ever',
    ...story([guarded, ...[10, 20, 30, 40, 50].flatMap(lost)]),
    needs: onHeads(({ pair, ...state }) => ({
      ...state,
      pair: pair.drift === undefined ? pair : { ...pair, drift: { ...pair.drift, repairs: 0 } },
    })),
  },
  {
    name: 'what others take away is not looked for',
    ...story([guarded, ...lost(10)]),
    needs: onDirectory((directory) => ({
      ...directory,
      holdsEach: async (accesses) => accesses.map(() => ({ present: true })),
    })),
  },
  {
    name: 'what comes back with a restored person is not looked for',
    ...story([
      ask,
      { at: 30_000, do: 'delete', what: 'mia' },
      { at: 3_600_000, do: 'restore', what: 'mia' },
    ]),
    needs: onHeads(({ pair: { watch: _, ...pair }, ...state }) => ({ ...state, pair })),
  },
  {
    name: 'whoever leaves the team keeps what it gives',
    ...story([joins, { at: 60 * minute, do: 'leave', who: 'mia' }]),
    needs: onDirectory((directory) => {
      const seen = new Set<string>()
      return {
        ...directory,
        lookUp: async (query) => {
          const facts = await directory.lookUp(query)
          for (const [id, groups] of facts.memberOf) if (groups.size > 0) seen.add(id)
          const memberOf = query.people.map((id) =>
            seen.has(id)
              ? ([id, new Set(query.groups)] as const)
              : ([id, new Set<string>()] as const),
          )
          return { ...facts, memberOf: new Map(memberOf) }
        },
      }
    }),
  },
  {
    name: 'nobody looks who fits an automatic flow',
    ...story([joins, { at: 5 * 60 * minute, do: 'reconcile' }]),
    needs: (needs) => needs,
    without: 'evaluations',
  },
  {
    name: 'a flow that covers hundreds needs no confirmation',
    ...story([joins, { at: 20 * minute, do: 'crowd', joins: true }]),
    needs: onTables((tables) => ({
      ...tables,
      read: async (table, partition, key) => {
        const row = await tables.read(table, partition, key)
        if (row === undefined || !isOf(table, partition, 'system') || key !== 'head') return row
        const state = joinJson('state', row.columns) as SystemState
        const confirmed = { [automaticFlow.name]: { people: 10_000, version: 1 } }
        return {
          ...row,
          columns: { ...row.columns, ...splitJson('state', { ...state, confirmed }) },
        }
      },
    })),
  },
]

/** Reads of heads are answered by what was read within the last minute. */
function rememberHeads(needs: Needs): Needs {
  const known = new Map<string, { readonly row: Row | undefined; readonly until: number }>()
  const { tables } = needs
  const read: Tables['read'] = async (table, partition, key) => {
    if (!isPair(table, partition) || key !== 'head') return tables.read(table, partition, key)
    const kept = known.get(partition)
    const now = needs.now().getTime()
    if (kept !== undefined && kept.until > now) return kept.row
    const row = await tables.read(table, partition, key)
    known.set(partition, { row, until: now + minute })
    return row
  }
  return { ...needs, tables: { ...tables, read } }
}

function isLaid(kind: Write['do'], key: string): boolean {
  return (kind === 'insert' || kind === 'put') && key.startsWith('d-')
}
