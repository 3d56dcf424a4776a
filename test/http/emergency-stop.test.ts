import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, callers, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi()
})
afterEach(() => api.stop())

const group = { type: 'group', id: readers } as const
const ask = (as: CallerName, more: object = {}) =>
  api.call(as, 'POST', '/requests', { body: { resource: group, duration: 'PT1H', ...more } })
const put = (active: boolean, reason = 'suspicious requests') =>
  api.call('ada', 'PUT', '/emergency-stop', { body: { active, reason } })
const show = async (id: string) => (await api.call('ada', 'GET', `/requests/${id}`)).body
const held = (grantee: string = mia) =>
  api.directory.isHeld({
    tenantId: api.needs.tenantId,
    grantee,
    resource: group,
    permission: 'member',
  })

describe('the emergency stop', () => {
  test('is switched with a reason, shown, and written to the audit once', async () => {
    expect((await api.call('audrey', 'GET', '/emergency-stop')).body).toEqual({ active: false })
    const { status, body } = await put(true)
    expect(status).toBe(200)
    expect(body).toEqual({
      active: true,
      reason: 'suspicious requests',
      changedBy: callers.ada.oid,
      changedAt: '2026-01-05T12:00:00.000Z',
    })
    expect((await put(true, 'again')).body).toEqual(body)
    expect((await api.call('audrey', 'GET', '/emergency-stop')).body).toEqual(body)
    expect(api.published.filter(({ event }) => event === 'emergency-stop.changed')).toMatchObject([
      { actor: { id: callers.ada.oid }, reason: 'suspicious requests', detail: { active: true } },
    ])
  })

  test.each<[what: string, body: object, pointers: readonly string[]]>([
    ['nothing', {}, ['/active', '/reason']],
    ['no reason', { active: true, reason: '' }, ['/reason']],
    ['words for truth', { active: 'yes', reason: 'x' }, ['/active']],
    ['more than it knows', { active: true, reason: 'x', until: 'noon' }, ['/until']],
  ])('takes %s for no order', async (_what, body, pointers) => {
    const answer = await api.call('ada', 'PUT', '/emergency-stop', { body })
    expect(answer.status).toBe(400)
    expect(pointersOf(answer.body)).toEqual(pointers)
    expect((await ask('mia')).status).toBe(202)
  })

  test('refuses new requests and extensions with its own problem, and records no refusal', async () => {
    const { body: active } = await ask('mia')
    await api.pass(2_000)
    await put(true)
    const extension = { duration: 'PT1H', justification: 'still at it' }
    for (const answer of [
      await ask('ben'),
      await ask('ben', { startsAt: '2026-01-06T12:00:00Z' }),
      await api.call('mia', 'POST', `/requests/${active.id}/extend`, { body: extension }),
    ]) {
      expect(answer.status).toBe(409)
      expect(answer.body.type).toBe('/problems/emergency-stop')
    }
    expect(api.published.filter(({ event }) => event === 'request.refused')).toEqual([])
    await put(false)
    expect((await ask('ben')).status).toBe(202)
  })

  test('leaves active access as it is, and never holds up an end', async () => {
    const { body: runsOut } = await ask('mia', { duration: 'PT10M' })
    await api.pass(2_000)
    await put(true)
    await api.pass(300_000)
    expect(held()).toBe(true)
    await api.pass(310_000)
    expect(held()).toBe(false)
    expect(await show(runsOut.id)).toMatchObject({ status: 'ended', endReason: 'expired' })
  })

  test('lets people give back, cancel and be revoked', async () => {
    const { body: waiting } = await ask('mia', { startsAt: '2026-01-06T12:00:00Z' })
    const { body: active } = await ask('mia')
    await api.pass(2_000)
    await put(true)
    expect((await api.call('mia', 'POST', `/requests/${waiting.id}/cancel`)).status).toBe(200)
    expect((await api.call('mia', 'POST', `/requests/${active.id}/revoke`)).status).toBe(202)
    await api.pass(5_000)
    expect(await show(active.id)).toMatchObject({ status: 'ended', endReason: 'given-back' })
  })

  test('fails a scheduled request that comes due, without a write, and revives none', async () => {
    const { body } = await ask('mia', { startsAt: '2026-01-05T12:10:00Z' })
    await put(true)
    await api.pass(300_000)
    expect((await show(body.id)).status).toBe('scheduled')
    await api.pass(310_000)
    expect(await show(body.id)).toMatchObject({
      status: 'failed',
      problem: { code: 'emergency-stop' },
    })
    await put(false)
    await api.pass(3_600_000)
    expect((await show(body.id)).status).toBe('failed')
    expect(api.directory.writes).toEqual([])
  })

  test('lets a scheduled request start when it is over before its time', async () => {
    const { body } = await ask('mia', { startsAt: '2026-01-05T12:10:00Z' })
    await put(true)
    await api.pass(300_000)
    await put(false)
    await api.pass(305_000)
    expect((await show(body.id)).status).toBe('active')
  })

  test('fails a request that is being granted, and takes back what may have been added', async () => {
    api.directory.setFault({ effect: 'ambiguous-after', on: ['add'], count: 1 })
    api.directory.setFault({ effect: 'unavailable', on: ['add'] })
    const { body } = await ask('mia', { startsAt: '2026-01-05T12:01:00Z' })
    await api.pass(62_000)
    expect((await show(body.id)).status).toBe('granting')
    expect(held()).toBe(true)
    await put(true)
    api.directory.clearFaults()
    await api.pass(120_000)
    expect(await show(body.id)).toMatchObject({
      status: 'failed',
      problem: { code: 'emergency-stop' },
    })
    expect(held()).toBe(false)
    await put(false)
    await api.pass(120_000)
    expect((await show(body.id)).status).toBe('failed')
  })

  test('marks what is ended by the many while it is on as an emergency', async () => {
    const { body } = await ask('mia')
    const { body: other } = await ask('ben')
    await api.pass(2_000)
    await put(true)
    await api.call('ada', 'POST', `/requests/${other.id}/revoke`, { body: { reason: 'one' } })
    await api.pass(5_000)
    await api.call('ada', 'POST', '/grants/revoke', {
      body: { filter: { all: true }, reason: 'attack', expectedCount: 1 },
    })
    await api.pass(5_000)
    expect(await show(body.id)).toMatchObject({ status: 'ended', endReason: 'emergency' })
    expect(await show(other.id)).toMatchObject({ status: 'ended', endReason: 'revoked' })
  })

  test('that cannot be read grants nothing meanwhile, and ends all the same', async () => {
    const { body: active } = await ask('ben', { duration: 'PT10M' })
    const { body: waiting } = await ask('mia', { startsAt: '2026-01-05T12:05:00Z' })
    await api.pass(2_000)
    api.tables.fault = ({ partition, kind }) =>
      kind === 'read' && partition === 'system' ? 'unavailable' : undefined
    await api.pass(720_000)
    expect(held()).toBe(false)
    api.tables.fault = () => undefined
    expect((await show(active.id)).status).toBe('ended')
    await api.pass(60_000)
    expect((await show(waiting.id)).status).toBe('active')
  })
})
