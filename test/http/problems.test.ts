import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readers } from '../operations/broker-in-memory.ts'
import { type Answer, type Api, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const body = { resource: { type: 'group', id: readers }, duration: 'PT1H' }

const reusedKey = async () => {
  const headers = { 'idempotency-key': 'once' }
  await api.call('mia', 'POST', '/requests', { body, headers })
  return api.call('mia', 'POST', '/requests', { body: { ...body, duration: 'PT2H' }, headers })
}

const manyOpen = async () => {
  for (let count = 0; count < 20; count++) await api.call('mia', 'POST', '/requests', { body })
  return api.call('mia', 'POST', '/requests', { body })
}

const unmanageable = () => {
  const id = api.newGroup({ unmanageable: 'dynamic' })
  return api.call('mia', 'POST', '/requests', {
    body: { ...body, resource: { type: 'group', id } },
  })
}

const withFault = async (fault: Api['tables']['fault']) => {
  api.tables.fault = fault
  return api.call('mia', 'GET', `/requests/${'0'.repeat(26)}-${'0'.repeat(26)}`)
}

const problems: readonly (readonly [status: number, code: string, make: () => Promise<Answer>])[] =
  [
    [400, 'invalid', () => api.call('mia', 'POST', '/requests', { body: {} })],
    [400, 'invalid', () => api.call('mia', 'POST', '/requests', { raw: '{"resource": ' })],
    [400, 'invalid', () => api.call('mia', 'GET', '/requests?colour=red')],
    [401, 'unauthenticated', () => api.send('GET', '/me')],
    [403, 'forbidden', () => api.call('mia', 'GET', '/audit')],
    [403, 'not-eligible', () => api.call('sam', 'POST', '/requests', { body })],
    [404, 'not-found', () => api.call('mia', 'GET', '/requests/none')],
    [404, 'not-found', () => api.call('ada', 'GET', '/access-flows/none')],
    [
      406,
      'not-acceptable',
      () => api.call('mia', 'GET', '/me', { headers: { accept: 'image/png' } }),
    ],
    [409, 'key-reused', reusedKey],
    [412, 'changed', () => api.call('ada', 'DELETE', '/access-flows/oncall', stale)],
    [
      413,
      'too-large',
      () => api.call('mia', 'POST', '/requests', { raw: `"${'x'.repeat(65_535)}"` }),
    ],
    [415, 'unsupported-media-type', () => api.call('mia', 'POST', '/requests', xml)],
    [422, 'dynamic', unmanageable],
    [429, 'too-many-open', manyOpen],
    [500, 'internal', () => withFault(bug)],
    [503, 'unavailable', () => withFault(() => 'unavailable')],
  ]

const stale = { headers: { 'if-match': '"0-elsewhere"' } }
const xml = { raw: '<request/>', headers: { 'content-type': 'application/xml' } }
const bug = () => {
  throw new Error('Cannot go on: a secret of the house')
}

describe('a problem document', () => {
  test.each(problems)(
    'of status %i and code %s says all that RFC 9457 and the contract ask',
    async (status, code, make) => {
      const answer = await make()
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.body).toMatchObject({ type: `/problems/${code}`, status })
      expect(answer.status).toBe(status)
      expect(answer.body.title).toMatch(/^[A-Z]/)
      expect(answer.body.detail).toMatch(/^.{20,}$/)
      expect(answer.body.instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/)
    },
  )

  test('names the field that is wrong by a JSON pointer', async () => {
    const { body: said } = await api.call('mia', 'POST', '/requests', {
      body: { ...body, duration: 1, resource: { type: 'group' } },
    })
    expect(said.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/duration',
      '/resource/id',
    ])
  })

  test('tells nothing of what went wrong inside', async () => {
    const { text } = await withFault(bug)
    expect(text).not.toContain('secret of the house')
  })

  test('says when to come back where waiting helps', async () => {
    expect((await manyOpen()).headers.get('retry-after')).toBe('60')
    expect((await withFault(() => 'unavailable')).headers.get('retry-after')).toBe('5')
  })
})

describe('an address that is none of the API', () => {
  test.each([
    ['GET', '/nowhere'],
    ['GET', '/requests/a/b/c'],
    ['DELETE', '/requests/none'],
    ['POST', '/me'],
    ['GET', '/..%2fruntime'],
  ])('%s %s answers 404', async (method, path) => {
    expect((await api.call('ada', method, path)).status).toBe(404)
  })
})
