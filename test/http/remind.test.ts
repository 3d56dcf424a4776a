import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ben, flow, petra } from '../operations/broker-in-memory.ts'
import { type Api, startApi } from './start-api.ts'

const approval = {
  mode: 'any-of',
  steps: [
    {
      approvers: [
        { type: 'user', id: ben },
        { type: 'user', id: petra },
      ],
    },
  ],
} as const

let api: Api

beforeAll(async () => {
  api = await startApi({ flows: [flow({ approval })] })
})
afterAll(() => api.stop())

const pending = async (): Promise<string> => {
  const { body } = await api.call('mia', 'POST', '/requests', {
    body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H' },
  })
  return body.id
}

describe('POST /requests/{id}/remind', () => {
  test('is heard outside as an event that names who is asked, and stands in the audit', async () => {
    const id = await pending()
    const { status, body } = await api.call('mia', 'POST', `/requests/${id}/remind`)

    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'pending-approval', approval: { remindedAt: expect.any(String) } },
    })
    expect(api.published.at(-1)).toMatchObject({
      event: 'request.reminded',
      requestId: id,
      detail: { approvers: [ben, petra], stage: 0 },
    })
    const events = await api.call('audrey', 'GET', `/requests/${id}/events`)
    expect(events.body.items.at(-1)).toMatchObject({ event: 'request.reminded' })
  })

  test('is 429 within the hour, and is heard again after it', async () => {
    const id = await pending()
    await api.call('mia', 'POST', `/requests/${id}/remind`)
    await api.pass(3_000_000)
    const again = await api.call('mia', 'POST', `/requests/${id}/remind`)
    await api.pass(601_000)
    const later = await api.call('mia', 'POST', `/requests/${id}/remind`)

    expect(again.status).toBe(429)
    expect(Number(again.headers.get('retry-after'))).toBeLessThanOrEqual(600)
    expect(later.status).toBe(200)
  })

  test('is 409 once somebody has decided', async () => {
    const id = await pending()
    await api.call('ben', 'POST', `/requests/${id}/deny`)
    const { status, body } = await api.call('mia', 'POST', `/requests/${id}/remind`)

    expect({ status, type: body.type }).toEqual({ status: 409, type: '/problems/not-pending' })
  })
})
