/** Access by Privileged Identity Management (PIM): a schedule that the directory ends by itself. */

/** A schedule to be made, or the new end of one. */
export interface AskedSchedule {
  readonly endsAt: string
  /** Shown in the directory's own log; never a person's words. */
  readonly justification: string
}

/** A schedule of this broker, as far as its ledger knows it. */
export interface OwnSchedule {
  /** Absent while no answer told it. */
  readonly id?: string
  readonly startedAt?: string
  /** What was asked for last. */
  readonly endsAt: string
}

/** What the directory shows of an access that is active now. */
export interface FoundSchedule {
  readonly id: string
  /** `activated`: by the person himself, who is eligible. */
  readonly by: 'assigned' | 'activated'
  readonly startedAt?: string
  /** Absent for standing access. */
  readonly endsAt?: string
}

/** An assignment cannot be taken away before it is this old. */
export const youngestMilliseconds = 5 * 60_000

/** The directory may round what it was told. */
const roundingMilliseconds = 1_000

/**
 * Whether a schedule is the one this broker made: by its id, or, where a lost answer never told that,
 * by the very end that was asked for.
 */
export function isOwn(found: FoundSchedule, own: OwnSchedule): boolean {
  if (found.by !== 'assigned') return false
  if (own.id !== undefined) return found.id.toLowerCase() === own.id.toLowerCase()
  return endsLike(found, own.endsAt)
}

/** Whether a schedule ends at an instant, as exactly as the directory keeps it. */
export function endsLike({ endsAt }: FoundSchedule, wanted: string): boolean {
  if (endsAt === undefined) return false
  return Math.abs(Date.parse(endsAt) - Date.parse(wanted)) < roundingMilliseconds
}
