import { describe, expect, test } from 'vitest'
import { beginApproval, decide } from '../../shared/access/approval.ts'
import { renewReason } from '../../shared/access/automatic.ts'
import { afterAdd, afterRemove, attemptAdd } from '../../shared/access/directory-answers.ts'
import { afterRepair, afterWatch, keepWatch } from '../../shared/access/drift.ts'
import { draftOf, move } from '../../shared/access/life-cycle.ts'
import { takeDecision } from '../../shared/access/pending.ts'
import { requestEnd } from '../../shared/access/requests.ts'
import { mergeGroup } from '../../shared/access/resource.ts'
import { settle } from '../../shared/access/settle.ts'
import { aHeldPair, anActiveReason, aPair, aReason, at, iso } from '../builders.ts'
import { limits, now, weigh } from './sightings.ts'

const ada = { id: 'ada', type: 'user' } as const
const ending = anActiveReason({ status: 'ending', endRequestedAt: iso('12:29:00') })
const approval = beginApproval(
  { mode: 'all-of', steps: [{ approvers: ['manager', 'resource-owner'] }] },
  at('12:00:00'),
  at('18:00:00'),
)
const pending = aReason({ status: 'pending-approval', approval })
const lost = aHeldPair({ drift: { lostAt: iso('12:10:00'), repairs: 1, repairing: true } })
const word = { approver: 'petra', verdict: 'approve', entries: ['0.0'] } as const

/** Where something says nothing, though it has a field for it. */
function emptyFieldsOf(value: unknown, path = ''): readonly string[] {
  if (value === undefined) return [path]
  if (typeof value !== 'object' || value === null || value instanceof Date) return []
  const parts = value instanceof Map ? [...value] : Object.entries(value)
  return parts.flatMap(([key, part]) => emptyFieldsOf(part, `${path}/${key}`))
}

describe('what is recorded, and so hashed, has no field without a value', () => {
  test.each<[what: string, recorded: unknown]>([
    ['a granted request', afterAdd(granting(), { kind: 'done' }, now, limits)],
    ['standing access that was found', afterAdd(granting(), { kind: 'already' }, now, limits)],
    [
      'a refused grant',
      afterAdd(granting(), { kind: 'refused', reason: 'forbidden', detail: 'No.' }, now, limits),
    ],
    ['a removal', afterRemove(aHeldPair({ reasons: [ending] }), { kind: 'done' }, now, limits)],
    [
      'access that was not there',
      afterRemove(aHeldPair({ reasons: [ending] }), { kind: 'already' }, now, limits),
    ],
    [
      'a deleted object',
      afterRemove(
        aHeldPair({ reasons: [ending] }),
        { kind: 'already', missing: 'grantee' },
        now,
        limits,
      ),
    ],
    [
      'a restored object',
      afterWatch(
        aPair({ watch: { nextAt: iso('12:00:00'), until: iso('23:00:00'), reason: ending } }),
        { readAt: now, present: true, person: 'enabled', isResourceGone: false },
        now,
      ),
    ],
    ['a loss', weigh(aHeldPair({ reasons: [anActiveReason()] }), { present: false })],
    ['a loss that concerns nobody', afterRepair(draftOf(lost), now)],
    ['a watch over nothing', keepWatch(draftOf(aHeldPair()), now)],
    ['an end in time', settle(aHeldPair({ reasons: [anActiveReason()] }), inputs('13:00:00'))],
    [
      'an end that another request outlives',
      settle(
        aHeldPair({ reasons: [ending, anActiveReason({ id: 'request-2' })] }),
        inputs('12:30:00'),
      ),
    ],
    ['a cancellation', requestEnd(aPair({ reasons: [aReason({ status: 'scheduled' })] }), wish())],
    ['an end by hand', requestEnd(aHeldPair({ reasons: [anActiveReason()] }), wish())],
    [
      'a renewal',
      renewReason(aHeldPair({ reasons: [anActiveReason()] }), 'request-1', {
        now,
        maximumMilliseconds: 3_600_000,
        accessFlow: { name: 'team', version: 2 },
      }),
    ],
    ['the beginning of an approval', approval],
    ['a decision', decide(approval, word, now)],
    [
      'the word of an approver',
      takeDecision(aPair({ reasons: [pending] }), pending.id, () => word, { now, actor: ada }),
    ],
    [
      'a change of status',
      move(draftOf(aPair({ reasons: [aReason()] })), aReason(), { to: 'ending', at: now }),
    ],
    [
      'a group',
      mergeGroup(
        undefined,
        { id: 'g', isGone: false, facts: {}, attributes: {}, owners: { added: [], removed: [] } },
        { at: iso('12:00:00') },
      ),
    ],
  ])('%s', (_what, recorded) => {
    expect(recorded).toBeDefined()
    expect(emptyFieldsOf(recorded)).toEqual([])
  })
})

function granting() {
  const pair = aPair({ reasons: [aReason()] })
  return attemptAdd(draftOf(pair), pair.reasons, 'a1', 'absent', at('12:29:59')).pair
}

function inputs(time: string) {
  return { now: at(time), limits }
}

function wish() {
  return { requestId: 'request-1', actor: ada, endReason: 'given-back', now } as const
}
