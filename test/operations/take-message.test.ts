/*
 * Over 300 lines on purpose: everything that a message can be, and what becomes of it, is one list.
 */
import { describe, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import { TableUnavailableError } from '../../shared/ledger/tables.ts'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { createSubmitRequest } from '../../shared/operations/submit-request.ts'
import { createTakeMessage, type QueueMessage } from '../../shared/operations/take-message.ts'
import { ben, brokerInMemory, flow, type InMemory, mia, readers } from './broker-in-memory.ts'

const request = {
  requester: mia,
  resource: { type: 'group', id: readers },
  duration: 'PT1H',
}

const message = (over: Partial<QueueMessage> & { more?: object } = {}): QueueMessage => {
  const { more = {}, ...rest } = over
  return {
    messageId: 'INC-1',
    enqueuedAt: new Date('2026-01-05T12:00:00Z'),
    body: { ...request, ...more },
    ...rest,
  }
}

const takerOf = (broker: InMemory) => {
  const takeMessage = createTakeMessage(broker.needs, broker.submitRequest)
  return (each: QueueMessage) => takeMessage(each, broker.clockwork)
}

const published = (broker: InMemory, event: string) =>
  broker.published.filter((each) => each.event === event)

const audited = (broker: InMemory, event: string) =>
  broker.tables.all('Audit').filter(({ columns }) => columns['event'] === event)

/** Settles whatever is open, as the orchestrations and the sweep would. */
const settleAll = async (broker: InMemory) => {
  for (const id of broker.started) await broker.settlePair(id.slice(0, 26), { patience: 0 })
}

describe('a message', () => {
  test('makes a request of its requester, with its id as the idempotency key', async () => {
    const broker = await brokerInMemory()
    const outcome = await takerOf(broker)(message())
    expect(outcome).toMatchObject({ kind: 'accepted' })
    const [created] = published(broker, 'request.created')
    expect(created).toMatchObject({
      actor: { id: mia, type: 'user' },
      grantee: mia,
      correlationId: 'INC-1',
      detail: { intake: 'service-bus', requester: mia },
    })
    expect(broker.started).toHaveLength(1)
  })

  test('may name its requester by user principal name, and somebody else to get the access', async () => {
    const grantees = { operator: 'or', conditions: [{ type: 'user', values: [ben] }] } as const
    const broker = await brokerInMemory([flow({ grantees })])
    const more = { requester: `${mia}@LOCAL`, requestFor: ben }
    expect(await takerOf(broker)(message({ more }))).toMatchObject({ kind: 'accepted' })
    expect(published(broker, 'request.created')[0]).toMatchObject({
      grantee: ben,
      detail: { requester: mia },
    })
  })

  test('that comes five times leads to one grant', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    const outcomes = []
    for (let delivery = 0; delivery < 5; delivery++) outcomes.push(await take(message()))
    await settleAll(broker)
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1)
    expect(published(broker, 'request.created')).toHaveLength(1)
    expect(published(broker, 'grant.active')).toHaveLength(1)
    expect(broker.directory.writes).toHaveLength(1)
  })

  test('that comes five times at once leads to one grant', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => take(message())))
    await settleAll(broker)
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1)
    expect(published(broker, 'request.created')).toHaveLength(1)
    expect(broker.directory.writes).toHaveLength(1)
  })

  test('under another id is another request', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    await take(message())
    await take(message({ messageId: 'INC-2' }))
    expect(published(broker, 'request.created')).toHaveLength(2)
  })

  test.each([
    ['14 minutes old', '2026-01-05T11:46:00Z'],
    ['15 minutes old', '2026-01-05T11:45:00Z'],
    ['5 minutes ahead', '2026-01-05T12:05:00Z'],
  ])('%s by its own clock when it was sent is taken', async (_what, createdAt) => {
    const broker = await brokerInMemory()
    expect(await takerOf(broker)(message({ more: { createdAt } }))).toMatchObject({
      kind: 'accepted',
    })
  })

  test('is as old as when it was sent, however long it waited in the queue', async () => {
    const broker = await brokerInMemory()
    broker.advance(20 * 60_000)
    const more = { createdAt: '2026-01-05T11:59:00Z' }
    expect(await takerOf(broker)(message({ more }))).toMatchObject({ kind: 'accepted' })
  })

  test('that was accepted is still accepted when it is delivered again too late', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    const more = { createdAt: '2026-01-05T11:59:00Z' }
    const first = await take(message({ more }))
    broker.advance(3_600_000)
    const enqueuedAt = new Date('2026-01-05T13:00:00Z')
    expect(await take(message({ more, enqueuedAt }))).toEqual(first)
    expect(published(broker, 'request.refused')).toEqual([])
  })
})

const deep = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

