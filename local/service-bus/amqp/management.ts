import { randomUUID } from 'node:crypto'
import rhea, { type Message } from 'rhea'
import type { Broker, Entity } from '../broker.ts'
import type { Stored } from '../message.ts'
import type { Settlement } from '../queue.ts'
import type { Answer } from './answers.ts'
import { findRefusal } from './intake.ts'
import { bytesOfToken, tokenOfBytes } from './lock-token.ts'
import { decodeMessage, encodeMessage, propertiesOf } from './message-codec.ts'
import { type Refusal, refusals } from './refusal.ts'

type Body = Readonly<Record<string, unknown>>
type Operation = (broker: Broker, entity: Entity, body: Body, linkName: string) => Answer

const done: Answer = { status: 200, body: {} }
const refuse = (refusal: Refusal): Answer => ({ status: refusal.status, refusal })
const longType = 0x81
const timestampType = 0x83

/** Answers a request to an entity's `$management` address. */
export function manage(broker: Broker, entity: Entity, request: Message): Answer {
  const properties: Body = request.application_properties ?? {}
  const name = String(properties['operation'])
  const operation = operations[name]
  if (operation === undefined) {
    return refuse(refusals.notOffered(`Cannot do '${name}': the stand-in does not offer it.`))
  }
  return operation(broker, entity, request.body, String(properties['associated-link-name'] ?? ''))
}

const peek: Operation = (_broker, { queue }, body) => {
  const session = body['session-id']
  const found = queue.peek(
    numberOf(body['from-sequence-number']),
    numberOf(body['message-count']),
    typeof session === 'string' ? session : undefined,
  )
  if (found.length === 0) return { status: 204 }
  const messages = found.map((stored) => ({ message: encodeMessage(stored, stored.lock?.until) }))
  return { status: 200, body: { messages } }
}

const renewLock: Operation = (broker, { queue }, body) => {
  const ends = tokensOf(body).map((token) => broker.run((now) => queue.renew(token, now)))
  if (ends.includes(undefined)) return refuse(refusals.messageLockLost)
  return { status: 200, body: { expirations: arrayOf(ends, timestampType) } }
}

const schedule: Operation = (broker, entity, body) => {
  const arrivals = listOf(body['messages']).map((entry) => decodeMessage(bytesOf(entry['message'])))
  const refusal = findRefusal(entity, arrivals)
  if (refusal !== undefined) return refuse(refusal)
  const sequences = broker.run((now) =>
    arrivals.map(({ message, scheduledFor }) =>
      entity.queue.schedule(message, scheduledFor ?? now, now),
    ),
  )
  return { status: 200, body: { 'sequence-numbers': arrayOf(sequences, longType) } }
}

const cancelScheduled: Operation = (broker, { queue }, body) =>
  broker.run((now) => queue.cancel(sequencesOf(body), now))
    ? done
    : refuse(refusals.messageNotFound)

const receiveDeferred: Operation = (broker, { queue }, body) => {
  const mode = numberOf(body['receiver-settle-mode']) === 0 ? 'receive-and-delete' : 'peek-lock'
  const found = broker.run((now) => queue.receiveDeferred(sequencesOf(body), mode, randomUUID, now))
  if (found === undefined) return refuse(refusals.messageNotFound)
  return { status: 200, body: { messages: found.map(entryOf) } }
}

function entryOf(stored: Stored) {
  const token = stored.lock?.token ?? randomUUID()
  return {
    message: encodeMessage(stored, stored.lock?.until),
    'lock-token': rhea.types.wrap_uuid(bytesOfToken(token)),
  }
}

const updateDisposition: Operation = (broker, { queue }, body) => {
  const settlement = settlementOf(body)
  if (settlement === undefined) {
    return refuse(refusals.notAllowed(`Unknown disposition '${body['disposition-status']}'.`))
  }
  const outcomes = broker.run((now) =>
    tokensOf(body).map((token) => queue.settle(token, settlement, now)),
  )
  if (outcomes.includes('lock-lost')) return refuse(refusals.messageLockLost)
  if (outcomes.includes('not-allowed')) {
    return refuse(
      refusals.notAllowed('A message of the dead-letter queue cannot be dead-lettered.'),
    )
  }
  return done
}

function settlementOf(body: Body): Settlement | undefined {
  const properties = propertiesOf(body['properties-to-modify'])
  switch (body['disposition-status']) {
    case 'completed':
      return { kind: 'complete' }
    case 'abandoned':
      return { kind: 'abandon', properties }
    // The client spells it so.
    case 'defered':
      return { kind: 'defer', properties }
    case 'suspended':
      return {
        kind: 'dead-letter',
        properties: {
          ...properties,
          ...propertiesOf({
            DeadLetterReason: body['deadletter-reason'],
            DeadLetterErrorDescription: body['deadletter-description'],
          }),
        },
      }
    default:
      return undefined
  }
}

const renewSessionLock: Operation = (broker, { queue }, body, linkName) => {
  const until = broker.run((now) => queue.sessions.renew(sessionOf(body), linkName, now))
  if (until === undefined) return refuse(refusals.sessionLockLost)
  return { status: 200, body: { expiration: rhea.types.wrap_timestamp(until) } }
}

const getSessionState: Operation = (broker, { queue }, body, linkName) => {
  const session = sessionOf(body)
  if (!queue.sessions.isHeldBy(session, linkName, broker.now()))
    return refuse(refusals.sessionLockLost)
  const state = queue.sessions.state(session)
  return {
    status: 200,
    body: { 'session-state': state === undefined ? null : rhea.types.wrap_binary(state) },
  }
}

const setSessionState: Operation = (broker, { queue }, body, linkName) => {
  const session = sessionOf(body)
  const state = body['session-state']
  return broker.run((now) => {
    if (!queue.sessions.isHeldBy(session, linkName, now)) return refuse(refusals.sessionLockLost)
    queue.sessions.setState(session, Buffer.isBuffer(state) ? state : undefined)
    return done
  })
}

const noRules: Operation = () =>
  refuse(
    refusals.notOffered(
      'Cannot read or change rules: each subscription of the stand-in gets every message.',
    ),
  )

const operations: Readonly<Record<string, Operation>> = {
  'com.microsoft:peek-message': peek,
  'com.microsoft:renew-lock': renewLock,
  'com.microsoft:schedule-message': schedule,
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:receive-by-sequence-number': receiveDeferred,
  'com.microsoft:update-disposition': updateDisposition,
  'com.microsoft:renew-session-lock': renewSessionLock,
  'com.microsoft:get-session-state': getSessionState,
  'com.microsoft:set-session-state': setSessionState,
  'com.microsoft:enumerate-rules': noRules,
  'com.microsoft:add-rule': noRules,
  'com.microsoft:remove-rule': noRules,
}

const sessionOf = (body: Body) => String(body['session-id'])
const sequencesOf = (body: Body) => asArray(body['sequence-numbers']).map(numberOf)
const tokensOf = (body: Body) =>
  asArray(body['lock-tokens']).map((one) => tokenOfBytes(bytesOf(one)))
const listOf = (value: unknown) => asArray(value).map((entry) => entry as Body)
const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const arrayOf = (values: readonly unknown[], type: number) =>
  rhea.types.wrap_array(values, type, undefined)

/** A long too big for a number comes as its eight bytes. */
function numberOf(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value)
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  throw new Error('Cannot read the request: bytes are missing where they belong')
}
