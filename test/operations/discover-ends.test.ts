import { describe, expect, test } from 'vitest'
import type { AccessKey, ResourceRef } from '../../shared/access/access.ts'
import { pairIdOf, pairPartition } from '../../shared/ledger/ids.ts'
import { readEvents } from '../../shared/ledger/pair-ledger.ts'
import { readDepartures } from '../../shared/ledger/resource-rows.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { ben, flow, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'
import {
  carryOn,
  crashIn,
  dies,
  discoverByHand,
  discoverRegularly,
  storedOf,
  withIntegration,
} from './discovery-in-memory.ts'

const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8'
const paris = '50000000-0000-4000-8000-000000000001'

const group: ResourceRef = { type: 'group', id: readers }
const role: ResourceRef = {
  type: 'directory-role',
  id: helpdesk,
  scope: `/administrativeUnits/${paris}`,
}

const flows = [
  flow(),
  flow({
    name: 'helpdesk',
    targets: [
      { integration: 'ContosoEntra', resourceType: 'directory-role', permissions: ['active'] },
    ],
  }),
]

const unusual = flow({
  name: 'unusual',
  approval: { mode: 'any-of', steps: [{ approvers: [{ type: 'user', id: ben }] }] },
})

const keyOf = (resource: ResourceRef): AccessKey => ({
  tenantId,
  grantee: mia,
  resource,
  permission: resource.type === 'group' ? 'member' : 'active',
})

async function broker(): Promise<InMemory> {
  const made = await withIntegration({}, [...flows, unusual])
  made.directory.addRole({ id: helpdesk, name: 'Helpdesk Administrator' })
  made.directory.addUnit({ id: paris, name: 'Paris' })
  await discoverRegularly(made)
  return made
}

async function ask(made: InMemory, resource: ResourceRef, more: object = {}): Promise<void> {
  const outcome = await made.submitRequest(
    {
      body: { resource, duration: 'PT8H', ...more },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
      actor: { id: mia, type: 'user' },
    },
    made.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(outcome.detail)
  await made.settlePair(pairIdOf(keyOf(resource)), { patience: 0 })
}

const eventsOf = (made: InMemory, resource: ResourceRef) =>
  readEvents(made.needs.tables, pairPartition(pairIdOf(keyOf(resource))))

const settleAll = async (made: InMemory) => {
  made.advance(5_000)
  await made.sweep()
}

describe('access to a resource that has gone', () => {
  test.each([
    { what: 'a group', resource: group, gone: readers },
    { what: 'a role', resource: role, gone: helpdesk },
    { what: 'the unit of a role', resource: role, gone: paris },
  ])('ends as resource-gone, proven by the directory, with $what', async ({ resource, gone }) => {
    const made = await broker()
    await ask(made, resource)
    made.advance(60_000)
    made.directory.deleteObject(gone)

    await discoverRegularly(made)
    await settleAll(made)

    const events = (await eventsOf(made, resource)).slice(-2)
    expect(events).toMatchObject([
      { event: 'grant.ending', actor: { id: 'system' }, detail: { endReason: 'resource-gone' } },
      { event: 'grant.ended', detail: { endReason: 'resource-gone' } },
    ])
    expect(events.at(-1)?.detail).toMatchObject({
      proof: { kind: 'object-deleted', missing: 'resource' },
    })
    expect(await readDepartures(made.needs.tables, 10)).toEqual([])
  })

  test.each([
    { what: 'waits for its start', more: { startsAt: '2026-01-06T12:00:00Z' } },
    { what: 'waits for approval', more: { accessFlow: 'unusual' } },
  ])('that $what is cancelled by the system', async ({ more }) => {
    const made = await broker()
    await ask(made, group, more)
    made.directory.deleteObject(readers)

    await discoverRegularly(made)

    const last = (await eventsOf(made, group)).at(-1)
    expect(last).toMatchObject({ event: 'request.cancelled', actor: { id: 'system' } })
    expect(made.directory.writes).toEqual([])
  })

  test('of another group goes on', async () => {
    const made = await broker()
    made.directory.addGroup({ id: paris, name: 'Another group' })
    await discoverRegularly(made)
    await ask(made, group)
    made.directory.deleteObject(paris)

    await discoverRegularly(made)
    await settleAll(made)

    expect((await eventsOf(made, group)).at(-1)).toMatchObject({ event: 'grant.active' })
    expect(made.directory.isHeld(keyOf(group))).toBe(true)
  })

  test('goes on when the directory, asked for the resource itself, still has it', async () => {
    const made = await broker()
    await ask(made, group)
    const needs: Needs = {
      ...made.needs,
      directory: {
        ...made.needs.directory,
        readGroupChanges: async () => ({
          kind: 'page',
          changes: [{ id: readers, isGone: true }],
          token: '0.99.0.',
          isLast: true,
        }),
      },
    }

    await discoverByHand(made, needs)
    await settleAll(made)

    expect((await eventsOf(made, group)).at(-1)).toMatchObject({ event: 'grant.active' })
    expect(await storedOf(made, 'group', readers)).not.toHaveProperty('goneAt')
  })

  test('is ended in the end when the directory cannot be asked at first', async () => {
    const made = await broker()
    await ask(made, group)
    made.directory.deleteObject(readers)
    made.directory.setFault({ effect: 'unavailable', on: ['lookUp'], count: 1 })
    await discoverRegularly(made)
    const before = (await eventsOf(made, group)).at(-1)
    made.advance(60_000)

    await carryOn(made)
    await settleAll(made)

    expect(before).toMatchObject({ event: 'grant.active' })
    expect((await eventsOf(made, group)).at(-1)).toMatchObject({ event: 'grant.ended' })
  })

  test.each(['before', 'after'] as const)('survives a crash %s any call', async (when) => {
    for (let call = 1; ; call++) {
      const made = await broker()
      await ask(made, group)
      made.advance(60_000)
      made.directory.deleteObject(readers)
      const isReached = crashIn(made, call, when)
      await discoverRegularly(made).catch(dies)
      const wasReached = isReached()
      made.advance(31_000)
      await discoverRegularly(made)
      await settleAll(made)

      const ends = (await eventsOf(made, group)).filter(({ event }) => event === 'grant.ended')
      expect(ends, `call ${call}`).toMatchObject([{ detail: { endReason: 'resource-gone' } }])
      if (!wasReached) break
    }
  })
})
