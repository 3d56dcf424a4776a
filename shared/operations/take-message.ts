import { BrokerError } from '../access/errors.ts'
import { system } from '../access/events.ts'
import { type FieldError, parse } from '../config/parse.ts'
import { messageBody } from '../config/request-schema.ts'
import { claimPartition, findClaim } from '../ledger/claims.ts'
import { sha256Hex } from '../ledger/ids.ts'
import type { Clockwork, Needs } from './needs.ts'
import { recordUnreadable } from './record-refusal.ts'
import type { SubmitRequest } from './submit-request.ts'

/** A message as the queue delivered it. */
export interface QueueMessage {
  readonly body: unknown
  readonly messageId?: string
  readonly enqueuedAt: Date
}

export type MessageOutcome =
  | { readonly kind: 'accepted'; readonly requestId: string }
  | { readonly kind: 'refused'; readonly code: string }

const oldestMilliseconds = 15 * 60_000
const aheadMilliseconds = 5 * 60_000
/** Waits inside the message's renewed lock before it is handed back to the queue. */
const waitMilliseconds = 4.5 * 60_000
const firstWaitMilliseconds = 1_000
const longestWaitMilliseconds = 30_000

const mostErrors = 20
const mostCharacters = 200

/** Whose idempotency keys message ids are: the queue's. */
const queueOwner = 'bus'

/**
 * Takes a message from the queue. What can never be accepted is refused with an event and so
 * completed; an outage is waited out inside the lock, then handed back by throwing: no message is
 * ever lost or dead-lettered because something did not answer.
 */
export function createTakeMessage(needs: Needs, submitRequest: SubmitRequest) {
  return async (message: QueueMessage, clockwork: Clockwork): Promise<MessageOutcome> => {
    const until = needs.now().getTime() + waitMilliseconds
    for (let wait = firstWaitMilliseconds; ; wait = Math.min(wait * 2, longestWaitMilliseconds)) {
      try {
        return await take(needs, submitRequest, message, clockwork)
      } catch (error) {
        const isOutage = error instanceof BrokerError && error.retryable
        if (!isOutage || needs.now().getTime() + wait > until) throw error
        needs.log('warning', 'Cannot take a message now: it waits', {
          messageId: message.messageId,
          cause: error.message,
        })
        await needs.pause(wait)
      }
    }
  }
}

async function take(
  needs: Needs,
  submitRequest: SubmitRequest,
  message: QueueMessage,
  clockwork: Clockwork,
): Promise<MessageOutcome> {
  const { messageId, body, enqueuedAt } = message
  if (messageId === undefined || messageId === '') {
    return refuse(needs, message, 'message-id-missing', 'The message has no messageId.')
  }
  const parsed = parse(messageBody, body)
  if (!parsed.ok) {
    return refuse(needs, message, 'invalid', 'The message is no valid request.', parsed.errors)
  }
  const { requester, createdAt, ...request } = parsed.value
  // A known id is answered as it was, however late it is delivered again.
  const known = await findClaim(needs.tables, claimPartition(queueOwner, messageId))
  if (known === undefined && createdAt !== undefined) {
    const age = enqueuedAt.getTime() - Date.parse(createdAt)
    if (age > oldestMilliseconds) {
      return refuse(needs, message, 'too-old', 'The message is older than 15 minutes.')
    }
    if (age < -aheadMilliseconds) {
      return refuse(needs, message, 'from-the-future', 'The message lies in the future.')
    }
  }
  const outcome = await submitRequest(
    {
      body: request,
      intake: 'service-bus',
      requester,
      requesterIsApplication: false,
      correlationId: messageId,
      claim: { owner: queueOwner, key: messageId, body },
    },
    clockwork,
  )
  if (outcome.kind === 'accepted') return { kind: 'accepted', requestId: outcome.request.reason.id }
  const isRecorded =
    outcome.reason === 'not-allowed' ||
    outcome.reason === 'not-found' ||
    outcome.reason === 'cannot-be-managed'
  return isRecorded
    ? { kind: 'refused', code: outcome.code }
    : refuse(needs, message, outcome.code, outcome.detail, outcome.errors)
}

/** Refuses a message that made no request: the event is the only answer its producer gets. */
async function refuse(
  needs: Needs,
  { messageId, body }: QueueMessage,
  code: string,
  detail: string,
  errors: readonly FieldError[] = [],
): Promise<MessageOutcome> {
  const digest = digestOf(body)
  const id = messageId === '' ? undefined : messageId
  const hash = sha256Hex(id ?? digest ?? '').slice(0, 26)
  await recordUnreadable(needs, { name: `bus:${hash}`, partition: `bus-${hash}` }, system, id, {
    code,
    detail,
    intake: 'service-bus',
    ...(digest === undefined ? {} : { bodyDigest: digest }),
    ...(errors.length === 0 ? {} : { errors: errors.slice(0, mostErrors).map(shortened) }),
  })
  needs.log('information', 'A message was refused', { messageId, code })
  return { kind: 'refused', code }
}

/** Undefined for a body nested so deep that it cannot be written: it is refused all the same. */
function digestOf(body: unknown): string | undefined {
  try {
    return sha256Hex(JSON.stringify(body) ?? '').slice(0, 26)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** A producer's field names are as long as he likes; the row that tells of them is not. */
function shortened({ pointer, detail }: FieldError): FieldError {
  return { pointer: pointer.slice(0, mostCharacters), detail: detail.slice(0, mostCharacters) }
}
