import { describe, expect, test } from 'vitest'
import { cloudEventOf } from '../../shared/events/publisher.ts'
import { createServiceBusPublisher } from '../../shared/events/service-bus-publisher.ts'
import type { LedgerEvent } from '../../shared/ledger/ledger-event.ts'
import { startBench } from '../service-bus/builders.ts'

const source = 'https://access.contoso.example'

const anEvent = (over: Partial<LedgerEvent> = {}): LedgerEvent => ({
  event: 'request.created',
  at: '2026-01-05T12:00:00.000Z',
  actor: { id: 'mia', type: 'user' },
  requestId: 'request-1',
  correlationId: 'INC-1',
  grantee: 'mia',
  reason: 'errors in checkout',
  detail: { duration: 'PT1H' },
  stream: 'pair:one',
  sequence: 7,
  previousHash: 'a',
  hash: 'b',
  salt: 'c',
  txId: 'd',
  ...over,
})

describe('an event on its way out', () => {
  test('is a CloudEvent 1.0 that says what happened to which request', () => {
    expect(cloudEventOf(anEvent(), source)).toEqual({
      specversion: '1.0',
      id: 'pair:one:7',
      source,
      type: 'entra-jit.request.created',
      subject: 'request-1',
      time: '2026-01-05T12:00:00.000Z',
      datacontenttype: 'application/json',
      data: {
        event: 'request.created',
        at: '2026-01-05T12:00:00.000Z',
        actor: 'mia',
        actorType: 'user',
        requestId: 'request-1',
        correlationId: 'INC-1',
        grantee: 'mia',
        detail: { duration: 'PT1H' },
        stream: 'pair:one',
        sequence: 7,
      },
    })
  })

  test('has the same id each time it is sent, and another one than its neighbours', () => {
    const idOf = (over: Partial<LedgerEvent>) => cloudEventOf(anEvent(over), source).id
    expect(idOf({ txId: 'another try' })).toBe(idOf({}))
    expect(idOf({ sequence: 8 })).not.toBe(idOf({}))
    expect(idOf({ stream: 'pair:two' })).not.toBe(idOf({}))
  })

  test('has no subject where there is no request', () => {
    const { requestId: _, ...changed } = anEvent({ event: 'emergency-stop.changed' })
    expect(cloudEventOf(changed, source)).not.toHaveProperty('subject')
  })
})

describe('the publisher', () => {
  const receive = async (events: readonly LedgerEvent[]) => {
    const { client } = await startBench()
    await createServiceBusPublisher(client, 'access-events', source).publish(events)
    const receiver = client.createReceiver('access-events', 'all', {
      receiveMode: 'receiveAndDelete',
    })
    const received = []
    while (received.length < events.length) {
      const some = await receiver.receiveMessages(500, { maxWaitTimeInMs: 2_000 })
      if (some.length === 0) break
      received.push(...some)
    }
    return received
  }

  test('sends structured JSON, with ids by which receivers drop what they know', async () => {
    const [message] = await receive([anEvent()])
    expect(message).toMatchObject({
      messageId: 'pair:one:7',
      contentType: 'application/cloudevents+json',
      correlationId: 'INC-1',
      body: { specversion: '1.0', id: 'pair:one:7' },
    })
  })

  test('correlates by the request where no message began it, else by nothing', async () => {
    const { correlationId: _, ...byHttp } = anEvent()
    const { requestId: __, ...byNobody } = { ...byHttp, sequence: 8 }
    const received = await receive([byHttp, byNobody])
    expect(received.map(({ correlationId }) => correlationId)).toEqual(['request-1', undefined])
  })

  test('sends what gathered during an outage, however much it is', async () => {
    const events = Array.from({ length: 200 }, (_, index) =>
      anEvent({ sequence: index + 1, detail: { trace: 'x'.repeat(10_000) } }),
    )
    const received = await receive(events)
    expect(received.map(({ messageId }) => messageId)).toEqual(
      events.map(({ sequence }) => `pair:one:${sequence}`),
    )
  })
})
