import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { automatic, memberOf, reading, team } from '../operations/automatic-in-memory.ts'
import { flow, mia } from '../operations/broker-in-memory.ts'
import { type Api, pointersOf, startApi } from './start-api.ts'

let api: Api

beforeEach(async () => {
  api = await startApi({ flows: [] })
  api.directory.addGroup({ id: team, name: 'Team' })
  api.directory.addByHand(memberOf(team, mia))
  await api.call('ada', 'POST', '/integrations/ContosoEntra/discover')
  await api.pass(31_000)
})
afterEach(() => api.stop())

const path = '/access-flows/team-reads'
const put = (more: object = {}) =>
  api.call('ada', 'PUT', path, { body: { ...automatic(), ...more } })
const get = () => api.call('ada', 'GET', path)
const confirm = (body: unknown) => api.call('ada', 'POST', `${path}/confirm`, { body })

describe('an automatic flow over HTTP', () => {
  test('is evaluated soon after it was put, and shows whom it covers', async () => {
    const created = await put()
    const before = await get()
    await api.pass(61_000)

    const { body } = await get()

    expect(created.status).toBe(201)
    expect(before.body).not.toHaveProperty('automatic')
    expect(body.automatic).toMatchObject({ people: 1, state: 'running' })
    expect(Date.parse(body.automatic.evaluatedAt)).toBeGreaterThan(0)
    expect(api.directory.isHeld(reading(mia))).toBe(true)
  })

  test('may be sent back as it was read, which changes nothing', async () => {
    await put()
    await api.pass(61_000)
    const { body, headers } = await get()

    const again = await api.call('ada', 'PUT', path, { body })

    expect(again.status).toBe(200)
    expect(again.headers.get('etag')).toBe(headers.get('etag'))
  })

  test('shows its requests to the person and to administrators, as made by the system', async () => {
    await put()
    await api.pass(61_000)

    const { body } = await api.call('ada', 'GET', '/grants')
    const [grant] = body.items
    const seen = await api.call('mia', 'GET', `/requests/${grant.id}`)

    expect(grant).toMatchObject({ requester: 'system', grantee: mia, intake: 'automatic' })
    expect(seen).toMatchObject({ status: 200, body: { id: grant.id, status: 'active' } })
  })

  test('ends at once what somebody gives back', async () => {
    await put()
    await api.pass(61_000)
    const { body } = await api.call('ada', 'GET', '/grants')

    const given = await api.call('mia', 'POST', `/requests/${body.items[0].id}/revoke`, {
      body: { reason: 'not needed' },
    })
    await api.pass(2_000)

    expect(given.status).toBe(202)
    expect(api.directory.isHeld(reading(mia))).toBe(false)
  })

  test('is deleted only when what it gave has ended', async () => {
    await put()
    await api.pass(61_000)
    const early = await api.call('ada', 'DELETE', path)
    await put({ active: false })
    await api.pass(61_000)
    const stopped = await get()

    const late = await api.call('ada', 'DELETE', path)

    expect(early).toMatchObject({ status: 409, body: { type: '/problems/in-use' } })
    expect(stopped.body.automatic).toMatchObject({ people: 0, state: 'stopped' })
    expect(late.status).toBe(204)
    expect(api.directory.isHeld(reading(mia))).toBe(false)
  })

  test('is confirmed by the number of people that it covers', async () => {
    await put()
    const early = await confirm({ expectedCount: 1 })
    await api.pass(61_000)

    const wrong = await confirm({ expectedCount: 2 })
    const right = await confirm({ expectedCount: 1 })
    const unclear = await confirm({ count: 1 })
    const nowhere = await api.call('ada', 'POST', '/access-flows/nowhere/confirm', {
      body: { expectedCount: 1 },
    })

    expect(early).toMatchObject({ status: 409, body: { type: '/problems/not-evaluated' } })
    expect(wrong).toMatchObject({ status: 409, body: { count: 1 } })
    expect(right).toMatchObject({ status: 200, body: { people: 1, state: 'running' } })
    expect([unclear.status, nowhere.status]).toEqual([400, 404])
  })
})

describe('a flow by which nobody asks', () => {
  const asksRequester = {
    operator: 'or',
    conditions: [{ operator: 'or', conditions: [{ type: 'manager', values: ['requester'] }] }],
  }
  const { duration: _, ...endless } = automatic()

  test.each<[what: string, more: object, pointer: string]>([
    [
      'an approval',
      { approval: { mode: 'any-of', steps: [{ approvers: ['manager'] }] } },
      '/approval',
    ],
    ['a justification', { justification: { required: true } }, '/justification/required'],
    ['a ticket', { ticket: { required: true } }, '/ticket/required'],
    ['a way to ask', { intake: ['http'] }, '/intake'],
    ['extensions', { extensions: { maximum: 1 } }, '/extensions'],
    ['a denial', { effect: 'deny' }, '/effect'],
    ['a window too short to be renewed', { duration: { maximum: 'PT4M' } }, '/duration/maximum'],
    [
      'a look at the requester',
      { grantees: asksRequester },
      '/grantees/conditions/0/conditions/0/values/0',
    ],
  ])('is refused with %s, by the field', async (_what, more, pointer) => {
    const { status, body } = await put(more)

    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual([pointer])
  })

  test('is refused without a maximum', async () => {
    const { status, body } = await api.call('ada', 'PUT', path, { body: endless })

    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(['/duration/maximum'])
  })

  test('is taken with texts that nobody has to give', async () => {
    expect((await put({ justification: { required: false } })).status).toBe(201)
  })

  test('is in nobody’s catalogue', async () => {
    await put()
    await api.call('ada', 'PUT', '/access-flows/oncall', { body: flow() })
    await api.pass(61_000)

    const { body } = await api.call('mia', 'GET', '/catalog')

    const names = body.items.flatMap((item: { accessFlows: string[] }) => item.accessFlows)
    expect(names).toContain('oncall')
    expect(names).not.toContain('team-reads')
  })
})
