import rhea, {
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
  type Session,
} from 'rhea'
import type { Refusal } from './refusal.ts'

/** What a request is answered with. */
export interface Answer {
  readonly status: number
  readonly body?: object
  readonly refusal?: Refusal
}

/** Senders that carry answers, by session and address of their source. */
const answering = new WeakMap<Session, Map<string, Sender>>()

/** Makes a link the one that carries answers of `address` in its session. */
export function openAnswers(address: string, link: Sender): void {
  link.set_source(link.source)
  link.set_target(link.target)
  const links = answering.get(link.session) ?? new Map<string, Sender>()
  answering.set(link.session, links.set(address, link))
}

/** Answers each request that arrives on the link over the other link of the same session. */
export function openRequests(
  address: string,
  link: Receiver,
  answer: (request: Message) => Answer,
): void {
  link.set_source(link.source)
  link.set_target(link.target)
  link.on('message', ({ message, delivery }: EventContext) => {
    delivery?.accept()
    const back = answering.get(link.session)?.get(address)
    if (message === undefined || back === undefined) return
    const { status, body, refusal } = answer(message)
    const { wrap_int } = rhea.types
    back.send({
      ...(message.reply_to === undefined ? {} : { to: message.reply_to }),
      ...(message.message_id === undefined ? {} : { correlation_id: message.message_id }),
      application_properties: {
        // Two clients, two spellings.
        statusCode: wrap_int(status),
        'status-code': wrap_int(status),
        statusDescription: refusal?.description ?? 'OK',
        'status-description': refusal?.description ?? 'OK',
        ...(refusal === undefined ? {} : { errorCondition: refusal.condition }),
      },
      body,
    })
  })
}
