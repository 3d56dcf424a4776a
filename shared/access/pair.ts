import type { AccessKey } from './access.ts'
import type { ApprovalState } from './approval.ts'
import type { Actor } from './events.ts'
import type { OwnSchedule } from './schedule.ts'

/** A request that still asks something of people, the directory or the clock. */
export type OpenStatus =
  | 'pending-approval'
  | 'scheduled'
  | 'granting'
  | 'active'
  | 'ending'
  | 'overdue'
export type ClosedStatus = 'ended' | 'denied' | 'cancelled' | 'timed-out' | 'failed'
export type RequestStatus = OpenStatus | ClosedStatus

export type EndReason =
  | 'expired'
  | 'given-back'
  | 'revoked'
  | 'emergency'
  | 'person-left'
  | 'resource-gone'
  | 'no-longer-eligible'

/**
 * `pim`: by a schedule that the directory ends itself, if nobody else does. `already-held`: standing
 * access was found, so nothing was added and nothing will be taken.
 */
export type Mechanism = 'direct' | 'pim' | 'already-held'

/** How the integration wanted access to be given when it was asked for; absent is `direct`. */
export interface Giving {
  readonly mechanism: 'pim'
  /** Where the tenant has no licence for it. */
  readonly fallback?: 'direct'
  /** Who ends it at its time; absent is this broker. */
  readonly endBy?: 'entra'
}

/** Why a request failed, as data; `detail` is for people. */
export interface Problem {
  readonly code: string
  readonly detail: string
}

/**
 * One reason for the pair's access: the part of a request that its life cycle needs and changes.
 * Instants are ISO 8601 text in UTC.
 */
export interface Reason {
  readonly id: string
  readonly status: RequestStatus
  readonly requester: Actor
  readonly integration: string
  readonly accessFlow: { readonly name: string; readonly version: number }
  readonly resourceName: string
  readonly correlationId: string
  readonly durationMilliseconds: number
  readonly giving?: Giving
  /** Where people have to say yes: how far they are. */
  readonly approval?: ApprovalState
  /** Absent as long as nobody has approved it. */
  readonly approvedAt?: string
  readonly startsAt?: string
  /** Fixed in the transaction of the first attempt, before anything is added (answers 0.10). */
  readonly endsAt?: string
  /** How often its end was moved, where a flow gives access without anybody asking. */
  readonly renewals?: number
  readonly attemptedAt?: string
  readonly grantedAt?: string
  readonly endedAt?: string
  readonly mechanism?: Mechanism
  readonly endReason?: EndReason
  readonly endRequestedAt?: string
  /** The grant is no longer tried; it fails as soon as its absence is proven. */
  readonly givenUp?: Problem
  readonly problem?: Problem
}

/** A write to the directory that may be under way; no other may start before it is closed. */
export interface Attempt {
  readonly id: string
  readonly kind: 'add' | 'update' | 'remove'
  /** The end that is asked for, where a schedule is moved. */
  readonly endsAt?: string
  readonly startedAt: string
  /** The call is aborted here; a crashed one cannot take effect of its own later. */
  readonly deadline: string
}

/**
 * What the ledger knows of the directory.
 * `ours`: we added it. `standing`: it was there before us or given outside us. `unsure`: a write of
 * ours got no clear answer.
 */
export type Held = 'none' | 'ours' | 'standing' | 'unsure'

/** What others did to an access while reasons for it were active. */
export interface Drift {
  /** Seen to be gone without an end of ours. */
  readonly lostAt?: string
  /** How often it has been added again since. */
  readonly repairs: number
  /** It is to be added again. */
  readonly repairing?: boolean
}

/**
 * An end that was proven by the absence of person or resource. Restored objects bring their links
 * back, so the pair is looked at until nobody can restore them any more.
 */
export interface Watch {
  readonly nextAt: string
  readonly until: string
  /** The grant that ended so: what is found and done is told in its name. */
  readonly reason: Reason
  /** The role assignment or the schedule that was ours. */
  readonly assignmentId?: string
  readonly schedule?: OwnSchedule
  /** The object came back with our access: it has to be taken away. */
  readonly isBack?: boolean
}

