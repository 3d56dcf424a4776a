import { describe, expect, test } from 'vitest'
import { beginApproval } from '../../shared/access/approval.ts'
import type { ApprovalRule } from '../../shared/access/flow.ts'
import { takeDecision } from '../../shared/access/pending.ts'
import { aPair, aReason, at } from '../builders.ts'

/** Two in the first tier; after ten minutes two more beside them; four hours in all. */
const ruleOf = (mode: ApprovalRule['mode']): ApprovalRule => ({
  mode,
  steps: [
    { approvers: ['manager', 'resource-owner'], escalateAfter: 'PT10M' },
    { approvers: ['integration-owner', { type: 'user', id: 'ruth' }] },
  ],
  timeout: 'PT4H',
})

/** What somebody stands for; which of it is open is a matter of time. */
const people = {
  'one of the first tier': ['0.0'],
  'all of the first tier': ['0.0', '0.1'],
  'one of the second tier': ['1.0'],
  'all of the second tier': ['1.0', '1.1'],
  'a stranger': [],
} as const

const times = { early: '12:05:00', escalated: '12:15:00', late: '16:00:00' } as const

type Who = keyof typeof people
type Row = readonly [who: Who, early: string, escalated: string, late: string]

const over = 'not-pending'
const nobody = 'no-approver'

// biome-ignore format: a table
const denials: readonly Row[] = [
  ['one of the first tier',  'denied', 'denied', over],
  ['all of the first tier',  'denied', 'denied', over],
  ['one of the second tier', nobody,   'denied', over],
  ['all of the second tier', nobody,   'denied', over],
  ['a stranger',             nobody,   nobody,   over],
]

// biome-ignore format: a table
const matrix: Readonly<Record<ApprovalRule['mode'], Readonly<Record<'approve' | 'deny', readonly Row[]>>>> = {
  'any-of': {
    approve: [
      ['one of the first tier',  'approved', 'approved', over],
      ['all of the first tier',  'approved', 'approved', over],
      ['one of the second tier', nobody,     'approved', over],
      ['all of the second tier', nobody,     'approved', over],
      ['a stranger',             nobody,     nobody,     over],
    ],
    deny: denials,
  },
  'all-of': {
    approve: [
      ['one of the first tier',  'recorded', 'recorded', over],
      ['all of the first tier',  'approved', 'approved', over],
      ['one of the second tier', nobody,     'recorded', over],
      ['all of the second tier', nobody,     'approved', over],
      ['a stranger',             nobody,     nobody,     over],
    ],
    deny: denials,
  },
}

const cells = (['any-of', 'all-of'] as const).flatMap((mode) =>
  (['approve', 'deny'] as const).flatMap((verdict) =>
    matrix[mode][verdict].flatMap(([who, early, escalated, late]) => [
      { mode, verdict, who, time: 'early' as const, outcome: early },
      { mode, verdict, who, time: 'escalated' as const, outcome: escalated },
      { mode, verdict, who, time: 'late' as const, outcome: late },
    ]),
  ),
)

const pending = (mode: ApprovalRule['mode']) => {
  const { approvedAt: _, ...reason } = aReason()
  const approval = beginApproval(ruleOf(mode), at('12:00:00'), at('16:00:00'))
  return aPair({ reasons: [{ ...reason, status: 'pending-approval', approval }] })
}

describe('a word about a pending request', () => {
  test.each(cells)('$mode: $verdict of $who, $time → $outcome', (cell) => {
    const now = at(times[cell.time])

    const outcome = takeDecision(
      pending(cell.mode),
      'request-1',
      ({ opened }) => ({
        approver: 'petra',
        verdict: cell.verdict,
        entries: people[cell.who].filter((entry) => Number.parseInt(entry, 10) < opened.length),
      }),
      { now, actor: { id: 'petra', type: 'user' } },
    )

    expect(outcome.kind).toBe(cell.outcome)
  })
})
