import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Change } from './message.ts'

/** A change and the entity it happened in. */
export type JournalEntry = readonly [entity: string, change: Change]

/** Where changes are kept so that they outlive the process. */
export interface Journal {
  /** Everything kept so far, oldest first. */
  read(): Iterable<JournalEntry>
  /** Keeps the changes of one command, all of them or none. Returns when they are safe. */
  append(entries: readonly JournalEntry[]): void
  /** Whether so much was appended that starting over from a snapshot pays. */
  readonly isLong: boolean
  /** Starts over with the changes that lead to the present state. */
  startOver(snapshot: Iterable<JournalEntry>): void
  close(): void
}

/** Keeps nothing: for brokers that need not outlive their process. */
export const noJournal: Journal = {
  read: () => [],
  append: () => undefined,
  isLong: false,
  startOver: () => undefined,
  close: () => undefined,
}

const longBytes = 32 * 1024 * 1024

/**
 * Keeps changes in a file of the directory, a line for each command. A write has reached the
 * system's cache when it returns, which outlives this process however it ends.
 */
export function openJournal(directory: string): Journal {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'service-bus.ndjson')
  const draft = `${file}.new`
  let handle = openSync(file, 'a')
  let written = 0

  function write(to: number, text: string): number {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length; ) done += writeSync(to, bytes, done)
    return bytes.length
  }

  return {
    *read() {
      if (!existsSync(file)) return
      // What follows the last line end is a command that was never acknowledged.
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
      for (const line of lines) yield* parseLine(line)
    },
    append(entries) {
      written += write(handle, formatLine(entries))
    },
    get isLong() {
      return written > longBytes
    },
    startOver(snapshot) {
      const next = openSync(draft, 'w')
      for (const entry of snapshot) write(next, formatLine([entry]))
      renameSync(draft, file)
      closeSync(handle)
      handle = next
      written = 0
    },
    close() {
      closeSync(handle)
    },
  }
}

function formatLine(entries: readonly JournalEntry[]): string {
  return `${JSON.stringify(entries, writeValue)}\n`
}

function parseLine(line: string): readonly JournalEntry[] {
  return JSON.parse(line, readValue) as readonly JournalEntry[]
}

/** JSON has neither bytes nor dates, and locks are not kept. */
function writeValue(this: unknown, key: string, value: unknown): unknown {
  if (key === 'lock') return undefined
  const given: unknown = (this as Record<string, unknown>)[key]
  if (given instanceof Uint8Array) return { $bytes: Buffer.from(given).toString('base64') }
  if (given instanceof Date) return { $date: given.getTime() }
  return value
}

function readValue(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'base64')
  if ('$date' in value) return new Date(Number(value.$date))
  return value
}
