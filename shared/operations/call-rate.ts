import { TableConflictError } from '../ledger/tables.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'

/** So many calls in so many milliseconds, wherever that time begins. */
export interface CallRate {
  readonly most: number
  readonly milliseconds: number
}

const mostTries = 5

/**
 * Counts a call under a name, for all instances together; a refusal where it comes too early. Calls
 * that were refused do not count.
 */
export async function takeCall(
  { tables, now }: Pick<Needs, 'tables' | 'now'>,
  name: string,
  { most, milliseconds }: CallRate,
): Promise<Refusal | undefined> {
  const partition = `rate-${name}`
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const at = now().getTime()
    const row = await tables.read('Index', partition, 'calls')
    const former = instantsOf(row?.columns['at']).filter((each) => each + milliseconds > at)
    const [oldest = at] = former
    if (former.length >= most) return tooOften(oldest + milliseconds - at)
    const columns = { at: JSON.stringify([...former, at]) }
    try {
      await tables.write('Index', partition, [
        row === undefined
          ? { do: 'insert', key: 'calls', columns }
          : { do: 'replace', key: 'calls', columns, etag: row.etag },
      ])
      return undefined
    } catch (error) {
      if (!(error instanceof TableConflictError)) throw error
    }
  }
  // Whoever meets others that often calls more often than anybody may.
  return tooOften(1_000)
}

/** Says how long to wait. */
export function tooOften(milliseconds: number): Refusal {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1_000))
  return {
    ...refused('too-many', 'too-often', `Called too often: try again in ${seconds} s.`),
    retryAfterSeconds: seconds,
  }
}

function instantsOf(stored: unknown): readonly number[] {
  if (typeof stored !== 'string') return []
  const instants: unknown = JSON.parse(stored)
  return Array.isArray(instants) ? instants.filter((each) => typeof each === 'number') : []
}
