import { isAutomatic } from '../access/automatic.ts'
import { type EvaluatedFlow, readEvaluatedFlow } from '../ledger/automatic-rows.ts'
import { orderAutomatic } from './automatic-state.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import { findName, unknownName } from './documents.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
import {
  emptySystem,
  type ReadConfiguration,
  type SystemState,
  systemPlace,
} from './system-stream.ts'

/** What an evaluation of an automatic flow found, as the API shows it. */
export interface AutomaticView {
  readonly people: number
  readonly state: EvaluatedFlow['state']
  readonly evaluatedAt: string
}

/** Undefined before the first evaluation, and for a flow that is no automatic one. */
export async function readAutomaticView(
  { tables }: Pick<Needs, 'tables'>,
  name: string,
): Promise<AutomaticView | undefined> {
  const found = await readEvaluatedFlow(tables, name)
  return found && { people: found.people, state: found.state, evaluatedAt: found.evaluatedAt }
}

export type Confirmed = { readonly kind: 'confirmed'; readonly automatic: AutomaticView } | Refusal

/**
 * Says yes to the number of people that an automatic flow covers, by its version that is current.
 * The answer is a conflict where the number is another one: then nobody has seen what he confirms.
 */
export async function confirmAutomatic(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  { name, expectedCount }: { readonly name: string; readonly expectedCount: number },
): Promise<Confirmed> {
  const { accessFlows } = await readConfiguration()
  const flow = accessFlows.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (flow === undefined) return unknownName('access-flow', name)
  if (!isAutomatic(flow)) return notAutomatic
  const automatic = await readAutomaticView(needs, name)
  if (automatic === undefined) return notEvaluated
  const { people } = automatic
  if (people !== expectedCount) {
    const message = `The flow covers ${people} people, not ${expectedCount}.`
    return refused('conflict', 'other-count', message, { facts: { count: people } })
  }
  const outcome = await changeStreamAndProject<SystemState, Confirmed>(
    needs,
    systemPlace,
    (stream) => {
      const state = stream.state ?? emptySystem
      const confirmed = state.confirmed ?? {}
      const key = flow.name.toLowerCase()
      const result = { kind: 'confirmed' as const, automatic }
      const version = findName(state, 'access-flow', name)?.ref.version
      if (version !== flow.version) return { result: changedMeanwhile }
      const former = confirmed[key]
      if (former?.version === version && former.people === people) return { result }
      return {
        result,
        change: {
          state: { ...state, confirmed: { ...confirmed, [key]: { people, version } } },
          events: [
            {
              event: 'access-flow.changed',
              at: needs.now().toISOString(),
              actor: actorOf(caller),
              accessFlow: flow.name,
              detail: { change: 'confirmed', version, people },
            },
          ],
        },
      }
    },
  )
  if (outcome.kind === 'confirmed') await orderAutomatic(needs)
  return outcome
}

const notAutomatic = refused(
  'conflict',
  'not-automatic',
  'The flow gives nothing by itself, so there is nothing to confirm.',
)

const notEvaluated = refused(
  'conflict',
  'not-evaluated',
  'Nobody has counted yet whom the flow covers. Try again in a minute.',
)

const changedMeanwhile = refused(
  'conflict',
  'changed',
  'The flow was changed meanwhile: look at it again.',
)
