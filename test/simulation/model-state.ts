import type { AccessKey } from '../../shared/access/access.ts'
import type { Pair } from '../../shared/access/pair.ts'

/** What the story asked for under one key. */
export interface Wish {
  readonly key: string
  readonly access: AccessKey
  readonly requester: string
  readonly milliseconds: number
  /** The longest that the flow allows. */
  readonly maximum: number
  readonly needsApproval: boolean
  readonly startsAt?: number
  /** A flow gives it by itself. */
  readonly isAutomatic?: boolean
  /** What others take away of it is added again. */
  readonly isEnforced?: boolean
  /** Its end is left to the directory. */
  readonly isLeft?: boolean
}

export interface Request {
  readonly id: string
  readonly wish: Wish
  status: string
  milliseconds: number
  /** Where its end was moved to. */
  renewedTo?: number
  approvedBy?: string
  attemptedAt?: number
  activeAt?: number
  endRequestedAt?: number
  expiredAt?: number
  closedAt?: number
  proof?: string
}

export interface PairModel {
  readonly access: AccessKey
  readonly requests: Map<string, Request>
  readonly attempts: Set<string>
  sequence: number
  hash: string
  head?: Pair
  /** Whose the access in the directory is, if there is any. */
  whose: 'nobody' | 'ours' | 'standing' | 'either'
  /** When somebody took it away by hand, as long as it stays away. */
  takenAt: number | undefined
  /** When the broker recorded that. */
  lossToldAt: number | undefined
  /** The broker is adding it again. */
  isRepairing: boolean
  /** Since when it is to be there again. */
  repairFrom: number | undefined
  repairs: number
  lastRead: boolean | undefined
}

/** The parts of the model expect something of the product with this. */
export type Expect = (invariant: string, holds: boolean, what: string) => void

/** Published bounds: with nothing wrong, and after the last trouble is over. */
export const bound = 5_000
/** A fence of 20 s, proof by two reads, one back-off, one sweep with its grace, 5 s. */
export const boundAfterTrouble = 20_000 + 4_000 + 5_000 + 13_000 + 5_000
export const hour = 3_600_000

export class Violation extends Error {
  override readonly name = 'Violation'
  readonly invariant: string

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`)
    this.invariant = invariant
  }
}

/** What the broker can know of an addition by hand: it counts as standing only where it can be seen. */
export function seenByBroker({
  held,
  attempt,
  watch,
  schedule,
}: Partial<Pair>): PairModel['whose'] {
  // The first look at a restored object decides: what is there has come back with it.
  if (attempt !== undefined || watch !== undefined || held === 'unsure') return 'either'
  // A schedule of ours is known by its id; plain entries are all alike.
  return held === 'ours' && schedule === undefined ? 'ours' : 'standing'
}

export function endOf({ wish, attemptedAt, milliseconds, renewedTo }: Request): number {
  if (renewedTo !== undefined) return renewedTo
  return (wish.startsAt ?? attemptedAt ?? 0) + milliseconds
}

/** When nothing of the access may be left for this request's sake. */
export function overAt(request: Request, now: number): number {
  if (request.attemptedAt === undefined) return 0
  const ends = [endOf(request), request.endRequestedAt, request.closedAt]
  return Math.min(...ends.map((end) => end ?? Number.POSITIVE_INFINITY), now + 1e12)
}

export function isInWindow(request: Request, now: number): boolean {
  const { activeAt, closedAt, endRequestedAt, expiredAt } = request
  return (
    activeAt !== undefined &&
    closedAt === undefined &&
    endRequestedAt === undefined &&
    expiredAt === undefined &&
    now < endOf(request)
  )
}
