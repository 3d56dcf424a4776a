import type { Accounts, AccountWrite } from './accounts.ts'
import { retryAfterOf } from './classify-graph-error.ts'
import type { WriteOutcome } from './directory.ts'
import { accountItselfPath, restorePath, revokeSessionsPath } from './graph-account-paths.ts'
import { isObjectId } from './graph-paths.ts'
import { errorOf, type Wait, withinTime } from './graph-reads.ts'
import {
  type GraphAnswer,
  type GraphCall,
  requestIdOf,
  type SendToGraph,
  TransportFailure,
} from './graph-transport.ts'

interface Needs {
  readonly send: SendToGraph
  readonly now: () => Date
  readonly wait: Wait
}

type Call = Pick<GraphCall, 'method' | 'path' | 'body' | 'deletesAccount'>

/** Changes of a whole account: each is sent once, and is over by its deadline. */
export function createAccountWrites({ send, now, wait }: Needs): Accounts['write'] {
  return async (id, what, { deadline, attemptId }) => {
    if (!isObjectId(id)) {
      return { kind: 'refused', reason: 'invalid', detail: 'Cannot name the account' }
    }
    const milliseconds = deadline.getTime() - now().getTime()
    if (milliseconds <= 0) return { kind: 'not-applied', detail: 'Cannot write: no time is left' }
    return withinTime(wait, milliseconds, async (signal) => {
      try {
        const call = callOf(id, what)
        return outcomeOf(await send({ ...call, requestId: attemptId, signal }), now())
      } catch (error) {
        if (!(error instanceof TransportFailure)) throw error
        const kind = error.kind === 'reply-lost' ? 'ambiguous' : 'not-applied'
        return { kind, detail: error.message }
      }
    })
  }
}

function callOf(id: string, what: AccountWrite): Call {
  switch (what) {
    case 'disable':
    case 'enable': {
      const body = { accountEnabled: what === 'enable' }
      return { method: 'PATCH', path: accountItselfPath(id), body }
    }
    case 'delete':
      return { method: 'DELETE', path: accountItselfPath(id), deletesAccount: true }
    case 'restore':
      return { method: 'POST', path: restorePath(id), body: {} }
    case 'revoke-sessions':
      return { method: 'POST', path: revokeSessionsPath(id), body: {} }
  }
}

function outcomeOf(answer: GraphAnswer, now: Date): WriteOutcome {
  const { status, headers, body } = answer
  const graphRequestId = requestIdOf(answer)
  const told = graphRequestId === undefined ? {} : { graphRequestId }
  if (status >= 200 && status < 300) return { kind: 'done', ...told }
  const { code, message } = errorOf(body)
  const detail = [String(status), code, message.slice(0, 300)]
    .filter((part) => part !== '')
    .join(' ')
  if (status >= 500 || status === 408 || status < 400) return { kind: 'ambiguous', detail, ...told }
  if (status === 401 || status === 429) {
    const wish = retryAfterOf(headers.get('retry-after') ?? undefined, now)
    return { kind: 'not-applied', detail, ...wish, ...told }
  }
  // Already deleted, or already restored, or purged: what is there now tells which.
  if (status === 404) return { kind: 'already', missing: 'grantee', ...told }
  return { kind: 'refused', reason: status === 403 ? 'forbidden' : 'invalid', detail, ...told }
}
