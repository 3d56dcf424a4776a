import { beforeEach, describe, expect, test } from 'vitest'
import { pairOfRequest } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { extendRequest } from '../../shared/operations/extend-request.ts'
import { brokerInMemory, flow, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

const caller = { id: mia, tenantId, kind: 'user', roles: [] } as const

let broker: InMemory
let first: string

const settle = (id: string) => broker.settlePair(pairOfRequest(id) ?? '', { patience: 0 })

/** Extends the first request as often as there are keys, all at once. */
const extendAtOnce = async (keys: readonly string[]) => {
  const request = await readRequest(broker.needs.tables, first)
  if (request === undefined) throw new Error('Cannot extend: the request is unknown')
  const wish = { duration: 'PT1H' }
  const outcomes = await Promise.all(
    keys.map((key) =>
      extendRequest(broker.submitRequest, request, caller, wish, broker.clockwork, {
        key,
        body: wish,
      }),
    ),
  )
  return outcomes.map((outcome) =>
    outcome.kind === 'refused' ? outcome.code : outcome.request.reason.id,
  )
}

beforeEach(async () => {
  broker = await brokerInMemory([flow({ extensions: { maximum: 2 } })])
  const outcome = await broker.submitRequest(
    {
      body: { resource: { type: 'group', id: readers }, duration: 'PT4H' },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind === 'refused') throw new Error(outcome.detail)
  first = outcome.request.reason.id
  await settle(first)
})

describe('extensions that are asked for at once', () => {
  test('are no more than the flow allows', async () => {
    const outcomes = await extendAtOnce(['a', 'b', 'c', 'd', 'e'])

    const tooMany = outcomes.filter((outcome) => outcome === 'too-many-extensions')
    expect(tooMany).toHaveLength(3)
    expect(new Set(outcomes).size).toBe(3)
  })

  test('are the same as before when they are asked for again', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e']

    const before = await extendAtOnce(keys)
    await settle(first)

    expect(await extendAtOnce(keys)).toEqual(before)
  })
})
