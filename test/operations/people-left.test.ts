import { describe, expect, test } from 'vitest'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import type { Needs } from '../../shared/operations/needs.ts'
import { confirmLeft } from '../../shared/operations/people-left.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import { brokerInMemory, flow } from './broker-in-memory.ts'
import { ask } from './drift-in-memory.ts'

const person = (number: number) => `50000000-0000-4000-8000-${String(number).padStart(12, '0')}`

/** So many people with access for an hour, of whom the first ones are told to be disabled. */
const startBroker = async (
  { people, disabled }: { people: number; disabled: number },
  most?: Needs['rules']['mostPeopleLeft'],
) => {
  const everybody = Array.from({ length: people }, (_, number) => person(number))
  const requesters = { operator: 'or', conditions: [{ type: 'user', values: everybody }] } as const
  const broker = await brokerInMemory([flow({ requesters })])
  const ids: string[] = []
  for (const id of everybody) {
    broker.directory.addUser({ id })
    ids.push(await ask(broker, id))
  }
  broker.advance(60_000)
  for (const id of everybody.slice(0, disabled)) broker.directory.addUser({ id, enabled: false })

  const told: unknown[] = []
  const needs: Needs = {
    ...broker.needs,
    log: (level, _, facts) => {
      if (level === 'error') told.push(facts)
    },
    rules: { ...broker.needs.rules, ...(most === undefined ? {} : { mostPeopleLeft: most }) },
  }
  const ended = async () => {
    const requests = await Promise.all(ids.map((id) => readRequest(needs.tables, id)))
    return requests.filter((request) => request?.reason.status === 'ended').length
  }
  return { broker, needs, told, ended, run: () => reconcile(needs, broker.settlePair) }
}

describe('a reconcile that is told that people have left', () => {
  test.each([
    { what: 'up to twenty people, whatever part of all', people: 20, disabled: 20, ends: 20 },
    { what: 'more, while it is a fifth of all or less', people: 105, disabled: 21, ends: 21 },
    { what: 'none of more than twenty and a fifth of all', people: 104, disabled: 21, ends: 0 },
    { what: 'none of everybody', people: 45, disabled: 45, ends: 0 },
  ])('ends the access of $what', async ({ people, disabled, ends }) => {
    const { ended, run } = await startBroker({ people, disabled })

    const { heldBack, isFinished } = await run()

    expect({ heldBack, isFinished }).toEqual({
      heldBack: ends === 0 ? disabled : 0,
      isFinished: true,
    })
    expect(await ended()).toBe(ends)
  })

  test('tells the operator each time how many they are, by a code that stays', async () => {
    const { told, run } = await startBroker({ people: 30, disabled: 25 })

    await run()
    await run()

    const line = { code: 'PEOPLE_LEFT_HELD', people: 25, accesses: 25, of: 30 }
    expect(told).toEqual([line, line])
  })

  test('keeps to the settings', async () => {
    const { ended, run } = await startBroker({ people: 4, disabled: 3 }, { people: 2, percent: 50 })

    expect(await run()).toMatchObject({ heldBack: 3 })
    expect(await ended()).toBe(0)
  })

  test('ends nothing of those who are back when it looks the second time', async () => {
    const { broker, ended, run } = await startBroker({ people: 30, disabled: 25 })
    await run()
    for (let number = 0; number < 24; number++) {
      broker.directory.addUser({ id: person(number), enabled: true })
    }

    expect(await run()).toMatchObject({ heldBack: 0 })
    expect(await ended()).toBe(1)
  })

  test('ends what is due although it holds back', async () => {
    const { broker, ended, run } = await startBroker({ people: 30, disabled: 25 })
    broker.advance(3_600_000)

    await run()

    expect(await ended()).toBe(30)
  })
})

describe('a confirmation that people have left', () => {
  test.each([
    { confirmed: 25, after: 0, ends: 25 },
    { confirmed: 26, after: 0, ends: 25 },
    { confirmed: 24, after: 0, ends: 0 },
    { confirmed: 25, after: 86_400_000, ends: 0 },
  ])('of $confirmed ends $ends of 25, $after ms later', async ({ confirmed, after, ends }) => {
    const { needs, broker, ended, run } = await startBroker({ people: 30, disabled: 25 })
    const now = () => new Date(broker.now().getTime() - after)
    await confirmLeft({ tables: needs.tables, now }, confirmed)

    await run()

    expect(await ended()).toBe(ends)
  })
})
