import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flow, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi({ rules: { maximumPending: 2 } })
})
afterEach(() => api.stop())

const ask = (more: object = {}) => ({
  resource: { type: 'group', id: readers },
  duration: 'PT1H',
  ...more,
})
const post = (key: string, body: unknown, as: CallerName = 'mia') =>
  api.call(as, 'POST', '/requests', { body, headers: { 'idempotency-key': key } })
const eventsOf = (event: string) => api.published.filter((each) => each.event === event)

describe('an Idempotency-Key', () => {
  test('with the same body gives the same request, and grants once', async () => {
    const first = await post('INC-1', ask())
    await api.pass(1_000)
    const again = await post('INC-1', ask())
    expect(first.status).toBe(202)
    expect(again.status).toBe(202)
    expect(again.body.id).toBe(first.body.id)
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(eventsOf('request.created')).toHaveLength(1)
    expect(api.directory.writes).toHaveLength(1)
  })

  test('knows the same body by what it says, not by how it is written', async () => {
    const first = await post('INC-1', ask({ ticket: 'T-1' }))
    const raw = ` {"ticket":"T-1",\n"duration":"PT1H","resource":{"id":"${readers}","type":"group"}}`
    const headers = { 'idempotency-key': 'INC-1' }
    const again = await api.call('mia', 'POST', '/requests', { raw, headers })
    expect(again.body.id).toBe(first.body.id)
  })

  test('of five calls at once leads to one request', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('INC-1', ask())))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(eventsOf('request.created')).toHaveLength(1)
  })

  test.each([
    ['another duration', { duration: 'PT2H' }],
    [
      'another resource',
      { resource: { type: 'group', id: '31000000-0000-4000-8000-000000000001' } },
    ],
    ['one more field', { ticket: 'T-1' }],
  ])('with %s is answered 409, and changes nothing', async (_what, more) => {
    api.newGroup()
    await post('INC-1', ask())
    const { status, body } = await post('INC-1', ask(more))
    expect(status).toBe(409)
    expect(body.type).toBe('/problems/key-reused')
    expect(eventsOf('request.created')).toHaveLength(1)
  })

  test("is the caller's own: another caller's is another", async () => {
    const mias = await post('INC-1', ask(), 'mia')
    const bens = await post('INC-1', ask({ duration: 'PT2H' }), 'ben')
    expect(bens.status).toBe(202)
    expect(bens.body.id).not.toBe(mias.body.id)
  })

  test.each([
    ['that is empty', ''],
    ['of 129 characters', 'k'.repeat(129)],
  ])('%s is refused by its pointer', async (_what, key) => {
    const { status, body } = await post(key, ask())
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/headers/Idempotency-Key'])
    expect(api.tables.all('Claims')).toEqual([])
  })

  test('may have 128 characters of any kind', async () => {
    const key = '/\\#? \'"'.padEnd(128, 'k')
    const first = await post(key, ask())
    expect((await post(key, ask())).body.id).toBe(first.body.id)
  })
})

describe('a refusal under an Idempotency-Key', () => {
  const refusals: Readonly<Record<string, { as: CallerName; body: () => object; status: number }>> =
    {
      'by policy': { as: 'sam', body: ask, status: 403 },
      'of an unknown resource': {
        as: 'mia',
        body: () =>
          ask({ resource: { type: 'group', id: '3fffffff-0000-4000-8000-000000000001' } }),
        status: 404,
      },
      'of a group that cannot be managed': {
        as: 'mia',
        body: () => ask({ resource: { type: 'group', id: dynamicGroup } }),
        status: 422,
      },
    }
  const dynamicGroup = '31000000-0000-4000-8000-000000000001'

  test.each(Object.entries(refusals))(
    '%s is repeated as it was, and recorded once',
    async (_what, { as, body, status }) => {
      expect(api.newGroup({ unmanageable: 'dynamic' })).toBe(dynamicGroup)
      const first = await post('INC-1', body(), as)
      expect(first.status).toBe(status)
      await api.call('ada', 'PUT', '/access-flows/everybody', { body: everybody })
      api.directory.addGroup({ id: dynamicGroup, name: 'Ordinary again' })
      const again = await post('INC-1', body(), as)
      expect({ ...again.body, instance: '' }).toEqual({ ...first.body, instance: '' })
      expect(again.status).toBe(status)
      expect(eventsOf('request.refused')).toHaveLength(1)
      expect(eventsOf('request.created')).toEqual([])
    },
  )

  const everybody = flow({
    name: 'everybody',
    requesters: {
      operator: 'or',
      conditions: [{ type: 'user', match: 'is-not', values: [readers] }],
    },
  })

  test('with another body is answered 409', async () => {
    await post('INC-1', ask(), 'sam')
    expect((await post('INC-1', ask({ ticket: 'T-1' }), 'sam')).status).toBe(409)
  })
})

