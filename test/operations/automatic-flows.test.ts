import { describe, expect, test } from 'vitest'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { openPair } from '../../shared/ledger/pair-ledger.ts'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import {
  admin,
  automatic,
  automaticBroker,
  carryOn,
  evaluate,
  evaluateAndSettle,
  eventsOf,
  joins,
  leaves,
  namesOf,
  put,
  reading,
  reads,
  settled,
  withMia,
} from './automatic-in-memory.ts'
import { ben, type InMemory, mia, petra } from './broker-in-memory.ts'

const hour = 3_600_000
const reasonsOf = async (made: InMemory, person: string) =>
  (await openPair(made.needs.tables, pairIdOf(reading(person)))).state?.pair.reasons ?? []

describe('an automatic flow', () => {
  test('gives access to whoever fits, as a request of the system, and to nobody else', async () => {
    const made = await withMia()

    expect(reads(made, mia)).toBe(true)
    expect(reads(made, ben)).toBe(false)
    expect(await namesOf(made, mia)).toEqual([
      'request.created',
      'request.approved',
      'grant.attempted',
      'grant.active',
    ])
    expect((await eventsOf(made, mia))[0]).toMatchObject({
      actor: { id: 'system', type: 'system' },
      accessFlow: 'team-reads',
      detail: { requester: 'system', intake: 'automatic' },
    })
  })

  test('gives it once, however often it is evaluated', async () => {
    const made = await withMia()

    for (let round = 0; round < 3; round++) {
      made.advance(hour)
      await evaluateAndSettle(made)
    }

    expect(made.directory.writes).toHaveLength(1)
    expect(await reasonsOf(made, mia)).toHaveLength(1)
  })

  test('renews the same request at half time, to its maximum from then', async () => {
    const made = await withMia()
    const [before] = await reasonsOf(made, mia)
    made.advance(11 * hour)
    await evaluate(made)
    const [early] = await reasonsOf(made, mia)
    made.advance(hour)
    const now = made.now().getTime()

    await carryOn(made)

    const [renewed] = await reasonsOf(made, mia)
    expect(early).toEqual(before)
    expect(renewed).toMatchObject({ id: before?.id, status: 'active', renewals: 1 })
    expect(renewed?.endsAt).toBe(new Date(now + 24 * hour).toISOString())
    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({
      event: 'grant.renewed',
      actor: { id: 'system' },
      detail: { formerEndsAt: before?.endsAt, endsAt: renewed?.endsAt },
    })
    expect(made.published.at(-1)).toMatchObject({ event: 'grant.renewed' })
  })

  test('keeps access over the old end of a renewed window, and ends it at the new one', async () => {
    const made = await withMia()
    made.advance(12 * hour)
    await carryOn(made)
    made.advance(12.5 * hour)

    await settled(made)
    const after = reads(made, mia)
    made.advance(11.5 * hour)
    await settled(made)

    expect(after).toBe(true)
    expect(reads(made, mia)).toBe(false)
    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({
      event: 'grant.ended',
      detail: { endReason: 'expired' },
    })
  })

  test('ends the access of whoever no longer fits, with the next evaluation', async () => {
    const made = await withMia()
    leaves(made, mia)
    made.advance(hour)

    await evaluateAndSettle(made)

    expect(reads(made, mia)).toBe(false)
    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({
      event: 'grant.ended',
      detail: { endReason: 'no-longer-eligible' },
    })
  })

  test.each([
    ['is disabled', (made: InMemory) => made.directory.addUser({ id: mia, enabled: false })],
    ['is deleted', (made: InMemory) => made.directory.deleteObject(mia)],
  ])('ends the access of somebody who %s', async (_what, change) => {
    const made = await withMia()
    change(made)

    await evaluateAndSettle(made)

    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({
      event: 'grant.ended',
      detail: { endReason: 'no-longer-eligible' },
    })
  })

  test.each([
    ['is switched off', automatic({ active: false })],
    ['waits to be asked from now on', automatic({ trigger: 'self-serve' })],
    [
      'gives something else',
      automatic({
        targets: [
          {
            integration: 'ContosoEntra',
            resourceType: 'group',
            permissions: ['member'],
            include: [{ by: 'name', values: ['Nothing *'] }],
          },
        ],
      }),
    ],
    [
      'is for other people',
      automatic({ requesters: { operator: 'or', conditions: [{ type: 'user', values: [ben] }] } }),
    ],
  ])('ends what it gave when it %s', async (_what, changed) => {
    const made = await withMia()
    await put(made, changed)

    await evaluateAndSettle(made)

    expect(reads(made, mia)).toBe(false)
    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({
      detail: { endReason: 'no-longer-eligible' },
    })
  })

  test('neither starts nor renews while the emergency stop is on, and does both after it', async () => {
    const made = await withMia()
    await setEmergencyStop(made.needs, admin, { active: true, reason: 'drill' })
    joins(made, ben)
    made.advance(13 * hour)
    await evaluateAndSettle(made)
    const during = [await namesOf(made, mia), await namesOf(made, ben)]
    await setEmergencyStop(made.needs, admin, { active: false, reason: 'over' })

    await carryOn(made)
    await settled(made)

    expect(during[0]).not.toContain('grant.renewed')
    expect(during[1]).toEqual([])
    expect(await namesOf(made, mia)).toContain('grant.renewed')
    expect(reads(made, ben)).toBe(true)
  })

  test('lets access end with its window while the emergency stop is on', async () => {
    const made = await withMia()
    await setEmergencyStop(made.needs, admin, { active: true, reason: 'drill' })
    made.advance(13 * hour)
    await evaluateAndSettle(made)
    made.advance(11 * hour)

    await settled(made)

    expect(reads(made, mia)).toBe(false)
  })

  test('gives back at half time what was given back by hand', async () => {
    const made = await withMia()
    made.advance(hour)
    await evaluateAndSettle(made)
    const [reason] = await reasonsOf(made, mia)
    const actor = { id: mia, type: 'user' } as const
    const order = { requestId: reason?.id ?? '', actor, endReason: 'given-back' } as const
    await endRequest(made.needs, order, made.clockwork)
    await settled(made)
    made.advance(hour)
    await evaluateAndSettle(made)
    const before = reads(made, mia)
    made.advance(10 * hour)

    await evaluateAndSettle(made)

    expect([before, reads(made, mia)]).toEqual([false, true])
  })

  test('gives access by attributes, and to the grantees where it names them', async () => {
    const attribute = {
      operator: 'and' as const,
      conditions: [{ type: 'attribute' as const, attribute: 'department', values: ['Ops'] }],
    }
    const made = await automaticBroker([automatic({ grantees: attribute })])
    made.directory.setAttributes(petra, { department: 'Ops' })
    joins(made, mia)

    await evaluateAndSettle(made)

    expect([reads(made, petra), reads(made, mia)]).toEqual([true, false])
  })
})
