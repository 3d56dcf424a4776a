import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { person } from '../../local/seed/people.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

const readers = group('Production Readers')

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})

afterEach(() => simulator.stop())

const batch = (...requests: readonly object[]) => simulator.graph('POST', '/$batch', { requests })

const get = (id: string, over: object = {}) => ({
  id,
  method: 'GET',
  url: `/users/${person('mia')}?$select=id`,
  ...over,
})

const add = (id: string, who: string, over: object = {}) => ({
  id,
  method: 'POST',
  url: `/groups/${readers}/members/$ref`,
  headers: { 'Content-Type': 'application/json' },
  body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${person(who)}` },
  ...over,
})

describe('$batch', () => {
  test('answers each step on its own, with a body only where there is one', async () => {
    const { status, body } = await batch(get('1'), add('2', 'mia'), add('3', 'mia'))

    expect(status).toBe(200)
    expect(body.responses).toEqual([
      {
        id: '1',
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: expect.objectContaining({ id: person('mia') }),
      },
      { id: '2', status: 204, headers: {} },
      expect.objectContaining({
        id: '3',
        status: 400,
        body: { error: expect.objectContaining({ code: 'Request_BadRequest' }) },
      }),
    ])
  })

  test('takes 20 steps and refuses 21', async () => {
    const steps = (length: number) => Array.from({ length }, (_, index) => get(`s${index}`))

    expect((await batch(...steps(20))).body.responses).toHaveLength(20)
    expect((await batch(...steps(21))).status).toBe(400)
  })

  test.each([
    { what: 'no step', requests: [] },
    { what: 'ids that differ in case only', requests: [get('a'), get('A')] },
    {
      what: 'an address with a host',
      requests: [get('a', { url: 'https://graph.microsoft.com/v1.0/users' })],
    },
    { what: 'a step without an id', requests: [{ method: 'GET', url: '/users' }] },
  ])('refuses $what', async ({ requests }) => {
    const { status, body } = await batch(...requests)

    expect([status, body.error.code]).toEqual([400, 'BadRequest'])
  })

  test('skips what depends on a step that failed, and what depends on that', async () => {
    const { body } = await batch(
      get('1', { url: '/users/00000000-0000-4000-8000-00000000dead' }),
      add('2', 'mia', { dependsOn: ['1'] }),
      add('3', 'mia', { dependsOn: ['2'] }),
      add('4', 'omar'),
      get('5', { dependsOn: ['4'] }),
    )

    expect(body.responses.map(({ status }: { status: number }) => status)).toEqual([
      404, 424, 424, 204, 200,
    ])
  })

  test('tells a throttled step when to come back, and does the others', async () => {
    await simulator.control('POST', 'faults', {
      faults: [{ effect: 'throttle', path: '/groups', count: 1, seconds: 7 }],
    })

    const { status, body } = await batch(add('1', 'mia'), add('2', 'omar'))

    expect(status).toBe(200)
    expect(body.responses[0]).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '7', 'Content-Type': 'application/json' },
      body: { error: { code: 'TooManyRequests', message: 'Please retry again later.' } },
    })
    expect(body.responses[1].status).toBe(204)
  })

  test('writes each step into the log', async () => {
    await batch(get('1'), add('2', 'mia'))
    const { body } = await simulator.control('GET', 'log')
    const told = body.calls.map(
      ({ method, path }: { method: string; path: string }) => `${method} ${path.slice(0, 14)}`,
    )

    expect(told).toEqual(['GET /v1.0/users/5e', 'POST /v1.0/groups/5', 'POST /v1.0/$batch'])
  })
})
