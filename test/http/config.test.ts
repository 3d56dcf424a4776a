import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ben, flow, integration, mia } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, type Sent, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const plan = (body: unknown, sent: Sent = {}) =>
  api.call('ada', 'POST', '/config/plan', { body, ...sent })
const apply = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  api.call('ada', 'PUT', '/config', { body, headers })
const read = (path: string) => api.call('audrey', 'GET', path)

/** Changes by name, as the plan or the application of a set tells them. */
const actionsOf = (body: { changes: readonly { name: string; action: string }[] }) =>
  Object.fromEntries(body.changes.map(({ name, action }) => [name, action]))

const set = (...flows: readonly object[]) => ({ integrations: [integration], accessFlows: flows })

describe('POST /config/plan', () => {
  test('says what would change, field by field, and changes nothing', async () => {
    const night = flow({ name: 'night', duration: { maximum: 'PT2H' } })
    const { status, body } = await plan(set(flow({ duration: { maximum: 'PT4H' } }), night))

    expect(status).toBe(200)
    expect(actionsOf(body)).toEqual({ ContosoEntra: 'none', oncall: 'update', night: 'create' })
    expect(body.changes[1].fields).toEqual([
      { pointer: '/duration/maximum', before: 'PT8H', after: 'PT4H' },
    ])
    expect(body.changes[2].fields).toContainEqual({
      pointer: '/duration',
      after: { maximum: 'PT2H' },
    })
    expect((await read('/access-flows/night')).status).toBe(404)
    expect(api.published).toEqual([])
  })

  test('names the people whose standing changes', async () => {
    const toBen = { operator: 'or', conditions: [{ type: 'user', values: [ben] }] } as const
    const { body } = await plan(set(flow({ requesters: toBen, duration: { maximum: 'P1D' } })))

    expect(body.people).toEqual({
      mayNewly: [],
      mayNoLonger: [mia],
      skipApproval: [],
      longer: [ben],
      counts: { mayNewly: 0, mayNoLonger: 1, skipApproval: 0, longer: 1 },
      complete: true,
      gaps: [],
    })
  })

  test('takes YAML as it takes JSON', async () => {
    const raw = 'accessFlows: []\nprune: true\n'
    const { status, body } = await plan(undefined, {
      raw,
      headers: { 'content-type': 'application/yaml; charset=utf-8' },
    })

    expect(status).toBe(200)
    expect(actionsOf(body)).toEqual({ ContosoEntra: 'delete', oncall: 'delete' })
  })

  test.each([
    ['YAML that cannot be read', 'a: [', 'application/yaml', 400],
    ['JSON that cannot be read', '{"integrations"', 'application/json', 400],
    ['bytes that are no text', new Uint8Array([0x61, 0xff]), 'application/yaml', 400],
    ['nothing', '', 'application/json', 400],
    ['a kind of text nobody knows', 'x', 'text/html', 415],
    ['more than four megabytes', `{"x":"${'x'.repeat(4_200_000)}"}`, 'application/json', 413],
  ])('refuses %s', async (_what, raw, type, status) => {
    const answer = await plan(undefined, { raw, headers: { 'content-type': type } })

    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ status, detail: expect.any(String) })
  })

  test.each([
    ['a field that is not there', { integration: [] }, '/integration'],
    ['a wrong document', set({ ...flow(), duration: {} }), '/accessFlows/0/duration/maximum'],
    [
      'a document that is there twice',
      set(flow(), flow({ name: 'ONCALL' })),
      '/accessFlows/1/name',
    ],
    [
      'what is not offered yet',
      { integrations: [{ ...integration, connector: 'other' }] },
      '/integrations/0/connector',
    ],
    [
      'more than a thousand documents',
      { accessFlows: Array.from({ length: 1_001 }, () => flow()) },
      '',
    ],
  ])('refuses %s by its pointer', async (_what, body, pointer) => {
    const answer = await plan(body)

    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toContain(pointer)
  })
})

