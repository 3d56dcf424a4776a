/*
 * Over 300 lines on purpose: everything that can happen to one approval, from the request to its end.
 */
import { afterEach, describe, expect, test } from 'vitest'
import type { ApprovalRule } from '../../shared/access/flow.ts'
import { ben, flow, mia, petra, readers, tenantId, zoe } from '../operations/broker-in-memory.ts'
import { type LifeCycle, startLifeCycle } from './start-life-cycle.ts'

const access = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
} as const

const ask = { resource: access.resource, duration: 'PT1H', justification: 'errors in checkout' }
const user = (id: string) => ({ type: 'user', id }) as const

let running: LifeCycle | undefined

afterEach(async () => {
  await running?.stop()
  running = undefined
})

const start = async (
  approval: ApprovalRule,
  over: Parameters<typeof startLifeCycle>[0] = {},
): Promise<LifeCycle> => {
  running = await startLifeCycle({ flows: [flow({ approval })], ...over })
  return running
}

const oneStep: ApprovalRule = { mode: 'any-of', steps: [{ approvers: [user(petra), user(ben)] }] }
const tiers: ApprovalRule = {
  mode: 'any-of',
  steps: [{ approvers: [user(petra)], escalateAfter: 'PT10M' }, { approvers: [user(ben)] }],
  timeout: 'PT2H',
}

const submit = async (life: LifeCycle, body: object = ask): Promise<string> => {
  const answer = await life.call(mia, 'POST', '/requests', body)
  expect(answer).toMatchObject({ status: 202, body: { status: 'pending-approval' } })
  return answer.body.id
}

const eventsOf = async (life: LifeCycle, id: string): Promise<string[]> => {
  const { body } = await life.call('admin', 'GET', `/requests/${id}/events`)
  return body.items.map(({ event }: { event: string }) => event)
}

const statusOf = async (life: LifeCycle, id: string) =>
  (await life.call('admin', 'GET', `/requests/${id}`)).body.status

const later = (life: LifeCycle, milliseconds: number) =>
  life.clock.advanceTo(life.clock.now() + milliseconds)

