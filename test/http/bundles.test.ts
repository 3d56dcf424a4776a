import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flow, readers } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api
let writers: string
let secret: string

const group = (id: string, more: object = {}) => ({ resource: { type: 'group', id }, ...more })
const put = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  api.call('ada', 'PUT', '/bundles/on-call', { body, headers })
const ask = (more: object, headers: Readonly<Record<string, string>> = {}) =>
  api.call('mia', 'POST', '/requests', {
    body: { duration: 'PT1H', justification: 'first week', ...more },
    headers,
  })
const bundlesOf = async (who: 'mia' | 'sam' | 'ada' | 'bot') =>
  (await api.call(who, 'GET', '/bundles')).body.items

beforeEach(async () => {
  api = await startApi()
  writers = api.newGroup()
  secret = api.newGroup()
  const exclude = [{ by: 'id', values: [secret] }]
  const targets = flow().targets.map((target) => ({ ...target, exclude }))
  await api.call('ada', 'PUT', '/access-flows/oncall', { body: { ...flow(), targets } })
  await put({
    description: 'What the first week needs',
    resources: [group(readers, { permission: 'member' }), group(writers), group(secret)],
  })
})
afterEach(() => api.stop())

describe('a bundle', () => {
  test('is asked for by name: each resource becomes a request, or a refusal, of its own', async () => {
    const { status, body } = await ask({ bundle: 'ON-CALL' })

    expect(status).toBe(202)
    expect(body.items.map((item: { status: number }) => item.status)).toEqual([202, 202, 403])
    expect(
      body.items
        .slice(0, 2)
        .map(({ request }: { request: { resource: { id: string } } }) => [request.resource.id]),
    ).toEqual([[readers], [writers]])
  })

  test('repeats its requests under the same key, and refuses those that were changed since', async () => {
    const first = await ask({ bundle: 'on-call' }, { 'idempotency-key': 'k1' })
    const again = await ask({ bundle: 'on-call' }, { 'idempotency-key': 'k1' })
    await put({ resources: [group(readers, { permission: 'member' }), group(secret)] })
    const changed = await ask({ bundle: 'on-call' }, { 'idempotency-key': 'k1' })
    const ids = (answer: typeof first) =>
      answer.body.items.map(({ request }: { request?: { id: string } }) => request?.id)

    expect(ids(again)).toEqual(ids(first))
    expect(ids(changed)).toEqual([ids(first)[0], undefined])
    expect(changed.body.items[1].status).toBe(409)
  })

  test('says itself which integration and permission are meant', async () => {
    await put({ resources: [group(readers, { integration: 'Nowhere' })] })
    const { body } = await ask({ bundle: 'on-call' })

    expect(body.items).toMatchObject([{ status: 403 }])
  })

  test.each([
    ['a resource', { resource: { type: 'group', id: readers } }, '/bundle'],
    ['resources', { resources: [{ type: 'group', id: readers }] }, '/bundle'],
    ['a permission', { permission: 'member' }, '/permission'],
    ['an integration', { integration: 'ContosoEntra' }, '/integration'],
  ])('is not asked for beside %s', async (_what, more, pointer) => {
    const { status, body } = await ask({ bundle: 'on-call', ...more })

    expect([status, pointersOf(body)]).toEqual([400, [pointer]])
  })

  test('that is not there is 404', async () => {
    const { status, body } = await ask({ bundle: 'nothing' })

    expect([status, body.detail]).toEqual([404, 'There is no bundle "nothing".'])
  })
})

describe('GET /bundles', () => {
  test('shows a requester what he may ask for, and of it only that', async () => {
    expect(await bundlesOf('mia')).toEqual([
      {
        name: 'on-call',
        description: 'What the first week needs',
        resources: [group(readers, { permission: 'member' }), group(writers)],
      },
    ])
    expect(await bundlesOf('sam')).toEqual([])
    expect(await bundlesOf('bot')).toEqual([])
  })

  test('shows an administrator all of it, with its version', async () => {
    const [shown] = await bundlesOf('ada')

    expect(shown).toMatchObject({ name: 'on-call', version: 1 })
    expect(shown.resources).toHaveLength(3)
  })

  test('leaves out a permission that the requester may not ask for', async () => {
    await put({ resources: [group(readers, { permission: 'owner' })] })

    expect(await bundlesOf('mia')).toEqual([])
  })
})

