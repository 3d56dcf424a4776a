import canonicalize from 'canonicalize'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { splitJson } from '../ledger/columns.ts'
import { sha256Hex } from '../ledger/ids.ts'
import { openPair } from '../ledger/pair-ledger.ts'
import { TableConflictError, type Tables } from '../ledger/tables.ts'
import { openSubjects } from '../ledger/work-rows.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
import {
  type DocumentRef,
  documentPartition,
  emptySystem,
  type SystemState,
  systemPlace,
} from './system-stream.ts'

export type DocumentKind = 'integration' | 'access-flow'

/** A document with the version by which it can be changed safely. */
export interface Stored<Document> {
  readonly document: Document
  readonly version: number
  readonly etag: string
}

export interface Conditions {
  readonly ifMatch?: string
  /** `If-None-Match: *`: create only. */
  readonly createOnly?: boolean
}

interface Put<Document> {
  readonly kind: 'put'
  readonly stored: Stored<Document>
  readonly created: boolean
}

const place = { integration: 'integrations', 'access-flow': 'accessFlows' } as const

/** Entity tag of a document: its version and the hash of its content. */
export function etagOf({ version, hash }: DocumentRef): string {
  return `"${version}-${hash.slice(0, 16)}"`
}

/** Puts an integration or an access flow; the same content again changes and records nothing. */
export async function putDocument<Document extends Integration | AccessFlow>(
  needs: Needs,
  caller: CallerFacts,
  kind: DocumentKind,
  document: Document,
  conditions: Conditions,
): Promise<
  { readonly kind: 'put'; readonly stored: Stored<Document>; readonly created: boolean } | Refusal
> {
  const hash = await writeDocument(needs.tables, document)
  return changeStreamAndProject<SystemState, Put<Document> | Refusal>(
    needs,
    systemPlace,
    (stream) => {
      const state = stream.state ?? emptySystem
      const found = findName(state, kind, document.name)
      const conflict = checkConditions(found?.ref, conditions)
      if (conflict !== undefined) return { result: conflict }
      if (found !== undefined && found.name !== document.name) {
        return {
          result: refused('conflict', 'name-taken', `The name is taken by "${found.name}".`),
        }
      }
      if (found?.ref.hash === hash) {
        return { result: { kind: 'put', stored: storedOf(document, found.ref), created: false } }
      }
      const former = found?.ref.version ?? state.retired[retiredKey(kind, document.name)] ?? 0
      const ref = { hash, version: former + 1 }
      return {
        result: { kind: 'put', stored: storedOf(document, ref), created: found === undefined },
        change: {
          state: {
            ...state,
            [place[kind]]: { ...state[place[kind]], [document.name]: ref },
          },
          events: [
            {
              event: `${kind}.changed`,
              at: needs.now().toISOString(),
              actor: actorOf(caller),
              ...(kind === 'integration'
                ? { integration: document.name }
                : { accessFlow: document.name }),
              detail: {
                change: found === undefined ? 'created' : 'updated',
                version: ref.version,
                before: found?.ref.hash ?? null,
                after: hash,
              },
            },
          ],
        },
      }
    },
  )
}

/** Deletes a document nobody depends on any more. */
export async function deleteDocument(
  needs: Needs,
  caller: CallerFacts,
  kind: DocumentKind,
  name: string,
  conditions: Conditions,
): Promise<{ readonly kind: 'deleted' } | Refusal> {
  const used = await countOpen(needs.tables, kind, name)
  if (used > 0) {
    const message = `${used} active or pending requests depend on it; end them first.`
    return refused('conflict', 'in-use', message, { facts: { count: used } })
  }
  return changeStreamAndProject<SystemState, { readonly kind: 'deleted' } | Refusal>(
    needs,
    systemPlace,
    (stream) => {
      const state = stream.state ?? emptySystem
      const found = findName(state, kind, name)
      if (found === undefined) return { result: unknownName(kind, name) }
      const conflict = checkConditions(found.ref, conditions)
      if (conflict !== undefined) return { result: conflict }
      const { [found.name]: _, ...rest } = state[place[kind]]
      return {
        result: { kind: 'deleted' },
        change: {
          state: {
            ...state,
            [place[kind]]: rest,
            retired: { ...state.retired, [retiredKey(kind, found.name)]: found.ref.version },
          },
          events: [
            {
              event: `${kind}.changed`,
              at: needs.now().toISOString(),
              actor: actorOf(caller),
              ...(kind === 'integration'
                ? { integration: found.name }
                : { accessFlow: found.name }),
              detail: { change: 'deleted', version: found.ref.version, before: found.ref.hash },
            },
          ],
        },
      }
    },
  )
}

/** Names are unique without regard to case. */
export function findName(
  state: SystemState,
  kind: DocumentKind,
  name: string,
): { readonly name: string; readonly ref: DocumentRef } | undefined {
  const wanted = name.toLowerCase()
  const found = Object.entries(state[place[kind]]).find(([each]) => each.toLowerCase() === wanted)
  return found === undefined ? undefined : { name: found[0], ref: found[1] }
}

export function unknownName(kind: DocumentKind, name: string): Refusal {
  const what = kind === 'integration' ? 'integration' : 'access flow'
  return refused('not-found', 'not-found', `There is no ${what} "${name}".`)
}

function retiredKey(kind: DocumentKind, name: string): string {
  return `${kind}/${name.toLowerCase()}`
}

function storedOf<Document>(document: Document, ref: DocumentRef): Stored<Document> {
  return { document, version: ref.version, etag: etagOf(ref) }
}

function checkConditions(
  ref: DocumentRef | undefined,
  { ifMatch, createOnly }: Conditions,
): Refusal | undefined {
  if (createOnly === true && ref !== undefined) {
    return refused('stale', 'exists', 'It exists already.')
  }
  if (ifMatch === undefined) return undefined
  const seen = ifMatch.split(',').map((tag) => tag.trim())
  if (ref !== undefined && (seen.includes('*') || seen.includes(etagOf(ref)))) return undefined
  return refused('stale', 'changed', 'It was changed by somebody else meanwhile.')
}

/** Documents are immutable rows by content hash, written before the head names them. */
async function writeDocument(tables: Tables, document: unknown): Promise<string> {
  const text = canonicalize(document) ?? ''
  const hash = sha256Hex(text)
  try {
    await tables.write('Ledger', documentPartition, [
      { do: 'insert', key: hash, columns: splitJson('document', document) },
    ])
  } catch (error) {
    if (!(error instanceof TableConflictError)) throw error
  }
  return hash
}

async function countOpen(tables: Tables, kind: DocumentKind, name: string): Promise<number> {
  const wanted = name.toLowerCase()
  let count = 0
  let after: string | undefined
  do {
    const page = await openSubjects(tables, after)
    for (const subject of page.subjects.filter((each) => each.startsWith('p-'))) {
      const { state } = await openPair(tables, subject.slice('p-'.length))
      count += (state?.pair.reasons ?? []).filter(
        (reason) =>
          (kind === 'integration' ? reason.integration : reason.accessFlow.name).toLowerCase() ===
          wanted,
      ).length
    }
    after = page.next
  } while (after !== undefined)
  return count
}
