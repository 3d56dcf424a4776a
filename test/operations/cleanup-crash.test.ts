import { describe, expect, test } from 'vitest'
import { keepAccount, restoreCleaned } from '../../shared/operations/cleanup-decide.ts'
import { carryOnCleanup } from '../../shared/operations/cleanup-order.ts'
import { runCleanup } from '../../shared/operations/cleanup-run.ts'
import { verifyAudit } from '../../shared/operations/verify-audit.ts'
import { Crash } from './broker-in-memory.ts'
import { admin, type CleanupInMemory, cleanupInMemory, day, gina } from './cleanup-in-memory.ts'

/** A guest whose access has ended, a rule of ten days with two of announcement. */
const ended = async (action: 'disable' | 'delete'): Promise<CleanupInMemory> => {
  const memory = await cleanupInMemory()
  await memory.configure({ action, announceDays: 2 }, { userCleanupAfterDays: 10 })
  await memory.run()
  memory.advance(31 * day)
  await memory.giveAndEnd(gina)
  return memory
}

const wait = async (memory: CleanupInMemory, days: number) => {
  memory.advance(days * day)
  for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
  await memory.run()
}

const planned = async (action: 'disable' | 'delete') => {
  const memory = await ended(action)
  await memory.run()
  await wait(memory, 8)
  memory.advance(2 * day)
  for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
  return memory
}

const onlyCase = async (memory: CleanupInMemory) => (await memory.cases())[0]?.id ?? ''

const steps: Readonly<
  Record<
    string,
    {
      readonly arrange: () => Promise<CleanupInMemory>
      readonly step: (memory: CleanupInMemory) => Promise<unknown>
      readonly events: readonly string[]
      readonly writes: readonly string[]
    }
  >
> = {
  'taking up an end': {
    arrange: () => ended('disable'),
    step: (memory) => runCleanup(memory.cleanupNeeds),
    events: ['cleanup.planned', 'cleanup.done'],
    writes: ['disable'],
  },
  'announcing a cleanup': {
    arrange: async () => {
      const memory = await ended('disable')
      await memory.run()
      memory.advance(8 * day)
      for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
      return memory
    },
    step: (memory) => runCleanup(memory.cleanupNeeds),
    events: ['cleanup.planned', 'cleanup.done'],
    writes: ['disable'],
  },
  'disabling an account': {
    arrange: () => planned('disable'),
    step: (memory) => runCleanup(memory.cleanupNeeds),
    events: ['cleanup.planned', 'cleanup.done'],
    writes: ['disable'],
  },
  'deleting an account': {
    arrange: () => planned('delete'),
    step: (memory) => runCleanup(memory.cleanupNeeds),
    events: ['cleanup.planned', 'cleanup.done'],
    writes: ['delete'],
  },
}

async function crashed(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof Crash)) throw error
  }
}

const callsOf = async (
  arrange: () => Promise<CleanupInMemory>,
  step: (memory: CleanupInMemory) => Promise<unknown>,
) => {
  const counted = await arrange()
  const from = counted.calls()
  await step(counted)
  return counted.calls() - from
}

const goOn = async (memory: CleanupInMemory) => {
  for (let each = 0; each < 16; each++) {
    memory.advance(60_000)
    await memory.sweep()
    await carryOnCleanup(memory.cleanupNeeds)
    await wait(memory, 1)
  }
}

const eventsOf = (memory: CleanupInMemory) => {
  const told = new Map(
    memory.published
      .filter(({ event }) => event.startsWith('cleanup.'))
      .map(({ stream, sequence, event }) => [`${stream} ${sequence}`, event]),
  )
  return [...told.values()]
}

describe.each(['before', 'after'] as const)(
  'a process that dies right %s any outside call',
  (when) => {
    test.each(Object.entries(steps))(
      'of %s leaves it done once, and told once',
      async (_name, { arrange, step, events, writes }) => {
        const calls = await callsOf(arrange, step)
        expect(calls).toBeGreaterThan(5)
        for (let call = 1; call <= calls; call++) {
          const memory = await arrange()
          memory.crashAt(call, when)
          await crashed(() => step(memory))
          await goOn(memory)
          const where = `crash ${when} call ${call} of ${calls}`
          const applied = memory.accounts.writes.filter(({ applied: did }) => did)
          expect(new Set(applied.map(({ what }) => what)), where).toEqual(new Set(writes))
          expect(eventsOf(memory), where).toEqual(events)
          const audited = memory.tables.all('Audit').map(({ columns }) => columns['event'])
          expect(
            audited.filter((event) => String(event).startsWith('cleanup.')),
            where,
          ).toEqual(events)
          const work = memory.tables
            .all('Index')
            .filter(({ partition, key }) => partition === 'cleanup' && /^[and]-/.test(key))
          expect(work, where).toEqual([])
        }
      },
      120_000,
    )

    test('of a restore brings the account back once, or leaves it to be asked again', async () => {
      const arrange = async () => {
        const memory = await planned('delete')
        await memory.run()
        return memory
      }
      const restore = async (memory: CleanupInMemory) =>
        restoreCleaned(memory.cleanupNeeds, admin, await onlyCase(memory), 'a mistake')
      const calls = await callsOf(arrange, restore)
      for (let call = 1; call <= calls; call++) {
        const memory = await arrange()
        memory.crashAt(call, when)
        await crashed(() => restore(memory))
        await goOn(memory)
        const [found] = await memory.cases()
        const isBack = !memory.tenant.deleted.has(gina)
        const where = `crash ${when} call ${call} of ${calls}`
        expect(found?.state, where).toBe(isBack ? 'restored' : 'done')
        expect(found?.attempt, where).toBeUndefined()
        if (!isBack) expect(await restore(memory), where).toMatchObject({ kind: 'decided' })
        expect(eventsOf(memory).at(-1), where).toBe('cleanup.restored')
      }
    }, 120_000)

    test('of somebody keeping an account leaves it kept or planned, and told', async () => {
      const keep = async (memory: CleanupInMemory) =>
        keepAccount(memory.cleanupNeeds, admin, await onlyCase(memory), { reason: 'needed' })
      const calls = await callsOf(() => planned('disable'), keep)
      for (let call = 1; call <= calls; call++) {
        const memory = await planned('disable')
        memory.crashAt(call, when)
        await crashed(() => keep(memory))
        memory.advance(60_000)
        for (let sweeps = 0; sweeps < 3; sweeps++) await memory.sweep()
        const [found] = await memory.cases()
        const where = `crash ${when} call ${call} of ${calls}`
        expect(eventsOf(memory).at(-1), where).toBe(`cleanup.${found?.state}`)
        expect(await verifyAudit(memory.needs, undefined), where).toMatchObject({
          verdict: 'intact',
        })
      }
    }, 120_000)
  },
)
