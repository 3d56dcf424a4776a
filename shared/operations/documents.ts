import canonicalize from 'canonicalize'
import type { Bundle } from '../access/bundle.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { splitJson } from '../ledger/columns.ts'
import { sha256Hex } from '../ledger/ids.ts'
import type { Tables, Write } from '../ledger/tables.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import { countUses, documentKey } from './count-uses.ts'
import {
  type DocumentKind,
  kindWords,
  namedIn,
  place,
  refOf,
  refsOf,
  unlocks,
} from './document-refs.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
import {
  type DocumentRef,
  documentPartition,
  emptySystem,
  type SystemState,
  systemPlace,
} from './system-stream.ts'

export type { DocumentKind } from './document-refs.ts'

export type AnyDocument = Integration | AccessFlow | Bundle

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

/** Entity tag of a document: its version and the hash of its content. */
export function etagOf({ version, hash }: DocumentRef): string {
  return `"${version}-${hash.slice(0, 16)}"`
}

/** Puts a document; the same content again changes and records nothing. */
export async function putDocument<Document extends AnyDocument>(
  needs: Needs,
  caller: CallerFacts,
  kind: DocumentKind,
  document: Document,
  conditions: Conditions,
): Promise<
  { readonly kind: 'put'; readonly stored: Stored<Document>; readonly created: boolean } | Refusal
> {
  await writeDocuments(needs.tables, [document])
  const named = namedIn(kind, document.name)
  const hash = hashOfDocument(document)
  return changeStreamAndProject<SystemState, Put<Document> | Refusal>(
    needs,
    systemPlace,
    (stream) => {
      const state = stream.state ?? emptySystem
      const found = findName(state, kind, document.name)
      const conflict = checkConditions(found?.ref, conditions) ?? checkTargets(state, document)
      if (conflict !== undefined) return { result: conflict }
      if (found !== undefined && found.name !== document.name) {
        return {
          result: refused('conflict', 'name-taken', `The name is taken by "${found.name}".`),
        }
      }
      if (found?.ref.hash === hash) {
        return { result: { kind: 'put', stored: storedOf(document, found.ref), created: false } }
      }
      const former = found?.ref.version ?? state.retired[documentKey(kind, document.name)] ?? 0
      const ref = refOf(hash, former + 1, document, found?.ref, caller)
      return {
        result: { kind: 'put', stored: storedOf(document, ref), created: found === undefined },
        change: {
          state: {
            ...state,
            [place[kind]]: { ...refsOf(state, kind), [document.name]: ref },
          },
          events: [
            {
              event: `${kind}.changed`,
              at: needs.now().toISOString(),
              actor: actorOf(caller),
              ...named.columns,
              detail: {
                ...named.detail,
                change: found === undefined ? 'created' : 'updated',
                version: ref.version,
                before: found?.ref.hash ?? null,
                after: hash,
                ...(unlocks(found?.ref, ref) ? { unlocked: true } : {}),
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
  // Nothing rests on a bundle: its requests are of their own.
  const used = kind === 'bundle' ? 0 : (await countUses(needs.tables)).of(kind, name)
  if (used > 0) return inUse(kind, name, used)
  return changeStreamAndProject<SystemState, { readonly kind: 'deleted' } | Refusal>(
    needs,
    systemPlace,
    (stream) => {
      const state = stream.state ?? emptySystem
      const found = findName(state, kind, name)
      if (found === undefined) return { result: unknownName(kind, name) }
      const conflict = checkConditions(found.ref, conditions)
      if (conflict !== undefined) return { result: conflict }
      const { [found.name]: _, ...rest } = refsOf(state, kind)
      const named = namedIn(kind, found.name)
      return {
        result: { kind: 'deleted' },
        change: {
          state: {
            ...state,
            [place[kind]]: rest,
            retired: { ...state.retired, [documentKey(kind, found.name)]: found.ref.version },
          },
          events: [
            {
              event: `${kind}.changed`,
              at: needs.now().toISOString(),
              actor: actorOf(caller),
              ...named.columns,
              detail: {
                ...named.detail,
                change: 'deleted',
                version: found.ref.version,
                before: found.ref.hash,
              },
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
  const found = Object.entries(refsOf(state, kind)).find(([each]) => each.toLowerCase() === wanted)
  return found === undefined ? undefined : { name: found[0], ref: found[1] }
}

export function unknownName(kind: DocumentKind, name: string): Refusal {
  return refused('not-found', 'not-found', `There is no ${kindWords[kind]} "${name}".`)
}

export function inUse(kind: DocumentKind, name: string, count: number): Refusal {
  const message = `${count} active or pending requests depend on the ${kindWords[kind]} "${name}"; end them first.`
  return refused('conflict', 'in-use', message, { facts: { kind, name, count } })
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

/** A flow that names an integration nobody knows would look as if it gave something. */
function checkTargets(state: SystemState, document: AnyDocument): Refusal | undefined {
  if (!('targets' in document)) return undefined
  const errors = document.targets.flatMap(({ integration }, index) =>
    findName(state, 'integration', integration) === undefined
      ? [
          {
            pointer: `/targets/${index}/integration`,
            detail: unknownName('integration', integration).detail,
          },
        ]
      : [],
  )
  if (errors.length === 0) return undefined
  const message = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' ')
  return refused('invalid', 'invalid', message, { errors })
}

/** Content hash of a document: the row key under which it is stored. */
export function hashOfDocument(document: unknown): string {
  return sha256Hex(canonicalize(document) ?? '')
}

/** What one transaction takes: rows, and characters well below the four megabytes of its limit. */
const mostRows = 50
const mostCharacters = 300_000

/**
 * Writes documents before the head names them: immutable rows by content hash, so that writing one
 * again changes nothing.
 */
export async function writeDocuments(tables: Tables, documents: readonly unknown[]): Promise<void> {
  let writes: Write[] = []
  let characters = 0
  const flush = async () => {
    if (writes.length > 0) await tables.write('Ledger', documentPartition, writes)
    writes = []
    characters = 0
  }
  for (const [key, document] of new Map(documents.map((each) => [hashOfDocument(each), each]))) {
    writes.push({ do: 'put', key, columns: splitJson('document', document) })
    characters += JSON.stringify(document).length
    if (writes.length === mostRows || characters > mostCharacters) await flush()
  }
  await flush()
}
