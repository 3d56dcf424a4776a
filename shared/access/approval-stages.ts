import type { ApprovalRule, ApprovalStep } from './flow.ts'

/**
 * The stages of an approval: runs of steps joined by `escalateAfter`. The steps of one stage are its
 * tiers, of which any may pass it; stages come in order, and each must be passed.
 */
export function stagesOf({ steps }: ApprovalRule): readonly (readonly ApprovalStep[])[] {
  const stages: ApprovalStep[][] = []
  let isJoined = false
  for (const step of steps) {
    if (isJoined) stages.at(-1)?.push(step)
    else stages.push([step])
    isJoined = step.escalateAfter !== undefined
  }
  return stages
}