describe('a request that people have to approve', () => {
  test('waits, is granted when one approves, and its window begins with the grant', async () => {
    const life = await start(oneStep)
    const id = await submit(life)
    await later(life, 30 * 60_000)
    expect(life.directory.writes).toEqual([])

    const decided = await life.call(petra, 'POST', `/requests/${id}/approve`, {
      reason: 'go ahead',
    })
    expect(decided).toMatchObject({ status: 200, body: { decidedAt: '2026-01-05T12:30:00.000Z' } })
    await later(life, 1_000)
    const { body } = await life.call(mia, 'GET', `/requests/${id}`)
    expect(body).toMatchObject({ status: 'active', endsAt: '2026-01-05T13:30:00.000Z' })
    expect(body.approval.steps[0]).toMatchObject({
      state: 'passed',
      decisions: [{ approver: petra, decision: 'approve', reason: 'go ahead' }],
    })

    await later(life, 3_600_000)
    expect(await statusOf(life, id)).toBe('ended')
    expect(await eventsOf(life, id)).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
      'grant.ending',
      'grant.ended',
    ])
    expect(life.directory.writes.map(({ operation }) => operation)).toEqual(['add', 'remove'])
  })

  test('takes two activities, and one event to its orchestration', async () => {
    const life = await start(oneStep)
    const id = await submit(life)
    await life.call(petra, 'POST', `/requests/${id}/approve`, {})
    await later(life, 2 * 3_600_000)

    const history = (await life.store.read(id))?.history ?? []
    expect(history.filter(({ EventType }) => EventType === 5)).toHaveLength(2)
    expect(history.filter(({ EventType }) => EventType === 15)).toHaveLength(1)
  })

  test('ends with a denial, writes nothing, and cannot be approved any more', async () => {
    const life = await start(oneStep)
    const id = await submit(life)

    const denied = await life.call(ben, 'POST', `/requests/${id}/deny`, { reason: 'not today' })
    expect(denied).toMatchObject({ status: 200, body: { status: 'denied' } })
    expect(await life.call(petra, 'POST', `/requests/${id}/approve`, {})).toMatchObject({
      status: 409,
    })
    expect(await life.call(ben, 'POST', `/requests/${id}/approve`, {})).toMatchObject({
      status: 409,
      body: { type: '/problems/already-decided' },
    })
    expect(await life.call(ben, 'POST', `/requests/${id}/deny`, {})).toMatchObject({ status: 200 })
    await later(life, 86_400_000)
    expect(await eventsOf(life, id)).toEqual(['request.created', 'request.denied'])
    expect(life.directory.writes).toEqual([])
  })

  test('times out when nobody decides', async () => {
    const life = await start({ ...oneStep, timeout: 'PT2H' })
    const id = await submit(life)
    await later(life, 2 * 3_600_000 - 1_000)
    expect(await statusOf(life, id)).toBe('pending-approval')

    await later(life, 10_000)
    expect(await statusOf(life, id)).toBe('timed-out')
    expect(await eventsOf(life, id)).toEqual(['request.created', 'request.timed-out'])
    expect((await life.call(petra, 'GET', '/approvals')).body.items).toEqual([])
  })

  test('is never decided by who asked or who is given the access, whatever else they are', async () => {
    const own = { mode: 'any-of', steps: [{ approvers: [user(mia), user(petra)] }] } as const
    const life = await start(own)
    const id = await submit(life)

    const answer = await life.call(mia, 'POST', `/requests/${id}/approve`, {})
    expect(answer).toMatchObject({ status: 403, body: { type: '/problems/own-request' } })
    expect((await life.call(mia, 'GET', '/approvals')).body.items).toEqual([])
    expect((await life.call(petra, 'GET', '/approvals')).body.items).toMatchObject([
      { id, context: { grants: [], complete: true, standing: false } },
    ])
  })

  test('is refused at once where nobody could approve it', async () => {
    const life = await start({ mode: 'any-of', steps: [{ approvers: [user(mia)] }] })
    const answer = await life.call(mia, 'POST', '/requests', ask)

    expect(answer).toMatchObject({ status: 403, body: { type: '/problems/nobody-can-approve' } })
    expect(answer.body.trace).not.toHaveLength(0)
  })

  test('is refused where the only approver is disabled', async () => {
    const life = await start({ mode: 'any-of', steps: [{ approvers: [user(zoe)] }] })
    life.directory.addUser({ id: zoe, enabled: false })

    expect((await life.call(mia, 'POST', '/requests', ask)).status).toBe(403)
  })

  test('is unknown to strangers, and not theirs to decide', async () => {
    const life = await start(oneStep)
    const id = await submit(life)

    for (const path of ['', '/events']) {
      expect((await life.call(zoe, 'GET', `/requests/${id}${path}`)).status).toBe(404)
    }
    expect((await life.call(zoe, 'POST', `/requests/${id}/approve`, {})).status).toBe(404)
    expect((await life.call('admin', 'POST', `/requests/${id}/approve`, {})).status).toBe(403)
    expect((await life.call(petra, 'GET', `/requests/${id}`)).status).toBe(200)
  })

  test('opens the second tier when the first has not answered, and then takes either', async () => {
    const life = await start(tiers)
    const id = await submit(life)
    expect((await life.call(ben, 'POST', `/requests/${id}/approve`, {})).status).toBe(403)
    expect((await life.call(ben, 'GET', '/approvals')).body.items).toEqual([])

    await later(life, 10 * 60_000 + 2_000)
    expect(await eventsOf(life, id)).toEqual(['request.created', 'request.escalated'])
    expect((await life.call(petra, 'GET', '/approvals')).body.items).toMatchObject([{ id }])
    expect((await life.call(ben, 'GET', '/approvals')).body.items).toMatchObject([{ id }])
    expect((await life.call(ben, 'POST', `/requests/${id}/approve`, {})).status).toBe(200)
    await later(life, 1_000)
    expect(await statusOf(life, id)).toBe('active')
  })

  test('goes by who is an approver at that moment, not by who was', async () => {
    const life = await start(
      { mode: 'any-of', steps: [{ approvers: ['manager'] }] },
      {
        prepare: (directory) => directory.setManager(mia, ben),
      },
    )
    const id = await submit(life)
    life.directory.setManager(mia, petra)

    expect((await life.call(ben, 'POST', `/requests/${id}/approve`, {})).status).toBe(404)
    expect((await life.call(petra, 'POST', `/requests/${id}/approve`, {})).status).toBe(200)
  })

  test('is decided by members of a group, one word for the whole group', async () => {
    const leads = '30000000-0000-4000-8000-000000000009'
    const all: ApprovalRule = {
      mode: 'all-of',
      steps: [{ approvers: [{ type: 'group', id: leads }, user(petra)] }],
    }
    const life = await start(all, {
      prepare: (directory) => directory.addGroup({ id: leads, name: 'Leads', members: [ben, zoe] }),
    })
    const id = await submit(life)

    expect((await life.call(ben, 'POST', `/requests/${id}/approve`, {})).body.status).toBe(
      'pending-approval',
    )
    expect((await life.call(zoe, 'POST', `/requests/${id}/approve`, {})).body.status).toBe(
      'pending-approval',
    )
    await life.call(petra, 'POST', `/requests/${id}/approve`, {})
    expect((await eventsOf(life, id)).slice(0, 4)).toEqual([
      'request.created',
      'request.approval-recorded',
      'request.approval-recorded',
      'request.approved',
    ])
    expect((await life.call(ben, 'GET', '/approvals?decided=mine')).body.items).toMatchObject([
      { id },
    ])
  })

  test('is granted for the shorter time an approver says, never for a longer one', async () => {
    const life = await start(oneStep)
    const id = await submit(life)

    const longer = await life.call(petra, 'POST', `/requests/${id}/approve`, { duration: 'PT2H' })
    expect(longer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/duration' }] } })
    await life.call(petra, 'POST', `/requests/${id}/approve`, { duration: 'PT10M' })
    await later(life, 1_000)
    const { body } = await life.call(mia, 'GET', `/requests/${id}`)
    expect(body).toMatchObject({ duration: 'PT10M', endsAt: '2026-01-05T12:10:00.000Z' })
  })

  test('fails when the person is no longer eligible at the decision', async () => {
    const life = await start(oneStep)
    const id = await submit(life)
    life.directory.addUser({ id: mia, enabled: false })

    const answer = await life.call(petra, 'POST', `/requests/${id}/approve`, {})
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/no-longer-eligible' } })
    expect(await statusOf(life, id)).toBe('failed')
    expect(life.directory.writes).toEqual([])
  })

  test('gives one result to two decisions at once', async () => {
    const life = await start(oneStep)
    const id = await submit(life)

    const answers = await Promise.all([
      life.call(petra, 'POST', `/requests/${id}/approve`, {}),
      life.call(ben, 'POST', `/requests/${id}/deny`, {}),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const events = await eventsOf(life, id)
    expect(
      events.filter((event) => event === 'request.approved' || event === 'request.denied'),
    ).toHaveLength(1)
  })

  test('cannot be approved while the emergency stop is on, and stays pending', async () => {
    const life = await start(oneStep)
    const id = await submit(life)
    await life.call('admin', 'PUT', '/emergency-stop', { active: true, reason: 'drill' })

    const answer = await life.call(petra, 'POST', `/requests/${id}/approve`, {})
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/emergency-stop' } })
    expect(await statusOf(life, id)).toBe('pending-approval')
  })

  test('is cancelled by who asked, as long as nobody has decided', async () => {
    const life = await start(oneStep)
    const id = await submit(life)

    expect(await life.call(mia, 'POST', `/requests/${id}/cancel`, {})).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    })
    expect((await life.call(petra, 'GET', '/approvals')).body.items).toEqual([])
  })

  test('starts at its time when it was approved before', async () => {
    const life = await start(oneStep)
    const id = await submit(life, { ...ask, startsAt: '2026-01-05T15:00:00Z' })
    const approved = await life.call(petra, 'POST', `/requests/${id}/approve`, {})
    expect(approved.body.status).toBe('scheduled')

    await later(life, 3 * 3_600_000 + 1_000)
    expect(await statusOf(life, id)).toBe('active')
    await later(life, 3_600_000)
    expect(await statusOf(life, id)).toBe('ended')
  })

  test('goes on after a restart of the host, in whatever it waits for', async () => {
    const life = await start(tiers)
    const id = await submit(life)
    await life.restart()
    await later(life, 11 * 60_000)
    await life.restart()
    await life.call(ben, 'POST', `/requests/${id}/approve`, {})
    await later(life, 1_000)

    expect(await statusOf(life, id)).toBe('active')
  })
})

