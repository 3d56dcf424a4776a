import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

const search = (query: string) => api.call('ada', 'GET', `/directory?${query}`)

describe('GET /directory', () => {
  test('answers people and groups by name', async () => {
    expect((await search('q=mia&type=user')).body).toEqual({
      items: [{ type: 'user', id: mia, name: 'Mia' }],
    })
    expect((await search('q=Read&type=group')).body).toEqual({
      items: [{ type: 'group', id: readers, name: 'Production Readers' }],
    })
  })

  test.each([
    { query: 'q=mi&type=user', pointer: '/query/q' },
    { query: 'type=user', pointer: '/query/q' },
    { query: 'q=%20mi%20&type=user', pointer: '/query/q' },
    { query: `q=${'m'.repeat(101)}&type=user`, pointer: '/query/q' },
    { query: 'q=mi%00a&type=user', pointer: '/query/q' },
    { query: 'q=mia', pointer: '/query/type' },
    { query: 'q=mia&type=device', pointer: '/query/type' },
    { query: 'q=mia&type=user&top=999', pointer: '/query/top' },
  ])('refuses $query', async ({ query, pointer }) => {
    const { status, body } = await search(query)

    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual([pointer])
  })

  test('takes quotes and operators for what they are', async () => {
    const { status, body } = await search(
      `q=${encodeURIComponent('" OR "displayName:mia')}&type=user`,
    )

    expect({ status, items: body.items }).toEqual({ status: 200, items: [] })
  })

  test('says when to come again to whoever comes too often', async () => {
    await api.pass(60_000)
    for (let call = 1; call <= 30; call += 1) await search('q=mia&type=user')
    const { status, headers } = await search('q=mia&type=user')

    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBe(60)
  })
})
