import type { ApprovalRule, ApprovalStep } from './flow.ts'

/**
 * The stages of an approval, in the order in which each must be passed. A stage is a run of steps of
 * which each but the last opens the next one beside it after a while: its tiers.
 */
export function stagesOf({
  steps,
}: Pick<ApprovalRule, 'steps'>): readonly (readonly ApprovalStep[])[] {
  const stages: ApprovalStep[][] = []
  let tiers: ApprovalStep[] = []
  for (const step of steps) {
    if (tiers.length === 0) stages.push(tiers)
    tiers.push(step)
    if (step.escalateAfter === undefined) tiers = []
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