describe('PUT /bundles/{name}', () => {
  test('is guarded by If-Match, counted and audited, and deleting as well', async () => {
    const { headers } = await api.call('ada', 'GET', '/bundles/on-call')
    const etag = headers.get('etag') ?? ''
    const changed = await put({ resources: [group(readers)] }, { 'if-match': etag })
    const stale = await put({ resources: [group(writers)] }, { 'if-match': etag })
    const deleted = await api.call('ada', 'DELETE', '/bundles/on-call')
    const told = api.published.filter(({ event }) => event === 'bundle.changed')

    expect([changed.status, changed.body.version, stale.status]).toEqual([200, 2, 412])
    expect(deleted.status).toBe(204)
    expect(told.map(({ detail }) => [detail['bundle'], detail['change']])).toEqual([
      ['on-call', 'created'],
      ['on-call', 'updated'],
      ['on-call', 'deleted'],
    ])
  })

  test.each([
    ['no resources', { resources: [] }, ['/resources']],
    ['51 resources', { resources: Array.from({ length: 51 }, (_, n) => many(n)) }, ['/resources']],
    ['one twice', { resources: [group(readers), group(readers)] }, ['/resources/1']],
    [
      'a permission that does not fit',
      { resources: [group(readers, { permission: 'active' })] },
      ['/resources/0/permission'],
    ],
  ])('refuses %s', async (_what, body, pointers) => {
    const answer = await put(body)

    expect([answer.status, pointersOf(answer.body)]).toEqual([400, pointers])
  })
})

describe('a configuration set', () => {
  test('carries bundles through plan, apply and export', async () => {
    const set = { bundles: [{ name: 'start', resources: [group(readers)] }], prune: false }
    const plan = await api.call('ada', 'POST', '/config/plan', { body: set })
    const applied = await api.call('ada', 'PUT', '/config', { body: set })
    const exported = await api.call('ada', 'GET', '/config?format=json')
    const again = await api.call('ada', 'PUT', '/config', { body: JSON.parse(exported.text) })
    const code = await api.call('ada', 'GET', '/bundles/start/code?format=yaml')

    expect(plan.body.changes).toMatchObject([{ kind: 'bundle', name: 'start', action: 'create' }])
    expect(applied.body.changes).toEqual(plan.body.changes)
    expect(again.body.changes.map(({ action }: { action: string }) => action)).toEqual([
      'none',
      'none',
      'none',
      'none',
    ])
    expect(code.text).toBe(
      `bundles:\n  - name: "start"\n    resources:\n      - resource:\n          type: "group"\n          id: "${readers}"\n`,
    )
  })

  test('takes bundles away that it does not name, where it prunes', async () => {
    const { text } = await api.call('ada', 'GET', '/config?format=json')
    const { bundles: _, ...rest } = JSON.parse(text)
    const { body } = await api.call('ada', 'PUT', '/config', { body: { ...rest, prune: true } })

    expect(body.changes).toContainEqual(
      expect.objectContaining({ kind: 'bundle', name: 'on-call', action: 'delete' }),
    )
    expect(await bundlesOf('ada')).toEqual([])
  })

  test('with a bundle whose integration does not exist is not taken', async () => {
    const bundles = [{ name: 'start', resources: [group(readers, { integration: 'Nowhere' })] }]
    const { status, body } = await api.call('ada', 'PUT', '/config', { body: { bundles } })

    expect([status, pointersOf(body)]).toEqual([400, ['/bundles/0/resources/0/integration']])
  })
})

function many(number: number) {
  return group(`30000000-0000-4000-8000-${String(number).padStart(12, '0')}`)
}
