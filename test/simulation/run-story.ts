import {
  createMemoryDirectory,
  type MemoryDirectory,
} from '../../shared/directory/memory-directory.ts'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import { createMemoryTables, type MemoryTables } from '../../shared/ledger/memory-tables.ts'
import { carryOnDiscovery, orderRegularDiscovery } from '../../shared/operations/discover.ts'
import { putDocument } from '../../shared/operations/documents.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { createReadConfiguration } from '../../shared/operations/system-stream.ts'
import { addPeople, pace, tenantId } from '../operations/broker-in-memory.ts'
import { checkTables } from './check-tables.ts'
import { isAboutTeam, lastOfTeam, startEvaluations } from './evaluations.ts'
import { asItIs, type Implant } from './implant-tools.ts'
import { createModel } from './model.ts'
import type { Violation, Wish } from './model-state.ts'
import { createOrchestrations } from './orchestrations.ts'
import { accessOf, automaticFlow, flows, integrations, maximumOf, named } from './people.ts'
import { play } from './play.ts'
import { createRandom, type Random } from './random.ts'
import type { Stage } from './stage.ts'
import type { Step, Story } from './story.ts'
import { startTimers } from './timers.ts'
import { createTroubles } from './troubles.ts'
import { createVirtualTime } from './virtual-time.ts'
import { createWorkers } from './workers.ts'
import { createWorld } from './world.ts'

export interface Outcome {
  readonly violation: Violation | undefined
  readonly grants: number
  readonly virtualMilliseconds: number
  readonly calls: number
  readonly faults: ReadonlyMap<string, number>
}

const begin = Date.parse('2026-01-05T12:00:00Z')
const hour = 3_600_000
/** The next hourly reconcile after a time. */
const nextHour = (time: number) => begin + Math.ceil((time - begin + 1) / hour) * hour

/** Longer than any due row may wait once nothing is open any more. */
const quietMilliseconds = 4 * hour
const quietAfterDeletion = 34 * 24 * hour

/** Tells a story to the product, and compares it with the model after every event. */
export async function runStory(story: Story, implant: Implant = asItIs): Promise<Outcome> {
  const time = createVirtualTime(begin)
  const random = createRandom(story.seed ^ 0x5eed)
  const troubles = createTroubles(story, time, random)
  const tables = createMemoryTables()
  const now = () => new Date(time.now())
  const directory = createMemoryDirectory({ tenantId, now })
  const published: LedgerEvent[] = []
  const changes = new Map<string, number>()
  const wishes = wishesOf(story.steps)
  addPeople(directory)
  directory.addGroup({ id: named('writers'), name: 'Writers' })
  directory.addGroup({ id: named('team'), name: 'Team' })
  directory.addGroup({ id: named('approvers'), name: 'Approvers', members: [named('zoe')] })
  const world = createWorld(directory, time.now)
  const model = createModel({
    now: time.now,
    troubleUntil: troubles.until,
    clockError: troubles.clockError,
    isHeld: directory.isHeld,
    scheduleOf: directory.scheduleOf,
    world,
    wishOf: (key) => wishes.get(key),
    nextHour,
    isConfirmed: () => stage.confirmed,
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
      nudge: async (requestId: string) => deliver(stage, () => orchestrations.nudge(requestId)),
    },
  }
  await configure(tables, directory, random)
  const workers = createWorkers(outside, implant)
  const stage: Stage = {
    ...{ begin, time, random, troubles, model, tables, directory, workers, orchestrations },
    world,
    confirmed: false,
    changes,
    note: (kind) => void changes.set(kind, (changes.get(kind) ?? 0) + 1),
    requestOf: (key) => [...model.requests.values()].find(({ wish }) => wish.key === key)?.id,
    wishOf: (key) => wishes.get(key),
  }
  const last = Math.max(0, ...story.steps.map(({ at }) => at), ...story.spells.map(({ to }) => to))
  const lastStep = begin + last
  const timers = startTimers(stage, { sweeps: implant.without !== 'sweep', lastStep })
  for (const step of story.steps) time.at(begin + step.at, () => play(stage, step))
  const evaluates = story.steps.some(isAboutTeam) && implant.without !== 'evaluations'
  if (evaluates) startEvaluations(stage, lastOfTeam(story) + begin)
  // Nobody knows earlier that nothing comes back with a deleted object.
  const isAnyDeleted = story.steps.some((step) => step.do === 'delete')
  const quiet = isAnyDeleted ? quietAfterDeletion : quietMilliseconds

  const check = () => {
    world.look()
    if (model.violation === undefined) model.check()
    if (model.violation !== undefined) throw model.violation
  }
  try {
    await time.runUntil(begin + last, check)
    await time.runUntil(time.now() + latestEnd(wishes) + quiet, check)
    await timers.reconcileTwice(check)
    model.checkQuiet()
    check()
    checkTables(tables, published, model, {
      now: new Date(time.now()),
      isCalm: troubles.until() === undefined,
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
  for (const each of integrations) await putDocument(needs, admin, 'integration', each, {})
  for (const flow of [...flows, automaticFlow]) {
    await putDocument(needs, admin, 'access-flow', flow, {})
  }
  // What an automatic flow may give has been discovered before the story begins.
  await orderRegularDiscovery(needs)
  await carryOnDiscovery(needs, createReadConfiguration(tables), {
    milliseconds: 120_000,
    clockwork: { nudge: async () => {} },
  })
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
        isEnforced: flow === 'guarded',
        isLeft: flow === 'leased',
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

/** A word to an orchestration: late now and then, after later ones, or twice. */
function deliver({ troubles, random, time }: Stage, nudge: () => void): void {
  if (!troubles.isOn('late-nudges')) {
    nudge()
    return
  }
  const times = random.pick([1, 1, 2])
  for (let count = 0; count < times; count++) {
    const late = random.between(0, 60_000)
    troubles.note('late-nudges', time.now() + late)
    time.at(time.now() + late, nudge)
  }
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
