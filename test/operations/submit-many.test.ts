import { beforeEach, describe, expect, test } from 'vitest'
import type { Arrival } from '../../shared/operations/arrival.ts'
import { type ManyArrival, submitMany } from '../../shared/operations/submit-many.ts'
import { brokerInMemory, flow, type InMemory, mia, readers } from './broker-in-memory.ts'

const idOf = (number: number) => `30000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const writers = idOf(2)
const dynamic = idOf(3)
const unknown = idOf(99)

let broker: InMemory

beforeEach(async () => {
  const target = {
    integration: 'ContosoEntra',
    resourceType: 'group',
    permissions: ['member'],
  } as const
  const exclude = [{ by: 'name', values: ['*Writers'] }] as const
  broker = await brokerInMemory([flow({ targets: [{ ...target, exclude }] })])
  broker.directory.addGroup({ id: writers, name: 'Production Writers' })
  broker.directory.addGroup({ id: dynamic, name: 'Everybody', unmanageable: 'dynamic' })
})

const group = (id: string) => ({ type: 'group', id }) as const
const many = (ids: readonly string[], key?: string, more: object = {}): ManyArrival => {
  const body = { duration: 'PT1H', justification: 'release', ...more }
  const resources = ids.map(group)
  return {
    arrival: { intake: 'http', requester: mia, requesterIsApplication: false },
    body,
    items: resources.map((resource) => ({ resource })),
    ...(key === undefined ? {} : { claim: { owner: 'mia', key, body: { ...body, resources } } }),
  }
}

const submit = async (asked: ManyArrival) => {
  const outcome = await submitMany(broker.needs, broker.submitRequest, asked, broker.clockwork)
  if (outcome.kind === 'refused') throw new Error(`Cannot submit: ${outcome.code}`)
  return outcome.items.map((item) => {
    if (item.kind === 'accepted') return item.request.reason.id
    return item.kind === 'refused' ? item.code : item.kind
  })
}

describe('several resources asked for at once', () => {
  test('become one request each, with the same words', async () => {
    const others = Array.from({ length: 11 }, (_, index) => idOf(10 + index))
    for (const id of others) broker.directory.addGroup({ id, name: `Group ${id}` })

    const ids = await submit(many([readers, ...others]))

    expect(new Set(ids).size).toBe(12)
    expect(broker.started.toSorted()).toEqual(ids.toSorted())
    const created = broker.published.filter(({ event }) => event === 'request.created')
    expect(created.map(({ reason }) => reason)).toEqual(ids.map(() => 'release'))
  })

  test('have an outcome each, in the order in which they stand', async () => {
    const outcomes = await submit(many([unknown, readers, writers, dynamic]))

    expect(outcomes).toEqual([
      'no-such-resource',
      expect.stringMatching(/^[a-z0-9]{26}-/),
      'no-flow',
      'dynamic',
    ])
  })

  test('are the same requests when they are asked for again under the same key', async () => {
    const asked = many([readers, writers, unknown], 'inc-1')

    const first = await submit(asked)
    const again = await submit(asked)

    expect(again).toEqual(first)
    expect(broker.started).toHaveLength(1)
  })

  test.each([
    { what: 'other resources', other: many([readers], 'inc-1') },
    { what: 'other words', other: many([readers, writers], 'inc-1', { ticket: 'INC-1' }) },
  ])('are refused as a whole when the key was used with $what', async ({ other }) => {
    await submit(many([readers, writers], 'inc-1'))

    const outcome = await submitMany(broker.needs, broker.submitRequest, other, broker.clockwork)

    expect(outcome).toMatchObject({ kind: 'refused', code: 'key-reused' })
    expect(broker.started).toHaveLength(1)
  })

  test('share the key with no request for one', async () => {
    const body = { resource: group(readers), duration: 'PT1H' }
    const claim = { owner: 'mia', key: 'inc-1', body }
    const one: Arrival = { ...many([]).arrival, body, claim }

    await submit(many([readers], 'inc-1'))

    expect(await broker.submitRequest(one, broker.clockwork)).toMatchObject({ code: 'key-reused' })
  })

  test('do not wait for each other when one of them meets an outage', async () => {
    const asked = many([readers, idOf(10)], 'inc-1')
    broker.directory.addGroup({ id: idOf(10), name: 'Group 10' })
    broker.directory.setFault({ effect: 'unavailable', on: ['lookUp'], count: 1 })

    const first = await submit(asked)
    const again = await submit(asked)

    expect(first.toSorted()).toEqual([expect.stringMatching(/-/), 'unavailable'])
    expect(again).not.toContain('unavailable')
    expect(again.filter((id) => first.includes(id))).toHaveLength(1)
    expect(broker.started.toSorted()).toEqual(again.toSorted())
  })

  test('do not hide an error that is none of an outage', async () => {
    const failing = () => Promise.reject(new Error('broken'))

    const submitted = submitMany(broker.needs, failing, many([readers]), broker.clockwork)

    await expect(submitted).rejects.toThrow('broken')
  })
})