describe('an answer that is not final', () => {
  const takes = async (key: string, body: object) => {
    expect((await post(key, body)).status).toBe(202)
  }

  test('400 leaves the key free', async () => {
    await post('INC-1', ask({ duration: 'P1M' }))
    await post('INC-1', ask({ startsAt: '2020-01-01T00:00:00Z' }))
    await takes('INC-1', ask())
  })

  test('409 by the emergency stop leaves the key free', async () => {
    await api.call('ada', 'PUT', '/emergency-stop', { body: { active: true, reason: 'attack' } })
    expect((await post('INC-1', ask())).body.type).toBe('/problems/emergency-stop')
    await api.call('ada', 'PUT', '/emergency-stop', { body: { active: false, reason: 'over' } })
    await takes('INC-1', ask({ duration: 'PT2H' }))
  })

  test('503 leaves the key free', async () => {
    api.directory.setFault({ effect: 'unavailable', count: 1, on: ['lookUp'] })
    expect((await post('INC-1', ask())).status).toBe(503)
    await takes('INC-1', ask({ duration: 'PT2H' }))
  })

  test('429 for too many pending leaves the key free', async () => {
    const later = (day: number) => ask({ startsAt: `2026-01-0${day}T12:00:00Z` })
    await takes('INC-1', later(6))
    await takes('INC-2', later(7))
    const { status, body, headers } = await post('INC-3', later(8))
    expect(status).toBe(429)
    expect(body.type).toBe('/problems/too-many-pending')
    expect(headers.get('retry-after')).toBe('60')
    await takes('INC-3', ask())
  })

  test('429 for too many open leaves the key free', async () => {
    for (let count = 0; count < 20; count++) await post(`INC-${count}`, ask())
    const { status, body } = await post('INC-20', ask())
    expect(status).toBe(429)
    expect(body.type).toBe('/problems/too-many-open')
    const id = api.newGroup()
    await takes('INC-20', ask({ resource: { type: 'group', id } }))
  })
})

describe('too many pending requests', () => {
  const later = (day: number) => ask({ startsAt: `2026-01-0${day}T12:00:00Z` })

  test('keep nobody else from asking, and end with one that is cancelled', async () => {
    const first = await post('INC-1', later(6))
    await post('INC-2', later(7))
    expect((await post('INC-3', later(8))).status).toBe(429)
    expect((await post('INC-3', later(8), 'ben')).status).toBe(202)
    expect((await post('INC-4', ask())).status).toBe(202)
    await api.call('mia', 'POST', `/requests/${first.body.id}/cancel`)
    expect((await post('INC-3', later(8))).status).toBe(202)
  })

  test('are counted however many others came after them', async () => {
    await post('INC-1', later(6))
    await post('INC-2', later(7))
    await api.pass(1_000)
    for (let group = 0; group < 6; group++) {
      const id = api.newGroup()
      for (let count = 0; count < 18; count++) {
        await post(`INC-${group}-${count}`, ask({ resource: { type: 'group', id } }))
      }
    }
    expect((await post('INC-3', later(8))).status).toBe(429)
  })
})
