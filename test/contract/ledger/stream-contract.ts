import { beforeEach, describe, expect, test } from 'vitest'
import type { EventDraft } from '../../../shared/access/events.ts'
import { genesisHash, hashOf } from '../../../shared/ledger/ledger-event.ts'
import { readEvents } from '../../../shared/ledger/pair-ledger.ts'
import {
  changeStream,
  commit,
  LedgerConflictError,
  openStream,
  type StreamNeeds,
} from '../../../shared/ledger/stream.ts'
import { type Tables, TableUnavailableError } from '../../../shared/ledger/tables.ts'

type Lost = 'committed-reply-lost' | 'not-committed-unclear' | 'not-sent'

/** A ledger transaction's promises, lost answers included; run on Azurite and on the twin. */
export function describeStreamContract(name: string, make: () => Promise<Tables>): void {
  describe(`a stream on ${name}`, () => {
    let needs: StreamNeeds
    let lose: Lost[]
    let count = 0
    const place = () => {
      const partition = `s-${Date.now().toString(36)}-${++count}`
      return { name: partition, partition }
    }

    beforeEach(async () => {
      const real = await make()
      await real.prepare()
      lose = []
      let seed = 0
      const tables: Tables = {
        ...real,
        async write(table, partition, writes) {
          const fault = lose.shift()
          if (fault === 'not-sent') throw new TableUnavailableError('write', 'no')
          if (fault === 'not-committed-unclear') throw new TableUnavailableError('write', 'unknown')
          const etags = await real.write(table, partition, writes)
          if (fault === 'committed-reply-lost') throw new TableUnavailableError('write', 'unknown')
          return etags
        },
      }
      needs = {
        tables,
        now: () => new Date('2026-01-05T12:00:00Z'),
        random: (size) => new Uint8Array(size).fill(++seed + count * 7),
        pause: async () => {},
      }
    })

    const draft = (event: EventDraft['event']): EventDraft => ({
      event,
      at: '2026-01-05T12:00:00.000Z',
      actor: { id: 'ada', type: 'user' },
      reason: 'because',
      detail: { n: 1 },
    })

    test('commits state and chained events together', async () => {
      const stream = await openStream<{ n: number }>(needs.tables, place())

      const first = await commit(needs, stream, {
        state: { n: 1 },
        events: [draft('request.created')],
      })
      await commit(needs, first.stream, {
        state: { n: 2 },
        events: [draft('grant.attempted'), draft('grant.active')],
      })

      const read = await openStream<{ n: number }>(needs.tables, stream)
      const events = await readEvents(needs.tables, stream.partition)
      expect(read).toMatchObject({ state: { n: 2 }, sequence: 3 })
      expect(events.map(({ event }) => event)).toEqual([
        'request.created',
        'grant.attempted',
        'grant.active',
      ])
      expect(events.map(({ previousHash }) => previousHash)).toEqual([
        genesisHash,
        events[0]?.hash,
        events[1]?.hash,
      ])
      for (const { hash, txId: _, ...event } of events) expect(hashOf(event)).toBe(hash)
      expect(read.hash).toBe(events[2]?.hash)
    })

    test('lets only one of two writers of the same version through', async () => {
      const stream = await openStream<{ n: number }>(needs.tables, place())
      const { stream: current } = await commit(needs, stream, { state: { n: 0 }, events: [] })

      const both = await Promise.allSettled([
        commit(needs, current, { state: { n: 1 }, events: [draft('grant.active')] }),
        commit(needs, current, { state: { n: 2 }, events: [draft('grant.ended')] }),
      ])

      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const rejected = both.find((each) => each.status === 'rejected')
      expect(rejected?.reason).toBeInstanceOf(LedgerConflictError)
      expect(await readEvents(needs.tables, stream.partition)).toHaveLength(1)
    })

    test.each<{ faults: Lost[] }>([
      { faults: ['committed-reply-lost'] },
      { faults: ['not-committed-unclear'] },
      { faults: ['not-sent'] },
      { faults: ['committed-reply-lost', 'not-sent', 'not-committed-unclear'] },
      { faults: ['not-committed-unclear', 'committed-reply-lost'] },
    ])('takes its own transaction for a success after $faults', async ({ faults }) => {
      const stream = await openStream<{ n: number }>(needs.tables, place())
      lose = [...faults]

      const committed = await commit(needs, stream, {
        state: { n: 1 },
        events: [draft('grant.active')],
      })

      expect(committed.stream).toMatchObject({ state: { n: 1 }, sequence: 1 })
      expect(await readEvents(needs.tables, stream.partition)).toHaveLength(1)
      await commit(needs, committed.stream, { state: { n: 2 }, events: [draft('grant.ended')] })
      expect((await openStream(needs.tables, stream)).sequence).toBe(2)
    })

    test('recognises a transaction without events by the id in the head', async () => {
      const stream = await openStream<{ n: number }>(needs.tables, place())
      lose = ['committed-reply-lost']

      const committed = await commit(needs, stream, { state: { n: 1 }, events: [] })

      expect(committed.stream).toMatchObject({ state: { n: 1 }, sequence: 0 })
    })

    test('gives up with an error that says unclear when storage stays away', async () => {
      const stream = await openStream<{ n: number }>(needs.tables, place())
      lose = Array.from({ length: 9 }, () => 'not-sent')

      const commitment = commit(needs, stream, { state: { n: 1 }, events: [] })

      await expect(commitment).rejects.toThrow(TableUnavailableError)
    })

    test('changeStream() decides again on what the other writer left', async () => {
      const where = place()
      const add = () =>
        changeStream<{ n: number }, number>(needs, where, ({ state }) => {
          const n = (state?.n ?? 0) + 1
          return { result: n, change: { state: { n }, events: [draft('grant.active')] } }
        })

      await Promise.all([add(), add(), add(), add()])

      expect((await openStream<{ n: number }>(needs.tables, where)).state).toEqual({ n: 4 })
      expect(await readEvents(needs.tables, where.partition)).toHaveLength(4)
    })

    test('keeps a state of the greatest size that the columns take', async () => {
      const stream = await openStream<{ text: string }>(needs.tables, place())
      const text = '𝄞ä'.repeat(16_000)

      await commit(needs, stream, { state: { text }, events: [] })

      expect((await openStream<{ text: string }>(needs.tables, stream)).state?.text === text).toBe(
        true,
      )
    })
  })
}
