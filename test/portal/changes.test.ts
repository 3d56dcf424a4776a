import { describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../portal/src/api/types.ts'
import { changesOf } from '../../portal/src/pages/request/changes.ts'

type Seen = Parameters<typeof changesOf>[0]
type Decision = AccessRequest['approval']['steps'][number]['decisions'][number]

const petra: Decision = {
  approver: 'petra',
  name: 'Petra Novák',
  decision: 'approve',
  at: '2026-11-25T09:00:00.000Z',
  duration: 'PT15M',
}

const seen = (changes: Partial<Seen> = {}): Seen => ({
  status: 'pending-approval',
  duration: 'PT30M',
  resource: { type: 'group', id: 'g', name: 'Production Writers' },
  justification: 'Rollback',
  approval: approvalWith(),
  ...changes,
})

function approvalWith(...decisions: readonly Decision[]): Seen['approval'] {
  const step = { stage: 0, state: 'open' as const, approvers: [], decisions: [...decisions] }
  return { automatic: false, mode: 'all-of', steps: [step, { ...step, state: 'waiting' }] }
}

describe('what has changed since somebody looked', () => {
  test('is nothing where a request is the same', () => {
    expect(changesOf(seen(), seen())).toEqual([])
  })

  test.each<readonly [string, Partial<Seen>, string]>([
    ['a decision', { status: 'cancelled' }, 'It is cancelled by now.'],
    ['the duration', { duration: 'PT2H' }, 'It is for 2 hours now, not 30 minutes.'],
    [
      'the name',
      { resource: { type: 'group', id: 'g', name: 'Everything' } },
      'The resource is called Everything now.',
    ],
    ['the start', { startsAt: '2026-11-26T09:00:00.000Z' }, 'It starts at another time.'],
    ['the ticket', { ticket: 'INC-1' }, 'The reason that was given is another one.'],
    [
      'the word of somebody else, once however many steps it counts for',
      { approval: approvalWith(petra) },
      'Petra Novák has approved it for 15 minutes.',
    ],
    [
      'a denial with its reason',
      {
        approval: approvalWith({
          approver: 'ben',
          decision: 'deny',
          at: '2026-11-25T09:01:00.000Z',
          reason: 'Not today',
        }),
      },
      'Another approver has denied it: Not today',
    ],
  ])('tells %s', (_what, changes, words) => {
    expect(changesOf(seen(), seen(changes))).toEqual([words])
  })

  test('leaves out what was known', () => {
    const known = seen({ approval: approvalWith(petra) })
    expect(changesOf(known, known)).toEqual([])
  })
})
