import { describe, expect, test } from 'vitest'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { contextsOf } from '../../shared/operations/approval-context.ts'
import {
  ben,
  brokerInMemory,
  flow,
  type InMemory,
  mia,
  petra,
  readers,
  tenantId,
} from './broker-in-memory.ts'

const writers = '30000000-0000-4000-8000-000000000002'
const approval = {
  mode: 'any-of',
  steps: [{ approvers: [{ type: 'user', id: petra }] }],
} as const

const world = async () => {
  const flows = [flow({ name: 'at-once' }), flow({ name: 'asked', approval })]
  const broker = await brokerInMemory(flows)
  broker.directory.addGroup({ id: writers, name: 'Production Writers' })
  return broker
}

const ask = async (broker: InMemory, id: string, accessFlow: string, requester = mia) => {
  const outcome = await broker.submitRequest(
    {
      intake: 'http',
      actor: { id: requester, type: 'user' },
      requester,
      requesterIsApplication: false,
      body: { resource: { type: 'group', id }, duration: 'PT1H', accessFlow },
    },
    broker.clockwork,
  )
  if (outcome.kind === 'refused') throw new Error(outcome.detail)
  return outcome.request.reason.id
}

const granted = async (broker: InMemory, id: string, requester = mia) => {
  const requestId = await ask(broker, id, 'at-once', requester)
  await broker.settlePair(requestId.slice(0, 26), { patience: 0 })
  return requestId
}

const contextOf = async (broker: InMemory, requestId: string) => {
  const request = await readRequest(broker.tables, requestId)
  if (request === undefined) throw new Error('Cannot find the request: it is not there')
  return (await contextsOf(broker.needs, [request])).get(requestId)
}

const toReaders = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
} as const

describe('what an approver is told of the grantee', () => {
  test('is what he holds through the broker now, and nothing of others', async () => {
    const broker = await world()
    const held = await granted(broker, writers)
    await granted(broker, writers, ben)
    const pending = await ask(broker, readers, 'asked')

    expect(await contextOf(broker, pending)).toEqual({
      grants: [
        {
          id: held,
          integration: 'ContosoEntra',
          resource: { type: 'group', id: writers, name: 'Production Writers' },
          permission: 'member',
          status: 'active',
          endsAt: '2026-01-05T13:00:00.000Z',
        },
      ],
      complete: true,
      standing: false,
    })
  })

  test('is no grant that has ended', async () => {
    const broker = await world()
    const held = await granted(broker, writers)
    broker.advance(3_700_000)
    await broker.settlePair(held.slice(0, 26), { patience: 0 })
    const pending = await ask(broker, readers, 'asked')

    expect(await contextOf(broker, pending)).toMatchObject({ grants: [] })
  })

  test('is whether he is a member by other hands, of this very resource only', async () => {
    const broker = await world()
    broker.directory.addByHand(toReaders)
    const pending = await ask(broker, readers, 'asked')
    const other = await ask(broker, writers, 'asked')

    expect(await contextOf(broker, pending)).toMatchObject({ standing: true, grants: [] })
    expect(await contextOf(broker, other)).toMatchObject({ standing: false, grants: [] })
  })

  test('does not take what the broker itself gave for standing', async () => {
    const broker = await world()
    await granted(broker, readers)
    const pending = await ask(broker, readers, 'asked')

    expect(await contextOf(broker, pending)).toMatchObject({
      standing: false,
      grants: [{ resource: { id: readers } }],
    })
  })

  test('says that it does not know when the directory cannot be asked', async () => {
    const broker = await world()
    const pending = await ask(broker, readers, 'asked')
    broker.directory.setFault({ effect: 'unavailable', on: ['holdsEach'] })

    expect(await contextOf(broker, pending)).toMatchObject({ standing: null })
  })

  test('says that there may be more where the person has asked for very much', async () => {
    const broker = await world()
    for (let number = 1; number <= 51; number += 1) {
      const id = `32000000-0000-4000-8000-${String(number % 5).padStart(12, '0')}`
      broker.directory.addGroup({ id, name: `Group ${number % 5}` })
      await ask(broker, id, 'at-once')
      broker.advance(1_000)
    }
    const pending = await ask(broker, readers, 'asked')

    expect(await contextOf(broker, pending)).toMatchObject({ complete: false })
  })
})