describe('the owner of a resource', () => {
  const byOwner: ApprovalRule = { mode: 'any-of', steps: [{ approvers: ['resource-owner'] }] }
  const owned = (keyName: string, attribute: string) => ({
    owner: { attribute: 'user', values: [zoe] } as const,
    resourceOwner: { keyName, attribute },
  })

  test.each([
    { keyName: 'owners', attribute: 'user', value: undefined },
    { keyName: 'extension_5e9d_owner', attribute: 'user', value: petra },
    { keyName: 'extension_5e9d_owner', attribute: 'employeeId', value: 'E-7' },
    { keyName: 'extension_5e9d_owner', attribute: 'user.employeeId', value: 'E-7' },
    { keyName: 'extension_5e9d_owner', attribute: 'group.displayName', value: 'Owners' },
  ])('decides: key $keyName, matched to $attribute', async ({ keyName, attribute, value }) => {
    const life = await start(byOwner, {
      integration: owned(keyName, attribute),
      prepare: (directory) => {
        directory.addGroup({ id: readers, name: 'Production Readers', owners: [petra] })
        directory.addGroup({
          id: '30000000-0000-4000-8000-000000000008',
          name: 'Owners',
          members: [petra],
        })
        directory.setAttributes(petra, { employeeId: 'E-7' })
        if (value !== undefined) directory.setAttributes(readers, { [keyName]: value })
      },
    })
    const id = await submit(life)

    expect((await life.call(zoe, 'POST', `/requests/${id}/approve`, {})).status).toBe(404)
    expect((await life.call(petra, 'POST', `/requests/${id}/approve`, {})).status).toBe(200)
  })

  test('is stood in for by the owner of the integration where nobody is named', async () => {
    const life = await start(byOwner, { integration: owned('extension_5e9d_owner', 'user') })
    const id = await submit(life)
    const { body } = await life.call(mia, 'GET', `/requests/${id}`)
    expect(body.approval.steps[0].approvers[0]).toMatchObject({
      insteadOf: 'resource-owner',
      people: [{ id: zoe }],
    })

    expect((await life.call(zoe, 'POST', `/requests/${id}/approve`, {})).status).toBe(200)
  })
})
