import { describe, expect, test } from 'vitest'
import { beginApproval } from '../../shared/access/approval.ts'
import { renewReason } from '../../shared/access/automatic.ts'
import type { Draft } from '../../shared/access/life-cycle.ts'
import type { Pair, Reason } from '../../shared/access/pair.ts'
import { failPending, takeDecision } from '../../shared/access/pending.ts'
import { cancel, requestEnd } from '../../shared/access/requests.ts'
import { aHeldPair, anActiveReason, aReason, at } from '../builders.ts'

const now = at('12:30:00')
const petra = { id: 'petra', type: 'user' } as const
const approval = beginApproval(
  { mode: 'any-of', steps: [{ approvers: ['manager'] }] },
  at('12:00:00'),
  at('18:00:00'),
)
const pending = aReason({ status: 'pending-approval', approval })
const wishFor = (requestId: string) => ({ requestId, actor: petra, now })
const says = (verdict: 'approve' | 'deny') => (pair: Pair, id: string) =>
  takeDecision(pair, id, () => ({ approver: 'petra', verdict, entries: ['0.0'] }), {
    now,
    actor: petra,
  })

/** Everything that somebody does to one request of a pair, by the request's id. */
const deeds: readonly {
  what: string
  to: Reason
  does: (pair: Pair, id: string) => Draft | object | undefined
}[] = [
  { what: 'an approval', to: pending, does: says('approve') },
  { what: 'a denial', to: pending, does: says('deny') },
  {
    what: 'a failure by policy',
    to: pending,
    does: (pair, id) => failPending(pair, id, { code: 'no-flow', detail: 'None.' }, now),
  },
  { what: 'a cancellation', to: pending, does: (pair, id) => cancel(pair, wishFor(id)) },
  {
    what: 'an early end',
    to: anActiveReason(),
    does: (pair, id) => requestEnd(pair, { ...wishFor(id), endReason: 'revoked' }),
  },
  {
    what: 'a renewal',
    to: anActiveReason(),
    does: (pair, id) =>
      renewReason(pair, id, {
        now,
        maximumMilliseconds: 3_600_000,
        accessFlow: { name: 'team', version: 2 },
      }),
  },
]

/** The draft of whatever came of it. */
const draftOf = (outcome: object | undefined): Draft | undefined => {
  if (outcome === undefined) return undefined
  const { draft = outcome } = outcome as { draft?: object }
  return 'pair' in draft ? (draft as Draft) : undefined
}

describe('what is done to one request of a pair', () => {
  test.each(deeds)('touches that request and no other: $what', ({ to, does }) => {
    const [first, second] = [
      { ...to, id: 'request-1' },
      { ...to, id: 'request-2' },
    ]
    const pair = aHeldPair({ reasons: [first, second] })

    const draft = draftOf(does(pair, 'request-2'))

    expect([...(draft?.touched.keys() ?? [])]).toEqual(['request-2'])
    expect(draft?.events.map(({ requestId }) => requestId)).toEqual(['request-2'])
    expect(draft?.pair.reasons).toContainEqual(first)
  })

  test.each(deeds)('is nothing where the pair does not know the request: $what', (deed) => {
    const pair = aHeldPair({ reasons: [deed.to] })

    expect(draftOf(deed.does(pair, 'request-of-another'))).toBeUndefined()
  })
})
