import { orderRegularAutomatic } from '../../shared/operations/automatic-flows.ts'
import { openAutomatic } from '../../shared/operations/automatic-state.ts'
import { moveCrowd } from './crowd.ts'
import { evaluate } from './hands.ts'
import { evaluateEvery } from './model-automatic.ts'
import { accessOf } from './people.ts'
import type { Stage } from './stage.ts'
import type { Step, Story } from './story.ts'

/** The timer that takes up what was ordered, what broke off, and what has to be renewed. */
const lookEvery = 10_000
/** Everybody leaves the team in the end, so that everything can be quiet. */
const lingering = 40 * 60_000
const ending = 3 * 3_600_000

const aboutTeam: ReadonlySet<Step['do']> = new Set(['join', 'crowd', 'switch-flow', 'confirm'])

export function isAboutTeam(step: Step): boolean {
  return aboutTeam.has(step.do)
}

/** When the last step and trouble is over that may matter to the team, from the beginning. */
export function lastOfTeam({ steps, spells }: Story): number {
  // What is restored days later is of no matter to it.
  const times = steps.flatMap((step) => (step.do === 'restore' ? [] : [step.at]))
  return Math.max(0, ...times, ...spells.map(({ to }) => to))
}

/** Evaluates the automatic flow as its timers do, until nobody is in the team any more. */
export function startEvaluations(stage: Stage, last: number): void {
  const { begin, time, tables, workers, directory } = stage
  const until = last + lingering + ending
  let plannedFor = Number.POSITIVE_INFINITY

  /** Ticks that would find nothing are skipped. */
  const plan = async () => {
    const { state, isOrdered } = await openAutomatic(tables)
    const isOpen = isOrdered || state.run !== undefined
    const due = isOpen ? time.now() + 1 : Date.parse(state.dueAt ?? '')
    if (Number.isNaN(due)) return
    const tick = begin + Math.ceil((Math.max(due, time.now() + 1) - begin) / lookEvery) * lookEvery
    if (tick >= plannedFor || tick > until) return
    plannedFor = tick
    time.at(tick, () => {
      if (plannedFor === tick) look()
    })
  }
  const look = () => {
    plannedFor = Number.POSITIVE_INFINITY
    workers
      .run(evaluate)
      .catch(() => {})
      .finally(plan)
  }
  const originalWrite = tables.write
  tables.write = async (...args) => {
    const etags = await originalWrite(...args)
    if (args[0] === 'Index' && args[1] === 'automatic') await plan()
    return etags
  }
  const regularly = (at: number) => {
    if (at > until) return
    time.at(at, () => {
      workers.run(({ needs }) => orderRegularAutomatic(needs)).catch(() => {})
      regularly(at + evaluateEvery)
    })
  }
  void plan()
  regularly(begin + evaluateEvery)
  time.at(last + lingering, () => {
    moveCrowd(directory, false)
    for (const who of ['mia', 'ben']) directory.removeByHand(accessOf(who, 'team'))
  })
}
