import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { person } from '../../local/seed/people.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

const readers = group('Production Readers')
const links = `/groups/${readers}/members`

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})

afterEach(() => simulator.stop())

const set = (...faults: readonly object[]) => simulator.control('POST', 'faults', { faults })

const add = (who = 'mia') =>
  simulator.graph('POST', `${links}/$ref`, {
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${person(who)}`,
  })

const isMember = async (who = 'mia') =>
  (await simulator.graph('GET', `${links}/${person(who)}/$ref`)).status === 200

const calls = async () => (await simulator.control('GET', 'log')).body.calls

describe('a fault', () => {
  test('throttle answers 429 with the time to wait, so many times', async () => {
    await set({ effect: 'throttle', method: 'POST', count: 2, seconds: 3 })

    const answers = [await add(), await add(), await add()]

    expect(answers.map(({ status }) => status)).toEqual([429, 429, 204])
    expect(answers[0]?.headers.get('retry-after')).toBe('3')
    expect(answers[0]?.body.error).toMatchObject({
      code: 'TooManyRequests',
      message: 'Please retry again later.',
    })
  })

  test.each([
    { effect: 'unavailable-before', applied: false },
    { effect: 'unavailable-after', applied: true },
  ])('$effect answers 503, with the write done: $applied', async ({ effect, applied }) => {
    await set({ effect, count: 1 })

    expect((await add()).status).toBe(503)
    expect(await isMember()).toBe(applied)
    expect((await calls())[0]).toMatchObject({ method: 'POST', status: 503, applied })
  })

  test.each([
    { effect: 'drop-before', applied: false },
    { effect: 'drop-after', applied: true },
  ])('$effect cuts the connection, with the write done: $applied', async ({ effect, applied }) => {
    await set({ effect, count: 1 })

    await expect(add()).rejects.toThrow('fetch failed')
    expect(await isMember()).toBe(applied)
    expect((await calls())[0]).toMatchObject({ method: 'POST', status: null, applied })
  })

  test('stale shows reads what was there before, for so many seconds, and lets writes through', async () => {
    await set({ effect: 'stale', seconds: 60 })
    await add()

    expect(await isMember()).toBe(false)
    simulator.advance(0.9)
    expect(await isMember()).toBe(false)
    simulator.advance(0.2)
    expect(await isMember()).toBe(true)
  })

  test('stale-writes judges writes by what was there before', async () => {
    const removal = () => simulator.graph('DELETE', `${links}/${person('omar')}/$ref`)
    await set({ effect: 'stale-writes', method: 'DELETE', seconds: 60 })
    await add('omar')

    expect((await removal()).status).toBe(404)
    simulator.advance(1)
    expect((await removal()).status).toBe(204)
  })

  test('slow does the call at once and answers later', async () => {
    await set({ effect: 'slow', method: 'POST', count: 1, seconds: 0.2 })
    const answered: string[] = []

    const slow = add().then(() => answered.push('slow'))
    while (!(await isMember())) await new Promise(setImmediate)
    answered.push('seen')
    await slow

    expect(answered).toEqual(['seen', 'slow'])
  })

  test('counts only calls of its method and below its path, and goes when it is cleared', async () => {
    await set({ effect: 'unavailable-before', method: 'get', path: '/v1.0/users' })

    expect((await simulator.graph('GET', '/users')).status).toBe(503)
    expect((await simulator.graph('GET', '/groups')).status).toBe(200)
    expect((await add()).status).toBe(204)
    expect((await simulator.control('DELETE', 'faults')).status).toBe(204)
    expect((await simulator.graph('GET', '/users')).status).toBe(200)
  })

  test.each([
    { faults: [{ effect: 'explode' }] },
    { faults: [{ effect: 'slow', count: 0 }] },
    { faults: 'all' },
  ])('is refused with a reason when it is none: %o', async (body) => {
    const { status, body: answer } = await simulator.control('POST', 'faults', body)

    expect(status).toBe(400)
    expect(answer.error).toContain('Cannot POST faults')
  })
})

describe('the quota', () => {
  test('answers 429 beyond the writes, says until when, and fills again', async () => {
    const small = await startSimulator({
      quotas: { unitsPer10Seconds: 3_500, writesPer150Seconds: 3 },
    })
    const patch = () =>
      small.graph('PATCH', `/groups/${readers}`, { description: 'Read access to production' })

    const statuses = [await patch(), await patch(), await patch()].map(({ status }) => status)
    const refused = await patch()

    expect(statuses).toEqual([204, 204, 204])
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('50')
    expect(refused.headers.get('x-ms-throttle-information')).toBe('WriteLimitExceeded')
    expect((await small.graph('GET', `/groups/${readers}`)).status).toBe(200)
    small.advance(50 / 60)
    expect((await patch()).status).toBe(204)
    await small.stop()
  })

  test('counts what a call costs, tells it, and warns before it is used up', async () => {
    const small = await startSimulator({
      quotas: { unitsPer10Seconds: 10, writesPer150Seconds: 3_000 },
    })

    const costs: unknown[] = []
    for (const query of ['', '?$select=id', '?$select=id&$top=5']) {
      const { headers } = await small.graph('GET', `${links}${query}`)
      costs.push(headers.get('x-ms-resource-unit'))
    }
    const nearly = await small.graph('GET', links)
    const refused = await small.graph('GET', `/groups/${readers}/transitiveMembers`)

    expect(costs).toEqual(['3', '2', '1'])
    expect(nearly.headers.get('x-ms-throttle-limit-percentage')).toBe('0.90')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('x-ms-throttle-information')).toBe('ResourceUnitLimitExceeded')
    expect(refused.headers.get('x-ms-throttle-scope')).toMatch(/^Tenant_Application\/ReadWrite\//)
    await small.stop()
  })
})

describe('the log', () => {
  test('tells every call with its ids, and whether a write changed something', async () => {
    const headers = { 'client-request-id': 'c-1' }
    const { headers: told } = await simulator.graph('GET', '/users', undefined, headers)
    await add()
    await add()

    expect(await calls()).toEqual([
      {
        ...{ at: '2026-01-05T12:00:00.000Z', method: 'GET', path: '/v1.0/users', status: 200 },
        ...{ requestId: told.get('request-id'), clientRequestId: 'c-1' },
      },
      expect.objectContaining({ method: 'POST', status: 204, applied: true }),
      expect.objectContaining({ method: 'POST', status: 400, applied: false }),
    ])
    expect(told.get('client-request-id')).toBe('c-1')
    await simulator.control('DELETE', 'log')
    expect(await calls()).toEqual([])
  })

  test.each([
    { what: 'an unknown address', method: 'GET', path: '/teams' },
    { what: 'an unknown method', method: 'PUT', path: '/users' },
    { what: 'an unknown query option', method: 'GET', path: '/users?$apply=x' },
    { what: 'policies', method: 'GET', path: '/policies/roleManagementPolicies' },
  ])('marks $what as unknown, answered 501', async ({ method, path }) => {
    const { status, body } = await simulator.graph(method, path)

    expect([status, body.error.code]).toEqual([501, 'NotImplemented'])
    expect((await calls()).at(-1)).toMatchObject({ method, status: 501, unknown: true })
  })

  test('knows what is asked beside Graph and sign-in as unknown too', async () => {
    expect((await simulator.fetch('/beta/users')).status).toBe(501)
    expect((await calls()).at(-1)).toMatchObject({ path: '/beta/users', unknown: true })
  })
})

test('the control answers 404 with what there is, and 400 to settings that are none', async () => {
  const unknown = await simulator.control('POST', 'nothing')
  const wrong = await simulator.control('PATCH', 'tenant', { premium: 'yes' })

  expect(unknown.status).toBe(404)
  expect(unknown.body.error).toContain('POST delta-reset')
  expect(wrong.status).toBe(400)
  expect((await simulator.control('GET', 'tenant')).body).toEqual({
    premium: true,
    provisioningSeconds: 0,
    longestAssignmentDays: 180,
  })
})