const refusals: Readonly<Record<string, { code: string; message: QueueMessage }>> = {
  'that is no JSON': { code: 'invalid', message: message({ body: '{"resource": ' }) },
  'that is bytes': { code: 'invalid', message: message({ body: Buffer.from([0xff, 0x00]) }) },
  'that is empty': { code: 'invalid', message: message({ body: undefined }) },
  'that is null': { code: 'invalid', message: message({ body: null }) },
  'that is a list': { code: 'invalid', message: message({ body: [request] }) },
  'nested 100,000 deep': { code: 'invalid', message: message({ body: deep(100_000) }) },
  'with a field that nobody knows': {
    code: 'invalid',
    message: message({ more: { colour: 'red' } }),
  },
  'with a field whose name has 100,000 characters': {
    code: 'invalid',
    message: message({ more: { ['ü'.repeat(100_000)]: 1 } }),
  },
  'that reaches for a prototype': {
    code: 'invalid',
    message: message({ body: JSON.parse('{"__proto__":{"duration":"PT1H"}}') }),
  },
  'with half a surrogate pair': {
    code: 'invalid',
    message: message({ more: { justification: 'x\ud83d' } }),
  },
  'without requester': { code: 'invalid', message: message({ more: { requester: undefined } }) },
  'with a duration of a month': {
    code: 'invalid',
    message: message({ more: { duration: 'P1M' } }),
  },
  'with a duration below the minimum': {
    code: 'invalid',
    message: message({ more: { duration: 'PT1S' } }),
  },
  'that starts in the past': {
    code: 'invalid',
    message: message({ more: { startsAt: '2026-01-05T11:00:00Z' } }),
  },
  'without messageId': {
    code: 'message-id-missing',
    message: { body: request, enqueuedAt: new Date('2026-01-05T12:00:00Z') },
  },
  'with an empty messageId': { code: 'message-id-missing', message: message({ messageId: '' }) },
  'of an unknown requester': {
    code: 'requester-unknown',
    message: message({ more: { requester: 'nobody@elsewhere.example' } }),
  },
  'of a requester whom no flow lets ask': {
    code: 'not-eligible',
    message: message({ more: { requester: '20000000-0000-4000-8000-00000000000c' } }),
  },
  'for an unknown person': {
    code: 'grantee-unknown',
    message: message({ more: { requestFor: '2fffffff-0000-4000-8000-000000000001' } }),
  },
  'for an unknown resource': {
    code: 'no-such-resource',
    message: message({
      more: { resource: { type: 'group', id: '3fffffff-0000-4000-8000-000000000001' } },
    }),
  },
  'for a group that cannot be managed': {
    code: 'dynamic',
    message: message({
      more: { resource: { type: 'group', id: '30000000-0000-4000-8000-000000000002' } },
    }),
  },
  'for longer than the flow allows': {
    code: 'too-long',
    message: message({ more: { duration: 'PT9H' } }),
  },
  'older than 15 minutes when it was sent': {
    code: 'too-old',
    message: message({ more: { createdAt: '2026-01-05T11:44:59Z' } }),
  },
  'from more than five minutes in the future': {
    code: 'from-the-future',
    message: message({ more: { createdAt: '2026-01-05T12:05:01Z' } }),
  },
}

const brokerForRefusals = async () => {
  const broker = await brokerInMemory([flow()], undefined, { minimumDuration: 60_000 })
  broker.directory.addUser({ id: '20000000-0000-4000-8000-00000000000c' })
  broker.directory.addGroup({
    id: '30000000-0000-4000-8000-000000000002',
    name: 'Everybody in Munich',
    unmanageable: 'dynamic',
  })
  return broker
}

describe('a message that can never be accepted', () => {
  test.each(Object.entries(refusals))(
    '%s is answered by an event and an audit row, and completed',
    async (_what, { code, message: refused }) => {
      const broker = await brokerForRefusals()
      expect(await takerOf(broker)(refused)).toEqual({ kind: 'refused', code })

      const events = published(broker, 'request.refused')
      expect(events).toHaveLength(1)
      expect(events[0]?.detail).toMatchObject({ code, intake: 'service-bus' })
      expect(events[0]?.correlationId).toBe(refused.messageId || undefined)
      expect(events[0]?.stream).toMatch(/^bus:[0-9a-f]{26}$/)
      expect(audited(broker, 'request.refused').map(({ columns }) => columns['hash'])).toEqual([
        events[0]?.hash,
      ])
      expect(published(broker, 'request.created')).toEqual([])
      expect(broker.directory.writes).toEqual([])
      expect(broker.started).toEqual([])
    },
  )

  test('names the fields that are wrong', async () => {
    const broker = await brokerInMemory()
    await takerOf(broker)(message({ more: { duration: 'P1M', colour: 'red' } }))
    const [event] = published(broker, 'request.refused')
    const errors = event?.detail['errors'] as { pointer: string }[]
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/colour', '/duration'])
  })

  test('because its flow takes none from the queue says so', async () => {
    const broker = await brokerInMemory([flow({ intake: ['http'] })])
    expect(await takerOf(broker)(message())).toEqual({
      kind: 'refused',
      code: 'intake-not-allowed',
    })
    expect(published(broker, 'request.refused')[0]?.detail['trace']).toContainEqual({
      flow: 'oncall',
      rule: 'intake',
      verdict: 'fail',
      detail: 'The flow takes no requests by service-bus.',
    })
  })

  test('while the emergency stop is on is refused, and its id stays free', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    const admin = { id: 'ada', tenantId: 'x', kind: 'user', roles: ['Access.Admin'] } as const
    await setEmergencyStop(broker.needs, admin, { active: true, reason: 'attack' })
    expect(await take(message())).toEqual({ kind: 'refused', code: 'emergency-stop' })
    expect(published(broker, 'request.refused')).toHaveLength(1)
    await setEmergencyStop(broker.needs, admin, { active: false, reason: 'over' })
    expect(await take(message())).toMatchObject({ kind: 'accepted' })
  })

  test('under a known id but with another body is refused, and the first stays as it is', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    await take(message())
    expect(await take(message({ more: { duration: 'PT2H' } }))).toEqual({
      kind: 'refused',
      code: 'key-reused',
    })
    expect(published(broker, 'request.refused')).toHaveLength(1)
    expect(published(broker, 'request.created')).toHaveLength(1)
  })

  test('by policy is refused in the same way each time, and recorded once', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    const tooLong = message({ more: { duration: 'PT9H' } })
    const first = await take(tooLong)
    expect(await take(tooLong)).toEqual(first)
    expect(published(broker, 'request.refused')).toHaveLength(1)
  })

  test('leaves its id to one that is right', async () => {
    const broker = await brokerInMemory()
    const take = takerOf(broker)
    await take(message({ more: { colour: 'red' } }))
    expect(await take(message())).toMatchObject({ kind: 'accepted' })
  })
})

