import type { ProblemAnswer } from '../../../shared/config/answers-schema.ts'

/** Why the API did not do what it was asked for; status 0 where it was not reached. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly title: string
  /** By which the operator finds it in the log. */
  readonly instance: string | undefined
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
  readonly trace: ProblemAnswer['trace']
  readonly nearest: ProblemAnswer['nearest']
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined
  readonly code: string
  /** How many there really are, where the call expected another number. */
  readonly count: number | undefined

  constructor(problem: Partial<ProblemAnswer> & { readonly status: number }, retryAfter?: number) {
    super(problem.detail ?? 'Something went wrong.')
    this.status = problem.status
    this.title = problem.title ?? 'Something went wrong'
    this.instance = problem.instance
    this.errors = problem.errors ?? []
    this.trace = problem.trace
    this.nearest = problem.nearest
    this.retryAfter = retryAfter
    this.count = typeof problem['count'] === 'number' ? problem['count'] : undefined
    this.code = problem.type?.split('/').at(-1) ?? ''
  }
}

export const notReached = {
  status: 0,
  title: 'The service cannot be reached',
  detail: 'There is no connection at the moment. It is tried again by itself.',
}
