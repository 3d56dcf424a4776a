import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readers } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, type Sent, startApi } from './start-api.ts'

let api: Api

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.stop())

const post = (sent: Sent) => api.call('mia', 'POST', '/requests', sent)
const ask = (more: object = {}) => ({
  resource: { type: 'group', id: readers },
  duration: 'PT1H',
  ...more,
})
const typed = (type: string) => ({ headers: { 'content-type': type } })

describe('a body', () => {
  test.each<[what: string, status: number, sent: Sent]>([
    ['that is cut off', 400, { raw: '{"resource": {"type": "group"' }],
    ['that is a plain word', 400, { raw: 'hello' }],
    ['that is empty', 400, { raw: '' }],
    ['that is null', 400, { raw: 'null' }],
    ['that is a list', 400, { raw: '[]' }],
    ['that is a number', 400, { raw: '1' }],
    ['that is no UTF-8', 400, { raw: Uint8Array.of(0x22, 0xc3, 0x28, 0x22) }],
    ['that is XML by its type', 415, { raw: '<a/>', ...typed('application/xml') }],
    ['that is a form', 415, { raw: 'a=1', ...typed('application/x-www-form-urlencoded') }],
    ['that is text by its type', 415, { raw: '{}', ...typed('text/plain') }],
    ['that only calls itself almost JSON', 415, { raw: '{}', ...typed('application/jsonp') }],
    ['of 64 KiB and one byte', 413, { raw: `"${'x'.repeat(65_535)}"` }],
    ['of a megabyte of spaces', 413, { raw: ' '.repeat(1_048_576) }],
  ])('%s is answered %i', async (_what, status, sent) => {
    const answer = await post(sent)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('may have 64 KiB to the byte', async () => {
    expect((await post({ raw: JSON.stringify(ask()).padEnd(65_536) })).status).toBe(202)
  })

  test('may have a byte order mark and name its charset', async () => {
    const raw = `\ufeff${JSON.stringify(ask())}`
    expect((await post({ raw, ...typed('application/json; charset=utf-8') })).status).toBe(202)
  })

  test('that is nested 10,000 deep is refused cleanly', async () => {
    const raw = `{"resource":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    const { status, body } = await post({ raw })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/resource/0/0'])
  })
})

describe('a field', () => {
  test.each<[what: string, body: unknown, pointers: readonly string[]]>([
    ['that nobody knows', ask({ colour: 'red' }), ['/colour']],
    ['known in another case only', ask({ Justification: 'x' }), ['/Justification']],
    [
      'that nobody knows, inside another',
      ask({ resource: { type: 'group', id: readers, owner: 'me' } }),
      ['/resource/owner'],
    ],
    ['with a slash and a tilde in its name', ask({ 'a/b~c': 1 }), ['/a~1b~0c']],
    ['that is missing', { duration: 'PT1H' }, ['/resource']],
    ['of a number where text belongs', ask({ justification: 7 }), ['/justification']],
    ['of text where an object belongs', ask({ resource: readers }), ['/resource']],
    ['of null', ask({ ticket: null }), ['/ticket']],
    ['of a list', ask({ duration: ['PT1H'] }), ['/duration']],
    ['of truth', ask({ integration: true }), ['/integration']],
    [
      'with an unknown kind of resource',
      ask({ resource: { type: 'team', id: readers } }),
      ['/resource/type'],
    ],
    [
      'with an id that is no GUID',
      ask({ resource: { type: 'group', id: 'readers' } }),
      ['/resource/id'],
    ],
    [
      'with an id that leads elsewhere',
      ask({ resource: { type: 'group', id: `${readers}/members/$ref` } }),
      ['/resource/id'],
    ],
    ['for a permission that nobody has', ask({ permission: 'admin' }), ['/permission']],
    ['for a permission that groups lack', ask({ permission: 'active' }), ['/permission']],
    [
      'with a scope that groups lack',
      ask({ resource: { type: 'group', id: readers, scope: '/' } }),
      ['/resource/scope'],
    ],
    ['for a person who is no object id', ask({ requestFor: 'ben' }), ['/requestFor']],
    ['that names a flow by no name', ask({ accessFlow: '../oncall' }), ['/accessFlow']],
    [
      'that names an integration by no name',
      ask({ integration: 'Contoso Entra' }),
      ['/integration'],
    ],
  ])('%s is refused by its pointer', async (_what, body, pointers) => {
    const answer = await post({ body })
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual(pointers)
  })

  test.each([
    ['__proto__', '{"__proto__":{"duration":"PT1H"},"duration":"PT1H"}', '/__proto__'],
    ['constructor', '{"constructor":{"prototype":{"admin":true}}}', '/constructor'],
    ['prototype', '{"resource":{"prototype":{}}}', '/resource/prototype'],
    [
      'a hidden __proto__',
      '{"resource":{"type":"group","__proto__":{"id":"x"}}}',
      '/resource/__proto__',
    ],
  ])('that reaches for %s is refused, and reaches nothing', async (_name, raw, pointer) => {
    const answer = await post({ raw })
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual([pointer])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('is named beside every other one that is wrong', async () => {
    const answer = await post({ body: { duration: 'P1M', ticket: 1, colour: 'red' } })
    expect(pointersOf(answer.body)?.toSorted()).toEqual([
      '/colour',
      '/duration',
      '/resource',
      '/ticket',
    ])
  })
})

describe('a body that is refused', () => {
  test('leaves no request, no event and no claim', async () => {
    const before = api.tables.all('Ledger').length
    await post({ body: ask({ colour: 'red' }), headers: { 'idempotency-key': 'refused-body' } })
    expect(api.tables.all('Ledger')).toHaveLength(before)
    expect(api.tables.all('Claims')).toEqual([])
  })
})
