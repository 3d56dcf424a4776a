import type { AccessKey } from '../access/access.ts'
import type { RefusedWrite, WriteOutcome } from './directory.ts'
import { roleScope } from './graph-paths.ts'

/** The write that was answered. */
export interface Write {
  readonly operation: 'add' | 'update' | 'remove'
  readonly access: AccessKey
}

/** The parts of an error answer that decide what it means. */
export interface GraphErrorAnswer {
  readonly status: number
  /** `error.code`; empty where the body told nothing. */
  readonly code: string
  /** `error.message`; the only thing that tells some cases apart. */
  readonly message: string
  /** The `Retry-After` header as sent. */
  readonly retryAfter?: string
  readonly graphRequestId?: string
}

const alreadyThere =
  /added object references already exist|a conflicting object with one or more of the specified property values is present/i
const notThere = /removed object references do not exist/i
const notYetThere = /source resource object or one of the objects being referenced don'?t exist/i
const unmanageable =
  /mail-enabled security groups and or distribution list|on-premises mastered directory sync objects|not supported to be assigned to a single resource scope/i
const quota = /exceed the maximum quota|quota limit/i

/** Graph's answer to a write that was not a success, in the classes that decisions are built on. */
export function classifyGraphError(
  write: Write,
  answer: GraphErrorAnswer,
  now: Date,
): WriteOutcome {
  const { status, code, message } = unwrapped(answer)
  const told = answer.graphRequestId === undefined ? {} : { graphRequestId: answer.graphRequestId }
  const detail = describe(status, code, message)
  const refused = (reason: RefusedWrite): WriteOutcome => ({
    kind: 'refused',
    reason,
    detail,
    ...told,
  })
  const notApplied = (): WriteOutcome => ({
    kind: 'not-applied',
    detail,
    ...retryAfterOf(answer.retryAfter, now),
    ...told,
  })

  // 408 can come from a proxy that had already handed the write on.
  if (status >= 500 || status === 408 || status < 400) return { kind: 'ambiguous', detail, ...told }
  // No is certain, its reason is not: a body lost on its way, or a gateway that is not Graph.
  if (status === 401 || status === 429 || (code === '' && message === '')) return notApplied()
  if (write.operation === 'add' && alreadyThere.test(message)) return { kind: 'already', ...told }
  if (write.operation === 'remove' && notThere.test(message)) return { kind: 'already', ...told }
  if (code === 'Directory_QuotaExceeded' || quota.test(message)) return refused('quota')
  if (unmanageable.test(message)) return refused('not-manageable')

  switch (status) {
    case 403:
      return refused('forbidden')
    case 404:
      return missing(write, message, refused, notApplied, told)
    case 409:
      return isDuplicateAssignment(write, code) ? { kind: 'already', ...told } : notApplied()
    default:
      // A replica that has not heard of a new object says that it does not exist.
      return notYetThere.test(message) ? notApplied() : refused('invalid')
  }
}

/** Role assignments answer 409 for a second one of the same kind, with changing texts. */
function isDuplicateAssignment({ operation, access }: Write, code: string): boolean {
  return (
    operation === 'add' &&
    access.resource.type === 'directory-role' &&
    code !== 'Directory_ConcurrencyViolation'
  )
}

/** Seconds to wait, told as a number or as a date. */
export function retryAfterOf(
  header: string | undefined,
  now: Date,
): { readonly retryAfterSeconds?: number } {
  if (header === undefined || header.trim() === '') return {}
  const seconds = Number(header)
  const wait = Number.isNaN(seconds) ? (Date.parse(header) - now.getTime()) / 1000 : seconds
  return Number.isFinite(wait) ? { retryAfterSeconds: Math.max(0, wait) } : {}
}

/**
 * A 404 does not say which of group, person and link it is about: only the id in its text does.
 *
 * On a removal the person's id stands for the link and for the person alike.
 */
function missing(
  { operation, access }: Write,
  message: string,
  refused: (reason: RefusedWrite) => WriteOutcome,
  notApplied: () => WriteOutcome,
  told: { readonly graphRequestId?: string },
): WriteOutcome {
  const which = missingObject(access, message)
  if (operation === 'remove') {
    return which === 'resource'
      ? { kind: 'already', missing: 'resource', ...told }
      : { kind: 'already', ...told }
  }
  if (which === undefined) return notApplied()
  return refused(which === 'grantee' ? 'grantee-gone' : 'resource-gone')
}

/** Which object of an access the text of a 404 names. */
export function missingObject(
  access: AccessKey,
  message: string,
): 'grantee' | 'resource' | undefined {
  const named = /Resource '([^']+)'/i.exec(message)?.[1]?.toLowerCase()
  if (named === undefined) return undefined
  if (named === access.grantee.toLowerCase()) return 'grantee'
  const scope = access.resource.type === 'directory-role' ? roleScope(access.resource) : undefined
  const unit = scope?.kind === 'unit' ? scope.id.toLowerCase() : undefined
  return named === access.resource.id.toLowerCase() || named === unit ? 'resource' : undefined
}

/** Privileged Identity Management puts the true code and text as JSON into the message. */
export function unwrapped(answer: GraphErrorAnswer): GraphErrorAnswer {
  if (!answer.message.startsWith('{')) return answer
  try {
    const inner = JSON.parse(answer.message) as { errorCode?: unknown; message?: unknown }
    return {
      ...answer,
      code: typeof inner.errorCode === 'string' ? inner.errorCode : answer.code,
      message: typeof inner.message === 'string' ? inner.message : answer.message,
    }
  } catch {
    return answer
  }
}

/** The one line of an answer that is kept. */
export function describe(status: number, code: string, message: string): string {
  return [String(status), code, message.slice(0, 300)].filter((part) => part !== '').join(' ')
}
