import { randomBytes } from 'node:crypto'
import { createVirtualClock } from '../local/host/virtual-clock.ts'
import { createMemoryDirectory } from '../shared/directory/memory-directory.ts'
import { createWriteGovernor, shareOf } from '../shared/directory/write-governor.ts'
import { pairIdOf } from '../shared/ledger/ids.ts'
import { createMemoryTables } from '../shared/ledger/memory-tables.ts'
import { createJudgeStarts } from '../shared/operations/judge-starts.ts'
import type { Needs } from '../shared/operations/needs.ts'
import { createSettlePair } from '../shared/operations/settle-pair.ts'
import { createReadConfiguration } from '../shared/operations/system-stream.ts'
import type { Figure } from './figure.ts'
import { pace } from './pace.ts'
import { seedActive } from './seed-active.ts'

const tenantId = '10000000-0000-4000-8000-000000000001'
const grants = 1_000
const perSecond = 20
/** As in host.json: activities that one instance runs together. */
const activitiesAtOnce = 16
const callMilliseconds = 80

/** The pace of many ends that are due at once, in virtual time, against the quota alone. */
export async function benchMassEnd(): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const instances of [1, 3]) {
    const seconds = await endAll(instances)
    figures.push({
      name: `pace of ${grants} ends, ${instances} instance${instances === 1 ? '' : 's'}`,
      value: grants / perSecond / seconds,
      unit: 'of ideal',
      limit: { at: 'least', value: 0.95 },
    })
  }
  return figures
}

async function endAll(instances: number): Promise<number> {
  const clock = createVirtualClock(new Date('2026-01-05T12:00:00Z'))
  const now = () => new Date(clock.now())
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      clock.at(clock.now() + milliseconds, resolve)
    })
  const tables = createMemoryTables()
  const directory = createMemoryDirectory({ tenantId, now, before: () => wait(callMilliseconds) })
  const endsAt = new Date('2026-01-05T13:00:00Z')
  const accesses = await seedActive({ tables, tenantId, now: now(), endsAt }, 1, grants)
  for (const access of accesses) {
    directory.addUser({ id: access.grantee })
    directory.addByHand(access)
  }
  for (const { id } of new Set(accesses.map(({ resource }) => resource))) {
    directory.addGroup({ id, name: 'Production Readers' })
  }
  await clock.advanceTo(endsAt)

  const queue = accesses.map(pairIdOf)
  const work = Array.from({ length: instances }, () => {
    const settle = instanceOf({ tables, directory, now, wait }, instances)
    return Array.from({ length: activitiesAtOnce }, async () => {
      for (let pair = queue.shift(); pair !== undefined; pair = queue.shift()) {
        const { nextAt } = await settle(pair, { patience: 0 })
        if (nextAt === undefined) continue
        await wait(nextAt.getTime() - clock.now())
        queue.push(pair)
      }
    })
  })
  await clock.runUntilIdle()
  await Promise.all(work.flat())
  const last = directory.writes.filter(({ applied }) => applied).at(-1)
  const ended = accesses.every((access) => !directory.isHeld(access))
  if (last === undefined || !ended) throw new Error('Cannot tell the pace: some never ended')
  return (last.at.getTime() - endsAt.getTime()) / 1000
}

function instanceOf(
  {
    tables,
    directory,
    now,
    wait,
  }: Pick<Needs, 'tables' | 'directory' | 'now'> & {
    readonly wait: (milliseconds: number) => Promise<void>
  },
  instances: number,
) {
  const governor = createWriteGovernor({ perSecond: shareOf(perSecond, instances), now, wait })
  const needs: Needs = {
    tables,
    directory: { ...directory, takeTurn: (operation) => governor.takeTurn(operation) },
    publisher: { publish: async () => {} },
    log: () => {},
    now,
    random: (count) => randomBytes(count),
    pause: wait,
    tenantId,
    ...pace,
  }
  return createSettlePair(needs, createJudgeStarts(needs, createReadConfiguration(tables)))
}
