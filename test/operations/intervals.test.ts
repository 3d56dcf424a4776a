import { describe, expect, test } from 'vitest'
import type { AccessKey } from '../../shared/access/access.ts'
import { pairIdOf } from '../../shared/ledger/ids.ts'
import { readRequest } from '../../shared/ledger/pair-ledger.ts'
import { endRequest } from '../../shared/operations/end-request.ts'
import { reconcile } from '../../shared/operations/reconcile.ts'
import { brokerInMemory, flow, type InMemory, mia, readers, tenantId } from './broker-in-memory.ts'

/*
 * Two windows of one person and one resource, in each of Allen's thirteen relations, by one flow or
 * by two, with hands in the directory, ended by time or by the person: minute by minute the
 * directory has to be what a small model says.
 */

type Window = readonly [from: number, to: number]

/** The first window, in minutes after noon; its relation to each other one is named. */
const first: Window = [10, 30]
const relations: readonly (readonly [relation: string, second: Window])[] = [
  ['before', [40, 50]],
  ['meets', [30, 50]],
  ['overlaps', [20, 50]],
  ['starts', [10, 50]],
  ['is during', [5, 50]],
  ['finishes', [5, 30]],
  ['equals', [10, 30]],
  ['is after', [2, 8]],
  ['is met by', [5, 10]],
  ['is overlapped by', [5, 20]],
  ['is started by', [10, 20]],
  ['contains', [15, 25]],
  ['is finished by', [20, 30]],
]

interface Hand {
  readonly does: 'nothing' | 'adds' | 'removes'
  readonly minute: number
  /** Whether a reconcile looks before anything else happens. */
  readonly isSeen: boolean
}

const moments = [9, 22, 35]
const hands: readonly (readonly [what: string, hand: Hand])[] = [
  ['nobody interferes', { does: 'nothing', minute: 0, isSeen: false }],
  ['the access is standing', { does: 'adds', minute: 1, isSeen: false }],
  ...moments.flatMap((minute) =>
    (['adds', 'removes'] as const).flatMap((does) =>
      [true, false].map(
        (isSeen) =>
          [
            `somebody ${does} it by hand at ${minute}, ${isSeen ? 'seen' : 'unseen'}`,
            { does, minute, isSeen },
          ] as const,
      ),
    ),
  ),
]

const manualEnd = 27
const lastMinute = 55

/** Who should have what, and what the broker can know of it. */
class Model {
  link = false
  writes = 0
  #believed: 'none' | 'ours' | 'standing' = 'none'
  readonly #active = new Set<string>()

  start(name: string): void {
    this.#active.add(name)
    if (this.#believed !== 'none') return
    this.writes++
    this.#believed = this.link ? 'standing' : 'ours'
    this.link = true
  }

  end(name: string): void {
    if (!this.#active.delete(name) || this.#active.size > 0) return
    if (this.#believed === 'ours') {
      this.writes++
      this.link = false
    }
    this.#believed = 'none'
  }

  interfere({ does, isSeen }: Hand): void {
    if (does !== 'nothing') this.link = does === 'adds'
    if (!isSeen || this.#active.size === 0) return
    if (!this.link) this.#believed = 'none'
    else if (this.#believed === 'none') this.#believed = 'standing'
  }
}

const key: AccessKey = {
  tenantId,
  grantee: mia,
  resource: { type: 'group', id: readers },
  permission: 'member',
}
const noon = Date.parse('2026-01-05T12:00:00Z')

const ask = async (broker: InMemory, [from, to]: Window, accessFlow: string) => {
  const outcome = await broker.submitRequest(
    {
      body: {
        resource: key.resource,
        duration: `PT${to - from}M`,
        startsAt: new Date(noon + from * 60_000).toISOString(),
        accessFlow,
      },
      intake: 'http',
      requester: mia,
      requesterIsApplication: false,
    },
    broker.clockwork,
  )
  if (outcome.kind !== 'accepted') throw new Error(`refused: ${outcome.detail}`)
  return outcome.request.reason.id
}

const interfere = async (broker: InMemory, { does, isSeen }: Hand) => {
  // The directory refuses to add what is there, and to remove what is not.
  if (does === 'adds' && !broker.directory.isHeld(key)) broker.directory.addByHand(key)
  if (does === 'removes' && broker.directory.isHeld(key)) broker.directory.removeByHand(key)
  if (isSeen) await reconcile(broker.needs, broker.settlePair)
}

interface Story {
  readonly second: Window
  readonly otherFlow: boolean
  readonly hand: Hand
  readonly isManual: boolean
}

/** Lives through the hour, and compares each minute. */
const live = async ({ second, otherFlow, hand, isManual }: Story) => {
  const broker = await brokerInMemory([flow({ name: 'one' }), flow({ name: 'two' })])
  const model = new Model()
  const a = await ask(broker, first, 'one')
  const b = await ask(broker, second, otherFlow ? 'two' : 'one')
  const seen: boolean[] = []
  const wanted: boolean[] = []
  for (let minute = 1; minute <= lastMinute; minute++) {
    // A little later than the minute: the sweep leaves what is just due to the timers.
    broker.advance(noon + minute * 60_000 + 5_000 - broker.now().getTime())
    await broker.sweep()
    if (first[0] === minute) model.start('a')
    if (second[0] === minute) model.start('b')
    if (first[1] === minute) model.end('a')
    if (second[1] === minute) model.end('b')
    if (isManual && minute === manualEnd) {
      const actor = { id: mia, type: 'user' } as const
      const order = { requestId: a, actor, endReason: 'given-back' as const }
      await endRequest(broker.needs, order, broker.clockwork)
      await broker.settlePair(pairIdOf(key), { patience: 0 })
      model.end('a')
    }
    if (hand.minute === minute) {
      broker.advance(10_000)
      await interfere(broker, hand)
      model.interfere(hand)
    }
    seen.push(broker.directory.isHeld(key))
    wanted.push(model.link)
  }
  const statuses = await Promise.all(
    [a, b].map(async (id) => (await readRequest(broker.needs.tables, id))?.reason.status),
  )
  return { seen, wanted, statuses, writes: broker.directory.writes.length, model }
}

describe.each(relations)('a window that %s another one', (_, second) => {
  describe.each([
    ['one flow', false],
    ['two flows', true],
  ])('by %s', (__, otherFlow) => {
    describe.each([
      ['time', false],
      ['the person', true],
    ])('ended by %s', (___, isManual) => {
      test.each(hands)('leaves the directory as it should be when %s', async (____, hand) => {
        const { seen, wanted, statuses, writes, model } = await live({
          second,
          otherFlow,
          hand,
          isManual,
        })
        expect(seen).toEqual(wanted)
        expect(writes).toBe(model.writes)
        expect(statuses).toEqual(['ended', 'ended'])
      })
    })
  })
})
