import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

const report = (query = '') => api.call('audrey', 'GET', `/reports${query}`)

describe('GET /reports', () => {
  test('tells of the last days what the checkpoint timer has counted', async () => {
    await api.call('mia', 'POST', '/requests', {
      body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H' },
    })
    await api.pass(24 * 3_600_000)
    const { status, body } = await report('?by=flow')

    expect({ status, items: body.items }).toEqual({
      status: 200,
      items: [expect.objectContaining({ key: 'oncall', requested: 1, granted: 1, ended: 1 })],
    })
  })

  test.each([
    { query: '?by=person', pointer: '/query/by' },
    { query: '?from=2026-01-02&to=2026-01-01', pointer: '/query/from' },
    { query: '?from=2025-01-01&to=2026-02-06', pointer: '/query/from' },
    { query: '?from=yesterday', pointer: '/query/from' },
  ])('refuses $query', async ({ query, pointer }) => {
    const { status, body } = await report(query)

    expect({ status, pointers: pointersOf(body) }).toEqual({ status: 400, pointers: [pointer] })
  })

  test('takes 400 days', async () => {
    expect((await report('?from=2025-01-01&to=2026-02-05')).status).toBe(200)
  })
})
