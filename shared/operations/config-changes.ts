import canonicalize from 'canonicalize'
import type { Bundle } from '../access/bundle.ts'
import type { AccessFlow } from '../access/flow.ts'
import type { Integration } from '../access/integration.ts'
import { type ConfigSet, mostDocuments } from '../config/config-set.ts'
import { plainFlow, plainIntegration } from '../config/export/without-defaults.ts'
import { pointerOf } from '../config/parse.ts'
import { sha256Hex } from '../ledger/ids.ts'
import { type AnyDocument, type DocumentKind, hashOfDocument } from './documents.ts'
import { type Refusal, refused } from './refusal.ts'
import type { Configuration } from './system-stream.ts'

/** One field that differs: a JSON pointer into the document, without the side that lacks it. */
export interface FieldChange {
  readonly pointer: string
  readonly before?: unknown
  readonly after?: unknown
}

/** What a set does to one document. */
export interface DocumentChange {
  readonly kind: DocumentKind
  readonly name: string
  readonly action: 'create' | 'update' | 'delete' | 'none'
  readonly fields: readonly FieldChange[]
}

/** All integrations, access flows and bundles, in normal form, by name. */
export interface Documents {
  readonly integrations: readonly Integration[]
  readonly accessFlows: readonly AccessFlow[]
  readonly bundles: readonly Bundle[]
}

/** What a set would make of the configuration that is current. */
export interface Planned {
  readonly changes: readonly DocumentChange[]
  readonly before: Documents
  readonly after: Documents
  /** Stands for both the configuration and the set: another of either has another id. */
  readonly planId: string
}

/** Works out what a set changes; the documents that it creates and updates are taken as sent. */
export function planChanges(current: Configuration, set: ConfigSet): Planned | Refusal {
  const before: Documents = {
    integrations: current.integrations,
    accessFlows: current.accessFlows.map(({ version: _, ...flow }) => flow),
    bundles: current.bundles,
  }
  const prune = set.prune ?? false
  const integrations = merge('integration', before.integrations, set.integrations ?? [], prune)
  if ('reason' in integrations) return integrations
  const accessFlows = merge('access-flow', before.accessFlows, set.accessFlows ?? [], prune)
  if ('reason' in accessFlows) return accessFlows
  const bundles = merge('bundle', before.bundles, set.bundles ?? [], prune)
  if ('reason' in bundles) return bundles
  const after: Documents = {
    integrations: integrations.after,
    accessFlows: accessFlows.after,
    bundles: bundles.after,
  }
  const count = countOf(after)
  if (count > mostDocuments && count > countOf(before)) {
    const detail = `The configuration may have ${mostDocuments} documents; it would have ${count}.`
    return refused('invalid', 'too-many-documents', detail, { errors: [{ pointer: '', detail }] })
  }
  return {
    changes: [...integrations.changes, ...accessFlows.changes, ...bundles.changes],
    before,
    after,
    planId: sha256Hex(
      canonicalize({ v: 1, before: hashesOf(before), set: { ...set, prune } }) ?? '',
    ).slice(0, 32),
  }
}

function countOf({ integrations, accessFlows, bundles }: Documents): number {
  return integrations.length + accessFlows.length + bundles.length
}

/** Content hash of each document by name: what the head of the system stream names. */
export function hashesOf(documents: Documents): Readonly<Record<string, Record<string, string>>> {
  const byName = (all: readonly AnyDocument[]) =>
    Object.fromEntries(all.map((document) => [document.name, hashOfDocument(document)]))
  return {
    integrations: byName(documents.integrations),
    accessFlows: byName(documents.accessFlows),
    bundles: byName(documents.bundles),
  }
}

function plainOf(kind: DocumentKind, document: AnyDocument): AnyDocument {
  switch (kind) {
    case 'integration':
      return plainIntegration(document as Integration)
    case 'access-flow':
      return plainFlow(document as AccessFlow)
    case 'bundle':
      return document
  }
}

interface Merged<Document> {
  readonly changes: readonly DocumentChange[]
  readonly after: readonly Document[]
}

function merge<Document extends AnyDocument>(
  kind: DocumentKind,
  before: readonly Document[],
  wanted: readonly Document[],
  prune: boolean,
): Merged<Document> | Refusal {
  const known = new Map(before.map((document) => [document.name.toLowerCase(), document]))
  const changes: DocumentChange[] = []
  const after = new Map(known)
  for (const document of wanted) {
    const key = document.name.toLowerCase()
    const former = known.get(key)
    if (former !== undefined && former.name !== document.name) {
      const detail = `The name "${document.name}" is taken by "${former.name}".`
      return refused('conflict', 'name-taken', detail)
    }
    const fields = fieldsOf(
      former === undefined ? undefined : plainOf(kind, former),
      plainOf(kind, document),
    )
    const action = former === undefined ? 'create' : fields.length === 0 ? 'none' : 'update'
    changes.push({ kind, name: document.name, action, fields })
    if (action !== 'none') after.set(key, document)
  }
  if (prune) {
    const named = new Set(wanted.map(({ name }) => name.toLowerCase()))
    for (const [key, document] of known) {
      if (named.has(key)) continue
      const fields = fieldsOf(plainOf(kind, document), undefined)
      changes.push({ kind, name: document.name, action: 'delete', fields })
      after.delete(key)
    }
  }
  return { changes, after: [...after.values()] }
}

/** Fields of a document that comes or goes one by one, and of one that stays where they differ. */
function fieldsOf(before: object | undefined, after: object | undefined): readonly FieldChange[] {
  return differences(before ?? {}, after ?? {}, []).filter(({ pointer }) => pointer !== '/name')
}

function differences(
  before: unknown,
  after: unknown,
  path: readonly PropertyKey[],
): readonly FieldChange[] {
  if (isFields(before) && isFields(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    // An entry that came or went moves all behind it: then the list as a whole tells more.
    const isMoved =
      Array.isArray(before) && Object.keys(before).length !== Object.keys(after).length
    if (!isMoved)
      return names.flatMap((name) => differences(before[name], after[name], [...path, name]))
  }
  if (canonicalize(before) === canonicalize(after)) return []
  return [
    {
      pointer: pointerOf(path),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ]
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
