import { carryOnMassEnd } from '../../shared/operations/mass-end.ts'
import { carryOnReconcile, reconcile } from '../../shared/operations/reconcile.ts'
import { sweep } from '../../shared/operations/sweep.ts'
import { pace } from '../operations/broker-in-memory.ts'
import type { Stage } from './stage.ts'

const sweepEvery = 10_000
const reconcileEvery = 3_600_000

/**
 * The timers of the app. Those that would find nothing are skipped: a sweep when no row is due, a
 * reconcile when nothing is open or nothing has happened since the last one.
 */
export function startTimers(
  { begin, time, tables, workers, troubles, changes }: Stage,
  { sweeps, lastStep }: { readonly sweeps: boolean; readonly lastStep: number },
): { reconcileTwice(check: () => void): Promise<void> } {
  const { sweepGrace } = pace.rules
  let isSweeping = false
  let plannedFor = Number.POSITIVE_INFINITY

  const firstDue = () => {
    for (const { partition, key } of tables.all('Index')) {
      if (partition === 'work' && key.startsWith('d-')) return Date.parse(key.slice(2, 26))
    }
    return undefined
  }
  const runSweep = () => {
    plannedFor = Number.POSITIVE_INFINITY
    if (isSweeping) return
    isSweeping = true
    workers
      .run(async ({ needs, settlePair, clockwork }) => {
        await sweep(
          needs,
          settlePair,
          async (row) =>
            (await carryOnMassEnd(needs, row, clockwork)) ||
            (await carryOnReconcile(needs, settlePair, row)),
        )
      })
      .catch(() => {})
      .finally(() => {
        isSweeping = false
        plan(1)
      })
  }
  const plan = (after: number) => {
    const due = firstDue()
    if (due === undefined || isSweeping || !sweeps) return
    const earliest = Math.max(time.now() + after, due + sweepGrace)
    const tick = begin + Math.ceil((earliest - begin) / sweepEvery) * sweepEvery
    if (tick >= plannedFor) return
    plannedFor = tick
    time.at(tick, () => {
      if (plannedFor === tick) runSweep()
    })
  }
  const originalWrite = tables.write
  tables.write = async (...args) => {
    const etags = await originalWrite(...args)
    if (args[0] === 'Index' && args[1] === 'work') plan(0)
    return etags
  }

  const reconcileOnce = () =>
    workers.run(async ({ needs, settlePair }) => {
      const { failed } = await reconcile(needs, settlePair)
      if (failed > 0) throw new Error('Cannot reconcile everything now')
    })
  let hasFailed = false
  const everyHour = (hour: number, seen: number, former: number) => {
    time.at(begin + hour * reconcileEvery, () => {
      const happened = [...troubles.counts.values(), ...changes.values()].reduce(
        (sum, count) => sum + count,
        0,
      )
      const isOpen = tables.all('Index').some(({ key }) => key.startsWith('o-'))
      // One that meets a change of the pair leaves what it saw to the next.
      if (happened > former || hour < 2 || hasFailed) {
        hasFailed = false
        reconcileOnce().catch(() => {
          hasFailed = true
        })
      }
      const isLate = time.now() - begin > 30 * 86_400_000
      if ((isOpen || time.now() < lastStep) && !isLate) everyHour(hour + 1, happened, seen)
    })
  }
  everyHour(1, 0, 0)

  return {
    async reconcileTwice(check) {
      for (let run = 0; run < 2; run++) {
        reconcileOnce().catch(() => {})
        await time.runUntil(time.now() + 30 * 60_000, check)
      }
    },
  }
}
