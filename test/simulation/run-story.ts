import {
  createMemoryDirectory,
  type MemoryDirectory,
} from '../../shared/directory/memory-directory.ts'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { addPeople, integration, pace, tenantId } from '../operations/broker-in-memory.ts'
import { checkTables } from './check-tables.ts'
import { asItIs, type Implant } from './implants.ts'
import { createModel, type Violation, type Wish } from './model.ts'
import { createOrchestrations } from './orchestrations.ts'
import { accessOf, flows, idOf, maximumOf, named } from './people.ts'
import { play, type Stage } from './play.ts'
import { createRandom, type Random } from './random.ts'
import type { Step, Story } from './story.ts'
import { startTimers } from './timers.ts'
import { createTroubles } from './troubles.ts'
import { createVirtualTime } from './virtual-time.ts'
import { createWorkers } from './workers.ts'

export interface Outcome {
  readonly violation: Violation | undefined
  readonly grants: number
  readonly virtualMilliseconds: number
  readonly calls: number
  readonly faults: ReadonlyMap<string, number>
  readonly leftByDeletion: number
}

const begin = Date.parse('2026-01-05T12:00:00Z')
/** Longer than any due row may wait once nothing is open any more. */
const quietMilliseconds = 4 * 3_600_000

/** Tells a story to the product, and compares it with the model after every event. */
export async function runStory(story: Story, implant: Implant = asItIs): Promise<Outcome> {
  const time = createVirtualTime(begin)
  const random = createRandom(story.seed ^ 0x5eed)
  const troubles = createTroubles(story, time, random)
  const tables = createMemoryTables()
  const now = () => new Date(time.now())
  const directory = createMemoryDirectory({ tenantId, now })
  const published: LedgerEvent[] = []
  const deleted = new Set<string>()
  const ceased = new Map<string, number>()
  const wishes = wishesOf(story.steps)
  const isApprover = (id: string) => {
    const isMember = id !== idOf['zoe'] || directory.isHeld(accessOf('zoe', 'approvers'))
    return !ceased.has(id) && !deleted.has(id) && isMember && id !== idOf['ben']
  }
  const lastSeen = new Map<string, number>()
  const model = createModel({
    now: time.now,
    troubleUntil: troubles.until,
    isHeld: directory.isHeld,
    isDeleted: (id) => deleted.has(id),
    wishOf: (key) => wishes.get(key),
    wasApprover: (id, since) => isApprover(id) || (lastSeen.get(id) ?? 0) >= since,
    saidDurations: (key) => saidDurations(story.steps, key),
  })
  const orchestrations = createOrchestrations(
    time,
    (step, input) => runStep(stage, step, input),
    () => random.between(-900, 50),
  )
  const outside = {
    ...{ time, random, troubles, model, tables, directory, published },
    clockwork: {
      start: async (requestId: string, wait: object, projectedTo: number) =>
        orchestrations.start({
          requestId,
          projectedTo,
          retryMaximumSeconds: pace.limits.retryMaximum / 1000,
          ...wait,
        }),
      nudge: async (requestId: string) => orchestrations.nudge(requestId),
    },
  }
  addPeople(directory)
  directory.addGroup({ id: named('writers'), name: 'Writers' })
  directory.addGroup({ id: named('approvers'), name: 'Approvers', members: [named('zoe')] })
  await configure(tables, directory, random)
  const workers = createWorkers(outside, implant)
  const stage: Stage = {
    ...{ begin, time, random, troubles, model, tables, directory, workers, orchestrations },
    deleted,
    disabled: {
      set: (id, isDisabled) => {
        if (isDisabled) {
          lastSeen.set(id, time.now())
          ceased.set(id, time.now())
        } else ceased.delete(id)
      },
    },
    leftApprovers: (id) => void lastSeen.set(id, time.now()),
    requestOf: (key) => [...model.requests.values()].find(({ wish }) => wish.key === key)?.id,
    wishOf: (key) => wishes.get(key),
  }
  const timers = startTimers(stage, implant.without !== 'sweep')
  for (const step of story.steps) time.at(begin + step.at, () => play(stage, step))

  const last = Math.max(0, ...story.steps.map(({ at }) => at), ...story.spells.map(({ to }) => to))
  const check = () => {
    if (model.violation === undefined) model.check()
    if (model.violation !== undefined) throw model.violation
  }
  try {
    await time.runUntil(begin + last, check)
    await time.runUntil(time.now() + latestEnd(wishes) + quietMilliseconds, check)
    await timers.reconcileTwice(check)
    model.checkQuiet()
    check()
    checkTables(tables, published, model, {
      now: new Date(time.now()),
      isCalm: troubles.until() === undefined,
      hasLostDueRows: troubles.counts.has('rows-lost-due'),
    })
    check()
  } catch (error) {
    if (error !== model.violation) throw error
  }
  const { violation } = model
  return {
    violation,
    grants: [...model.requests.values()].filter(({ activeAt }) => activeAt !== undefined).length,
    virtualMilliseconds: time.now() - begin,
    calls: troubles.calls(),
    faults: troubles.counts,
    leftByDeletion: model.leftByDeletion(),
  }
}

