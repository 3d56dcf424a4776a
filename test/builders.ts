import type { AccessKey } from '../shared/access/access.ts'
import { type Limits, newPair, type Pair, type Reason } from '../shared/access/pair.ts'

/** Literal instants of the tests' day. */
export const at = (time: string) => new Date(`2026-01-05T${time}Z`)
export const iso = (time: string) => at(time).toISOString()

export const aLimits = (over: Partial<Limits> = {}): Limits => ({
  overdueAfter: 5 * 60_000,
  giveUpAfter: 15 * 60_000,
  replicationTime: 60_000,
  retryMaximum: 60_000,
  ...over,
})

const aKey = (over: Partial<AccessKey> = {}): AccessKey => ({
  tenantId: '10000000-0000-4000-8000-000000000001',
  grantee: '20000000-0000-4000-8000-000000000001',
  resource: { type: 'group', id: '30000000-0000-4000-8000-000000000001' },
  permission: 'member',
  ...over,
})

export const aReason = (over: Partial<Reason> = {}): Reason => ({
  id: 'request-1',
  status: 'granting',
  requester: { id: 'mia', type: 'user' },
  integration: 'ContosoEntra',
  accessFlow: { name: 'oncall', version: 1 },
  resourceName: 'Production Readers',
  correlationId: 'request-1',
  durationMilliseconds: 3_600_000,
  approvedAt: iso('12:00:00'),
  ...over,
})

/** Granted at noon for an hour. */
export const anActiveReason = (over: Partial<Reason> = {}): Reason =>
  aReason({
    status: 'active',
    attemptedAt: iso('12:00:00'),
    grantedAt: iso('12:00:01'),
    endsAt: iso('13:00:00'),
    mechanism: 'direct',
    ...over,
  })

export const aPair = (over: Partial<Pair> = {}): Pair => ({ ...newPair(aKey()), ...over })

/** A pair whose access this broker added. */
export const aHeldPair = (over: Partial<Pair> = {}): Pair =>
  aPair({ held: 'ours', before: 'absent', lastWriteAt: iso('12:00:01'), ...over })
