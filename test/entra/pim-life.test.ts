import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { group } from '../../local/seed/groups.ts'
import { afterDuration, forGood, from, pimOf, until } from './pim.ts'
import { type Simulator, startSimulator } from './start-simulator.ts'

let simulator: Simulator

beforeEach(async () => {
  simulator = await startSimulator()
})

afterEach(() => simulator.stop())

describe.each(['role', 'group'] as const)('an assignment of a %s for a while', (kind) => {
  const pim = pimOf(kind, () => simulator)

  test('is a real entry of the directory until its end, and then is none', async () => {
    const { status, body } = await pim.ask(afterDuration('PT2H'))

    expect(status).toBe(201)
    expect(body).toMatchObject({
      status: 'Provisioned',
      completedDateTime: '2026-01-05T12:00:00.000Z',
      scheduleInfo: {
        startDateTime: '2026-01-05T12:00:00.000Z',
        recurrence: null,
        expiration: { type: 'afterDuration', endDateTime: null, duration: 'PT2H' },
      },
    })
    expect(await pim.isHeld()).toBe(true)
    simulator.advance(119)
    expect(await pim.isHeld()).toBe(true)
    simulator.advance(1)
    expect(await pim.isHeld()).toBe(false)
    expect(await pim.instances()).not.toContainEqual(
      expect.objectContaining({ endDateTime: expect.any(String) }),
    )
  })

  test('begins when its time comes, if that is later than the request', async () => {
    const { body } = await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))

    expect(body.status).toBe('Granted')
    expect(await pim.isHeld()).toBe(false)
    simulator.advance(60)
    expect(await pim.isHeld()).toBe(true)
    expect((await pim.get(body.id)).body.status).toBe('Provisioned')
    simulator.advance(60)
    expect(await pim.isHeld()).toBe(false)
  })

  test('leaves in the audit log that it came and went, at its own times though nobody asked meanwhile', async () => {
    await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))
    simulator.advance(600)

    const { body } = await simulator.graph('GET', '/auditLogs/directoryAudits')

    const told = body.value.map(
      (entry: { activityDisplayName: string; activityDateTime: string }) =>
        `${entry.activityDateTime.slice(11, 16)} ${entry.activityDisplayName}`,
    )
    expect(told).toEqual([
      `14:00 Remove member from ${kind}`,
      `14:00 Remove member from ${kind} in PIM completed (timebound)`,
      `13:00 Add member to ${kind}`,
      `13:00 Add member to ${kind} in PIM completed (timebound)`,
    ])
  })

  test.each([
    { name: 'a duration', window: afterDuration('PT90M'), end: '2026-01-05T13:30:00.000Z' },
    {
      name: 'a date',
      window: until('2026-01-05T20:00:00+02:00'),
      end: '2026-01-05T18:00:00.000Z',
    },
    {
      name: 'a duration that counts from now where the start is past',
      window: from('2026-01-04T00:00:00Z', 'PT1H'),
      end: '2026-01-05T13:00:00.000Z',
    },
    {
      name: 'a type in Pascal case',
      window: { scheduleInfo: { expiration: { type: 'AfterDuration', duration: 'PT1H' } } },
      end: '2026-01-05T13:00:00.000Z',
    },
  ])('ends by $name', async ({ window, end }) => {
    await pim.ask(window)

    expect(await pim.instances()).toContainEqual(expect.objectContaining({ endDateTime: end }))
  })

  test('can be updated to another end, earlier or later', async () => {
    const { body } = await pim.ask(afterDuration('PT2H'))
    const updated = await pim.ask({ action: 'adminUpdate', ...until('2026-01-05T12:30:00Z') })

    expect(updated.body).toMatchObject({
      status: 'Provisioned',
      targetScheduleId: body.targetScheduleId,
    })
    simulator.advance(30)
    expect(await pim.isHeld()).toBe(false)
  })

  test('can be extended, and keeps its start', async () => {
    await pim.ask(afterDuration('PT1H'))
    simulator.advance(50)
    await pim.ask({ action: 'adminExtend', ...afterDuration('PT1H') })

    expect(await pim.instances()).toContainEqual(
      expect.objectContaining({
        startDateTime: '2026-01-05T12:00:00.000Z',
        endDateTime: '2026-01-05T13:50:00.000Z',
      }),
    )
  })

  test('can be removed five minutes after its start, and answers Revoked', async () => {
    await pim.ask()
    simulator.advance(5)
    const { status, body } = await pim.remove({ justification: null })

    expect([status, body.status]).toEqual([201, 'Revoked'])
    expect(await pim.isHeld()).toBe(false)
  })

  test('never comes when it is cancelled before its start', async () => {
    const { body } = await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))

    expect((await pim.cancel(body.id)).status).toBe(204)
    simulator.advance(90)
    expect(await pim.isHeld()).toBe(false)
    expect((await pim.get(body.id)).body.status).toBe('Canceled')
  })

  test('never comes when it is removed before its start', async () => {
    await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))

    expect((await pim.remove()).body.status).toBe('Revoked')
    simulator.advance(90)
    expect(await pim.isHeld()).toBe(false)
  })

  test('fails at its start when somebody else has put the entry there meanwhile, and takes nothing away', async () => {
    const { body } = await pim.ask(from('2026-01-05T13:00:00Z', 'PT1H'))
    await pim.addDirectly()
    simulator.advance(180)

    expect((await pim.get(body.id)).body.status).toBe('Failed')
    expect(await pim.isHeld()).toBe(true)
  })

  test('is over when its entry is removed directly: a new one there is standing', async () => {
    await pim.ask()
    await pim.removeDirectly()
    await pim.addDirectly()
    simulator.advance(600)

    expect(await pim.isHeld()).toBe(true)
    expect(await pim.schedules()).toContainEqual(
      expect.objectContaining({ createdUsing: null, status: 'Provisioned' }),
    )
  })

  test('outlives a restart, and so does its end', async () => {
    await pim.ask()
    await simulator.restart()
    expect(await pim.isHeld()).toBe(true)
    simulator.advance(120)
    await simulator.restart()

    expect(await pim.isHeld()).toBe(false)
  })

  test('is not made by a request that only validates', async () => {
    const { status, body } = await pim.ask({ isValidationOnly: true })

    expect([status, body.isValidationOnly]).toEqual([201, true])
    expect(await pim.isHeld()).toBe(false)
    expect((await pim.get(body.id)).status).toBe(404)
  })

  test('takes its time where the tenant is slow, and 201 does not mean active', async () => {
    await simulator.control('PATCH', 'tenant', { provisioningSeconds: 60 })
    const { status, body } = await pim.ask()

    expect([status, body.status]).toEqual([201, 'PendingProvisioning'])
    expect(await pim.isHeld()).toBe(false)
    simulator.advance(1)
    expect(await pim.isHeld()).toBe(true)
    expect((await pim.get(body.id)).body.status).toBe('Provisioned')
  })
})

