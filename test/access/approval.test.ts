import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ApprovalState,
  agreedDuration,
  approvalDueAt,
  beginApproval,
  decide,
  escalate,
  type Word,
} from '../../shared/access/approval.ts'
import type { ApprovalRule } from '../../shared/access/flow.ts'
import { at, iso } from '../builders.ts'

const user = (id: string) => ({ type: 'user', id }) as const
const deadline = at('18:00:00')

const rule = (over: Partial<ApprovalRule> = {}): ApprovalRule => ({
  mode: 'any-of',
  steps: [{ approvers: [user('petra'), user('ben')] }],
  ...over,
})

const begin = (over: Partial<ApprovalRule> = {}) =>
  beginApproval(rule(over), at('12:00:00'), deadline)

const yes = (approver: string, ...entries: string[]): Word => ({
  approver,
  verdict: 'approve',
  entries,
})
const no = (approver: string, ...entries: string[]): Word => ({
  ...yes(approver, ...entries),
  verdict: 'deny',
})

/** Says words one after the other, and tells what the last one did. */
const say = (state: ApprovalState, ...words: readonly Word[]) => {
  let current = state
  let kind = ''
  for (const word of words) {
    const progress = decide(current, word, at('12:05:00'))
    kind = progress.kind
    if ('state' in progress) current = progress.state
  }
  return { kind, state: current }
}

const twoStages = [{ approvers: [user('petra')] }, { approvers: [user('ben')] }]
const twoTiers = [
  { approvers: [user('petra')], escalateAfter: 'PT10M' },
  { approvers: [user('ben'), user('ines')] },
]

