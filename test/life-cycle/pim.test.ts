import { afterEach, describe, expect, test } from 'vitest'
import type { AccessKey, ResourceRef } from '../../shared/access/access.ts'
import { flow, mia, readers, tenantId } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

const helpdesk = '40000000-0000-4000-8000-000000000001'
const minute = 60_000

const group: ResourceRef = { type: 'group', id: readers }
const role: ResourceRef = { type: 'directory-role', id: helpdesk, scope: '/' }
const accessTo = (resource: ResourceRef): AccessKey => ({
  tenantId,
  grantee: mia,
  resource,
  permission: resource.type === 'group' ? 'member' : 'active',
})

let running: LifeCycle | undefined

afterEach(async () => {
  await running?.stop()
  running = undefined
})

const start = async (over: object = {}): Promise<LifeCycle> => {
  const targets = [group, role].map((resource) => ({
    integration: 'ContosoEntra',
    resourceType: resource.type,
    permissions: [accessTo(resource).permission],
  }))
  running = await startLifeCycle({
    flows: [flow({ targets, extensions: { maximum: 3 } })],
    integration: {
      resourceTypes: ['group', 'directory-role'],
      mechanism: { group: 'pim', 'directory-role': 'pim' },
      ...over,
    },
    prepare: (directory) => directory.addRole({ id: helpdesk, name: 'Helpdesk' }),
  })
  return running
}

const pass = (life: LifeCycle, milliseconds: number) =>
  life.clock.advanceTo(life.clock.now() + milliseconds)

const ask = async (life: LifeCycle, resource: ResourceRef, duration = 'PT1H') => {
  const { status, body } = await life.call(mia, 'POST', '/requests', { resource, duration })
  expect(status).toBe(202)
  await pass(life, 1_000)
  return body.id
}

const operationsOf = (life: LifeCycle) => life.directory.writes.map(({ operation }) => operation)

describe.each([
  ['a group', group],
  ['a directory role', role],
])('a life cycle by PIM of %s on the embedded host', (_, resource) => {
  test('goes from asking over an extension to proof', async () => {
    const life = await start()
    const id = await ask(life, resource)
    expect((await life.call(mia, 'GET', `/requests/${id}`)).body).toMatchObject({
      status: 'active',
      mechanism: 'pim',
    })
    await pass(life, 30 * minute)
    const wish = { duration: 'PT1H', justification: 'still at it' }
    const extended = await life.call(mia, 'POST', `/requests/${id}/extend`, wish)
    expect(extended.status).toBe(202)
    await pass(life, 40 * minute)
    expect(life.directory.isHeld(accessTo(resource))).toBe(true)
    await pass(life, 21 * minute)

    expect((await life.call(mia, 'GET', `/requests/${extended.body.id}`)).body).toMatchObject({
      status: 'ended',
      endReason: 'expired',
      mechanism: 'pim',
    })
    expect(operationsOf(life)).toEqual(['add', 'update', 'remove'])
    expect(life.directory.isHeld(accessTo(resource))).toBe(false)
  })

  test('is given back within its first five minutes as soon as Entra allows it', async () => {
    const life = await start()
    const id = await ask(life, resource)
    await pass(life, minute)
    const revoked = await life.call(mia, 'POST', `/requests/${id}/revoke`, { reason: 'done' })
    expect(revoked.status).toBe(202)
    await pass(life, minute)
    expect((await life.call(mia, 'GET', `/requests/${id}`)).body.status).toBe('ending')

    await life.clock.advanceTo(Date.parse('2026-01-05T12:05:05Z'))
    expect((await life.call(mia, 'GET', `/requests/${id}`)).body).toMatchObject({
      status: 'ended',
      endReason: 'given-back',
    })
    expect(operationsOf(life)).toEqual(['add', 'remove'])
  })

  test('ends in Entra ten minutes after its window when the host is killed', async () => {
    const life = await start()
    await ask(life, resource)
    await life.stop()
    running = undefined

    life.clock.skip(70 * minute - 2_000)
    expect(life.directory.isHeld(accessTo(resource))).toBe(true)
    life.clock.skip(2_000)
    expect(life.directory.isHeld(accessTo(resource))).toBe(false)
    expect(operationsOf(life)).toEqual(['add'])
  })

  test('is ended by Entra alone where the integration leaves it to Entra', async () => {
    const life = await start({ endBy: 'entra' })
    const id = await ask(life, resource)
    await pass(life, 60 * minute + 5_000)

    expect((await life.call(mia, 'GET', `/requests/${id}`)).body.status).toBe('ended')
    expect(operationsOf(life)).toEqual(['add'])
  })
})

describe('a window that Entra could not end in time', () => {
  test('is refused with 422, and the preview says what the shortest is', async () => {
    const life = await start()
    const short = { resource: group, duration: 'PT5M' }

    const refused = await life.call(mia, 'POST', '/requests', short)
    const preview = await life.call(mia, 'POST', '/requests/preview', short)
    const fitting = await life.call(mia, 'POST', '/requests/preview', {
      resource: group,
      duration: 'PT6M',
    })

    expect(refused).toMatchObject({ status: 422, body: { type: '/problems/too-short-for-pim' } })
    expect(preview).toMatchObject({
      status: 200,
      body: { outcome: 'refused', code: 'too-short-for-pim', detail: expect.any(String) },
    })
    expect(fitting).toMatchObject({
      status: 200,
      body: { outcome: 'granted-automatically', minimumDuration: 'PT6M' },
    })
  })
})
