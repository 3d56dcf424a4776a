import { BrokerError } from '../access/errors.ts'
import { type Actor, system } from '../access/events.ts'
import { attributesNamed } from '../access/resource-tags.ts'
import { newUlid } from '../ledger/ids.ts'
import { orderAutomatic } from './automatic-state.ts'
import { endOfGone } from './discover-ends.ts'
import { discoverGroups, missGroups, type Stepped } from './discover-groups.ts'
import { reportDiscovery } from './discover-report.ts'
import { discoverRoles } from './discover-roles.ts'
import {
  type DiscoveryOrder,
  type DiscoveryRun,
  type DiscoveryState,
  type DiscoveryStep,
  type OpenDiscovery,
  openDiscovery,
  placeOrder,
  saveDiscovery,
} from './discover-state.ts'
import { type DiscoveryView, viewOfOrder, viewOfRun } from './discover-view.ts'
import type { Clockwork, Needs } from './needs.ts'
import type { Configuration, ReadConfiguration } from './system-stream.ts'

/** Longer than any step takes; whoever dies holds up the others no longer than this. */
const leaseMilliseconds = 30_000
/** Now and then everything is read again: not every property of a group is known to be tracked. */
const fullEveryMilliseconds = 7 * 24 * 3_600_000
const mostTries = 10
const longestPauseMilliseconds = 60_000

/** Orders a discovery; the timer carries it out. An order that waits already is the same order. */
export async function orderDiscovery(
  needs: Needs,
  by: Actor,
  integration?: string,
): Promise<DiscoveryView> {
  for (;;) {
    const { order } = await openDiscovery(needs.tables)
    if (order !== undefined && order.by.type !== 'system') return viewOfOrder(order, needs.now())
    const next: DiscoveryOrder = {
      id: order?.id ?? newUlid(needs.now(), needs.random),
      at: order?.at ?? needs.now().toISOString(),
      by,
      ...(integration === undefined ? {} : { integration }),
    }
    if (await placeOrder(needs.tables, next, order !== undefined)) {
      return viewOfOrder(next, needs.now())
    }
  }
}

/** Orders the regular discovery, unless one waits or is under way. */
export async function orderRegularDiscovery(needs: Needs): Promise<void> {
  const { state, order } = await openDiscovery(needs.tables)
  if (order === undefined && !isUnderWay(state.run)) await orderDiscovery(needs, system)
}

/** The discovery that was ordered last: waiting, running or finished; undefined before the first. */
export async function readDiscovery(
  needs: Pick<Needs, 'tables' | 'now'>,
): Promise<DiscoveryView | undefined> {
  const { state, order } = await openDiscovery(needs.tables)
  if (order !== undefined) return viewOfOrder(order, needs.now())
  return state.run === undefined ? undefined : viewOfRun(state.run, needs.now())
}

/** How long one call may work, and whom it tells of requests that it ends. */
export interface CarryOn {
  readonly milliseconds: number
  readonly clockwork: Pick<Clockwork, 'nudge'>
}

/**
 * Carries a discovery on, step by step, as long as this call may take. Every step is saved, so
 * whatever breaks off is taken up by the next call where it stood. Idle, it costs one read.
 */
export async function carryOnDiscovery(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  { milliseconds, clockwork }: CarryOn,
): Promise<void> {
  const until = needs.now().getTime() + milliseconds
  let open = await take(needs, readConfiguration)
  while (open?.state.run !== undefined && isUnderWay(open.state.run)) {
    const { known, state } = await tryStep(needs, open.state, open.state.run, clockwork)
    const isStuck = state.run?.problem !== undefined
    const rests = isStuck || !isUnderWay(state.run) || needs.now().getTime() >= until
    const { leasedUntil: _, ...free } = state
    const next = rests ? free : { ...free, leasedUntil: leaseOf(needs) }
    // Nothing comes back when somebody else is at work after all: then it is his.
    const saved = await saveDiscovery(needs.tables, open, next, { known })
    // What was found may be what a flow gives by itself; lost, the next regular evaluation sees it.
    if (known !== undefined && hasChanges(state.run)) await orderAutomatic(needs)
    open = rests ? undefined : saved
  }
}

/** Takes the work, if there is any that nobody else is at and that need not wait. */
async function take(
  needs: Needs,
  readConfiguration: ReadConfiguration,
): Promise<OpenDiscovery | undefined> {
  const open = await openDiscovery(needs.tables)
  const { run, leasedUntil = '' } = open.state
  const now = needs.now().toISOString()
  if (leasedUntil > now) return undefined
  if (run !== undefined && isUnderWay(run)) {
    if (run.problem !== undefined && run.problem.retryAt > now) return undefined
    const state = { ...open.state, leasedUntil: leaseOf(needs) }
    return saveDiscovery(needs.tables, open, state)
  }
  if (open.order === undefined) return undefined
  const begun = begin(needs, open.state, open.order, await readConfiguration())
  const state = { ...open.state, run: begun, leasedUntil: leaseOf(needs) }
  return saveDiscovery(needs.tables, open, state, { takesOrder: true })
}

