import type { MemoryDirectory } from '../../shared/directory/memory-directory.ts'
import type { Random } from './random.ts'
import type { About, CallFault, SpellKind, Story } from './story.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What goes wrong: said by the story, counted here. */
export interface Troubles {
  /** What strikes this call, if anything. */
  strike(about: About): CallFault | undefined
  isOn(kind: SpellKind): boolean
  /** The directory is about to change: a replica may not hear of it for a while. */
  beforeChange(directory: MemoryDirectory): void
  /** How wrong a worker's clock is now, in milliseconds. */
  clockOf(worker: string): number
  /** How wrong any clock has been at most. */
  clockError(): number
  /** Something else went wrong, and may do harm until then. */
  note(kind: string, until?: number): void
  /** When the last trouble so far is over; undefined when there was none. */
  until(): number | undefined
  readonly counts: Map<string, number>
  calls(): number
}

const spellsAbout: Readonly<Record<About, Partial<Record<SpellKind, CallFault>>>> = {
  tables: {
    'storage-outage': 'unavailable',
    'storage-unclear': 'reply-lost',
    'storage-conflicts': 'own-conflict',
  },
  read: { 'directory-throttled': 'unavailable', 'directory-down': 'unavailable' },
  write: {
    'directory-throttled': 'unavailable',
    'directory-down': 'unavailable',
    'directory-unclear': 'reply-lost',
    'directory-slow': 'slow',
  },
  publisher: { 'publisher-down': 'unavailable' },
  clockwork: { 'orchestrations-down': 'unavailable' },
}

/** Replicas lag less than the replication time that the broker is told. */
const lagSeconds = 1.9

/** So far goes the clock of a worker that was set wrongly. */
const clockStep = 180_000

export function createTroubles(
  { faults, spells, clocks = [0, 0] }: Story,
  time: VirtualTime,
  random: Random,
): Troubles {
  const begin = time.now()
  const struck = new Map(faults.map(({ call, about, kind }) => [`${about ?? ''}${call}`, kind]))
  const callsAbout = new Map<About, number>()
  const counts = new Map<string, number>()
  let calls = 0
  let until: number | undefined

  const spellNow = (kind: SpellKind) =>
    spells.find(
      (spell) =>
        spell.kind === kind && begin + spell.from <= time.now() && time.now() < begin + spell.to,
    )
  const note = (kind: string, end = time.now()) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    until = Math.max(until ?? 0, end, time.now())
  }
  const isOn = (kind: SpellKind) => spellNow(kind) !== undefined
  let clockError = Math.max(...clocks.map(Math.abs))
  for (const { kind, from, to } of spells) {
    if (kind !== 'clock-ahead' && kind !== 'clock-behind') continue
    time.at(begin + from, () => {
      clockError = Math.max(clockError, clockStep)
      // What was said to wait until then waits until then.
      note(kind, begin + to + clockStep)
    })
  }

  return {
    strike(about) {
      calls++
      const nth = (callsAbout.get(about) ?? 0) + 1
      callsAbout.set(about, nth)
      const single = struck.get(`${calls}`) ?? struck.get(`${about}${nth}`)
      if (single !== undefined) {
        // A conflict of one's own is seen through at once: it costs nobody any time.
        if (single === 'own-conflict') counts.set(single, (counts.get(single) ?? 0) + 1)
        else note(single, time.now() + (single === 'slow' ? 25_000 : 0))
        return single
      }
      const effects = spellsAbout[about]
      for (const kind of Object.keys(effects) as SpellKind[]) {
        const spell = spellNow(kind)
        if (spell === undefined || !random.chance(0.7)) continue
        note(kind, begin + spell.to + (kind === 'directory-slow' ? 25_000 : 0))
        return kind === 'storage-unclear' || kind === 'directory-unclear'
          ? random.pick(['reply-lost', 'not-done-unclear', 'unavailable'])
          : effects[kind]
      }
      return undefined
    },
    isOn,
    clockOf(worker) {
      const [a, b] = clocks
      if (worker === 'A') return a
      return b + (isOn('clock-ahead') ? clockStep : isOn('clock-behind') ? -clockStep : 0)
    },
    clockError: () => clockError,
    beforeChange(directory) {
      for (const [spell, effect] of [
        ['stale-reads', 'stale'],
        ['stale-writes', 'stale-writes'],
      ] as const) {
        if (!isOn(spell)) continue
        note(spell, time.now() + 2_000)
        directory.setFault({
          effect,
          seconds: lagSeconds,
          ...(effect === 'stale' ? {} : { on: ['remove'] as const }),
        })
      }
    },
    note,
    until: () => until,
    counts,
    calls: () => calls,
  }
}
