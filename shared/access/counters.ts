import type { EventDraft, EventName } from './events.ts'

/** How many times each bucket was met, by its number; buckets that were not are missing. */
export type Histogram = Readonly<Record<number, number>>

/** What happened in a stretch of time, as far as reports tell. */
export interface Counters {
  readonly requested: number
  /** By policy or by an approver. */
  readonly refused: number
  readonly granted: number
  readonly ended: number
  readonly overdue: number
  /** From request to approval, where people had to say yes. */
  readonly approval: Histogram
  /** From the end of the window to the proof of the end, where the window ran out. */
  readonly lateness: Histogram
}

export const noCounters: Counters = {
  requested: 0,
  refused: 0,
  granted: 0,
  ended: 0,
  overdue: 0,
  approval: {},
  lateness: {},
}

type Count = 'requested' | 'refused' | 'granted' | 'ended' | 'overdue'

const countOf: Partial<Readonly<Record<EventName, Count>>> = {
  'request.created': 'requested',
  'request.refused': 'refused',
  'request.denied': 'refused',
  'grant.active': 'granted',
  'grant.ended': 'ended',
  'grant.overdue': 'overdue',
}

/** Adds one event; `requestedAt` is when the request that it is about was made, where it is known. */
export function countEvent(
  counters: Counters,
  { event, at, detail }: Pick<EventDraft, 'event' | 'at' | 'detail'>,
  requestedAt: number | undefined,
): Counters {
  const name = countOf[event]
  const counted = name === undefined ? counters : { ...counters, [name]: counters[name] + 1 }
  if (event === 'request.approved' && detail['by'] === 'approvers' && requestedAt !== undefined) {
    return { ...counted, approval: met(counted.approval, Date.parse(at) - requestedAt) }
  }
  const { endsAt, endReason } = detail
  if (event === 'grant.ended' && endReason === 'expired' && typeof endsAt === 'string') {
    return { ...counted, lateness: met(counted.lateness, Date.parse(at) - Date.parse(endsAt)) }
  }
  return counted
}

/** Whether reports are told anything by an event. */
export function isCounted(event: EventName): boolean {
  return event in countOf || event === 'request.approved'
}

/** Both stretches of time as one. */
export function addCounters(one: Counters, other: Counters): Counters {
  return {
    requested: one.requested + other.requested,
    refused: one.refused + other.refused,
    granted: one.granted + other.granted,
    ended: one.ended + other.ended,
    overdue: one.overdue + other.overdue,
    approval: together(one.approval, other.approval),
    lateness: together(one.lateness, other.lateness),
  }
}

/**
 * The value, in seconds, that so great a share of all does not exceed: the geometric middle of its
 * bucket, at most 12 % off; null where nothing was met.
 */
export function quantile(histogram: Histogram, share: number): number | null {
  const buckets = Object.entries(histogram)
    .map(([bucket, times]) => [Number(bucket), times] as const)
    .sort(([a], [b]) => a - b)
  const all = buckets.reduce((sum, [, times]) => sum + times, 0)
  const wanted = Math.max(1, Math.ceil(all * share))
  let seen = 0
  for (const [bucket, times] of buckets) {
    seen += times
    if (seen >= wanted) return secondsOf(bucket)
  }
  return null
}

/** Bucket 0 ends here; each of the others is a quarter wider than the one before. */
const firstSeconds = 0.1
const growth = 1.25
/** The last one, which has no end: over a year. */
const lastBucket = 89

function bucketOf(milliseconds: number): number {
  const seconds = milliseconds / 1_000
  if (seconds <= firstSeconds) return 0
  return Math.min(lastBucket, Math.ceil(Math.log(seconds / firstSeconds) / Math.log(growth)))
}

function secondsOf(bucket: number): number {
  if (bucket === 0) return firstSeconds
  return Number((firstSeconds * growth ** (bucket - 0.5)).toPrecision(4))
}

function met(histogram: Histogram, milliseconds: number): Histogram {
  const bucket = bucketOf(milliseconds)
  return { ...histogram, [bucket]: (histogram[bucket] ?? 0) + 1 }
}

function together(one: Histogram, other: Histogram): Histogram {
  const sum: Record<number, number> = { ...one }
  for (const [bucket, times] of Object.entries(other)) {
    sum[Number(bucket)] = (sum[Number(bucket)] ?? 0) + times
  }
  return sum
}
