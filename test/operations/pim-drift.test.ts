import { describe, expect, test } from 'vitest'
import { setEmergencyStop } from '../../shared/operations/emergency-stop.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import {
  admin,
  automaticBroker,
  evaluateAndSettle,
  joins,
  leaves,
  reading,
} from './automatic-in-memory.ts'
import { type InMemory, mia } from './broker-in-memory.ts'
import {
  ask,
  brokerByPim,
  effectsOf,
  eventsOf,
  keyOf,
  requestOf,
  submit,
  sweepUntil,
} from './pim-in-memory.ts'

const instant = (time: string) => `2026-01-05T${time}.000Z`

const reconciled = async (broker: InMemory) => {
  await reconcile(broker.needs, broker.settlePair)
  await broker.sweep()
}

/** What was found out about others. */
const found = async (broker: InMemory) =>
  (await eventsOf(broker))
    .filter(({ event }) => /^(drift|standing)/.test(event))
    .map(({ event, detail }) => `${event} ${detail['kind'] ?? ''}`.trim())

describe('a reconcile of access by PIM', () => {
  test('tells that others put their own assignment in the place of ours, and leaves it', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)
    await sweepUntil(broker, '12:10:00')
    broker.directory.removeByHand(keyOf())
    broker.directory.addByHand(keyOf())
    await reconciled(broker)
    await sweepUntil(broker, '13:01:00')

    expect(await found(broker)).toEqual(['standing.found replaced-by-others'])
    expect(await requestOf(broker, id)).toMatchObject({ status: 'ended' })
    expect(broker.directory.isHeld(keyOf())).toBe(true)
    expect(effectsOf(broker)).toEqual(['add 12:00:00'])
  })

  test('gives the rest of the window when what others put in its place ends first', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    await sweepUntil(broker, '12:10:00')
    broker.directory.removeByHand(keyOf())
    broker.directory.addByHand(keyOf(), { by: 'activated', endsAt: instant('12:30:00') })
    await reconciled(broker)
    await sweepUntil(broker, '12:30:10')

    expect(broker.directory.scheduleOf(keyOf())).toMatchObject({ endsAt: instant('13:10:00') })
    expect(await found(broker)).toEqual([
      'standing.found replaced-by-others',
      'drift.found standing-ended',
      'drift.repaired',
    ])
    await sweepUntil(broker, '13:01:00')
    expect(broker.directory.isHeld(keyOf())).toBe(false)
  })

  test('says nothing of a schedule that is ours, and costs nothing without one', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    await sweepUntil(broker, '12:10:00')
    await reconciled(broker)

    expect(await found(broker)).toEqual([])
    expect(effectsOf(broker)).toEqual(['add 12:00:00'])
  })

  test.each([
    ['report', []],
    ['enforce', ['drift.repaired']],
  ] as const)('of a schedule that others took follows the mode %s', async (drift, repaired) => {
    const broker = await brokerByPim({ drift })
    await ask(broker)
    await sweepUntil(broker, '12:10:00')
    broker.directory.removeByHand(keyOf())
    await reconciled(broker)

    expect(await found(broker)).toEqual(['drift.found removed-by-others', ...repaired])
    expect(broker.directory.scheduleOf(keyOf())?.endsAt).toBe(
      drift === 'enforce' ? instant('13:10:00') : undefined,
    )
  })

  test('takes what a restored group brings back, by the schedule that was ours', async () => {
    const broker = await brokerByPim()
    const id = await ask(broker)
    await sweepUntil(broker, '12:10:00')
    const group = keyOf().resource.id
    broker.directory.deleteObject(group)
    await reconciled(broker)
    expect(await requestOf(broker, id)).toMatchObject({ endReason: 'resource-gone' })
    broker.directory.restoreObject(group)
    broker.directory.addByHand(keyOf(), {
      ...broker.directory.scheduleOf(keyOf()),
      endsAt: '2026-01-09T12:00:00.000Z',
    })
    broker.advance(24 * 3_600_000)
    await broker.sweep()

    expect(broker.directory.isHeld(keyOf())).toBe(false)
  })
})

describe('the emergency stop', () => {
  test('lets no end of a schedule be moved for somebody new, and lets access end', async () => {
    const broker = await brokerByPim()
    await ask(broker)
    const second = await submit(broker)
    await setEmergencyStop(broker.needs, admin, { active: true, reason: 'Incident' })
    await sweepUntil(broker, '13:01:00')

    expect(await requestOf(broker, second)).toMatchObject({ status: 'failed' })
    expect(effectsOf(broker)).toEqual(['add 12:00:00', 'remove 13:00:10'])
  })
})

describe('an automatic flow by PIM', () => {
  test('moves the end of its schedule at each renewal, and takes it when nobody fits any more', async () => {
    const made = await automaticBroker(undefined, { mechanism: { group: 'pim' } })
    joins(made, mia)
    await evaluateAndSettle(made)
    const first = made.directory.scheduleOf(reading(mia))?.endsAt ?? ''
    made.advance(13 * 3_600_000)
    await evaluateAndSettle(made)
    const second = made.directory.scheduleOf(reading(mia))?.endsAt ?? ''
    leaves(made, mia)
    await evaluateAndSettle(made)

    expect(Date.parse(second) - Date.parse(first)).toBeGreaterThan(12 * 3_600_000)
    expect(made.directory.isHeld(reading(mia))).toBe(false)
    expect(effectsOf(made).map((each) => each.split(' ')[0])).toEqual(['add', 'update', 'remove'])
  })
})
