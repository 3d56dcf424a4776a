import type { AccessKey } from '../../shared/access/access.ts'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import type { Directory, WriteLimits, WriteOutcome } from '../../shared/directory/directory.ts'
import type { MemoryDirectory } from '../../shared/directory/memory-directory.ts'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import type { MemoryTables } from '../../shared/ledger/memory-tables.ts'
import {
  TableConflictError,
  type Tables,
  TableUnavailableError,
  type Write,
} from '../../shared/ledger/tables.ts'
import type { Clockwork } from '../../shared/operations/needs.ts'
import type { Model } from './model.ts'
import type { Random } from './random.ts'
import type { About } from './story.ts'
import type { Troubles } from './troubles.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A worker: when it dies, everything it was doing stops where it is, and nothing hears of it. */
export interface Worker {
  readonly name: string
  /** Counts its lives. */
  life: number
  isUp: boolean
  readonly onDeath: Set<() => void>
}

export interface Outside {
  readonly time: VirtualTime
  readonly random: Random
  readonly troubles: Troubles
  readonly model: Model
  readonly tables: MemoryTables
  readonly directory: MemoryDirectory
  readonly published: LedgerEvent[]
  readonly clockwork: Clockwork
  kill(worker: Worker): void
}

/** A repetition meets what was written where something was to be new, or as it was before. */
const isConditional = ({ do: kind }: Write) => kind === 'insert' || kind === 'replace'

const never = <Result>() => new Promise<Result>(() => {})

/** Calls to the outside as one worker makes them: they take time, and go wrong as the story says. */
export function createCalls(outside: Outside, worker: Worker) {
  const { time, random, troubles } = outside
  const now = () => time.now() + troubles.clockOf(worker.name)
  const latency = () => (random.chance(0.1) ? random.between(100, 900) : random.between(1, 60))

  const call = async <Result>(
    about: About,
    run: () => Promise<Result>,
    fail: (applied: 'no' | 'unknown' | 'conflict') => Result,
    { most = Number.POSITIVE_INFINITY, mayConflict = false } = {},
  ): Promise<Result> => {
    const { life } = worker
    const struck = troubles.strike(about)
    const fault = struck === 'own-conflict' && !mayConflict ? undefined : struck
    const isLost = () => worker.life !== life
    if (fault === 'crash-before') {
      outside.kill(worker)
      return never()
    }
    const began = time.now()
    await time.sleep(fault === 'slow' ? random.between(3_000, 25_000) : latency())
    const isDone = fault !== 'unavailable' && fault !== 'not-done-unclear'
    let answer: () => Result
    try {
      // What has left a worker arrives, also when the worker is dead by now.
      const result = isDone ? await run() : undefined
      answer = () =>
        isDone ? (result as Result) : fail(fault === 'unavailable' ? 'no' : 'unknown')
      if (fault === 'own-conflict') answer = () => fail('conflict')
      if (fault === 'reply-lost') answer = () => fail('unknown')
    } catch (error) {
      answer = () => {
        throw error
      }
    }
    if (isLost()) return never()
    if (fault === 'crash-after') {
      outside.kill(worker)
      return never()
    }
    await time.sleep(random.between(1, 40))
    const late = time.now() - began - most
    if (isLost()) return never()
    return late > 0 ? fail('unknown') : answer()
  }

  const tableFailure = (action: string) => (applied: 'no' | 'unknown' | 'conflict') => {
    throw new TableUnavailableError(action, applied === 'no' ? 'no' : 'unknown')
  }
  const { tables: memory, directory: twin } = outside
  const tables: Tables = {
    prepare: () => memory.prepare(),
    read: (...args) => call('tables', () => memory.read(...args), tableFailure('read')),
    page: (...args) => call('tables', () => memory.page(...args), tableFailure('read')),
    scan: (...args) => call('tables', () => memory.scan(...args), tableFailure('read')),
    write: (table, partition, writes) =>
      call(
        'tables',
        async () => {
          const etags = await memory.write(table, partition, writes)
          outside.model.committed(table, partition, writes)
          return etags
        },
        (applied) => {
          if (applied === 'conflict') throw new TableConflictError('write', 'changed')
          return tableFailure('write')(applied)
        },
        { mayConflict: writes.some(isConditional) },
      ),
  }

  const read = <Result>(run: () => Promise<Result>) =>
    call('read', run, () => {
      throw new DirectoryUnavailableError('read', {})
    })
  const write = (
    operation: 'add' | 'update' | 'remove',
    access: AccessKey,
    limits: WriteLimits,
    run: (limits: WriteLimits) => Promise<WriteOutcome>,
  ) => {
    // The time that a worker leaves is told by its own clock; nobody else's is asked.
    const left = limits.deadline.getTime() - now()
    const own = { ...limits, deadline: new Date(time.now() + left) }
    outside.model.writing(operation, access, limits.attemptId)
    return call<WriteOutcome>(
      'write',
      async () => {
        troubles.beforeChange(twin)
        const seen = twin.writes.length
        const outcome = await run(own)
        const isApplied = twin.writes.slice(seen).some(({ applied }) => applied)
        if (isApplied) outside.model.written(operation, access)
        return outcome
      },
      (applied) => {
        if (applied === 'no') {
          const wait = troubles.isOn('directory-throttled') ? { retryAfterSeconds: 4 } : {}
          return { kind: 'not-applied', detail: 'No connection', ...wait }
        }
        outside.model.unclear(operation, access)
        return { kind: 'ambiguous', detail: 'No reply' }
      },
      { most: left },
    )
  }
  const directory: Directory = {
    ...twin,
    lookUp: (query) => read(() => twin.lookUp(query)),
    findPeople: (queries) => read(() => twin.findPeople(queries)),
    readPeople: (of, token) => read(() => twin.readPeople(of, token)),
    holdsEach: (accesses) => read(() => twin.holdsEach(accesses)),
    holds: (access) =>
      read(async () => {
        const holding = await twin.holds(access)
        outside.model.looked(access, holding.present)
        return holding
      }),
    schedulesOf: (accesses) => read(() => twin.schedulesOf(accesses)),
    add: (access, limits, asked) =>
      write('add', access, limits, (own) => twin.add(access, own, asked)),
    reschedule: (access, limits, schedule, asked) =>
      write('update', access, limits, (own) => twin.reschedule(access, own, schedule, asked)),
    unschedule: (access, limits, schedule) =>
      write('remove', access, limits, (own) => twin.unschedule(access, own, schedule)),
    remove: (access, limits, assignmentId) =>
      write('remove', access, limits, (own) => twin.remove(access, own, assignmentId)),
  }

  const cannotReach = (what: string) => (): never => {
    throw new Error(`Cannot reach ${what}`)
  }
  const clockwork: Clockwork = {
    start: (...args) =>
      call('clockwork', () => outside.clockwork.start(...args), cannotReach('orchestrations')),
    nudge: (requestId) =>
      call('clockwork', () => outside.clockwork.nudge(requestId), cannotReach('orchestrations')),
  }
  return {
    now: () => new Date(now()),
    tables,
    directory,
    clockwork,
    publisher: {
      publish: (events: readonly LedgerEvent[]) =>
        call(
          'publisher',
          async () => {
            outside.published.push(...events)
          },
          cannotReach('the topic'),
        ),
    },
    pause: async (milliseconds: number) => {
      const { life } = worker
      await time.sleep(Math.max(1, milliseconds))
      if (worker.life !== life) await never()
    },
  }
}
