import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ben, flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi({ flows: [flow(), flow({ name: 'second' })] })
})
afterEach(() => api.stop())

const ask = async (as: CallerName, more: object = {}): Promise<string> => {
  const { body } = await api.call(as, 'POST', '/requests', {
    body: { resource: { type: 'group', id: readers }, duration: 'PT1H', ...more },
  })
  return body.id
}
const revoke = (filter: object, expectedCount: number, reason = 'incident over') =>
  api.call('ada', 'POST', '/grants/revoke', { body: { filter, reason, expectedCount } })
const show = async (id: string) => (await api.call('ada', 'GET', `/requests/${id}`)).body
const statusOf = async (id: string) => (await show(id)).status
const progress = async (id: string) => (await api.call('ada', 'GET', `/grants/revoke/${id}`)).body

describe('POST /grants/revoke', () => {
  test('ends all that match, cancels what waits, and leaves the rest alone', async () => {
    const mias = await ask('mia')
    const waiting = await ask('mia', { startsAt: '2026-01-06T12:00:00Z' })
    const bens = await ask('ben')
    await api.pass(2_000)

    const { status, headers, body } = await revoke({ grantee: mia }, 1)
    expect(status).toBe(202)
    expect(body.count).toBe(1)
    expect(headers.get('location')).toBe(`/api/grants/revoke/${body.id}`)
    expect(headers.get('retry-after')).toBe('2')

    await api.pass(5_000)
    expect(await show(mias)).toMatchObject({ status: 'ended', endReason: 'revoked' })
    expect(await statusOf(waiting)).toBe('cancelled')
    expect(await statusOf(bens)).toBe('active')
    expect(await progress(body.id)).toEqual({
      id: body.id,
      count: 1,
      ended: 1,
      overdue: 0,
      remaining: 0,
    })
  })

  test.each([
    ['too few are expected', 1],
    ['too many are expected', 3],
    ['none is expected', 0],
  ])('changes nothing where %s, and says how many there are', async (_what, expectedCount) => {
    const ids = [await ask('mia'), await ask('ben')]
    await ask('mia', { startsAt: '2026-01-06T12:00:00Z' })
    await api.pass(2_000)
    const { status, body } = await revoke({ all: true }, expectedCount)
    expect(status).toBe(409)
    expect(body).toMatchObject({ type: '/problems/count-differs', count: 2 })
    await api.pass(60_000)
    for (const id of ids) expect(await statusOf(id)).toBe('active')
    expect(api.tables.all('Index').filter(({ partition }) => partition.startsWith('m-'))).toEqual(
      [],
    )
  })

  test.each([
    ['resource', () => ({ resource: readers }), 2],
    ['resource in capitals', () => ({ resource: readers.toUpperCase() }), 2],
    ['integration', () => ({ integration: 'contosoentra' }), 3],
    ['access flow', () => ({ accessFlow: 'second' }), 1],
    ['grantee and access flow', () => ({ grantee: ben, accessFlow: 'second' }), 1],
    ['grantee and another flow', () => ({ grantee: mia, accessFlow: 'second' }), 0],
    ['nothing but all', () => ({ all: true }), 3],
    ['somebody without any', () => ({ grantee: '2fffffff-0000-4000-8000-000000000001' }), 0],
  ])('counts by %s', async (_what, filter, count) => {
    await ask('mia')
    await ask('ben', { accessFlow: 'second' })
    await ask('mia', { resource: { type: 'group', id: api.newGroup() } })
    await api.pass(2_000)
    const { status, body } = await revoke(filter(), count)
    expect(status).toBe(202)
    expect(body.count).toBe(count)
  })

  test('counts what is being granted, and takes it along', async () => {
    api.directory.setFault({ effect: 'unavailable', on: ['add'] })
    const id = await ask('mia')
    await api.pass(2_000)
    expect((await revoke({ all: true }, 1)).status).toBe(202)
    api.directory.clearFaults()
    await api.pass(60_000)
    expect(await show(id)).toMatchObject({ status: 'ended', endReason: 'revoked' })
  })

  test('tells how far it is while the directory is away, and is done afterwards', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, () =>
        ask('mia', { resource: { type: 'group', id: api.newGroup() } }),
      ),
    )
    await api.pass(2_000)
    api.directory.setFault({ effect: 'unavailable', on: ['remove'] })
    const { body } = await revoke({ all: true }, 12)
    await api.pass(10_000)
    expect(await progress(body.id)).toMatchObject({ ended: 0, overdue: 0, remaining: 12 })
    await api.pass(400_000)
    expect(await progress(body.id)).toMatchObject({ ended: 0, overdue: 12, remaining: 12 })
    api.directory.clearFaults()
    await api.pass(40_000)
    expect(await progress(body.id)).toMatchObject({ ended: 12, overdue: 0, remaining: 0 })
    for (const id of ids) expect(await statusOf(id)).toBe('ended')
  })

  test('is carried on by the sweep when its call could not finish it', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, () =>
        ask('mia', { resource: { type: 'group', id: api.newGroup() } }),
      ),
    )
    await api.pass(2_000)
    // Storage takes the order, and then nothing more for a while.
    let writes = 0
    api.tables.fault = ({ kind, table, partition }) =>
      kind === 'write' && table === 'Ledger' && partition.startsWith('p-') && ++writes > 3
        ? 'unavailable'
        : undefined
    expect((await revoke({ all: true }, 12)).status).toBe(503)
    api.tables.fault = () => undefined
    await api.pass(60_000)
    for (const id of ids) expect(await show(id)).toMatchObject({ endReason: 'revoked' })
  })

  test.each<[what: string, body: object, pointers: readonly string[]]>([
    ['an empty filter', { filter: {} }, ['/filter']],
    ['no filter', { filter: undefined }, ['/filter']],
    ['all: false', { filter: { all: false } }, ['/filter/all']],
    ['an unknown filter', { filter: { all: true, owner: mia } }, ['/filter/owner']],
    ['no reason', { reason: '' }, ['/reason']],
    ['a missing reason', { reason: undefined }, ['/reason']],
    ['no count', { expectedCount: undefined }, ['/expectedCount']],
    ['a negative count', { expectedCount: -1 }, ['/expectedCount']],
    ['half a grant', { expectedCount: 0.5 }, ['/expectedCount']],
    ['a count in words', { expectedCount: '3' }, ['/expectedCount']],
  ])('refuses %s', async (_what, more, pointers) => {
    const { status, body } = await api.call('ada', 'POST', '/grants/revoke', {
      body: { filter: { all: true }, reason: 'incident over', expectedCount: 0, ...more },
    })
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(pointers)
  })

  test('that nobody ordered has no progress', async () => {
    for (const id of ['none', '0'.repeat(26), 'head']) {
      expect((await api.call('ada', 'GET', `/grants/revoke/${id}`)).status).toBe(404)
    }
  })
})
