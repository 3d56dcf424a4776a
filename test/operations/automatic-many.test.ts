import { describe, expect, test } from 'vitest'
import { DirectoryUnavailableError } from '../../shared/access/errors.ts'
import { confirmAutomatic, readAutomaticView } from '../../shared/operations/confirm-automatic.ts'
import {
  admin,
  automatic,
  automaticBroker,
  carryOn,
  evaluate,
  evaluateAndSettle,
  eventsOf,
  memberOf,
  namesOf,
  put,
  reading,
  settled,
  team,
} from './automatic-in-memory.ts'
import { ben, Crash, type InMemory, mia } from './broker-in-memory.ts'

const personId = (number: number) => `21000000-0000-4000-8000-${String(number).padStart(12, '0')}`

function addMembers({ directory }: InMemory, from: number, to: number): void {
  for (let number = from; number <= to; number++) {
    const id = personId(number)
    directory.addUser({ id, displayName: `Person ${number}` })
    directory.addByHand(memberOf(team, id))
  }
}

const held = (made: InMemory, count: number) =>
  Array.from({ length: count }, (_, index) => personId(index + 1)).filter((id) =>
    made.directory.isHeld(reading(id)),
  ).length

const settleAll = async (made: InMemory) => {
  for (let round = 0; round < 8; round++) await settled(made)
}

const confirm = (made: InMemory, expectedCount: number, name = 'team-reads') =>
  confirmAutomatic(made.needs, made.readConfiguration, admin, { name, expectedCount })

describe('an automatic flow that covers many', () => {
  test('gives access to five hundred people without a word', async () => {
    const made = await automaticBroker()
    addMembers(made, 1, 500)

    await evaluate(made)
    await settleAll(made)

    expect(await readAutomaticView(made.needs, 'team-reads')).toMatchObject({
      people: 500,
      state: 'running',
    })
    expect(held(made, 500)).toBe(500)
  })

  test('gives nothing to more until somebody confirms the very number', async () => {
    const made = await automaticBroker()
    addMembers(made, 1, 501)
    await evaluate(made)
    await settleAll(made)
    const before = held(made, 501)

    const wrong = await confirm(made, 500)
    const right = await confirm(made, 501)
    await carryOn(made)
    await settleAll(made)

    expect(before).toBe(0)
    expect(wrong).toMatchObject({ kind: 'refused', code: 'other-count', facts: { count: 501 } })
    expect(right).toMatchObject({ automatic: { people: 501, state: 'needs-confirmation' } })
    expect(made.published).toContainEqual(
      expect.objectContaining({
        event: 'access-flow.changed',
        actor: { id: 'ada', type: 'user' },
        detail: { change: 'confirmed', version: 1, people: 501 },
      }),
    )
    expect(held(made, 501)).toBe(501)
    expect(await readAutomaticView(made.needs, 'team-reads')).toMatchObject({ state: 'running' })
  })

  test('asks nothing of the directory about people who wait for a word, until the next evaluation', async () => {
    const made = await automaticBroker()
    addMembers(made, 1, 501)
    await evaluate(made)
    made.advance(1_800_000)
    const before = made.calls()

    await carryOn(made)

    expect(made.calls() - before).toBe(1)
  })

  test('keeps and renews what it gave when it grows beyond the limit, and gives nothing new', async () => {
    const made = await automaticBroker()
    addMembers(made, 1, 2)
    await evaluateAndSettle(made)
    addMembers(made, 3, 501)
    made.advance(13 * 3_600_000)

    await evaluate(made)
    await settleAll(made)

    expect(held(made, 501)).toBe(2)
    expect(await namesOf(made, personId(1))).toContain('grant.renewed')
  })

  test('cannot be confirmed where it is unknown, not automatic, or not counted yet', async () => {
    const made = await automaticBroker([
      automatic(),
      automatic({ name: 'asked', trigger: 'self-serve' }),
    ])

    expect(await confirm(made, 0, 'nowhere')).toMatchObject({ code: 'not-found' })
    expect(await confirm(made, 0, 'asked')).toMatchObject({ code: 'not-automatic' })
    expect(await confirm(made, 0)).toMatchObject({ code: 'not-evaluated' })
  })

  test('costs pages of people, and nothing for each of them, once all have what they should', async () => {
    const made = await automaticBroker()
    addMembers(made, 1, 60)
    await evaluate(made)
    await settleAll(made)
    made.advance(600_000)
    await evaluate(made)
    const before = made.calls()

    await evaluate(made)

    // A look at twenty people at a time, and rows of twenty; nothing for each of them.
    expect(made.calls() - before).toBeLessThan(40)
  })
})

describe('an evaluation that breaks off', () => {
  test('is taken up by the next call, and gives everybody one access, wherever it died', async () => {
    let deaths = 0
    for (let call = 1; ; call++) {
      const made = await automaticBroker()
      made.directory.addByHand(memberOf(team, mia))
      made.directory.addByHand(memberOf(team, ben))
      made.crashAt(call, call % 2 === 0 ? 'after' : 'before')
      const died = await evaluate(made).then(
        () => false,
        (error: unknown) => error instanceof Crash,
      )
      made.advance(61_000)
      await evaluateAndSettle(made)
      await settled(made)

      for (const person of [mia, ben]) {
        expect(made.directory.isHeld(reading(person))).toBe(true)
        const names = await namesOf(made, person)
        expect(names.filter((name) => name === 'request.created')).toHaveLength(1)
      }
      if (!died) break
      deaths++
    }
    expect(deaths).toBeGreaterThan(20)
  })

  test('is tried again while the directory does not answer, and ends nobody meanwhile', async () => {
    const made = await automaticBroker()
    made.directory.addByHand(memberOf(team, mia))
    await evaluateAndSettle(made)
    const deaf = {
      ...made.needs,
      directory: {
        ...made.needs.directory,
        readPeople: () => Promise.reject(new DirectoryUnavailableError('list people')),
        lookUp: () => Promise.reject(new DirectoryUnavailableError('look up')),
      },
    }
    await put(made, automatic({ description: 'another version' }))
    for (let round = 0; round < 15; round++) {
      await evaluate({ ...made, needs: deaf })
      await carryOn(made, deaf)
      made.advance(60_000)
    }
    const during = made.directory.isHeld(reading(mia))
    made.directory.removeByHand(memberOf(team, mia))

    await evaluateAndSettle(made)

    expect(during).toBe(true)
    expect((await eventsOf(made, mia)).at(-1)).toMatchObject({ event: 'grant.ended' })
  })
})
