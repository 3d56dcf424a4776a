import { type SeenRule, seeRules } from '../access/cleanup-rule.ts'
import type { EventDraft } from '../access/events.ts'
import type { Integration } from '../access/integration.ts'
import { changeStream, openStream, type StreamPlace } from '../ledger/stream.ts'
import { changeStreamAndProject } from './change-stream-and-project.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'

/** What cleanup knows as a whole: the rules it has seen, and what it has done today. */
export interface CleanupHead {
  readonly seen: Readonly<Record<string, SeenRule>>
  /** The day of the cases in `acted`, counted from 1970. */
  readonly today?: number
  /** Cases that were acted on today, by integration. */
  readonly acted?: Readonly<Record<string, readonly string[]>>
  /** When everybody was last looked at, due or not. */
  readonly fullAt?: string
}

const place: StreamPlace = { name: 'cleanup', partition: 'cleanup' }
const empty: CleanupHead = { seen: {} }
const fullPassDays = 7

export async function readHead(needs: Pick<CleanupNeeds, 'tables'>): Promise<CleanupHead> {
  return (await openStream<CleanupHead>(needs.tables, place)).state ?? empty
}

/** Notes which rules hold now; tells whether everybody has to be looked at because of it. */
export async function seeConfiguration(
  needs: CleanupNeeds,
  integrations: readonly Integration[],
): Promise<{ readonly head: CleanupHead; readonly isFullPassDue: boolean }> {
  const now = needs.now()
  const { result } = await changeStream<CleanupHead, { head: CleanupHead; isFullPassDue: boolean }>(
    needs,
    place,
    ({ state = empty }) => {
      const seen = seeRules(state.seen, integrations, now)
      const isChanged = JSON.stringify(seen) !== JSON.stringify(state.seen)
      const { fullAt, ...rest } = { ...state, seen }
      // Due until it is done: a run that breaks off must not forget it.
      const head = isChanged || fullAt === undefined ? rest : { ...rest, fullAt }
      const age = fullAt === undefined ? Infinity : now.getTime() - Date.parse(fullAt)
      const isFullPassDue =
        Object.keys(seen).length > 0 && (isChanged || age >= fullPassDays * needs.cleanup.day)
      const result = { head, isFullPassDue }
      return isChanged ? { change: { state: head, events: [] }, result } : { result }
    },
  )
  return result
}

/** Notes that everybody has been looked at. */
export async function noteFullPass(needs: CleanupNeeds, at: Date): Promise<void> {
  await changeStream<CleanupHead, void>(needs, place, ({ state = empty }) => ({
    change: { state: { ...state, fullAt: at.toISOString() }, events: [] },
    result: undefined,
  }))
}

/** Takes one of the day's actions for a case; false when the day has no more. */
export async function takeOfDay(
  needs: CleanupNeeds,
  integration: string,
  caseId: string,
  most: number,
): Promise<boolean> {
  const today = Math.floor(needs.now().getTime() / needs.cleanup.day)
  const { result } = await changeStream<CleanupHead, boolean>(needs, place, ({ state = empty }) => {
    const acted = state.today === today ? (state.acted ?? {}) : {}
    const taken = acted[integration] ?? []
    if (taken.includes(caseId)) return { result: true }
    if (taken.length >= most) return { result: false }
    const more = { ...acted, [integration]: [...taken, caseId] }
    return { change: { state: { ...state, today, acted: more }, events: [] }, result: true }
  })
  return result
}

/** An administrator has seen the true number: the first days of reporting are over. */
export async function confirmRule(needs: CleanupNeeds, integration: string): Promise<void> {
  await changeStream<CleanupHead, void>(needs, place, ({ state = empty }) => {
    const known = state.seen[integration]
    if (known === undefined) return { result: undefined }
    const confirmed = { ...known, confirmedAt: needs.now().toISOString() }
    const { fullAt: _, ...rest } = state
    const seen = { ...state.seen, [integration]: confirmed }
    return { change: { state: { ...rest, seen }, events: [] }, result: undefined }
  })
}

/** Records that a run has stopped before it touched anybody. */
export async function recordStop(needs: CleanupNeeds, event: EventDraft): Promise<void> {
  await changeStreamAndProject<CleanupHead, void>(needs, place, ({ state = empty }) => ({
    change: { state, events: [event] },
    result: undefined,
  }))
}