/** The aggregate: one grantee's access to one resource, and every open reason for it. */
export interface Pair {
  readonly key: AccessKey
  readonly held: Held
  /** What was there before the first of the attempts that left us unsure, as far as we know. */
  readonly before?: 'absent' | 'present'
  readonly assignmentId?: string
  /** Where this stretch of access is given by a schedule: frozen from its first attempt on. */
  readonly schedule?: OwnSchedule & {
    /** An end that the directory did not let it have: not asked for again. */
    readonly refusedEnd?: string
  }
  /** Schedules were wanted and could not be had: plain entries for the rest of this stretch. */
  readonly fallback?: 'unlicensed'
  /** The standing access that was found has an end of its own. */
  readonly standingUntil?: string
  readonly attempt?: Attempt
  /** When a write of ours can last have taken effect. */
  readonly lastWriteAt?: string
  /** When a removal of ours can last have taken effect. */
  readonly lastOwnEndAt?: string
  /** First of the reads that say absent while an unclear write could still be replicating. */
  readonly absentSince?: string
  readonly retry?: { readonly count: number; readonly at: string }
  readonly drift?: Drift
  readonly watch?: Watch
  /** The open ones only. */
  readonly reasons: readonly Reason[]
}

/** Times that the life cycle depends on, in milliseconds. */
export interface Limits {
  readonly overdueAfter: number
  readonly giveUpAfter: number
  readonly replicationTime: number
  readonly retryMaximum: number
}

/** A write is aborted this long after its attempt was committed. */
export const attemptMilliseconds = 20_000
/** A second removal cannot harm, so it waits less for a first one that may be under way. */
const removalFenceMilliseconds = 5_000
export const firstRetryMilliseconds = 1_000

/** A pair nobody has asked for yet. */
export function newPair(key: AccessKey): Pair {
  return { key, held: 'none', reasons: [] }
}

/** Time after which another attempt may start. */
export function fenceOf(attempt: Attempt, wanted: boolean): number {
  const deadline = Date.parse(attempt.deadline)
  if (attempt.kind === 'add' || wanted) return deadline
  return Math.min(deadline, Date.parse(attempt.startedAt) + removalFenceMilliseconds)
}

/** When a reason's access should begin, in milliseconds; never for one that nobody has approved. */
export function beginOf({ startsAt, approvedAt }: Reason): number {
  return approvedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(startsAt ?? approvedAt)
}

/**
 * When the end of a reason is due: its time, or the moment somebody asked for it; never before
 * either is known.
 */
export function endDueAt(reason: Reason): number {
  return Math.min(...instantsOf(reason.endsAt, reason.endRequestedAt))
}

/** When absence may be believed: an unclear write has had the time to show. */
export function lookAt(pair: Pair, limits: Limits): number {
  return Math.max(...instantsOf(pair.absentSince, pair.lastWriteAt)) + limits.replicationTime
}

/** Those that are known, in milliseconds. */
export function instantsOf(...texts: readonly (string | undefined)[]): readonly number[] {
  return texts.filter((text) => text !== undefined).map((text) => Date.parse(text))
}

/** A removal got no clear answer: it may have taken effect, or yet do so, until `at`. */
export function mayHaveEnded(pair: Pair, at: string): Pair {
  return {
    ...unsureOfOurs(pair),
    lastOwnEndAt: later(pair.lastOwnEndAt, at),
    lastWriteAt: later(pair.lastWriteAt, at),
  }
}

/** What we added may be gone: wanted again, it has to be added again, and is ours if it "exists". */
export function unsureOfOurs(pair: Pair): Pair {
  return { ...pair, held: 'unsure', before: 'absent' }
}

/** How the access that a pair holds was given. */
export function mechanismOf({ held, schedule }: Pair): Mechanism {
  if (held === 'standing') return 'already-held'
  return schedule === undefined ? 'direct' : 'pim'
}

/** The later of two instants in ISO text. */
export function later(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b
}

const closed: ReadonlySet<RequestStatus> = new Set<ClosedStatus>([
  'ended',
  'denied',
  'cancelled',
  'timed-out',
  'failed',
])

export function isOpen(status: RequestStatus): status is OpenStatus {
  return !closed.has(status)
}
