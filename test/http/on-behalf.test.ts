import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ben, flow, mia } from '../operations/broker-in-memory.ts'
import { type Api, callers, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const ask = (more: object) => ({
  resource: { type: 'group', id: api.newGroup() },
  duration: 'PT1H',
  ...more,
})

describe('an application with the role Access.RequestOnBehalf', () => {
  test('asks for the person it names, and the record says who asked for whom', async () => {
    const { status, body } = await api.call('bot', 'POST', '/requests', {
      body: ask({ requester: mia }),
    })
    expect(status).toBe(202)
    expect(body).toMatchObject({ requester: mia, grantee: mia, requesterName: 'Mia' })
    const created = api.published.find(({ event }) => event === 'request.created')
    expect(created).toMatchObject({
      actor: { id: callers.bot.oid, type: 'application' },
      detail: { requester: mia },
    })
  })

  test('may name the person by user principal name', async () => {
    const { body } = await api.call('bot', 'POST', '/requests', {
      body: ask({ requester: `${mia.toUpperCase()}@LOCAL` }),
    })
    expect(body).toMatchObject({ requester: mia, grantee: mia })
  })

  test('sees what it asked for, and the person sees it, too', async () => {
    const { headers, body } = await api.call('bot', 'POST', '/requests', {
      body: ask({ requester: mia }),
    })
    const path = headers.get('location')?.replace('/api', '') ?? ''
    expect((await api.call('bot', 'GET', path)).body.id).toBe(body.id)
    for (const as of ['bot', 'mia'] as const) {
      const list = await api.call(as, 'GET', '/requests')
      expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([body.id])
    }
    expect((await api.call('ben', 'GET', path)).status).toBe(404)
  })

  test('leaves cancelling to the person it asked for', async () => {
    const { body } = await api.call('bot', 'POST', '/requests', {
      body: ask({ requester: mia, startsAt: '2026-01-06T12:00:00Z' }),
    })
    const path = `/requests/${body.id}/cancel`
    expect((await api.call('bot', 'POST', path)).status).toBe(403)
    expect((await api.call('mia', 'POST', path)).status).toBe(200)
  })

  test('is held to what the flow allows the person it names', async () => {
    const { status, body } = await api.call('bot', 'POST', '/requests', {
      body: ask({ requester: callers.sam.oid }),
    })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/not-eligible')
  })

  test('cannot speak for somebody who is no user of the tenant', async () => {
    const requester = 'nobody@elsewhere.example'
    const { status, body } = await api.call('bot', 'POST', '/requests', {
      body: ask({ requester }),
    })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/requester-unknown')
  })

  test('keeps idempotency keys of its own, apart from those of the person', async () => {
    const headers = { 'idempotency-key': 'one' }
    const body = ask({})
    const own = await api.call('mia', 'POST', '/requests', { body, headers })
    const onBehalf = await api.call('bot', 'POST', '/requests', {
      body: { ...body, requester: mia },
      headers,
    })
    expect(onBehalf.status).toBe(202)
    expect(onBehalf.body.id).not.toBe(own.body.id)
  })
})

describe('naming a requester', () => {
  const personWithTheRole = { oid: ben, roles: ['Access.RequestOnBehalf'] }

  test.each([
    ['a person', () => api.sign(callers.mia)],
    ['an administrator', () => api.sign(callers.ada)],
    ['a person who was given the role of applications', () => api.sign(personWithTheRole)],
  ])('is refused to %s, and the attempt is recorded', async (_who, token) => {
    const { status, body } = await api.send('POST', '/requests', {
      body: ask({ requester: mia }),
      headers: { authorization: await token() },
    })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/requester-not-allowed')
    expect(api.published.at(-1)).toMatchObject({
      event: 'authorization.refused',
      detail: { operation: 'request-for-others' },
    })
  })
})

describe('asking for somebody else', () => {
  const forBen = { requestFor: ben }

  test('is refused where the flow has no grantees', async () => {
    const { status, body } = await api.call('mia', 'POST', '/requests', { body: ask(forBen) })
    expect(status).toBe(403)
    expect(body.type).toBe('/problems/grantee-not-eligible')
  })

  test('is accepted for those whom the flow names as grantees', async () => {
    const grantees = { operator: 'or', conditions: [{ type: 'user', values: [ben] }] } as const
    await api.call('ada', 'PUT', '/access-flows/oncall', { body: flow({ grantees }) })
    const { status, body } = await api.call('mia', 'POST', '/requests', { body: ask(forBen) })
    expect(status).toBe(202)
    expect(body).toMatchObject({ requester: mia, grantee: ben, granteeName: 'Ben' })
    expect((await api.call('ben', 'GET', `/requests/${body.id}`)).status).toBe(200)
  })
})
