import { type GroupChange, mergeGroup, saysTheSame } from '../access/resource.ts'
import { newUlid } from '../ledger/ids.ts'
import { resourcePage } from '../ledger/resource-rows.ts'
import type { DiscoveryRun, DiscoveryState, Known } from './discover-state.ts'
import { changeResources, type Effect, markMissing } from './discover-store.ts'
import type { Needs } from './needs.ts'

const rowsAStep = 500

/** What a step has made of the state; a step that is not done goes on where its cursor says. */
export interface Stepped {
  readonly state: DiscoveryState
  readonly isDone: boolean
  /** What the readers of the store shall know from then on. */
  readonly known?: Known
}

/** Reads one page of groups and stores it. */
export async function discoverGroups(
  needs: Needs,
  state: DiscoveryState,
  run: DiscoveryRun,
): Promise<Stepped> {
  const attributes = run.attributesRefused === true ? [] : run.attributes
  const page = await needs.directory.readGroupChanges(run.cursor, attributes)
  switch (page.kind) {
    case 'expired':
      return { state: { ...state, run: fromTheStart(needs, run) }, isDone: false }
    case 'attributes-refused': {
      const again = { ...fromTheStart(needs, run), attributesRefused: true as const }
      return { state: { ...state, run: again }, isDone: false }
    }
    case 'page': {
      const effect = await storeGroups(needs, run, page.changes)
      const { cursor: _, ...read } = {
        ...counted(run, effect),
        found: run.found + page.changes.length,
      }
      const paged = { ...read, pages: run.pages + 1 }
      if (!page.isLast) {
        return { state: { ...state, run: { ...paged, cursor: page.token } }, isDone: false }
      }
      const fullAt = run.isFull ? run.startedAt : (state.groups?.fullAt ?? run.startedAt)
      const groups = { token: page.token, attributes: run.attributes, fullAt }
      return { state: { ...state, run: paged, groups }, isDone: true }
    }
  }
}

/** Marks as gone what a full read has not seen; only after it has seen everything there is. */
export async function missGroups(
  needs: Needs,
  state: DiscoveryState,
  run: DiscoveryRun,
): Promise<Stepped> {
  const page = await resourcePage(needs.tables, 'group', { limit: rowsAStep, after: run.cursor })
  const missing = page.rows.filter(
    ({ resource }) => resource.mark !== run.mark && resource.goneAt === undefined,
  )
  const effect = await markMissing(needs, 'group', missing, needs.now().toISOString())
  const { cursor: _, ...looked } = counted(run, effect)
  return page.next === undefined
    ? { state: { ...state, run: looked }, isDone: true }
    : { state: { ...state, run: { ...looked, cursor: page.next } }, isDone: false }
}

/** Adds what a step has changed to the count of its run. */
export function counted(run: DiscoveryRun, { changed, gone }: Effect): DiscoveryRun {
  return { ...run, changed: run.changed + changed, gone: run.gone + gone }
}

/** Everything is read again; a former full read's marks count no more. */
function fromTheStart(needs: Needs, { cursor: _, ...run }: DiscoveryRun): DiscoveryRun {
  const [groups, ...rest] = run.steps.filter((step) => step !== 'missing-groups')
  return {
    ...run,
    isFull: true,
    mark: newUlid(needs.now(), needs.random),
    steps: groups === undefined ? rest : [groups, 'missing-groups', ...rest],
  }
}

function storeGroups(
  needs: Needs,
  run: DiscoveryRun,
  changes: readonly GroupChange[],
): Promise<Effect> {
  const byId = new Map<string, GroupChange[]>()
  for (const change of changes) byId.set(change.id, [...(byId.get(change.id) ?? []), change])
  const sighting = { at: needs.now().toISOString(), mark: run.isFull ? run.mark : undefined }
  return changeResources(needs, 'group', [...byId.keys()], (former, id) => {
    let group = former
    for (const change of byId.get(id) ?? []) group = mergeGroup(group, change, sighting)
    if (group === undefined) return undefined
    const isNews = !saysTheSame(former, group) || (run.isFull && former?.mark !== run.mark)
    return isNews ? group : undefined
  })
}