describe('PUT /config', () => {
  test('makes the set current as one change with one event, and the second time nothing', async () => {
    const wanted = set(flow({ description: 'On call' }), flow({ name: 'night' }))
    const first = await apply(wanted)
    const second = await apply(wanted)

    expect(first.status).toBe(200)
    expect(actionsOf(first.body)).toEqual({
      ContosoEntra: 'none',
      oncall: 'update',
      night: 'create',
    })
    expect(actionsOf(second.body)).toEqual({ ContosoEntra: 'none', oncall: 'none', night: 'none' })
    expect(api.published).toMatchObject([
      {
        event: 'configuration.changed',
        detail: {
          before: expect.stringMatching(/^[0-9a-f]{64}$/),
          after: expect.stringMatching(/^[0-9a-f]{64}$/),
          changes: [
            { kind: 'access-flow', name: 'oncall', change: 'update', version: 2 },
            { kind: 'access-flow', name: 'night', change: 'create', version: 1, before: null },
          ],
        },
      },
    ])
    expect((await read('/access-flows/oncall')).body).toMatchObject({ version: 2 })
  })

  test('goes by the plan: it passes once, and not after somebody else has changed something', async () => {
    const wanted = set(flow({ description: 'On call' }))
    const planned = await plan(wanted)
    const other = await apply(set(flow({ description: 'another' })), {
      'if-match': planned.body.planId,
    })
    const passed = await apply(wanted, { 'if-match': `"${planned.body.planId}"` })
    const late = await apply(wanted, { 'if-match': planned.body.planId })

    expect(other.status).toBe(412)
    expect(passed.status).toBe(200)
    expect(passed.body.changes).toEqual(planned.body.changes)
    expect(late.status).toBe(412)
  })

  test('saves nothing of a set of which one target leads nowhere', async () => {
    const target = { integration: 'Nowhere', resourceType: 'group', permissions: ['member'] }
    const broken = flow({ name: 'broken', targets: [target as never] })
    const wanted = set(flow({ name: 'night' }), broken)
    const planned = await plan(wanted)
    const answer = await apply(wanted)

    expect(planned.body.lint).toContainEqual(
      expect.objectContaining({ code: 'unknown-integration', severity: 'error' }),
    )
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual(['/accessFlows/1/targets/0/integration'])
    expect((await read('/access-flows/night')).status).toBe(404)
    expect(api.published).toEqual([])
  })

  test('refuses a name that another document has in other letters', async () => {
    const answer = await apply(set(flow({ name: 'OnCall' })))

    expect(answer.status).toBe(409)
    expect(answer.body.detail).toContain('"oncall"')
  })

  test('does not delete what open requests depend on', async () => {
    const body = { resource: { type: 'group', id: api.newGroup() }, duration: 'PT1H' }
    expect((await api.call('mia', 'POST', '/requests', { body })).status).toBe(202)
    const planned = await plan({ prune: true })
    const answer = await apply({ prune: true })

    expect(planned.body.lint).toContainEqual(
      expect.objectContaining({ code: 'in-use', severity: 'error' }),
    )
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({ count: 1 })
    expect((await read('/access-flows/oncall')).status).toBe(200)
  })

  test('deletes the rest with prune alone, and a name that comes back goes on counting', async () => {
    await apply(set(flow()))
    await apply({ integrations: [integration], prune: true })
    expect((await read('/access-flows/oncall')).status).toBe(404)

    await apply(set(flow()))

    expect((await read('/access-flows/oncall')).body).toMatchObject({ version: 2 })
  })

  test('takes documents as they were read, with their versions', async () => {
    const { body } = await read('/access-flows/oncall')
    const answer = await apply({ accessFlows: [body] })

    expect(actionsOf(answer.body)).toEqual({ oncall: 'none' })
  })
})

describe('GET /config', () => {
  test.each([
    ['', 'text/plain; charset=utf-8', 'locals {'],
    ['?format=terraform', 'text/plain; charset=utf-8', 'locals {'],
    ['?format=yaml', 'application/yaml', 'integrations:\n  - name: "ContosoEntra"\n'],
    ['?format=json', 'application/json', '{\n  "integrations": ['],
    ['?format=bicep', 'text/plain; charset=utf-8', "using 'main.bicep'\n"],
  ])('answers %s as %s with a tag of the text', async (query, type, start) => {
    const answer = await read(`/config${query}`)

    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.text.startsWith(start)).toBe(true)
    expect(answer.text).toMatch(/[^\n]\n$/)
    const etag = answer.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
    const again = await api.call('audrey', 'GET', `/config${query}`, {
      headers: { 'if-none-match': etag },
    })
    expect(again.status).toBe(304)
  })

  test('refuses a format that it does not know', async () => {
    const answer = await read('/config?format=pulumi')

    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual(['/query/format'])
  })

  test('gives one document as a set with nothing else in it', async () => {
    const { text } = await read('/integrations/contosoentra/code?format=yaml')
    const one = await read('/access-flows/oncall/code?format=json')

    expect(parse(text)).toEqual({ integrations: [integration] })
    expect(Object.keys(one.body)).toEqual(['accessFlows'])
    expect(one.body.accessFlows).toHaveLength(1)
    expect((await read('/access-flows/nothing/code')).status).toBe(404)
  })

  test('is planned as no change at all', async () => {
    await apply(set(flow({ active: true, intake: ['http'], justification: { required: false } })))
    const { text } = await read('/config?format=yaml')
    const planned = await plan(undefined, {
      raw: text,
      headers: { 'content-type': 'application/yaml' },
    })

    expect(text).not.toContain('active')
    expect(actionsOf(planned.body)).toEqual({ ContosoEntra: 'none', oncall: 'none' })
  })
})

describe('GET /sign-in', () => {
  test('tells anybody where to sign in, and nothing else', async () => {
    const { status, headers, body } = await api.send('GET', '/sign-in')

    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(Object.keys(body)).toEqual(['authority', 'tenantId', 'clientId', 'scope', 'endSession'])
  })
})
