import canonicalize from 'canonicalize'
import type { EventDraft } from '../access/events.ts'
import type { ConfigSet } from '../config/config-set.ts'
import { sha256Hex } from '../ledger/ids.ts'
import type { Change, Stream } from '../ledger/stream.ts'
import { actorOf, type CallerFacts } from './callers.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import {
  type DocumentChange,
  type Documents,
  hashesOf,
  type Planned,
  planChanges,
} from './config-changes.ts'
import { brokenTargets } from './config-lint.ts'
import { countUses, documentKey } from './count-uses.ts'
import { place, refOf, refsOf, unlocks } from './document-refs.ts'
import { type AnyDocument, hashOfDocument, inUse, writeDocuments } from './documents.ts'
import type { Needs } from './needs.ts'
import { type Refusal, refused } from './refusal.ts'
import {
  emptySystem,
  type ReadConfiguration,
  type SystemState,
  systemPlace,
} from './system-stream.ts'

export interface Applied {
  readonly kind: 'applied'
  readonly changes: readonly DocumentChange[]
}

/** Changes that one event names; with 1,000 documents at most, all events fit one transaction. */
const changesInEvent = 50

const mostTries = 5

/**
 * Makes a set current, all of it or nothing: the documents are written first, as rows that nobody
 * looks at yet, and one change of the system head names them all. `planId` lets it pass only when
 * nothing has changed since that plan was made.
 */
export async function applyConfig(
  needs: Needs,
  readConfiguration: ReadConfiguration,
  caller: CallerFacts,
  set: ConfigSet,
  planId: string | undefined,
): Promise<Applied | Refusal> {
  for (let attempt = 1; attempt <= mostTries; attempt++) {
    const planned = planChanges(await readConfiguration(), set)
    if ('reason' in planned) return planned
    const obstacle = await findObstacle(needs, planned, set, planId)
    if (obstacle !== undefined) return obstacle
    if (await makeCurrent(needs, caller, planned)) {
      return { kind: 'applied', changes: planned.changes }
    }
  }
  return changedMeanwhile
}

const changedMeanwhile = refused(
  'stale',
  'changed',
  'The configuration was changed by somebody else meanwhile: plan again.',
)

async function findObstacle(
  needs: Pick<Needs, 'tables'>,
  planned: Planned,
  set: ConfigSet,
  planId: string | undefined,
): Promise<Refusal | undefined> {
  if (planId !== undefined && planId !== planned.planId) return changedMeanwhile
  const errors = brokenTargets(planned, set)
  if (errors.length > 0) {
    const detail = errors.map((error) => `${error.pointer}: ${error.detail}`).join(' ')
    return refused('invalid', 'invalid', detail, { errors })
  }
  const deleted = planned.changes.filter(({ action }) => action === 'delete')
  if (deleted.length === 0) return undefined
  const uses = await countUses(needs.tables)
  for (const { kind, name } of deleted) {
    const count = uses.of(kind, name)
    if (count > 0) return inUse(kind, name, count)
  }
  return undefined
}

/** Whether the set is current now; false when somebody else was faster. */
async function makeCurrent(needs: Needs, caller: CallerFacts, planned: Planned): Promise<boolean> {
  const changes = planned.changes.filter(({ action }) => action !== 'none')
  if (changes.length === 0) return true
  const documents = new Map(
    [
      ...planned.after.integrations.map((each) => ['integration', each] as const),
      ...planned.after.accessFlows.map((each) => ['access-flow', each] as const),
      ...planned.after.bundles.map((each) => ['bundle', each] as const),
    ].map(([kind, document]) => [documentKey(kind, document.name), document]),
  )
  const changed = changes.flatMap(({ kind, name }) => documents.get(documentKey(kind, name)) ?? [])
  await writeDocuments(needs.tables, changed)
  return changeStreamAndProject<SystemState, boolean>(needs, systemPlace, (stream) => {
    const state = stream.state ?? emptySystem
    if (!isStill(state, planned.before)) return { result: false }
    const next = changes.reduce((made, change) => {
      const document = documents.get(documentKey(change.kind, change.name))
      return withDocument(made, change, document, caller)
    }, state)
    return { result: true, change: changeOf(needs.now(), caller, stream, next, changes) }
  })
}

function isStill(state: SystemState, before: Documents): boolean {
  const named = (refs: SystemState['integrations']) =>
    Object.fromEntries(Object.entries(refs).map(([name, { hash }]) => [name, hash]))
  const current = {
    integrations: named(state.integrations),
    accessFlows: named(state.accessFlows),
    bundles: named(state.bundles ?? {}),
  }
  return canonicalize(current) === canonicalize(hashesOf(before))
}

/** The head with one document as it will be; without one it goes, and its version is kept. */
function withDocument(
  state: SystemState,
  { kind, name }: DocumentChange,
  document: AnyDocument | undefined,
  caller: CallerFacts,
): SystemState {
  const { [name]: former, ...others } = refsOf(state, kind)
  if (document === undefined) {
    const version = former?.version ?? 0
    const retired = { ...state.retired, [documentKey(kind, name)]: version }
    return { ...state, [place[kind]]: others, retired }
  }
  const version = (former?.version ?? state.retired[documentKey(kind, name)] ?? 0) + 1
  const ref = refOf(hashOfDocument(document), version, document, former, caller)
  return { ...state, [place[kind]]: { ...refsOf(state, kind), [name]: ref } }
}

function changeOf(
  now: Date,
  caller: CallerFacts,
  { state = emptySystem }: Stream<SystemState>,
  next: SystemState,
  changes: readonly DocumentChange[],
): Change<SystemState> {
  const named = changes.map(({ kind, name, action }) => {
    const [before, after] = [state, next].map((each) => refsOf(each, kind)[name])
    return {
      kind,
      name,
      change: action,
      version: (after ?? before)?.version,
      before: before?.hash ?? null,
      after: after?.hash ?? null,
      ...(unlocks(before, after) ? { unlocked: true } : {}),
    }
  })
  const parts = Math.ceil(named.length / changesInEvent)
  const events = Array.from({ length: parts }, (_, index): EventDraft => {
    const from = index * changesInEvent
    return {
      event: 'configuration.changed',
      at: now.toISOString(),
      actor: actorOf(caller),
      detail: {
        before: manifestOf(state),
        after: manifestOf(next),
        changes: named.slice(from, from + changesInEvent),
        ...(parts === 1 ? {} : { part: index + 1, parts }),
      },
    }
  })
  return { state: next, events }
}

/** Hash of which documents are current, in which versions. */
function manifestOf({ integrations, accessFlows, bundles }: SystemState): string {
  return sha256Hex(canonicalize({ integrations, accessFlows, bundles }) ?? '')
}
