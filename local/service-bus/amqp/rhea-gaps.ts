import rhea, { type Delivery, type Sender } from 'rhea'
import type { Refusal } from './refusal.ts'

/** Parts of rhea's links that its typings leave out. Tested against the pinned version. */
interface SenderInside {
  credit: number
  local: { attach: { snd_settle_mode?: number; properties?: object } }
  session: {
    outgoing: {
      next_delivery_id: number
      next_pending_delivery: number
      available(): number
    }
  }
  connection: { _register(): void }
  _process?: () => void
  _get_drain?: () => boolean
}

/** Verdicts of receivers reach the broker as they are, and the broker settles. */
export const settledByBroker = { autosettle: false, treat_modified_as_released: false }

const inside = (sender: Sender) => sender as unknown as SenderInside

/** How many more messages may be sent now: rhea lowers the credit only when it writes. */
export function spareCredit(sender: Sender): number {
  const { credit, session } = inside(sender)
  const unwritten = session.outgoing.next_delivery_id - session.outgoing.next_pending_delivery
  return Math.min(credit - unwritten, session.outgoing.available())
}

/** Answers the peer's attach with the settle mode it asked for and these properties. */
export function answerAttach(sender: Sender, properties?: object): void {
  const { attach } = inside(sender).local
  attach.snd_settle_mode = sender.snd_settle_mode
  if (properties !== undefined) attach.properties = properties
}

/** Keeps the answer to the peer's attach back until the returned function is called. */
export function holdAttach(sender: Sender): () => void {
  const link = inside(sender)
  link._process = () => undefined
  return () => {
    delete link._process
    link.connection._register()
  }
}

/**
 * Says that the credit is used up. rhea says so only while some is left; when the last messages
 * crossed with the request, the client would wait in vain and then drop its link.
 */
export function answerDrain(sender: Sender): void {
  const link = inside(sender)
  const isDrained = link.credit === 0
  sender.set_drained(true)
  if (!isDrained) return
  link._get_drain = () => {
    delete link._get_drain
    return true
  }
  link.connection._register()
}

interface Outcomes {
  accepted(): { described(): unknown }
  rejected(fields: { error: { condition: string; description: string } }): { described(): unknown }
}

/**
 * Settles a delivery for good, by the receiver's wish or with a refusal. The client never settles a
 * second time, and rhea would keep the delivery in its window until it does.
 */
export function settleDelivery(delivery: Delivery, refusal?: Refusal): void {
  const outcomes = rhea.message as unknown as Outcomes
  const outcome =
    refusal === undefined
      ? outcomes.accepted()
      : outcomes.rejected({
          error: { condition: refusal.condition, description: refusal.description },
        })
  delivery.update(true, outcome.described())
  Object.assign(delivery, { remote_settled: true })
}
