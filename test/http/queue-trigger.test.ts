import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readMessage } from '../../local/host/service-bus-message.ts'
import { mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const body = { requester: mia, resource: { type: 'group', id: readers }, duration: 'PT1H' }

/** Delivers a message as the host hands it to the function. */
const deliver = async (
  text: string,
  { messageId = 'INC-1', enqueued = '2026-01-05T12:00:00Z' } = {},
) => {
  const received: Partial<ServiceBusReceivedMessage> = {
    body: text,
    messageId,
    enqueuedTimeUtc: new Date(enqueued),
  }
  const { data, metadata } = readMessage(received as ServiceBusReceivedMessage, false)
  await api.host.worker.invoke('takeMessage', data, metadata)
}

const requestsOfMia = async () => (await api.call('mia', 'GET', '/requests')).body.items
const refusals = async () =>
  (await api.call('audrey', 'GET', '/audit?event=request.refused')).body.items

describe('the queue trigger', () => {
  test('carries a message through to the grant', async () => {
    await deliver(JSON.stringify(body))
    await api.pass(1_000)
    expect(await requestsOfMia()).toMatchObject([{ status: 'active', intake: 'service-bus' }])
  })

  test('takes a number for an id, as the host hands it over', async () => {
    await deliver(JSON.stringify(body), { messageId: '4711' })
    await deliver(JSON.stringify(body), { messageId: '4711' })
    expect(await requestsOfMia()).toHaveLength(1)
  })

  test('judges age by the time at which the queue took the message', async () => {
    const createdAt = '2026-01-05T11:00:00Z'
    await deliver(JSON.stringify({ ...body, createdAt }), { enqueued: '2026-01-05T11:10:00Z' })
    expect(await requestsOfMia()).toHaveLength(1)
    await deliver(JSON.stringify({ ...body, createdAt }), { messageId: 'INC-2' })
    expect(await refusals()).toMatchObject([
      { detail: { code: 'too-old' }, correlationId: 'INC-2' },
    ])
  })

  test.each([
    ['is no JSON', '{"resource": '],
    ['is empty', ''],
    ['is a word', 'hello'],
    [
      'carries fields named like the facts of its delivery',
      JSON.stringify({ ...body, messageId: 'x', enqueuedTimeUtc: 'y' }),
    ],
  ])('completes a message that %s, with a refusal on the record', async (_what, text) => {
    await deliver(text)
    expect(await refusals()).toMatchObject([{ detail: { code: 'invalid' } }])
    expect(await requestsOfMia()).toEqual([])
  })

  test('hands a message back while the directory is away for longer than its lock', async () => {
    api.directory.setFault({ effect: 'unavailable', on: ['lookUp'] })
    await expect(deliver(JSON.stringify(body))).rejects.toThrow('the directory did not answer')
    api.directory.clearFaults()
    await deliver(JSON.stringify(body))
    expect(await requestsOfMia()).toHaveLength(1)
    expect(await refusals()).toEqual([])
  })
})
