import { describe, expect, test } from 'vitest'
import { necessaryDecisions, stagesOf } from '../../shared/access/approval-stages.ts'
import type { ApprovalStep } from '../../shared/access/flow.ts'
import { ben, ines, mia } from './flow-builders.ts'

const by = (...ids: readonly string[]) => ids.map((id) => ({ type: 'user' as const, id }))
const step = (...ids: readonly string[]): ApprovalStep => ({ approvers: by(...ids) })
const escalating = (...ids: readonly string[]): ApprovalStep => ({
  approvers: by(...ids),
  escalateAfter: 'PT1H',
})

describe('stagesOf()', () => {
  test.each([
    { what: 'one step', steps: [step(mia)], sizes: [1] },
    { what: 'two steps in order', steps: [step(mia), step(ben)], sizes: [1, 1] },
    { what: 'a step that escalates', steps: [escalating(mia), step(ben)], sizes: [2] },
    {
      what: 'a run of tiers between two steps',
      steps: [step(mia), escalating(ben), escalating(ines), step(mia), step(ben)],
      sizes: [1, 3, 1],
    },
    { what: 'a last step with nobody to escalate to', steps: [escalating(mia)], sizes: [1] },
  ])('makes $what $sizes', ({ steps, sizes }) => {
    expect(stagesOf({ steps }).map((tiers) => tiers.length)).toEqual(sizes)
  })

  test('keeps every step, in order', () => {
    const steps = [escalating(mia), step(ben), step(ines)]

    expect(stagesOf({ steps }).flat()).toEqual(steps)
  })
})

describe('necessaryDecisions()', () => {
  test('is none without approval', () => {
    expect(necessaryDecisions(undefined)).toBe(0)
  })

  test.each([
    { mode: 'any-of', steps: [step(mia, ben, ines)], needed: 1 },
    { mode: 'all-of', steps: [step(mia, ben, ines)], needed: 3 },
    { mode: 'any-of', steps: [step(mia, ben), step(ines)], needed: 2 },
    { mode: 'all-of', steps: [step(mia, ben), step(ines)], needed: 3 },
    { mode: 'any-of', steps: [escalating(mia), escalating(ben), step(ines)], needed: 1 },
    { mode: 'all-of', steps: [escalating(mia, ben), step(ines)], needed: 1 },
    { mode: 'all-of', steps: [escalating(mia), step(ben, ines), step(mia, ben)], needed: 3 },
  ] as const)('of $mode with $steps.length steps is $needed', ({ mode, steps, needed }) => {
    expect(necessaryDecisions({ mode, steps })).toBe(needed)
  })
})
