import { describe, expect, test } from 'vitest'
import {
  automatic,
  automaticBroker,
  evaluateAndSettle,
  eventsOf,
  joins,
  leaves,
  put,
  reading,
  reads,
  settled,
  team,
  withMia,
} from './automatic-in-memory.ts'
import { ben, flow, mia, petra, readers } from './broker-in-memory.ts'

const hour = 3_600_000

describe('an automatic flow beside others', () => {
  test('gives nothing to whom another flow denies it, and takes what it gave', async () => {
    const made = await withMia()
    joins(made, ben)
    const { duration: _, ...denial } = flow({
      name: 'not-mia',
      effect: 'deny',
      requesters: { operator: 'or', conditions: [{ type: 'user', values: [mia] }] },
    })
    await put(made, denial)

    await evaluateAndSettle(made)

    expect([reads(made, mia), reads(made, ben)]).toEqual([false, true])
  })

  test('leaves standing access alone', async () => {
    const made = await automaticBroker()
    joins(made, mia)
    made.directory.addByHand(reading(mia))
    await evaluateAndSettle(made)
    leaves(made, mia)

    await evaluateAndSettle(made)

    expect(reads(made, mia)).toBe(true)
    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({
      event: 'grant.ended',
      detail: { endReason: 'no-longer-eligible', mechanism: 'already-held' },
    })
  })

  test('counts together with a request of the person: access ends with the last of them', async () => {
    const made = await automaticBroker([automatic(), flow()])
    joins(made, mia)
    await evaluateAndSettle(made)
    await made.submitRequest(
      {
        body: { resource: { type: 'group', id: readers }, duration: 'PT8H' },
        intake: 'http',
        requester: mia,
        requesterIsApplication: false,
        actor: { id: mia, type: 'user' },
      },
      made.clockwork,
    )
    await settled(made)
    leaves(made, mia)
    await evaluateAndSettle(made)
    const between = reads(made, mia)
    made.advance(8 * hour)

    await settled(made)

    expect(between).toBe(true)
    expect(reads(made, mia)).toBe(false)
    expect(made.directory.writes).toHaveLength(2)
  })

  test('cannot be asked', async () => {
    const made = await automaticBroker()
    joins(made, petra)

    const outcome = await made.submitRequest(
      {
        body: { resource: { type: 'group', id: readers }, duration: 'PT1H' },
        intake: 'http',
        requester: petra,
        requesterIsApplication: false,
      },
      made.clockwork,
    )

    expect(outcome).toMatchObject({ kind: 'refused', code: 'intake-not-allowed' })
  })

  test('gives nobody a group that its own condition asks about', async () => {
    const targets = automatic().targets.map((target) => ({
      ...target,
      include: [{ by: 'id' as const, values: [team] }],
    }))
    const made = await automaticBroker([automatic({ targets })])
    joins(made, mia)

    await evaluateAndSettle(made)

    expect(made.directory.writes).toEqual([])
  })
})
