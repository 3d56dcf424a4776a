import type { EventDraft } from '../../../shared/access/events.ts'
import { createMemoryDirectory } from '../../../shared/directory/memory-directory.ts'
import type { CheckpointArchive } from '../../../shared/ledger/checkpoint-archive.ts'
import type { LedgerEvent } from '../../../shared/ledger/ledger-event.ts'
import type { StreamPlace } from '../../../shared/ledger/stream.ts'
import type { Tables } from '../../../shared/ledger/tables.ts'
import { changeStreamAndProject } from '../../../shared/operations/change-stream-and-project.ts'
import type { Needs } from '../../../shared/operations/needs.ts'
import { pace, tenantId } from '../../operations/broker-in-memory.ts'

/** What a test needs to write an audit of its own: the use cases' needs, and a hand on the clock. */
export interface Trail {
  readonly needs: Needs
  readonly published: LedgerEvent[]
  /** Errors and warnings, as the operator sees them. */
  readonly logged: string[]
  readonly archive: MemoryArchive
  /** While it is true nothing can be published. */
  isTopicDown: boolean
  advance(milliseconds: number): void
  /** Writes one event to a stream, the way every use case does. */
  append(place: StreamPlace, event?: Partial<EventDraft>): Promise<void>
}

export interface MemoryArchive extends CheckpointArchive {
  readonly kept: Map<number, string>
  isDown: boolean
}

/** The archive in memory. Trusted because it passes the contract of the real one. */
export function createMemoryArchive(): MemoryArchive {
  const kept = new Map<number, string>()
  const archive: MemoryArchive = {
    kept,
    isDown: false,
    async keep(number, text) {
      if (archive.isDown) throw new Error('The archive is down')
      const known = kept.get(number)
      if (known === undefined) kept.set(number, text)
      return known === undefined || known === text ? 'kept' : 'differs'
    },
    async read(number) {
      return kept.get(number)
    },
  }
  return archive
}

export const user = (name: string): StreamPlace => ({
  name: `user:${name}`,
  partition: `u-${name}`,
})

/** A trail that begins at noon of 5 January 2026 and moves on by a second with every event. */
export function createTrail(tables: Tables): Trail {
  let time = Date.parse('2026-01-05T12:00:00Z')
  let seed = 0
  const published: LedgerEvent[] = []
  const logged: string[] = []
  const now = () => new Date(time)
  const needs: Needs = {
    tables,
    directory: createMemoryDirectory({ tenantId, now }),
    publisher: {
      publish: async (events) => {
        if (trail.isTopicDown) throw new Error('The topic is down')
        published.push(...events)
      },
    },
    log: (level, message) => {
      if (level === 'error' || level === 'warning') logged.push(`${level}: ${message}`)
    },
    now,
    random: (count) => Uint8Array.from({ length: count }, () => (seed = (seed * 73 + 41) % 251)),
    pause: async () => {},
    tenantId,
    ...pace,
  }
  const trail: Trail = {
    needs,
    published,
    logged,
    archive: createMemoryArchive(),
    isTopicDown: false,
    advance: (milliseconds) => {
      time += milliseconds
    },
    async append(place, event = {}) {
      time += 1_000
      const draft: EventDraft = {
        event: 'request.refused',
        at: now().toISOString(),
        actor: { id: 'mia', type: 'user' },
        resourceName: 'Production Readers',
        reason: 'errors in checkout',
        detail: { code: 'no-flow', trace: [] },
        ...event,
      }
      await changeStreamAndProject<{ refused: number }, void>(needs, place, ({ state }) => ({
        change: { state: { refused: (state?.refused ?? 0) + 1 }, events: [draft] },
        result: undefined,
      }))
    },
  }
  return trail
}
