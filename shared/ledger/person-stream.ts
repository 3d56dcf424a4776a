import type { CleanupCase, CleanupRecord } from '../access/cleanup.ts'
import type { EventDraft } from '../access/events.ts'
import { joinJson, splitJson } from './columns.ts'
import {
  type Committed,
  commit,
  openStream,
  type Stream,
  type StreamNeeds,
  type StreamPlace,
} from './stream.ts'
import { rowsOf, type Tables, type Write } from './tables.ts'

/** What the head of a person's stream holds: refusals that he met, and his cleanup. */
export interface PersonState {
  readonly refused?: number
  /** Ids of the latest refusals, newest last. */
  readonly latest?: readonly string[]
  readonly cleanup?: CleanupRecord
}

export type PersonStream = Stream<PersonState>

export function personPlace(id: string): StreamPlace {
  return { name: `user:${id}`, partition: `u-${id}` }
}

export function openPerson(tables: Tables, id: string): Promise<PersonStream> {
  return openStream<PersonState>(tables, personPlace(id))
}

/** Commits a record of cleanup, with the row of its case, under the version that was read. */
export function commitCleanup(
  needs: StreamNeeds,
  stream: PersonStream,
  cleanup: CleanupRecord,
  events: readonly EventDraft[],
): Promise<Committed<PersonState>> {
  const rows: Write[] =
    cleanup.case === undefined
      ? []
      : [
          {
            do: 'put',
            key: caseKey(cleanup.case.id),
            columns: splitJson('case', cleanup.case),
          },
        ]
  return commit(needs, stream, { state: { ...stream.state, cleanup }, events, rows })
}

const caseIdPattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-([0-9a-hjkmnp-tv-z]{26})$/

/** The person of a case, whose id it carries; undefined when the text is no such id. */
export function personOfCase(caseId: string): string | undefined {
  return caseIdPattern.exec(caseId)?.[1]
}

function caseKey(caseId: string): string {
  return `k-${caseId.slice(-26)}`
}

/** One case, in one read. */
export async function readCase(tables: Tables, caseId: string): Promise<CleanupCase | undefined> {
  const person = personOfCase(caseId)
  if (person === undefined) return undefined
  const row = await tables.read('Ledger', personPlace(person).partition, caseKey(caseId))
  const found = row && (joinJson('case', row.columns) as CleanupCase | undefined)
  return found?.id === caseId ? found : undefined
}

/** Ids of the requests in which a person has a part, newest first. */
export async function* requestsOf(tables: Tables, personId: string): AsyncGenerator<string> {
  const range = { from: '0', before: ':' }
  for await (const row of rowsOf(tables, 'Index', `u-${personId}`, range)) {
    yield String(row.columns['requestId'])
  }
}
