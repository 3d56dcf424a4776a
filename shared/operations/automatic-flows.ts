import { BrokerError } from '../access/errors.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { evaluatedFlows } from '../ledger/automatic-rows.ts'
import { newUlid } from '../ledger/ids.ts'
import type { AutomaticHands } from './automatic-access.ts'
import { applyPage } from './automatic-apply.ts'
import { collectPage } from './automatic-collect.ts'
import { automaticFlowOf, automaticPolicy } from './automatic-policy.ts'
import {
  type AutomaticRun,
  type AutomaticState,
  type OpenAutomatic,
  openAutomatic,
  orderAutomatic,
  saveAutomatic,
} from './automatic-state.ts'
import type { Needs } from './needs.ts'
import type { ReadResources } from './read-resources.ts'
import type { Configuration, ReadConfiguration } from './system-stream.ts'

/** Longer than any step takes; whoever dies holds up the others no longer than this. */
const leaseMilliseconds = 60_000
/** Then a flow is left to the next evaluation, so that it does not keep the others waiting. */
const mostTries = 10
const longestPauseMilliseconds = 60_000

/** What the evaluation works with, and how long one call may take. */
export interface CarryOnAutomatic extends AutomaticHands {
  readonly readConfiguration: ReadConfiguration
  readonly readResources: ReadResources
  readonly milliseconds: number
}

/** Orders the regular evaluation, unless one is under way. */
export async function orderRegularAutomatic(needs: Needs): Promise<void> {
  const { state, isOrdered } = await openAutomatic(needs.tables)
  if (state.run === undefined && !isOrdered) await orderAutomatic(needs)
}

/** Orders an evaluation where a saved document may matter to an automatic flow; the timer does it. */
export async function orderAfterChange(
  needs: Needs,
  document: AccessFlow | Integration,
): Promise<void> {
  const isOne = 'trigger' in document && document.trigger === 'automatic'
  if (isOne || (await evaluatedFlows(needs.tables)).length > 0) await orderAutomatic(needs)
}

/**
 * Carries the evaluation of automatic flows on, step by step, as long as this call may take. Every
 * step is saved, so whatever breaks off is taken up where it stood. Idle, it costs one read.
 */
export async function carryOnAutomatic(needs: Needs, work: CarryOnAutomatic): Promise<void> {
  const until = needs.now().getTime() + work.milliseconds
  let open = await take(needs)
  while (open?.state.run !== undefined) {
    const state = await tryStep(needs, work, open.state, open.state.run)
    const rests =
      state.run === undefined || state.run.problem !== undefined || needs.now().getTime() >= until
    const { leasedUntil: _, ...free } = state
    // Nothing comes back when somebody else is at work after all: then it is his.
    const saved = await saveAutomatic(
      needs.tables,
      open,
      rests ? free : { ...free, leasedUntil: leaseOf(needs) },
    )
    open = rests ? undefined : saved
  }
}

/** Takes the work, if there is any that nobody else is at and that need not wait. */
async function take(needs: Needs): Promise<OpenAutomatic | undefined> {
  const open = await openAutomatic(needs.tables)
  const { run, dueAt, leasedUntil = '' } = open.state
  const now = needs.now().toISOString()
  if (leasedUntil > now || (run?.problem !== undefined && run.problem.retryAt > now)) {
    return undefined
  }
  const leased = { ...open.state, leasedUntil: leaseOf(needs) }
  if (run !== undefined) return saveAutomatic(needs.tables, open, leased)
  // The order goes before the configuration is read: one that comes later is another one.
  if (open.isOrdered) {
    const next: AutomaticState = { ...leased, run: { kind: 'all' } }
    return saveAutomatic(needs.tables, open, next, { takesOrder: true })
  }
  if (dueAt === undefined || dueAt > now) return undefined
  return saveAutomatic(needs.tables, open, { ...leased, run: { kind: 'due' } })
}

