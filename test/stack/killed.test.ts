import { afterEach, describe, expect, test } from 'vitest'
import { createMembershipCheck } from '../../local/sample/membership.ts'
import { sampleRequests } from '../../local/sample/sample-people.ts'
import type { CallApi } from '../../local/stack/api-client.ts'
import { bodyOf, eventually, type Local, type LocalFolder, localFolder } from './start-local.ts'

let folder: LocalFolder | undefined

afterEach(async () => {
  await folder?.remove()
  folder = undefined
})

const wanted = sampleRequests.http.body

const requestOf = async (call: CallApi, id: string) => bodyOf(await call('GET', `/requests/${id}`))

const eventsOf = async (call: CallApi, id: string): Promise<string[]> =>
  bodyOf(await call('GET', `/requests/${id}/events`)).items.map(
    ({ event }: { event: string }) => event,
  )

const writesTo = async ({ ready }: Local, method: string) => {
  const response = await fetch(`${ready.addresses.entra}/_simulator/log`)
  const { calls } = (await response.json()) as {
    calls: { method: string; path: string; status: number }[]
  }
  return calls.filter((one) => one.method === method && one.path.includes('/$ref'))
}

const fullTrail = [
  'request.created',
  'request.approved',
  'grant.attempted',
  'grant.active',
  'grant.ending',
  'grant.ended',
]

describe('after kill -9 of the whole stack', () => {
  test('in the middle of a grant, the grant ends in time, once, with a full trail', async () => {
    folder = await localFolder()
    const before = await folder.start()
    const mia = await before.as('mia')
    const { id } = bodyOf(await mia('POST', '/requests', { ...wanted, duration: 'PT15S' }))
    const active = await eventually(
      () => requestOf(mia, id),
      ({ status }) => status === 'active',
    )
    await before.kill()

    const after = await folder.start()
    const again = await after.as('mia')
    const ended = await eventually(
      () => requestOf(again, id),
      ({ status }) => status === 'ended',
    )
    expect(ended.endReason).toBe('expired')
    const lateness = Date.parse(ended.endedAt) - Date.parse(active.endsAt)
    expect(lateness).toBeGreaterThanOrEqual(0)
    expect(await eventsOf(await after.as('audrey'), id)).toEqual(fullTrail)
    const isMember = await createMembershipCheck(after.ready)
    expect(await isMember(ended.resource.id, ended.grantee)).toBe(false)
    expect(await writesTo(after, 'DELETE')).toHaveLength(1)
  }, 120_000)

  test('between the write to the directory and its record, the grant is found and ends', async () => {
    folder = await localFolder()
    const before = await folder.start()
    const mia = await before.as('mia')
    await fetch(`${before.ready.addresses.entra}/_simulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        faults: [{ method: 'POST', path: '/v1.0/groups', effect: 'slow', seconds: 15, count: 1 }],
      }),
    })
    const isMember = await createMembershipCheck(before.ready)
    const { id, grantee, resource } = bodyOf(
      await mia('POST', '/requests', { ...wanted, duration: 'PT40S' }),
    )
    // The directory has done it, and the answer is still on its way.
    await eventually(
      () => isMember(resource.id, grantee),
      (held) => held,
    )
    expect((await requestOf(mia, id)).status).toBe('granting')
    await before.kill()

    const after = await folder.start()
    const again = await after.as('mia')
    const ended = await eventually(
      () => requestOf(again, id),
      ({ status }) => status === 'ended',
      60,
    )
    expect(Date.parse(ended.endedAt)).toBeGreaterThanOrEqual(Date.parse(ended.endsAt))
    const events = await eventsOf(await after.as('audrey'), id)
    expect(events.filter((event) => event === 'grant.ended')).toHaveLength(1)
    const check = await createMembershipCheck(after.ready)
    expect(await check(resource.id, grantee)).toBe(false)
  }, 120_000)
})
