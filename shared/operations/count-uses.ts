import { openPair } from '../ledger/pair-ledger.ts'
import type { Tables } from '../ledger/tables.ts'
import { openSubjects } from '../ledger/work-rows.ts'
import type { DocumentKind } from './document-refs.ts'

/** A document's name without regard to case, apart from those of the other kind. */
export function documentKey(kind: DocumentKind, name: string): string {
  return `${kind}/${name.toLowerCase()}`
}

/** How many open requests rest on each document. */
export interface Uses {
  of(kind: DocumentKind, name: string): number
}

/** Counts the requests that are active or pending, over everything that is open. */
export async function countUses(tables: Tables): Promise<Uses> {
  const counts = new Map<string, number>()
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  let after: string | undefined
  do {
    const page = await openSubjects(tables, after)
    for (const subject of page.subjects.filter((each) => each.startsWith('p-'))) {
      const { state } = await openPair(tables, subject.slice('p-'.length))
      for (const { integration, accessFlow } of state?.pair.reasons ?? []) {
        count(documentKey('integration', integration))
        count(documentKey('access-flow', accessFlow.name))
      }
    }
    after = page.next
  } while (after !== undefined)
  return { of: (kind, name) => counts.get(documentKey(kind, name)) ?? 0 }
}
