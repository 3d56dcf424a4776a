import type { Nearest, TraceEntry } from '../access/evaluate.ts'

/** Why a call was not carried out, as data. One file of `functions/http` turns it into a problem. */
export interface Refusal {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  /** Stable; the last part of the problem's type. */
  readonly code: string
  readonly detail: string
  readonly errors?: readonly FieldError[]
  readonly trace?: readonly TraceEntry[]
  /** The flow that came nearest to allowing it, and what would have to change. */
  readonly nearest?: Nearest
  readonly facts?: Readonly<Record<string, unknown>>
  /** When another try may be better, where that is known. */
  readonly retryAfterSeconds?: number
}

export type RefusalReason =
  | 'invalid'
  | 'not-allowed'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'stale'
  | 'cannot-be-managed'
  | 'not-feasible'
  | 'too-many'

export interface FieldError {
  /** JSON pointer (RFC 6901) into the body. */
  readonly pointer: string
  readonly detail: string
}

export function refused(
  reason: RefusalReason,
  code: string,
  detail: string,
  more: Pick<Refusal, 'errors' | 'trace' | 'nearest' | 'facts'> = {},
): Refusal {
  return { kind: 'refused', reason, code, detail, ...more }
}

/** One field is wrong. */
export function invalidField(pointer: string, detail: string): Refusal {
  return refused('invalid', 'invalid', `Cannot take the request: ${pointer} is wrong`, {
    errors: [{ pointer, detail }],
  })
}

export const emergencyStopRefusal = refused(
  'conflict',
  'emergency-stop',
  'The emergency stop is on: no new access is granted. Access that is active ends as planned.',
)
