import { randomUUID } from 'node:crypto'
import type { EventContext, Sender } from 'rhea'
import type { Broker, Entity } from '../broker.ts'
import type { ReceiveMode } from '../moves.ts'
import { tagOfToken, tokenOfTag } from './lock-token.ts'
import { encodeMessage } from './message-codec.ts'
import { refusals } from './refusal.ts'
import { answerDrain, settleDelivery, spareCredit } from './rhea-gaps.ts'
import { settlementOf } from './settlement-of.ts'

/** A session an outlet serves, and when its lock ends. */
export interface HeldSession {
  readonly id: string
  readonly holder: string
}

const settledAtOnce = 1

/** Hands an entity's messages to a client as long as it gives credit, and takes its verdicts. */
export function openOutlet(
  broker: Broker,
  entity: Entity,
  link: Sender,
  session?: HeldSession,
): { close(): void } {
  const { queue } = entity
  const mode: ReceiveMode =
    link.snd_settle_mode === settledAtOnce ? 'receive-and-delete' : 'peek-lock'
  let isHandingOut = false

  function handOut(): void {
    if (isHandingOut || lostSession()) return
    const credit = spareCredit(link)
    if (credit <= 0) return
    isHandingOut = true
    const messages = broker.run((now) => receiveUpTo(credit, now))
    for (const { stored, token } of messages) {
      link.send(encodeMessage(stored, lockedUntil(stored.lock?.until)), tagOfToken(token), 0)
    }
    isHandingOut = false
  }

  function receiveUpTo(count: number, now: number) {
    const received = []
    for (let taken = 0; taken < count; taken += 1) {
      const token = randomUUID()
      const stored = queue.receive({
        now,
        mode,
        token,
        ...(session === undefined ? {} : { session: session.id }),
      })
      if (stored === undefined) break
      received.push({ stored, token })
    }
    return received
  }

  const lockedUntil = (ofMessage: number | undefined) =>
    session === undefined ? ofMessage : queue.sessions.lockedUntil(session.id)

  function lostSession(): boolean {
    if (
      session === undefined ||
      queue.sessions.isHeldBy(session.id, session.holder, broker.now())
    ) {
      return false
    }
    close()
    const { condition, description } = refusals.sessionLockLost
    link.close({ condition, description })
    return true
  }

  function settle({ delivery }: EventContext): void {
    if (delivery === undefined || delivery.settled) return
    const settlement = settlementOf(delivery.remote_state)
    if (settlement === undefined) return
    const token = tokenOfTag(Buffer.from(delivery.tag))
    const outcome = broker.run((now) => queue.settle(token, settlement, now))
    if (outcome === 'settled') settleDelivery(delivery)
    else settleDelivery(delivery, outcome === 'lock-lost' ? lost() : notHere)
  }

  const lost = () => (session === undefined ? refusals.messageLockLost : refusals.sessionLockLost)

  const listening = broker.listen(entity, handOut)
  function close(): void {
    listening.stop()
    if (session === undefined) return
    broker.run((now) => queue.sessions.release(session.id, session.holder, now))
    broker.nudge(entity)
  }

  for (const outcome of ['accepted', 'rejected', 'modified', 'released']) link.on(outcome, settle)
  link.on('sendable', handOut)
  link.on('sender_draining', () => {
    handOut()
    answerDrain(link)
  })
  return { close }
}

const notHere = refusals.notAllowed('A message of the dead-letter queue cannot be dead-lettered.')
