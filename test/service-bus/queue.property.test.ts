import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change, Stored } from '../../local/service-bus/message.ts'
import { createQueue, type Queue, type Settlement } from '../../local/service-bus/queue.ts'
import { aMessage } from './builders.ts'

const lockSeconds = 60
const maximumDeliveries = 4

type Step =
  | { readonly kind: 'send' | 'receive' | 'restart' }
  | { readonly kind: 'send-mortal' | 'schedule' | 'wait'; readonly seconds: number }
  | { readonly kind: 'settle'; readonly pick: number; readonly by: Settlement['kind'] }
  | { readonly kind: 'fetch-deferred' | 'cancel' | 'renew'; readonly pick: number }

const pick = fc.nat({ max: 100 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constantFrom('send', 'receive') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('send-mortal', 'schedule', 'wait'),
      seconds: fc.integer({ min: 1, max: 90 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('settle'),
      pick,
      by: fc.constantFrom('complete', 'abandon', 'defer', 'dead-letter'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('fetch-deferred', 'cancel', 'renew'), pick }),
  },
)

interface Held {
  readonly id: string
  readonly token: string
  until: number
}

type Journal = [entity: 'queue' | 'dead', change: Change][]

function build(journal: Journal): { queue: Queue; dead: Queue } {
  const dead = createQueue({ rules: {}, record: (change) => journal.push(['dead', change]) })
  const queue = createQueue({
    rules: { lockSeconds, maximumDeliveries, deadLetterOnExpiry: true },
    record: (change) => journal.push(['queue', change]),
    deadLetters: dead,
  })
  return { queue, dead }
}

function rebuild(journal: Journal): { queue: Queue; dead: Queue } {
  const built = build(journal)
  for (const [entity, change] of [...journal]) built[entity].state.apply(change)
  return built
}

const idsIn = (queue: Queue) => [...queue.state.messages.values()].map(({ message }) => message.id)
const withState = (queue: Queue, state: Stored['state']) =>
  [...queue.state.messages.values()].filter((stored) => stored.state === state)
const pickOf = <Item>(items: readonly Item[], at: number) => items[at % items.length]

/** Plays the steps, checking after each what somebody outside knows for sure. */
function play(steps: readonly Step[]): void {
  const journal: Journal = []
  let { queue, dead } = build(journal)
  let now = 0
  let made = 0
  let held: Held[] = []
  const alive = new Set<string>()
  const inVain = new Map<string, number>()

  const next = (seconds?: number) => {
    made += 1
    alive.add(`m-${made}`)
    const timeToLive = seconds === undefined ? {} : { timeToLive: seconds * 1_000 }
    return aMessage({ id: `m-${made}`, ...timeToLive })
  }
  const fail = ({ id }: Held) => inVain.set(id, (inVain.get(id) ?? 0) + 1)
  const dropLost = (isLost: (one: Held) => boolean) => {
    for (const one of held.filter(isLost)) fail(one)
    held = held.filter((one) => !isLost(one))
  }
  const hold = ({ message, deliveryCount, lock }: Stored) => {
    expect(held.map(({ id }) => id)).not.toContain(message.id)
    expect(deliveryCount).toBe(inVain.get(message.id) ?? 0)
    expect(lock?.until).toBe(now + lockSeconds * 1_000)
    held.push({ id: message.id, token: lock?.token ?? '', until: lock?.until ?? 0 })
  }

  function settle(one: Held, by: Settlement['kind']): void {
    expect(queue.settle(one.token, { kind: by }, now)).toBe('settled')
    held = held.filter((other) => other !== one)
    if (by === 'complete') alive.delete(one.id)
    if (by === 'abandon') fail(one)
    expect(queue.settle(one.token, { kind: by }, now)).toBe('lock-lost')
  }

  function take(one: Step): void {
    switch (one.kind) {
      case 'send':
        queue.enqueue(next(), now)
        break
      case 'send-mortal':
        queue.enqueue(next(one.seconds), now)
        break
      case 'schedule':
        queue.schedule(next(), now + one.seconds * 1_000, now)
        break
      case 'wait':
        now += one.seconds * 1_000
        queue.advance(now)
        dropLost(({ until }) => until <= now)
        break
      case 'receive': {
        const lowest = Math.min(...withState(queue, 'ready').map(({ sequence }) => sequence))
        const received = queue.receive({ now, mode: 'peek-lock', token: `t-${journal.length}` })
        expect(received?.sequence ?? Number.POSITIVE_INFINITY).toBe(lowest)
        if (received !== undefined) hold(received)
        break
      }
      case 'settle': {
        const chosen = pickOf(held, one.pick)
        if (chosen !== undefined) settle(chosen, one.by)
        break
      }
      case 'renew': {
        const chosen = pickOf(held, one.pick)
        if (chosen !== undefined) chosen.until = queue.renew(chosen.token, now) ?? Number.NaN
        break
      }
      case 'fetch-deferred': {
        const chosen = pickOf(withState(queue, 'deferred'), one.pick)
        if (chosen === undefined) break
        const token = `t-${journal.length}`
        queue.receiveDeferred([chosen.sequence], 'peek-lock', () => token, now)?.forEach(hold)
        break
      }
      case 'cancel': {
        const chosen = pickOf(withState(queue, 'scheduled'), one.pick)
        if (chosen === undefined) break
        expect(queue.cancel([chosen.sequence], now)).toBe(true)
        alive.delete(chosen.message.id)
        break
      }
      case 'restart':
        ;({ queue, dead } = rebuild(journal))
        queue.forgetLocks(now)
        dropLost(() => true)
        break
      default:
        one satisfies never
    }
  }

  for (const one of steps) {
    take(one)
    const ids = [...idsIn(queue), ...idsIn(dead)]
    expect(ids.sort()).toEqual([...alive].sort())
    expect(
      withState(queue, 'locked')
        .map(({ message }) => message.id)
        .sort(),
    ).toEqual(held.map(({ id }) => id).sort())
    for (const { deliveryCount } of queue.state.messages.values()) {
      expect(deliveryCount).toBeLessThan(maximumDeliveries)
    }
  }
}

describe('a queue', () => {
  test('loses and doubles no message, keeps the order and counts deliveries, whatever happens', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 80, size: 'max' }), play), { numRuns: 500 })
  })
})