function begin(
  needs: Needs,
  { groups }: DiscoveryState,
  { at: _, ...order }: DiscoveryOrder,
  { integrations, accessFlows: flows }: Configuration,
): DiscoveryRun {
  const now = needs.now()
  const types = new Set(integrations.flatMap(({ resourceTypes }) => resourceTypes))
  const attributes = attributesNamed({ integrations, flows })
  const isCurrent =
    groups !== undefined &&
    JSON.stringify(groups.attributes) === JSON.stringify(attributes) &&
    Date.parse(groups.fullAt) + fullEveryMilliseconds > now.getTime()
  const groupSteps: readonly DiscoveryStep[] = isCurrent ? ['groups'] : ['groups', 'missing-groups']
  return {
    ...order,
    steps: [
      ...(types.has('group') ? groupSteps : []),
      ...(types.has('directory-role') ? (['roles'] as const) : []),
      'ends',
      'report',
    ],
    isFull: !isCurrent,
    mark: newUlid(now, needs.random),
    ...(isCurrent ? { cursor: groups.token } : {}),
    attributes,
    complete: [],
    givenUp: [],
    ...{ pages: 0, found: 0, changed: 0, gone: 0 },
    startedAt: now.toISOString(),
  }
}

/** One step, or the record of why it failed. What cannot be done for long is left to the next run. */
async function tryStep(
  needs: Needs,
  state: DiscoveryState,
  run: DiscoveryRun,
  clockwork: CarryOn['clockwork'],
): Promise<Stepped> {
  const { problem, ...untroubled } = run
  try {
    const stepped = await takeStep(needs, state, untroubled, clockwork)
    return stepped.isDone ? { ...stepped, state: withoutStep(stepped.state) } : stepped
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    const detail = `${error.message}${cause}`
    needs.log('warning', 'Cannot carry a discovery on now', { cause: detail, step: run.steps[0] })
    const count = (problem?.count ?? 0) + 1
    // A report waits for the ledger, however long that takes.
    if (count >= mostTries && run.steps[0] !== 'report') {
      return { state: giveUp(state, run, detail), isDone: false }
    }
    const pause = Math.min(1_000 * 2 ** count, longestPauseMilliseconds)
    const retryAt = new Date(needs.now().getTime() + pause).toISOString()
    return {
      state: { ...state, run: { ...run, problem: { detail, count, retryAt } } },
      isDone: false,
    }
  }
}

function takeStep(
  needs: Needs,
  state: DiscoveryState,
  run: DiscoveryRun,
  clockwork: CarryOn['clockwork'],
): Promise<Stepped> {
  switch (run.steps[0]) {
    case 'groups':
      return discoverGroups(needs, state, run)
    case 'missing-groups':
      return missGroups(needs, state, run)
    case 'roles':
      return discoverRoles(needs, state, run)
    case 'ends':
      return endOfGone(needs, clockwork).then((isDone) => ({ state: { ...state, run }, isDone }))
    default:
      return reportDiscovery(needs, state, run)
  }
}

/** The first step is done, and with the last of the steps for a type all of it is known. */
function withoutStep(state: DiscoveryState): DiscoveryState {
  if (state.run === undefined) return state
  const { cursor: _, ...run } = state.run
  const [done, ...steps] = run.steps
  const isOfGroups = done === 'groups' || done === 'missing-groups'
  const complete: DiscoveryRun['complete'] = [
    ...run.complete,
    ...(isOfGroups && steps[0] !== 'missing-groups' ? (['groups'] as const) : []),
    ...(done === 'roles' ? (['roles'] as const) : []),
  ]
  return { ...state, run: { ...run, steps, complete } }
}

/** Leaves a step out, and whatever builds on it. */
function giveUp(state: DiscoveryState, run: DiscoveryRun, detail: string): DiscoveryState {
  const [step, ...rest] = run.steps
  if (step === undefined) return state
  const { cursor: _, problem: __, ...left } = run
  const steps = step === 'groups' ? rest.filter((each) => each !== 'missing-groups') : rest
  const next = { ...left, steps, givenUp: [...run.givenUp, { step, detail }] }
  // Changes alone would never tell what the full read has not found.
  const { groups: ___, ...withoutToken } = state
  return { ...(step === 'missing-groups' ? withoutToken : state), run: next }
}

function hasChanges(run: DiscoveryRun | undefined): boolean {
  return run !== undefined && run.changed + run.gone > 0
}

function isUnderWay(run: DiscoveryRun | undefined): boolean {
  return run !== undefined && run.steps.length > 0
}

function leaseOf(needs: Needs): string {
  return new Date(needs.now().getTime() + leaseMilliseconds).toISOString()
}