test('a role may be assigned for good', async () => {
  const pim = pimOf('role', () => simulator)
  await pim.ask(forGood)
  simulator.advance(1_000_000)

  expect(await pim.instances()).toMatchObject([{ assignmentType: 'Assigned', endDateTime: null }])
})

test.each([
  { order: 'in their order', starts: ['13:00', '14:00'] },
  { order: 'the later one first', starts: ['14:00', '13:00'] },
])(
  'two windows that touch, asked for $order, are one stretch of two schedules',
  async ({ starts }) => {
    const pim = pimOf('role', () => simulator)
    for (const start of starts) {
      expect((await pim.ask(from(`2026-01-05T${start}:00Z`, 'PT1H'))).status).toBe(201)
    }
    simulator.advance(121)

    expect(await pim.instances()).toMatchObject([
      { startDateTime: '2026-01-05T14:00:00.000Z', endDateTime: '2026-01-05T15:00:00.000Z' },
    ])
  },
)

test('an assignment to a deleted group is not seen, and is over when the group comes back too late', async () => {
  const pim = pimOf('group', () => simulator)
  const readers = group('Production Readers')
  const ofGroup = `groupId eq '${readers}' and accessId eq 'member'`
  await pim.ask(afterDuration('PT1H'))
  await simulator.graph('DELETE', `/groups/${readers}`)

  expect(await pim.schedules(ofGroup)).toEqual([])
  simulator.advance(60)
  await simulator.graph('POST', `/directory/deletedItems/${readers}/restore`)
  expect(await pim.isHeld()).toBe(false)
})