async function tryStep(
  needs: Needs,
  work: CarryOnAutomatic,
  state: AutomaticState,
  run: AutomaticRun,
): Promise<AutomaticState> {
  const { problem, ...untroubled } = run
  try {
    return await takeStep(needs, work, state, untroubled)
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error
    const flow = run.current?.name
    needs.log('warning', 'Cannot evaluate automatic flows now', { cause: error.message, flow })
    const count = (problem?.count ?? 0) + 1
    const { current: _, ...withoutFlow } = untroubled
    const isGivenUp = count >= mostTries && run.current !== undefined
    const pause = Math.min(1_000 * 2 ** count, longestPauseMilliseconds)
    const retryAt = new Date(needs.now().getTime() + pause).toISOString()
    return {
      ...state,
      run: isGivenUp ? withoutFlow : { ...untroubled, problem: { count, retryAt } },
    }
  }
}

async function takeStep(
  needs: Needs,
  work: CarryOnAutomatic,
  state: AutomaticState,
  run: AutomaticRun,
): Promise<AutomaticState> {
  const configuration = await work.readConfiguration()
  if (run.flows === undefined) {
    return { ...state, run: { ...run, flows: await flowsOf(needs, configuration, run) } }
  }
  if (run.current === undefined) return beginFlow(needs, configuration, state, run, run.flows)

  const { current } = run
  const flow = automaticFlowOf(configuration, current.name)
  if ((flow?.version ?? 0) !== current.version) {
    const { current: _, ...again } = run
    return { ...state, run: { ...again, flows: [current.name, ...run.flows] } }
  }
  const policy = flow && (await automaticPolicy(configuration, flow, work.readResources))
  if (flow !== undefined && policy === undefined) {
    needs.log('information', 'An automatic flow waits for the first discovery', { flow: flow.name })
    const { current: _, ...next } = run
    return { ...state, run: next }
  }
  const carried =
    policy !== undefined && current.phase === 'collect'
      ? await collectPage(needs, policy, current)
      : await applyPage(needs, work, { configuration, policy, current, kind: run.kind })
  const { current: _, ...rest } = run
  return { ...state, run: carried === undefined ? rest : { ...rest, current: carried } }
}

/** Flows that give access by themselves, and those that did: what they gave has to end. */
async function flowsOf(
  needs: Needs,
  { accessFlows }: Configuration,
  { kind }: AutomaticRun,
): Promise<readonly string[]> {
  const evaluated = await evaluatedFlows(needs.tables)
  const now = needs.now().toISOString()
  if (kind === 'due') {
    return evaluated.flatMap(({ name, dueAt }) =>
      dueAt !== undefined && dueAt <= now ? [name] : [],
    )
  }
  const names = [
    ...accessFlows.flatMap(({ name, trigger }) => (trigger === 'automatic' ? [name] : [])),
    ...evaluated.map(({ name }) => name),
  ]
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()]
}

async function beginFlow(
  needs: Needs,
  configuration: Configuration,
  state: AutomaticState,
  run: AutomaticRun,
  [name, ...flows]: readonly string[],
): Promise<AutomaticState> {
  const evaluated = await evaluatedFlows(needs.tables)
  if (name === undefined) {
    const { run: _, dueAt: __, ...idle } = state
    const dueAt = evaluated.flatMap((each) => each.dueAt ?? []).sort()[0]
    return dueAt === undefined ? idle : { ...idle, dueAt }
  }
  const flow = automaticFlowOf(configuration, name)
  const known = evaluated.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const isDue = run.kind === 'due' && known !== undefined
  const current = {
    name,
    version: flow?.version ?? 0,
    phase: flow === undefined || isDue ? ('apply' as const) : ('collect' as const),
    mark: isDue ? known.mark : newUlid(needs.now(), needs.random),
    source: 0,
    ...(isDue ? { people: known.people } : {}),
  }
  return { ...state, run: { ...run, flows, current } }
}

function leaseOf(needs: Needs): string {
  return new Date(needs.now().getTime() + leaseMilliseconds).toISOString()
}
