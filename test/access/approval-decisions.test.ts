import { describe, expect, test } from 'vitest'
import {
  type ApprovalState,
  agreedDuration,
  beginApproval,
  type Decision,
  decide,
  escalate,
  nextTierAt,
  type Word,
} from '../../shared/access/approval.ts'
import type { ApprovalRule, ApprovalStep } from '../../shared/access/flow.ts'
import { at, iso } from '../builders.ts'

const user = (id: string) => ({ type: 'user', id }) as const
const step = (...approvers: string[]): ApprovalStep => ({ approvers: approvers.map(user) })

const begin = (steps: readonly ApprovalStep[], mode: ApprovalRule['mode'] = 'all-of') =>
  beginApproval({ mode, steps }, at('12:00:00'), at('18:00:00'))

const says = (approver: string, entries: readonly string[], over: Partial<Word> = {}): Word => ({
  approver,
  verdict: 'approve',
  entries,
  ...over,
})

/** The state after a word that counts. */
const stateAfter = (state: ApprovalState, word: Word) => {
  const progress = decide(state, word, at('12:05:00'))
  if (!('state' in progress)) throw new Error(`Cannot go on: the word was ${progress.kind}`)
  return progress.state
}

const aDecision = (over: Partial<Decision> = {}): Decision => ({
  approver: 'petra',
  verdict: 'approve',
  stage: 0,
  entries: ['0.0'],
  at: iso('12:05:00'),
  ...over,
})

describe('an approval in stages', () => {
  test.each(['any-of', 'all-of'] as const)('counts in %s no word of an earlier stage', (mode) => {
    const second = stateAfter(
      begin([step('petra'), step('ben', 'ines'), step('zoe')], mode),
      says('petra', ['0.0']),
    )

    const progress = decide(second, says('ines', ['0.1']), at('12:06:00'))

    expect(progress).toMatchObject({
      kind: 'recorded',
      state: { stage: mode === 'any-of' ? 2 : 1 },
    })
  })

  test('needs a yes of its own in each stage from whoever stands in both', () => {
    const second = stateAfter(begin([step('petra'), step('petra', 'ben')]), says('petra', ['0.0']))

    expect(decide(second, says('ben', ['0.1']), at('12:06:00')).kind).toBe('recorded')
    expect(decide(second, says('petra', ['0.0']), at('12:06:00')).kind).toBe('recorded')
    expect(decide(second, says('petra', ['0.0', '0.1']), at('12:06:00')).kind).toBe('approved')
  })

  test('takes no denial for a yes', () => {
    const denied = { ...begin([step('petra', 'ben')]), decisions: [aDecision({ verdict: 'deny' })] }

    expect(decide(denied, says('ben', ['0.1']), at('12:06:00')).kind).toBe('recorded')
  })

  test('counts nothing for a tier that is not open yet', () => {
    const steps = [{ ...step('petra'), escalateAfter: 'PT10M' }, step('ben')]

    const early = decide(begin(steps), says('ben', ['1.0']), at('12:05:00'))
    const open = escalate(begin(steps), at('12:10:00')) ?? expect.fail('nothing was opened')

    expect(early.kind).toBe('recorded')
    expect(decide(open, says('ben', ['1.0']), at('12:10:00')).kind).toBe('approved')
  })
})

describe('what is kept of a decision', () => {
  test('is who said what for whom, when, in which stage, and how it begins', () => {
    const comment = `${'Fine. '.repeat(20)}The end.`
    const { decisions } = stateAfter(
      begin([step('petra', 'ben')]),
      says('petra', ['0.0'], { approverName: 'Petra', durationMilliseconds: 60_000, comment }),
    )

    expect(decisions).toEqual([
      {
        ...aDecision({ approverName: 'Petra', durationMilliseconds: 60_000 }),
        comment: comment.slice(0, 100),
      },
    ])
  })

  test('is no comment where nobody made one', () => {
    const { decisions } = stateAfter(begin([step('petra', 'ben')]), says('petra', ['0.0']))

    expect(decisions[0]).not.toHaveProperty('comment')
  })

  test('is the last word of a person, also for how long', () => {
    const state = begin([step('petra', 'ben', 'ines')])
    const first = stateAfter(state, says('petra', ['0.0'], { durationMilliseconds: 60_000 }))

    const last = stateAfter(first, says('petra', ['0.0', '0.1'], { durationMilliseconds: 90_000 }))

    expect(last.decisions).toMatchObject([{ approver: 'petra', entries: ['0.0', '0.1'] }])
    expect(agreedDuration(last, 3_600_000)).toBe(90_000)
  })
})

describe('nextTierAt()', () => {
  test('is never for a last tier, even one with a time', () => {
    const alone = begin([{ ...step('petra'), escalateAfter: 'PT10M' }])

    expect(nextTierAt(alone)).toBeUndefined()
    expect(escalate(alone, at('15:00:00'))).toBeUndefined()
  })

  test('is never once the last stage is passed', () => {
    expect(nextTierAt({ ...begin([step('petra')]), stage: 1 })).toBeUndefined()
  })
})
