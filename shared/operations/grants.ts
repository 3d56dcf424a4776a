import type { Pair, Reason } from '../access/pair.ts'
import { pairPartition } from '../ledger/ids.ts'
import { openPair } from '../ledger/pair-ledger.ts'
import type { Tables } from '../ledger/tables.ts'
import { openSubjects } from '../ledger/work-rows.ts'

/** Which open requests are meant; absent means any. */
export interface GrantFilter {
  readonly grantee?: string | undefined
  readonly resource?: string | undefined
  readonly integration?: string | undefined
  readonly accessFlow?: string | undefined
}

const readsAtOnce = 16

/** Every pair with something open, in the order of their ids, by the markers of open work. */
export async function* openPairs(tables: Tables, from?: string): AsyncGenerator<Pair> {
  let after: string | undefined
  do {
    const page = await openSubjects(tables, after, from === undefined ? '' : pairPartition(from))
    const pairs = page.subjects.filter((subject) => subject.startsWith('p-'))
    for (let start = 0; start < pairs.length; start += readsAtOnce) {
      const heads = await Promise.all(
        pairs
          .slice(start, start + readsAtOnce)
          .map((subject) => openPair(tables, subject.slice('p-'.length))),
      )
      for (const { state } of heads) if (state !== undefined) yield state.pair
    }
    after = page.next
  } while (after !== undefined)
}

/** Requests in one of these states, in the order of their ids, by the heads of everything open. */
export async function* openReasons(
  tables: Tables,
  filter: GrantFilter,
  statuses: ReadonlySet<string>,
  fromPair?: string,
): AsyncGenerator<Reason> {
  for await (const { key, reasons } of openPairs(tables, fromPair)) {
    for (const reason of reasons.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
      if (statuses.has(reason.status) && matches(filter, key, reason)) yield reason
    }
  }
}

function matches(
  filter: GrantFilter,
  key: { readonly grantee: string; readonly resource: { readonly id: string } },
  reason: Reason,
): boolean {
  const is = (wanted: string | undefined, value: string) =>
    wanted === undefined || wanted.toLowerCase() === value.toLowerCase()
  return (
    is(filter.grantee, key.grantee) &&
    is(filter.resource, key.resource.id) &&
    is(filter.integration, reason.integration) &&
    is(filter.accessFlow, reason.accessFlow.name)
  )
}
