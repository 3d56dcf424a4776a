import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ben, flow, mia, readers } from '../operations/broker-in-memory.ts'
import { type Api, type CallerName, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  const grantees = { operator: 'or', conditions: [{ type: 'user', values: [mia, ben] }] } as const
  api = await startApi({ flows: [flow({ grantees })] })
})
afterEach(() => api.stop())

const access = {
  tenantId: '10000000-0000-4000-8000-000000000001',
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
} as const

const ask = async (more: object = {}): Promise<string> => {
  const { body } = await api.call('mia', 'POST', '/requests', {
    body: { resource: access.resource, duration: 'PT1H', ...more },
  })
  return body.id
}
const post = (as: CallerName, id: string, verb: string, body?: object) =>
  api.call(as, 'POST', `/requests/${id}/${verb}`, body === undefined ? {} : { body })
const show = async (id: string) => (await api.call('mia', 'GET', `/requests/${id}`)).body
const eventsOf = async (id: string): Promise<readonly { event: string; reason?: string }[]> =>
  (await api.call('mia', 'GET', `/requests/${id}/events`)).body.items

/** Brings a request to each status that it can have. */
const reached: Readonly<Record<string, () => Promise<string>>> = {
  scheduled: () => ask({ startsAt: '2026-01-06T12:00:00Z' }),
  granting: async () => {
    api.directory.setFault({ effect: 'unavailable', on: ['add'] })
    const id = await ask()
    await api.pass(2_000)
    return id
  },
  active: async () => {
    const id = await ask()
    await api.pass(2_000)
    return id
  },
  ending: async () => {
    const id = await ask({ duration: 'PT1M' })
    await api.pass(2_000)
    api.directory.setFault({ effect: 'unavailable', on: ['remove'] })
    await api.pass(60_000)
    return id
  },
  overdue: async () => {
    const id = await ask({ duration: 'PT1M' })
    await api.pass(2_000)
    api.directory.setFault({ effect: 'unavailable', on: ['remove'] })
    await api.pass(400_000)
    return id
  },
  ended: async () => {
    const id = await ask({ duration: 'PT1M' })
    await api.pass(70_000)
    return id
  },
  cancelled: async () => {
    const id = await ask({ startsAt: '2026-01-06T12:00:00Z' })
    await post('mia', id, 'cancel')
    return id
  },
  failed: async () => {
    api.directory.setFault({ effect: 'forbidden', on: ['add'] })
    const id = await ask()
    await api.pass(2_000)
    return id
  },
}

/**
 * From which status, by which call, to which answer, status at once, and status in the end. What
 * nothing holds up may have ended before it is answered.
 */
const matrix: readonly (readonly [string, 'cancel' | 'revoke', number, string, string])[] = [
  ['scheduled', 'cancel', 200, 'cancelled', 'cancelled'],
  ['granting', 'cancel', 409, 'granting', 'ended'],
  ['active', 'cancel', 409, 'active', 'ended'],
  ['ending', 'cancel', 409, 'ending', 'ended'],
  ['overdue', 'cancel', 409, 'overdue', 'ended'],
  ['ended', 'cancel', 409, 'ended', 'ended'],
  ['cancelled', 'cancel', 200, 'cancelled', 'cancelled'],
  ['failed', 'cancel', 409, 'failed', 'failed'],
  ['scheduled', 'revoke', 200, 'cancelled', 'cancelled'],
  ['granting', 'revoke', 202, 'ending|ended', 'ended'],
  ['active', 'revoke', 202, 'ending|ended', 'ended'],
  ['ending', 'revoke', 202, 'ending', 'ended'],
  ['overdue', 'revoke', 202, 'overdue', 'ended'],
  ['ended', 'revoke', 200, 'ended', 'ended'],
  ['cancelled', 'revoke', 200, 'cancelled', 'cancelled'],
  ['failed', 'revoke', 200, 'failed', 'failed'],
]

const who: readonly CallerName[] = ['mia', 'ada']

