import { afterEach, describe, expect, test } from 'vitest'
import type { AccessFlow } from '../../shared/access/flow.ts'
import { flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

const start = async (more: Partial<AccessFlow> = {}): Promise<string> => {
  api = await startApi({ flows: [flow(more)] })
  const { body } = await api.call('mia', 'POST', '/requests', {
    body: { resource: group, duration: 'PT1H', justification: 'INC-1' },
  })
  await api.pass(2_000)
  return body.id
}
afterEach(() => api.stop())

const group = { type: 'group', id: readers } as const
const access = {
  tenantId: '10000000-0000-4000-8000-000000000001',
  grantee: mia,
  resource: group,
  permission: 'member',
} as const
const extend = (id: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  api.call('mia', 'POST', `/requests/${id}/extend`, { body, headers })
const show = async (id: string) => (await api.call('mia', 'GET', `/requests/${id}`)).body

const more = { duration: 'PT1H', justification: 'still at it' }

describe('POST /requests/{id}/extend', () => {
  test('makes a new request for the same access that starts now and names the first', async () => {
    const id = await start()
    const { status, headers, body } = await extend(id, more)
    expect(status).toBe(202)
    expect(headers.get('location')).toBe(`/api/requests/${body.id}`)
    expect(body).toMatchObject({
      extends: id,
      accessFlow: { name: 'oncall' },
      resource: group,
      permission: 'member',
      requester: mia,
      justification: 'still at it',
    })
    expect(body.id).not.toBe(id)
  })

  test('keeps the access without a gap until the last of them ends', async () => {
    const id = await start()
    await api.pass(3_000_000)
    const { body } = await extend(id, more)
    await api.pass(1_200_000)
    expect((await show(id)).status).toBe('ended')
    expect(api.directory.isHeld(access)).toBe(true)
    await api.pass(2_500_000)
    expect((await show(body.id)).status).toBe('ended')
    expect(api.directory.isHeld(access)).toBe(false)
    expect(api.directory.writes.map(({ operation }) => operation)).toEqual(['add', 'remove'])
  })

  test('can be extended again', async () => {
    const id = await start()
    const { body: first } = await extend(id, more)
    await api.pass(2_000)
    const { status, body } = await extend(first.id, more)
    expect(status).toBe(202)
    expect(body.extends).toBe(first.id)
  })

  test('is safe to repeat under an Idempotency-Key, and only with the same body', async () => {
    const id = await start()
    const headers = { 'idempotency-key': 'once' }
    const first = await extend(id, more, headers)
    expect((await extend(id, more, headers)).body.id).toBe(first.body.id)
    expect((await extend(id, { ...more, duration: 'PT2H' }, headers)).status).toBe(409)
  })

  test.each([
    ['that is empty', ''],
    ['of 129 characters', 'k'.repeat(129)],
  ])('refuses an Idempotency-Key %s by its pointer', async (_what, key) => {
    const { status, body } = await extend(await start(), more, { 'idempotency-key': key })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/headers/Idempotency-Key'])
  })

  test.each<[what: string, body: unknown, pointers: readonly string[]]>([
    ['no duration', { justification: 'x' }, ['/duration']],
    ['a duration of a month', { duration: 'P1M' }, ['/duration']],
    ['a duration of nothing', { duration: 'PT0S' }, ['/duration']],
    ['another resource', { ...more, resource: group }, ['/resource']],
    ['a start', { ...more, startsAt: '2026-01-06T12:00:00Z' }, ['/startsAt']],
  ])('refuses %s', async (_what, body, pointers) => {
    const answer = await extend(await start(), body)
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual(pointers)
  })

  test('holds each extension to the maximum of the flow, and of its extensions', async () => {
    const id = await start({ duration: { maximum: 'PT8H' }, extensions: { duration: 'PT30M' } })
    const { status, body } = await extend(id, { ...more, duration: 'PT31M' })
    expect(status).toBe(403)
    expect(body).toMatchObject({ type: '/problems/too-long' })
    expect(body.detail).toContain('PT30M')
    expect((await extend(id, { ...more, duration: 'PT30M' })).status).toBe(202)
  })

  test('asks the policy again: whoever lost the right cannot extend', async () => {
    const id = await start()
    const requesters = {
      operator: 'or',
      conditions: [{ type: 'user', values: [readers] }],
    } as const
    await api.call('ada', 'PUT', '/access-flows/oncall', { body: flow({ requesters }) })
    const { status, body } = await extend(id, more)
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/not-eligible')
  })

  test('asks for what the flow asks for', async () => {
    const id = await start({ justification: { required: true } })
    const { status, body } = await extend(id, { duration: 'PT1H' })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/justification-missing')
  })

  test('ends no more often than the flow allows extensions, however they are made', async () => {
    const id = await start({ extensions: { maximum: 2 } })
    const { body: first } = await extend(id, more)
    await api.pass(2_000)
    expect((await extend(id, more)).status).toBe(202)
    await api.pass(2_000)
    for (const each of [id, first.id]) {
      const { status, body } = await extend(each, more)
      expect(status).toBe(403)
      expect(body.type).toBe('/problems/too-many-extensions')
      expect(body.trace).toContainEqual({
        flow: 'oncall',
        rule: 'extensions',
        verdict: 'fail',
        detail: 'Extended 2 times already, and 2 are allowed.',
      })
    }
  })

  test('is not to be had where the flow allows none', async () => {
    const id = await start({ extensions: { maximum: 0 } })
    expect((await extend(id, more)).status).toBe(403)
  })

  test.each([
    ['scheduled', { startsAt: '2026-01-06T12:00:00Z' }, 0],
    ['ended', { duration: 'PT1M' }, 70_000],
  ])('is refused for a request that is %s', async (status, over, wait) => {
    await start()
    const { body: other } = await api.call('mia', 'POST', '/requests', {
      body: { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H', ...over },
    })
    await api.pass(wait)
    expect((await show(other.id)).status).toBe(status)
    const answer = await extend(other.id, more)
    expect(answer.status).toBe(409)
    expect(answer.body.type).toBe('/problems/not-active')
  })
})
