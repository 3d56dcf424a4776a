import type { HttpResponseInit } from '@azure/functions'
import type { Refusal, RefusalReason } from '../../shared/operations/refusal.ts'

/** What a problem document says besides its status (RFC 9457). */
export interface Problem {
  readonly status: number
  /** Stable, the last part of `type`. */
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly more?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A problem document. `instance` is the invocation, by which the operator finds the log lines. */
export function problemResponse(problem: Problem, invocationId: string): HttpResponseInit {
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...problem.headers,
    },
    body: JSON.stringify(problemBody(problem, invocationId)),
  }
}

/** The document itself, also as a part of another answer. */
export function problemBody(
  problem: Problem,
  invocationId: string,
): Readonly<Record<string, unknown>> {
  return {
    type: `/problems/${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    instance: `urn:uuid:${invocationId}`,
    ...problem.more,
  }
}

const wire: Readonly<Record<RefusalReason, { readonly status: number; readonly title: string }>> = {
  invalid: { status: 400, title: 'The request is not valid' },
  'not-allowed': { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Not possible in the present state' },
  gone: { status: 410, title: 'Not there any more' },
  stale: { status: 412, title: 'Changed meanwhile' },
  'cannot-be-managed': { status: 422, title: 'This resource cannot be managed' },
  'not-feasible': { status: 422, title: 'It cannot be given as asked' },
  'too-many': { status: 429, title: 'Too many' },
}

/** The one place where refusals become HTTP. */
export function refusalProblem(refusal: Refusal): Problem {
  const { status, title } = wire[refusal.reason]
  return {
    status,
    title,
    code: refusal.code,
    detail: refusal.detail,
    more: {
      ...refusal.facts,
      ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
      ...(refusal.trace === undefined ? {} : { trace: refusal.trace }),
      ...(refusal.nearest === undefined ? {} : { nearest: refusal.nearest }),
    },
    ...(status === 429
      ? { headers: { 'retry-after': String(refusal.retryAfterSeconds ?? 60) } }
      : {}),
  }
}

export const notFound: Problem = {
  status: 404,
  code: 'not-found',
  title: 'Not found',
  detail: 'There is no such thing, or none that you may see.',
}

export const unavailable: Problem = {
  status: 503,
  code: 'unavailable',
  title: 'Not available now',
  detail: 'Something this call needs does not answer now. Nothing is lost; try again.',
  headers: { 'retry-after': '5' },
}
