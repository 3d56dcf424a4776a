import type { CallerFacts } from './callers.ts'
import type { DocumentRef } from './system-stream.ts'

/** A document's place in the head once somebody has changed it; who unlocked it stays the one who did. */
export function refOf(
  hash: string,
  version: number,
  document: object,
  former: DocumentRef | undefined,
  caller: Pick<CallerFacts, 'id'>,
): DocumentRef {
  if (!('privileged' in document) || document.privileged !== true) return { hash, version }
  return { hash, version, unlockedBy: former?.unlockedBy ?? caller.id }
}

/** Whether a change lets an integration give what is guarded, which it did not before. */
export function unlocks(before: DocumentRef | undefined, after: DocumentRef | undefined): boolean {
  return after?.unlockedBy !== undefined && before?.unlockedBy === undefined
}
