import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { describe, expect, test } from 'vitest'
import { readMessage, readMessages } from '../../local/host/service-bus-message.ts'

const enqueued = new Date('2026-01-05T12:00:00Z')

function aMessage(overrides: Record<string, unknown> = {}): ServiceBusReceivedMessage {
  return {
    body: Buffer.from('"text"'),
    messageId: 'm1',
    deliveryCount: 0,
    enqueuedTimeUtc: enqueued,
    applicationProperties: { Kind: 'grant' },
    ...overrides,
  } as unknown as ServiceBusReceivedMessage
}

describe('readMessage()', () => {
  test('hands the text on as it came', () => {
    const { data } = readMessage(aMessage({ body: Buffer.from('{"é": 1}') }), false)

    expect(data).toEqual({ string: '{"é": 1}' })
  })

  test('gives texts as texts, numbers, times and maps as JSON, and leaves out what is not set', () => {
    const { metadata } = readMessage(aMessage({ sequenceNumber: 7n }), false)

    expect(metadata).toEqual({
      DeliveryCount: { json: '1' },
      MessageId: { string: 'm1' },
      EnqueuedTimeUtc: { json: '"2026-01-05T12:00:00.000Z"' },
      EnqueuedTime: { json: '"2026-01-05T12:00:00.000Z"' },
      SequenceNumber: { json: '7' },
      ApplicationProperties: { json: '{"Kind":"grant"}' },
      UserProperties: { json: '{"Kind":"grant"}' },
    })
  })

  test('lets the properties of a JSON body replace metadata of the same name', () => {
    const body = Buffer.from('{"messageId":"mine","n":2,"o":{"a":1},"list":[1],"none":null}')

    const { metadata } = readMessage(aMessage({ body }), false)

    expect(metadata).toMatchObject({
      MessageId: { string: 'mine' },
      n: { json: '2' },
      o: { json: '{"a":1}' },
    })
    expect(Object.keys(metadata)).not.toContain('list')
    expect(Object.keys(metadata)).not.toContain('messageId')
  })

  test('gives bytes to a function that asks for them', () => {
    const body = Buffer.from([0, 255])

    expect(readMessage(aMessage({ body }), true).data).toEqual({ bytes: body })
  })

  test('takes an AMQP value that is a text', () => {
    expect(readMessage(aMessage({ body: 'plain' }), false).data).toEqual({ string: 'plain' })
  })

  test.each([
    [{ an: 'object' }, 'Cannot read the message: its AMQP body is neither bytes nor a text'],
    [Buffer.from([0xc3, 0x28]), 'The encoded data was not valid'],
  ])('refuses the body %j', (body, reason) => {
    expect(() => readMessage(aMessage({ body }), false)).toThrow(reason)
  })
})

test('readMessages() gives texts and metadata as arrays of equal length', () => {
  const second = aMessage({ body: Buffer.from('2'), messageId: 'm2', contentType: 'text/plain' })

  const { data, metadata } = readMessages([aMessage(), second])

  expect(data).toEqual({ collectionString: { string: ['"text"', '2'] } })
  expect(metadata).toMatchObject({
    MessageIdArray: { json: '["m1","m2"]' },
    ContentTypeArray: { json: '[null,"text/plain"]' },
    DeliveryCountArray: { json: '[1,1]' },
  })
})
