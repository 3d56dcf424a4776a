import type { CallerFacts } from './callers.ts'
import type { DocumentRef, SystemState } from './system-stream.ts'

/** What administrators write. */
export type DocumentKind = 'integration' | 'access-flow' | 'bundle'

/** Where the head of the system stream keeps the documents of a kind. */
export const place = {
  integration: 'integrations',
  'access-flow': 'accessFlows',
  bundle: 'bundles',
} as const

/** How a kind of documents is called in a sentence. */
export const kindWords = {
  integration: 'integration',
  'access-flow': 'access flow',
  bundle: 'bundle',
} as const

/** The current documents of a kind. */
export function refsOf(
  state: SystemState,
  kind: DocumentKind,
): Readonly<Record<string, DocumentRef>> {
  return state[place[kind]] ?? {}
}

/** What the event of a change names: the columns that there are, and the detail for the rest. */
export function namedIn(kind: DocumentKind, name: string) {
  switch (kind) {
    case 'integration':
      return { columns: { integration: name } }
    case 'access-flow':
      return { columns: { accessFlow: name } }
    case 'bundle':
      return { columns: {}, detail: { bundle: name } }
  }
}

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