describe('decide()', () => {
  test.each([
    { mode: 'any-of', words: [yes('petra', '0.0')], kind: 'approved' },
    { mode: 'any-of', words: [yes('ben', '0.1')], kind: 'approved' },
    { mode: 'any-of', words: [no('ben', '0.1')], kind: 'denied' },
    { mode: 'all-of', words: [yes('petra', '0.0')], kind: 'recorded' },
    { mode: 'all-of', words: [yes('petra', '0.0'), yes('ben', '0.1')], kind: 'approved' },
    { mode: 'all-of', words: [yes('petra', '0.0'), yes('zoe', '0.0')], kind: 'recorded' },
    { mode: 'all-of', words: [yes('petra', '0.0', '0.1')], kind: 'approved' },
    { mode: 'all-of', words: [yes('petra', '0.0'), no('ben', '0.1')], kind: 'denied' },
    { mode: 'all-of', words: [yes('petra', '0.0'), yes('petra', '0.0')], kind: 'unchanged' },
    { mode: 'all-of', words: [yes('petra', '0.0'), no('petra', '0.0')], kind: 'contradicts' },
    { mode: 'any-of', words: [yes('zoe')], kind: 'no-approver' },
    { mode: 'any-of', words: [no('zoe')], kind: 'no-approver' },
  ] as const)('of one step, $mode: $words.length word(s) → $kind', ({ mode, words, kind }) => {
    expect(say(begin({ mode }), ...words).kind).toBe(kind)
  })

  test('passes stages in order, and approves with the last', () => {
    const first = say(begin({ steps: twoStages }), yes('petra', '0.0'))
    expect(first).toMatchObject({
      kind: 'recorded',
      state: { stage: 1, opened: [iso('12:05:00')] },
    })

    expect(say(first.state, yes('ben', '0.0')).kind).toBe('approved')
  })

  test('lets one person speak once in each stage', () => {
    const words = [yes('petra', '0.0'), yes('petra', '0.0')]

    expect(say(begin({ steps: twoStages }), ...words).kind).toBe('approved')
  })

  test('ends with one denial in any stage', () => {
    const words = [yes('petra', '0.0'), no('ben', '0.0')]

    expect(say(begin({ steps: twoStages }), ...words).kind).toBe('denied')
  })

  test('takes either tier once the second is open, and needs the whole of one of them', () => {
    const open = escalate(begin({ mode: 'all-of', steps: twoTiers }), at('12:10:00'))
    if (open === undefined) throw new Error('Cannot go on: nothing was opened')

    expect(say(open, yes('petra', '0.0')).kind).toBe('approved')
    expect(say(open, yes('ben', '1.0')).kind).toBe('recorded')
    expect(say(open, yes('ben', '1.0'), yes('ines', '1.1')).kind).toBe('approved')
  })

  test('hears the same person again when he stands for more than before', () => {
    const before = say(
      begin({
        mode: 'all-of',
        steps: [
          { approvers: [user('a'), user('b')], escalateAfter: 'PT1M' },
          { approvers: [user('petra')] },
        ],
      }),
      yes('petra', '0.0'),
    )
    const open = escalate(before.state, at('12:06:00'))
    if (open === undefined) throw new Error('Cannot go on: nothing was opened')

    expect(say(open, yes('petra', '0.0', '1.0')).kind).toBe('approved')
  })

  test('never asks a second tier when the first has answered in time', () => {
    expect(say(begin({ steps: twoTiers }), yes('petra', '0.0')).kind).toBe('approved')
  })

  test('grants the shortest time that anybody agreed to', () => {
    const words = [
      { ...yes('petra', '0.0'), durationMilliseconds: 60_000 },
      { ...yes('ben', '0.1'), durationMilliseconds: 90_000 },
    ]
    const { state } = say(begin({ mode: 'all-of' }), ...words)

    expect(agreedDuration(state, 3_600_000)).toBe(60_000)
    expect(agreedDuration(begin(), 3_600_000)).toBe(3_600_000)
  })

  test('never approves without a yes that counts, in whatever order words come', () => {
    const word = fc.record({
      approver: fc.constantFrom('petra', 'ben', 'zoe'),
      verdict: fc.constantFrom('approve' as const, 'deny' as const),
      entries: fc.subarray(['0.0', '0.1']),
    })
    void fc.assert(
      fc.property(
        fc.constantFrom('any-of' as const, 'all-of' as const),
        fc.array(word),
        (mode, words) => {
          let state = begin({ mode })
          const counted = new Set<string>()
          for (const each of words) {
            const progress = decide(state, each, at('12:05:00'))
            if (progress.kind === 'denied') {
              expect(each.verdict).toBe('deny')
              return
            }
            if ('state' in progress) {
              for (const entry of each.entries) counted.add(entry)
              state = progress.state
            }
            const needed = mode === 'any-of' ? 1 : 2
            if (progress.kind === 'approved') {
              expect(counted.size).toBeGreaterThanOrEqual(needed)
              return
            }
          }
        },
      ),
    )
  })
})

describe('escalate()', () => {
  test.each([
    { now: '12:09:59', opened: undefined },
    { now: '12:10:00', opened: [iso('12:00:00'), iso('12:10:00')] },
    { now: '15:00:00', opened: [iso('12:00:00'), iso('12:10:00')] },
  ])('at $now', ({ now, opened }) => {
    expect(escalate(begin({ steps: twoTiers }), at(now))?.opened).toEqual(opened)
  })

  test('opens up to five more tiers, each its time after the one before', () => {
    const steps = Array.from({ length: 6 }, (_, index) => ({
      approvers: [user('petra')],
      ...(index === 5 ? {} : { escalateAfter: 'PT1H' }),
    }))

    expect(escalate(begin({ steps }), at('17:00:00'))?.opened).toEqual(
      ['12', '13', '14', '15', '16', '17'].map((hour) => iso(`${hour}:00:00`)),
    )
  })
})

describe('approvalDueAt()', () => {
  test.each([
    { steps: [{ approvers: [user('petra')] }], due: '18:00:00' },
    { steps: twoTiers, due: '12:10:00' },
    {
      steps: [
        { ...(twoTiers[0] ?? { approvers: [] }), escalateAfter: 'P1D' },
        { approvers: [user('ben')] },
      ],
      due: '18:00:00',
    },
  ])('is the next tier or the deadline, whichever comes first: $due', ({ steps, due }) => {
    expect(approvalDueAt(begin({ steps }))).toEqual(at(due))
  })
})