async function configure(
  tables: MemoryTables,
  directory: MemoryDirectory,
  random: Random,
): Promise<void> {
  const needs: Needs = {
    ...{ tables, directory, tenantId, ...pace },
    now: () => new Date(begin),
    random: (count: number) => random.bytes(count),
    pause: async () => {},
    publisher: { publish: async () => {} },
    log: () => {},
  }
  const admin = { id: 'ada', tenantId, kind: 'user', roles: ['Access.Admin'] } as const
  await putDocument(needs, admin, 'integration', integration, {})
  for (const flow of flows) await putDocument(needs, admin, 'access-flow', flow, {})
}

function wishesOf(steps: readonly Step[]): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>()
  for (const step of steps) {
    if (step.do === 'ask') {
      const { key, who, resource, seconds, flow, startsAt } = step
      wishes.set(key, {
        key,
        access: accessOf(who, resource),
        requester: named(who),
        milliseconds: seconds * 1000,
        maximum: maximumOf[flow] ?? 0,
        needsApproval: flow === 'asked',
        ...(startsAt === undefined ? {} : { startsAt: begin + startsAt }),
      })
    }
    if (step.do === 'extend') {
      const former = wishes.get(step.of)
      if (former === undefined) continue
      const { startsAt: _, ...wish } = former
      wishes.set(step.key, { ...wish, key: step.key, milliseconds: step.seconds * 1000 })
    }
  }
  return wishes
}

function saidDurations(steps: readonly Step[], key: string): readonly number[] {
  return steps.flatMap((step) =>
    step.do === 'decide' && step.of === key && step.seconds !== undefined
      ? [step.seconds * 1000]
      : [],
  )
}

function latestEnd(wishes: ReadonlyMap<string, Wish>): number {
  const ends = [...wishes.values()].map(
    ({ milliseconds, startsAt }) => milliseconds + Math.max(0, (startsAt ?? begin) - begin),
  )
  return Math.max(0, ...ends)
}

/** One activity, on some worker; now and then on two, or again after it was done. */
async function runStep(
  { workers, troubles, random, time }: Stage,
  step: 'grant' | 'end',
  input: { readonly requestId: string; readonly projectedTo?: number },
) {
  await time.sleep(random.between(1, 30))
  if (troubles.isOn('duplicate-steps') && random.chance(0.7)) {
    troubles.note('duplicate-steps')
    const again = random.chance(0.5) ? 0 : random.between(1_000, 320_000)
    time.at(time.now() + again, () => {
      workers.run(({ steps }) => steps[step](input)).catch(() => {})
    })
  }
  const result = await workers.run(({ steps }) => steps[step](input))
  if (troubles.isOn('failing-steps') && random.chance(0.7)) {
    troubles.note('failing-steps')
    throw new Error('Cannot tell what became of the step')
  }
  return result
}