describe('an outage', () => {
  const inMinutes = (broker: InMemory) =>
    (broker.now().getTime() - Date.parse('2026-01-05T12:00:00Z')) / 60_000

  test('of the directory is waited out, and the message is taken', async () => {
    const broker = await brokerInMemory()
    broker.directory.setFault({ effect: 'unavailable', on: ['lookUp'], count: 5 })
    expect(await takerOf(broker)(message())).toMatchObject({ kind: 'accepted' })
    expect(broker.now().getTime() - Date.parse('2026-01-05T12:00:00Z')).toBe(
      (1 + 2 + 4 + 8 + 16) * 1_000,
    )
    expect(published(broker, 'request.refused')).toEqual([])
  })

  test('of storage is waited out, and the message is taken', async () => {
    const broker = await brokerInMemory()
    let left = 5
    broker.tables.fault = ({ table }) =>
      table === 'Claims' && left-- > 0 ? 'unavailable' : undefined
    expect(await takerOf(broker)(message())).toMatchObject({ kind: 'accepted' })
  })

  test('of the topic does not hold the message up: the event follows', async () => {
    const broker = await brokerInMemory()
    const { publisher } = broker.needs
    let isDown = true
    const needs = {
      ...broker.needs,
      publisher: {
        publish: async (events: Parameters<typeof publisher.publish>[0]) => {
          if (isDown) throw new Error('the topic is away')
          await publisher.publish(events)
        },
      },
    }
    const take = createTakeMessage(needs, createSubmitRequest(needs, broker.readConfiguration))
    expect(await take(message({ more: { colour: 'red' } }), broker.clockwork)).toMatchObject({
      kind: 'refused',
    })
    isDown = false
    broker.advance(700_000)
    await broker.sweep()
    expect(published(broker, 'request.refused')).toHaveLength(1)
  })

  test.each([
    [
      'of the directory',
      DirectoryUnavailableError,
      (broker: InMemory) => broker.directory.setFault({ effect: 'unavailable', on: ['lookUp'] }),
    ],
    [
      'of storage',
      TableUnavailableError,
      (broker: InMemory) => {
        broker.tables.fault = () => 'unavailable'
      },
    ],
  ])(
    '%s that lasts hands the message back within its lock, refused by nobody',
    async (_what, error, strike) => {
      const broker = await brokerInMemory()
      strike(broker)
      await expect(takerOf(broker)(message())).rejects.toThrow(error)
      expect(inMinutes(broker)).toBeLessThanOrEqual(4.5)
      expect(inMinutes(broker)).toBeGreaterThan(3.5)
      expect(published(broker, 'request.refused')).toEqual([])
      expect(broker.tables.all('Claims')).toEqual([])
    },
  )

  test('that is over when the message comes again is as if it had never been', async () => {
    const broker = await brokerInMemory()
    broker.directory.setFault({ effect: 'unavailable', on: ['lookUp'] })
    const more = { createdAt: '2026-01-05T12:00:00Z' }
    await expect(takerOf(broker)(message({ more }))).rejects.toThrow(DirectoryUnavailableError)
    broker.advance(3 * 24 * 3_600_000)
    broker.directory.clearFaults()
    expect(await takerOf(broker)(message({ more }))).toMatchObject({ kind: 'accepted' })
  })

  test('of storage whose last answer was lost leads to one request', async () => {
    const broker = await brokerInMemory()
    let lost = 0
    broker.tables.fault = ({ table, kind }) =>
      table === 'Claims' && kind === 'write' && lost++ === 0 ? 'committed-reply-lost' : undefined
    expect(await takerOf(broker)(message())).toMatchObject({ kind: 'accepted' })
    expect(published(broker, 'request.created')).toHaveLength(1)
  })
})
