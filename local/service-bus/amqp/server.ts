import type { AddressInfo, Server, Socket } from 'node:net'
import rhea, { type EventContext, type Receiver, type Sender } from 'rhea'
import type { Broker, Entity } from '../broker.ts'
import { openAnswers, openRequests } from './answers.ts'
import { maximumMessageBytes, openIntake } from './intake.ts'
import { manage } from './management.ts'
import { openOutlet } from './outlet.ts'
import { type Refusal, refusals } from './refusal.ts'
import { answerAttach, settledByBroker } from './rhea-gaps.ts'
import { acceptSession, askedSession } from './session-outlet.ts'

const claimsAddress = '$cbs'
const managementSuffix = '/$management'

/** Serves a broker to AMQP clients on the loopback address. */
export async function listen(
  broker: Broker,
  port: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const container = rhea.create_container({ id: 'service-bus-stand-in' })
  container.sasl_server_mechanisms.enable_anonymous()
  const outlets = new Map<Sender, { close(): void }>()

  container.on('receiver_open', ({ receiver }: EventContext) => {
    if (receiver !== undefined) openReceiver(broker, receiver)
  })
  container.on('sender_open', ({ sender }: EventContext) => {
    if (sender === undefined) return
    const outlet = openSender(broker, sender)
    if (outlet !== undefined) outlets.set(sender, outlet)
  })
  function closeWhere(isGone: (sender: Sender) => boolean): void {
    for (const [sender, outlet] of outlets) {
      if (!isGone(sender)) continue
      outlets.delete(sender)
      outlet.close()
    }
  }
  container.on('sender_close', ({ sender }: EventContext) => closeWhere((one) => one === sender))
  container.on('session_close', ({ session }: EventContext) =>
    closeWhere((one) => one.session === session),
  )
  for (const end of ['connection_close', 'disconnected']) {
    container.on(end, ({ connection }: EventContext) =>
      closeWhere((one) => one.connection === connection),
    )
  }
  // What a client does wrong ends its own connection, never the broker.
  for (const fault of ['error', 'protocol_error', 'connection_error', 'session_error']) {
    container.on(fault, (reason: unknown) => logFault(fault, reason))
  }
  container.on('sender_error', () => undefined)
  container.on('receiver_error', () => undefined)

  const sockets = new Set<Socket>()
  const server = container.listen({
    host: '127.0.0.1',
    port,
    receiver_options: { autoaccept: false, max_message_size: maximumMessageBytes },
    sender_options: settledByBroker,
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await listening(server)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', reject)
  })
}

function openReceiver(broker: Broker, link: Receiver): void {
  const address = link.target?.address ?? ''
  if (address === claimsAddress) {
    openRequests(address, link, () => ({ status: 202 }))
    return
  }
  const forManagement = isManagement(address)
  const entity = broker.find(forManagement ? address.slice(0, -managementSuffix.length) : address)
  if (entity === undefined) refuse(link, refusals.unknownEntity(address))
  else if (forManagement) openRequests(address, link, (request) => manage(broker, entity, request))
  else if (entity.kind === 'queue' || entity.kind === 'topic') openIntake(broker, entity, link)
  else refuse(link, refusals.notAllowed(`Cannot send to '${address}': it is no queue or topic.`))
}

function openSender(broker: Broker, link: Sender): { close(): void } | undefined {
  const address = link.source?.address ?? ''
  if (address === claimsAddress || isManagement(address)) {
    openAnswers(address, link)
    return undefined
  }
  const entity = broker.find(address)
  const refusal = whyNotReceive(entity, address, link)
  if (entity === undefined || refusal !== undefined) {
    refuse(link, refusal ?? refusals.unknownEntity(address))
    return undefined
  }
  if (entity.queue.requiresSession) return acceptSession(broker, entity, link)
  link.set_source(link.source)
  link.set_target(link.target)
  answerAttach(link)
  return openOutlet(broker, entity, link)
}

function whyNotReceive(
  entity: Entity | undefined,
  address: string,
  link: Sender,
): Refusal | undefined {
  if (entity === undefined) return refusals.unknownEntity(address)
  if (entity.kind === 'topic') {
    return refusals.notAllowed(`Cannot receive from '${address}': it is a topic.`)
  }
  const asksSession = askedSession(link) !== undefined
  if (asksSession === entity.queue.requiresSession) return undefined
  return refusals.notAllowed(
    asksSession
      ? 'A sessionful message receiver cannot be created on an entity that does not require sessions.'
      : 'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
  )
}

function refuse(link: Sender | Receiver, { condition, description }: Refusal): void {
  link.close({ condition, description })
}

const isManagement = (address: string) => address.toLowerCase().endsWith(managementSuffix)

function logFault(fault: string, reason: unknown): void {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : fault
  process.stderr.write(`service-bus: ${text}\n`)
}
