import { type CleanupCase, moveCleanup } from '../access/cleanup.ts'
import { caseRows } from '../ledger/cleanup-rows.ts'
import { openPerson, personOfCase, readCase } from '../ledger/person-stream.ts'
import { actorOf, type CallerFacts, isAdministrator, seesEverything } from './callers.ts'
import { restoreAccount } from './cleanup-act.ts'
import { answerableFor } from './cleanup-facts.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'
import { recordCleanup } from './cleanup-record.ts'
import { invalidField, type Refusal, refused } from './refusal.ts'

const longestKeep = 365 * 86_400_000
const rowsAtOnce = 100

type Decided = { readonly kind: 'decided'; readonly cleanup: CleanupCase } | Refusal

const notFound = refused('not-found', 'not-found', 'There is no such cleanup, or none you may see.')
const tooLate = refused(
  'conflict',
  'too-late',
  'It is too late, or no longer this one that stands.',
)

/** Keeps an account, until a day or for good: by whoever answers for it, or an administrator. */
export async function keepAccount(
  needs: CleanupNeeds,
  caller: CallerFacts,
  caseId: string,
  { reason, until }: { readonly reason: string; readonly until?: string | undefined },
): Promise<Decided> {
  const person = personOfCase(caseId)
  const found = await readCase(needs.tables, caseId)
  if (person === undefined || found === undefined) return notFound
  const isHis = await answersFor(needs, caller, found)
  if (!isHis && !maySee(caller, found)) return notFound
  if (!isHis)
    return refused('not-allowed', 'not-yours', 'You do not answer for this account any more.')
  const now = needs.now()
  const end = until === undefined ? undefined : Date.parse(until)
  if (end !== undefined && (end <= now.getTime() || end > now.getTime() + longestKeep)) {
    return invalidField('/until', 'It is not within a year from now.')
  }
  const stream = await openPerson(needs.tables, person)
  const record = stream.state?.cleanup
  const current = record?.case
  const isOpen = current?.state === 'planned' || current?.state === 'kept'
  if (record === undefined || current?.id !== caseId || !isOpen) return tooLate
  if (current.attempt !== undefined) return tooLate
  const { keepUntil: _, ...rest } = current
  const actor = actorOf(caller)
  const change = {
    reasons: [],
    decidedBy: actor,
    ...(end === undefined ? {} : { keepUntil: new Date(end).toISOString() }),
  }
  const draft = moveCleanup({ ...record, case: rest }, 'kept', {
    now,
    actor,
    comment: reason,
    change,
  })
  const written = await recordCleanup(needs, stream, draft)
  return written === undefined ? tooLate : { kind: 'decided', cleanup: draft.case }
}

/** Brings an account back that was disabled or deleted here. */
export async function restoreCleaned(
  needs: CleanupNeeds,
  caller: CallerFacts,
  caseId: string,
  reason: string,
): Promise<Decided> {
  const person = personOfCase(caseId)
  const found = await readCase(needs.tables, caseId)
  if (person === undefined || found === undefined) return notFound
  const stream = await openPerson(needs.tables, person)
  const current = stream.state?.cleanup?.case
  if (current?.id !== caseId || current.state !== 'done' || current.action === 'report')
    return tooLate
  const until = current.restorableUntil
  if (until !== undefined && Date.parse(until) <= needs.now().getTime()) {
    return refused('gone', 'not-restorable', `It could be restored until ${until}.`)
  }
  if (current.attempt === undefined) await restoreAccount(needs, stream, actorOf(caller), reason)
  return { kind: 'decided', cleanup: (await readCase(needs.tables, caseId)) ?? current }
}

/** One page of the cleanups that a caller may see, newest first. */
export async function listCleanups(
  needs: Pick<CleanupNeeds, 'tables'>,
  caller: CallerFacts,
  filter: { readonly state?: string; readonly integration?: string },
  limit: number,
  after: string | undefined,
): Promise<{ readonly cleanups: readonly CleanupCase[]; readonly next?: string }> {
  const cleanups: CleanupCase[] = []
  let cursor = after
  for (;;) {
    const { rows, isLast } = await caseRows(needs.tables, rowsAtOnce, cursor)
    const read = await Promise.all(rows.map(({ id }) => readCase(needs.tables, id)))
    for (const [index, found] of read.entries()) {
      cursor = rows[index]?.key
      if (found === undefined || !maySee(caller, found) || !matches(found, filter)) continue
      cleanups.push(found)
      const isEnd = isLast && index === rows.length - 1
      if (cleanups.length === limit) {
        return isEnd || cursor === undefined ? { cleanups } : { cleanups, next: cursor }
      }
    }
    if (isLast) return { cleanups }
  }
}

/** A cleanup as the API shows it. */
export function cleanupView(cleanup: CleanupCase) {
  const { id, integration, user, action, state, reasons, lastAccessEndedAt, decidedBy } = cleanup
  const { announcedAt, actsAt, keepUntil, doneAt, sessions, restorableUntil } = cleanup
  const optional = { announcedAt, actsAt, keepUntil, doneAt, sessions, restorableUntil }
  return {
    ...{ id, integration, user, action, state, reasons, lastAccessEndedAt },
    told: cleanup.told,
    ...(decidedBy === undefined ? {} : { decidedBy: decidedBy.id }),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

/** Whether the directory says now that the caller answers for the account. */
async function answersFor(
  needs: CleanupNeeds,
  caller: CallerFacts,
  { user, integration }: CleanupCase,
): Promise<boolean> {
  if (isAdministrator(caller)) return true
  // Nobody keeps himself.
  if (caller.kind !== 'user' || caller.id === user.id) return false
  const { integrations } = await needs.readConfiguration()
  const { owner } = integrations.find(({ name }) => name === integration) ?? {}
  const answerable = await answerableFor(needs, user.id, owner)
  if (answerable.some(({ id }) => id === caller.id)) return true
  const groups = owner?.attribute === 'group' ? owner.values : []
  if (groups.length === 0) return false
  const { memberOf } = await needs.directory.lookUp({ people: [caller.id], groups })
  return (memberOf.get(caller.id)?.size ?? 0) > 0
}

function maySee(caller: CallerFacts, { told }: CleanupCase): boolean {
  return seesEverything(caller) || told.some(({ id }) => id === caller.id)
}

function matches(
  { state, integrations }: CleanupCase,
  filter: { readonly state?: string; readonly integration?: string },
): boolean {
  const wanted = filter.integration?.toLowerCase()
  return (
    (filter.state === undefined || filter.state === state) &&
    (wanted === undefined || integrations.some((name) => name.toLowerCase() === wanted))
  )
}
