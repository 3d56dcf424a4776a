import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endRequest } from '../../shared/operations/end-request.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import { type InMemory, mia } from './broker-in-memory.ts'
import { ask, brokerByPim, eventsOf, keyOf, requestOf } from './pim-in-memory.ts'

type Step =
  | { readonly kind: 'ask'; readonly minutes: number; readonly inMinutes: number }
  | { readonly kind: 'give-back'; readonly pick: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'reconcile' }
  | {
      readonly kind: 'fault'
      readonly effect: 'ambiguous-before' | 'ambiguous-after' | 'throttled'
      readonly on: 'add' | 'update' | 'remove'
      readonly count: number
    }
  | { readonly kind: 'hand-add'; readonly by: 'good' | 'assigned' | 'activated' }
  | { readonly kind: 'hand-remove' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('ask'),
      minutes: fc.constantFrom(6, 10, 30),
      inMinutes: fc.constantFrom(0, 0, 6, 10),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('give-back'), pick: fc.nat({ max: 4 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait'),
      seconds: fc.constantFrom(1, 10, 60, 240, 360, 600),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconcile') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      effect: fc.constantFrom('ambiguous-before', 'ambiguous-after', 'throttled'),
      on: fc.constantFrom('add', 'update', 'remove'),
      count: fc.constantFrom(1, 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hand-add'),
      by: fc.constantFrom('good', 'assigned', 'activated'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hand-remove') }) },
)

const minute = 60_000

/** Whether what somebody else made is there now, as far as nobody but he took it. */
class Others {
  isThere = false
  #until: number | undefined

  add(until: number | undefined) {
    this.isThere = true
    this.#until = until
  }
  remove() {
    this.isThere = false
  }
  at(now: number): boolean {
    if (this.#until !== undefined && now >= this.#until) this.isThere = false
    return this.isThere
  }
}

async function play(broker: InMemory, steps: readonly Step[]) {
  const others = new Others()
  const asked: string[] = []
  const { directory } = broker
  const look = () => {
    // What others made is never taken by us: neither standing access nor what ends by itself.
    if (others.at(broker.now().getTime())) expect(directory.isHeld(keyOf())).toBe(true)
  }
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 10) {
      broker.advance(Math.min(left, 10) * 1_000)
      await broker.sweep()
      look()
    }
  }
  for (const each of steps) {
    const now = broker.now().getTime()
    switch (each.kind) {
      case 'ask': {
        const startsAt = new Date(now + each.inMinutes * minute).toISOString()
        const later = each.inMinutes === 0 ? {} : { startsAt }
        asked.push(await ask(broker, { duration: `PT${each.minutes}M`, ...later }))
        break
      }
      case 'give-back': {
        const requestId = asked[each.pick]
        if (requestId === undefined) break
        const wish = {
          requestId,
          actor: { id: mia, type: 'user' },
          endReason: 'given-back',
        } as const
        await endRequest(broker.needs, wish, broker.clockwork)
        break
      }
      case 'wait':
        await pass(each.seconds)
        break
      case 'reconcile':
        await reconcile(broker.needs, broker.settlePair)
        break
      case 'fault':
        directory.setFault({ effect: each.effect, on: [each.on], count: each.count })
        break
      case 'hand-add': {
        // Entra lets nobody add what is there.
        if (directory.isHeld(keyOf())) break
        const until = each.by === 'good' ? undefined : now + 20 * minute
        const by = each.by === 'activated' ? 'activated' : 'assigned'
        const schedule =
          until === undefined ? [] : [{ by, endsAt: new Date(until).toISOString() } as const]
        directory.addByHand(keyOf(), ...schedule)
        others.add(until)
        break
      }
      case 'hand-remove':
        directory.removeByHand(keyOf())
        others.remove()
        break
    }
    look()
  }
  directory.clearFaults()
  await pass(2 * 3_600)
  return { asked, isOthers: others.at(broker.now().getTime()) }
}

const ends = new Set(['grant.ended', 'grant.failed', 'request.cancelled'])

const holds = (over: Parameters<typeof brokerByPim>[0]) =>
  fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
    const broker = await brokerByPim(over)
    const { asked, isOthers } = await play(broker, steps)

    expect(broker.directory.isHeld(keyOf())).toBe(isOthers)
    const events = await eventsOf(broker)
    for (const id of asked) {
      const own = events.filter(({ requestId }) => requestId === id).map(({ event }) => event)
      expect(own.filter((event) => ends.has(event))).toHaveLength(1)
      expect(['ended', 'failed', 'cancelled']).toContain((await requestOf(broker, id))?.status)
    }
    for (const { at, event, detail } of events) {
      if (event !== 'grant.ended' || detail['endReason'] !== 'expired') continue
      expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(String(detail['endsAt'])))
    }
  })

test('whatever people, others and the network do, every grant by PIM ends once and nobody else loses anything', async () => {
  await fc.assert(holds({}), { numRuns: 150 })
}, 120_000)

test('the same where the end is left to Entra', async () => {
  await fc.assert(holds({ endBy: 'entra' }), { numRuns: 150 })
}, 120_000)