describe.each(who)('for %s', (as) => {
  test.each(matrix)(
    'from %s, %s is answered %i: %s, then %s',
    async (from, verb, status, atOnce, inTheEnd) => {
      const id = await reached[from]?.()
      if (id === undefined) throw new Error(`Cannot reach ${from}`)
      expect((await show(id)).status).toBe(from)

      const answer = await post(as, id, verb, { reason: 'done' })
      expect(answer.status).toBe(status)
      const soon = new RegExp(`^(${atOnce})$`)
      if (status < 400) expect(answer.body.status).toMatch(soon)
      else expect(answer.body.type).toBe('/problems/too-late')
      expect((await show(id)).status).toMatch(soon)

      api.directory.clearFaults()
      await api.pass(2 * 3_600_000)
      expect((await show(id)).status).toBe(inTheEnd)
      expect(api.directory.isHeld(access)).toBe(false)
      const ends = (await eventsOf(id)).filter(({ event }) => /ended|failed|cancelled/.test(event))
      expect(ends).toHaveLength(1)
    },
  )
})

describe('a request that is ended by hand', () => {
  test.each([
    ['mia', 'given-back'],
    ['ada', 'revoked'],
  ] as const)(
    'by %s says so: %s, with the reason, and ends within seconds',
    async (as, endReason) => {
      const id = await ask()
      await api.pass(10_000)
      await post(as, id, 'revoke', { reason: 'incident over' })
      await api.pass(5_000)
      expect(await show(id)).toMatchObject({ status: 'ended', endReason })
      expect((await eventsOf(id)).find(({ event }) => event === 'grant.ending')).toMatchObject({
        reason: 'incident over',
        actor: as === 'mia' ? mia : '20000000-0000-4000-8000-00000000000a',
      })
    },
  )

  test('again and again has one end', async () => {
    const id = await ask()
    await api.pass(10_000)
    const answers = await Promise.all([1, 2, 3, 4].map(() => post('mia', id, 'revoke')))
    expect(answers.filter(({ status }) => status !== 202 && status !== 200)).toEqual([])
    await api.pass(5_000)
    expect((await post('mia', id, 'revoke')).status).toBe(200)
    const names = (await eventsOf(id)).map(({ event }) => event)
    expect(names.filter((event) => event === 'grant.ending')).toHaveLength(1)
    expect(names.filter((event) => event === 'grant.ended')).toHaveLength(1)
  })

  test('needs no body to be given back or cancelled', async () => {
    const id = await ask({ startsAt: '2026-01-06T12:00:00Z' })
    expect((await post('mia', id, 'cancel')).status).toBe(200)
    const other = await ask()
    await api.pass(2_000)
    expect((await post('mia', other, 'revoke')).status).toBe(202)
  })

  test('refuses what the call does not know', async () => {
    const id = await ask()
    for (const verb of ['cancel', 'revoke']) {
      expect((await post('mia', id, verb, { reasons: 'x' })).body.errors[0].pointer).toBe(
        '/reasons',
      )
      expect((await post('mia', id, verb, { reason: 1 })).body.errors[0].pointer).toBe('/reason')
    }
  })
})

describe('requester and grantee of one request', () => {
  test('cancel and give back what is theirs, and nothing else', async () => {
    const waiting = await ask({ requestFor: ben, startsAt: '2026-01-06T12:00:00Z' })
    const active = await ask({ requestFor: ben })
    await api.pass(2_000)
    expect((await post('ben', waiting, 'cancel')).status).toBe(403)
    expect((await post('mia', active, 'revoke')).status).toBe(403)
    expect((await post('sam', active, 'revoke')).status).toBe(404)
    expect((await post('sam', waiting, 'cancel')).status).toBe(404)
    expect((await post('mia', waiting, 'cancel')).status).toBe(200)
    expect((await post('ben', active, 'revoke')).status).toBe(202)
  })

  test('are told 404 of an id that there is none of, in whatever form', async () => {
    const id = await ask()
    const other = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`
    for (const wrong of [other, 'none', '%00', `${id}x`, id.slice(27), '..%2f..']) {
      for (const verb of ['cancel', 'revoke', 'extend']) {
        expect((await post('mia', wrong, verb, {})).status).toBe(404)
      }
      expect((await api.call('mia', 'GET', `/requests/${wrong}`)).status).toBe(404)
      expect((await api.call('mia', 'GET', `/requests/${wrong}/events`)).status).toBe(404)
    }
    expect((await api.call('mia', 'GET', `/requests/${id.toUpperCase()}`)).status).toBe(200)
  })
})
