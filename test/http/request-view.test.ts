import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, callers, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi({ flows: [flow({ name: 'night' }), flow()] })
})
afterEach(() => api.stop())

const ask = (more: object = {}) =>
  api.call('mia', 'POST', '/requests', {
    body: { resource: { type: 'group', id: readers }, duration: 'PT1H', ...more },
  })
const show = async (id: string, as: CallerName = 'mia') =>
  (await api.call(as, 'GET', `/requests/${id}`)).body

describe('a request', () => {
  test('is answered with all that was asked, and where to find it', async () => {
    const { status, headers, body } = await ask({
      justification: 'errors in checkout',
      ticket: 'INC-1',
      startsAt: '2026-01-05T13:00:00+01:00',
      accessFlow: 'OnCall',
      integration: 'contosoentra',
      permission: 'member',
    })
    expect(status).toBe(202)
    expect(headers.get('location')).toBe(`/api/requests/${body.id}`)
    expect(headers.get('retry-after')).toBe('1')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}-[0-9a-hjkmnp-tv-z]{26}$/),
      status: 'scheduled',
      integration: 'ContosoEntra',
      resource: { type: 'group', id: readers, name: 'Production Readers' },
      permission: 'member',
      requester: mia,
      requesterName: 'Mia',
      grantee: mia,
      granteeName: 'Mia',
      accessFlow: { name: 'oncall', version: 1 },
      duration: 'PT1H',
      intake: 'http',
      approval: { automatic: true, steps: [] },
      createdAt: '2026-01-05T12:00:00.000Z',
      decidedAt: '2026-01-05T12:00:00.000Z',
      startsAt: '2026-01-05T12:00:00.000Z',
      justification: 'errors in checkout',
      ticket: 'INC-1',
    })
  })

  test('tells its window once it has one, and how and when it ended', async () => {
    const { body } = await ask()
    await api.pass(1_000)
    expect(await show(body.id)).toMatchObject({
      status: 'active',
      mechanism: 'direct',
      grantedAt: '2026-01-05T12:00:00.000Z',
      endsAt: '2026-01-05T13:00:00.000Z',
    })
    await api.pass(3_600_000)
    expect(await show(body.id)).toMatchObject({
      status: 'ended',
      endReason: 'expired',
      endsAt: '2026-01-05T13:00:00.000Z',
      endedAt: '2026-01-05T13:00:00.000Z',
    })
  })

  test('says when the access was held already, and why it failed', async () => {
    api.directory.addByHand({
      tenantId: api.needs.tenantId,
      grantee: mia,
      resource: { type: 'group', id: readers },
      permission: 'member',
    })
    const { body: held } = await ask()
    api.directory.setFault({ effect: 'forbidden', on: ['add'] })
    const resource = { type: 'group', id: api.newGroup() }
    const { body: failed } = await ask({ resource })
    await api.pass(2_000)
    expect(await show(held.id)).toMatchObject({ status: 'active', mechanism: 'already-held' })
    expect(await show(failed.id)).toMatchObject({
      status: 'failed',
      problem: { code: expect.any(String), detail: expect.any(String) },
    })
  })

  test('shows its events in order, each bound to the one before', async () => {
    const { body } = await ask({ justification: 'errors in checkout' })
    await ask()
    await api.pass(3_700_000)
    const { items } = (await api.call('mia', 'GET', `/requests/${body.id}/events`)).body
    expect(items.map(({ event }: { event: string }) => event)).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
      'grant.ending',
      'grant.ended',
    ])
    expect(items[0]).toMatchObject({
      actor: mia,
      actorType: 'user',
      reason: 'errors in checkout',
      requestId: body.id,
    })
    expect(items[0]).not.toHaveProperty('txId')
  })
})

describe('access details', () => {
  const accessDetails = 'Sign in at the jump host.'

  beforeEach(async () => {
    const body = { resourceTypes: ['group'], customAccessDetails: accessDetails }
    await api.call('ada', 'PUT', '/integrations/ContosoEntra', { body })
  })

  test('are for whoever holds the access, and for a day after', async () => {
    const { body } = await ask({ startsAt: '2026-01-05T12:10:00Z' })
    expect(body).not.toHaveProperty('accessDetails')
    await api.pass(601_000)
    expect(await show(body.id)).toMatchObject({ status: 'active', accessDetails })
    await api.pass(3_600_000)
    expect(await show(body.id)).toMatchObject({ status: 'ended', accessDetails })
    api.clock.skip(23 * 3_600_000)
    expect(await show(body.id)).toHaveProperty('accessDetails')
    await api.pass(3_600_000)
    expect(await show(body.id)).not.toHaveProperty('accessDetails')
  })

  test('are never shown for a request that was cancelled or failed', async () => {
    const { body: cancelled } = await ask({ startsAt: '2026-01-06T12:00:00Z' })
    await api.call('mia', 'POST', `/requests/${cancelled.id}/cancel`)
    api.directory.setFault({ effect: 'forbidden', on: ['add'] })
    const { body: failed } = await ask()
    await api.pass(2_000)
    for (const { id } of [cancelled, failed]) {
      expect(await show(id)).not.toHaveProperty('accessDetails')
    }
  })

  test('are those of the integration as it is now', async () => {
    const { body } = await ask()
    await api.pass(1_000)
    const changed = { resourceTypes: ['group'], customAccessDetails: 'Use the new host.' }
    await api.call('ada', 'PUT', '/integrations/ContosoEntra', { body: changed })
    const list = (await api.call('mia', 'GET', '/requests')).body.items
    expect((await show(body.id)).accessDetails).toBe('Use the new host.')
    expect(list[0].accessDetails).toBe('Use the new host.')
  })

  test('are not in the catalogue, which says only that there are some', async () => {
    const [item] = (await api.call('mia', 'GET', '/catalog')).body.items
    expect(item.hasAccessDetails).toBe(true)
    expect(JSON.stringify(item)).not.toContain('jump host')
  })
})

describe('what roles see of a request of somebody else', () => {
  test('is all of it for administrators and auditors, and nothing for others', async () => {
    const { body } = await ask()
    const [ada, audrey, ben] = await Promise.all([
      show(body.id, 'ada'),
      show(body.id, 'audrey'),
      show(body.id, 'ben'),
    ])
    expect(ada).toMatchObject({ id: body.id, requester: callers.mia.oid })
    expect(audrey).toEqual(ada)
    expect(ben).toMatchObject({ status: 404 })
  })
})
