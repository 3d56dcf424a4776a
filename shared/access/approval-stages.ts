import type { ApprovalRule, ApprovalStep } from './flow.ts'

/**
 * The stages of an approval, in the order in which each must be passed. A stage is a run of steps of
 * which each but the last opens the next one beside it after a while: its tiers.
 */
export function stagesOf({
  steps,
}: Pick<ApprovalRule, 'steps'>): readonly (readonly ApprovalStep[])[] {
  const stages: ApprovalStep[][] = []
  let opensNext = false
  for (const step of steps) {
    if (opensNext) stages.at(-1)?.push(step)
    else stages.push([step])
    opensNext = step.escalateAfter !== undefined
  }
  return stages
}

/**
 * How many decisions an approval takes at the least: one a stage where any of them suffices, else one
 * for each entry of its smallest tier. Without approval it is none.
 */
export function necessaryDecisions(rule: ApprovalRule | undefined): number {
  if (rule === undefined) return 0
  const stages = stagesOf(rule)
  if (rule.mode === 'any-of') return stages.length
  return stages.reduce(
    (sum, tiers) => sum + Math.min(...tiers.map(({ approvers }) => approvers.length)),
    0,
  )
}
