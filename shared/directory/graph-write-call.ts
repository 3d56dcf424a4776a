import type { AccessKey } from '../access/access.ts'
import { DirectoryUnavailableError } from '../access/errors.ts'
import type { GraphErrorAnswer } from './classify-graph-error.ts'
import type { WriteLimits, WriteOutcome } from './directory.ts'
import { isObjectId, roleScope } from './graph-paths.ts'
import { errorOf, type Wait, withinTime } from './graph-reads.ts'
import { type GraphAnswer, requestIdOf, TransportFailure } from './graph-transport.ts'
import type { WriteGovernor } from './write-governor.ts'

interface Needs {
  readonly tenantId: string
  readonly now: () => Date
  readonly wait: Wait
}

/** Makes one write within its limits: nothing of it is under way after the deadline. */
export async function writeWithin(
  { tenantId, now, wait }: Needs,
  access: AccessKey,
  { deadline }: WriteLimits,
  run: (signal: AbortSignal) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  const problem = unnameable(access, tenantId)
  if (problem !== undefined) return { kind: 'refused', reason: 'invalid', detail: problem }
  const milliseconds = deadline.getTime() - now().getTime()
  if (milliseconds <= 0) return { kind: 'not-applied', detail: 'Cannot write: no time is left' }
  return withinTime(wait, milliseconds, async (signal) => {
    try {
      return await run(signal)
    } catch (error) {
      return failedOutcome(error)
    }
  })
}

/** The request id of an answer, as far as there is one. */
export function toldBy(answer: GraphAnswer): { readonly graphRequestId?: string } {
  const graphRequestId = requestIdOf(answer)
  return graphRequestId === undefined ? {} : { graphRequestId }
}

/** The parts of an answer that decide what a refusal means. */
export function errorAnswerOf(answer: GraphAnswer): GraphErrorAnswer {
  const retryAfter = answer.headers.get('retry-after')
  return {
    status: answer.status,
    ...errorOf(answer.body),
    ...toldBy(answer),
    ...(retryAfter === null ? {} : { retryAfter }),
  }
}

export function isSuccess({ status }: GraphAnswer): boolean {
  return status >= 200 && status < 300
}

/** What the directory says of its limits counts for all writes, not only for this one. */
export function tellGovernor(
  governor: Pick<WriteGovernor, 'pause' | 'heed'>,
  { headers }: GraphAnswer,
  outcome: WriteOutcome,
) {
  const share = headers.get('x-ms-throttle-limit-percentage')
  if (share !== null) governor.heed(Number(share))
  if (outcome.kind !== 'not-applied' || outcome.retryAfterSeconds === undefined) return
  governor.pause(outcome.retryAfterSeconds)
}

function failedOutcome(error: unknown): WriteOutcome {
  if (error instanceof TransportFailure) {
    const kind = error.kind === 'reply-lost' ? 'ambiguous' : 'not-applied'
    return { kind, detail: error.message }
  }
  // What has to be read before the write could not be, so nothing was sent.
  if (error instanceof DirectoryUnavailableError) {
    const seconds = error.retryAfterSeconds
    return {
      kind: 'not-applied',
      detail: error.message,
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    }
  }
  throw error
}

function unnameable(access: AccessKey, ownTenant: string): string | undefined {
  const { tenantId, grantee, resource, permission } = access
  if (tenantId.toLowerCase() !== ownTenant.toLowerCase()) {
    return 'Cannot write to the tenant: it is not the one of this connector'
  }
  if (!isObjectId(grantee)) return 'Cannot name the grantee: it is no object id'
  if (!isObjectId(resource.id)) return 'Cannot name the resource: it is no object id'
  if ((resource.type === 'group') === (permission === 'active')) {
    return `Cannot give ${permission} of a ${resource.type}: there is no such permission`
  }
  if (resource.type === 'directory-role' && roleScope(resource) === undefined) {
    return 'Cannot name the scope: it is neither tenant nor administrative unit'
  }
  return undefined
}
