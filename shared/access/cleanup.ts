/*
 * Over 300 lines on purpose: the whole life of a cleanup, from which state to which and when, is read
 * in one place. Functions of (record, event, now), without I/O.
 */
import type { CleanupReason } from './cleanup-checks.ts'
import { byHarshness, type CleanupRule, milder } from './cleanup-rule.ts'
import { type Actor, type EventDraft, system } from './events.ts'
import type { CleanupAction, UserType } from './user-cleanup.ts'

export type CleanupState = 'planned' | 'kept' | 'done' | 'refused' | 'restored'

/** A call to the directory that may be under way; it is over by its deadline. */
export interface CleanupAttempt {
  readonly id: string
  readonly kind: 'act' | 'restore'
  readonly startedAt: string
  readonly deadline: string
}

/** Somebody who was told of a plan, and in which role. */
export interface ToldPerson {
  readonly id: string
  readonly as: 'sponsor' | 'manager' | 'integration-owner'
}

/** One person's cleanup from its announcement on. Instants are ISO 8601 text in UTC. */
export interface CleanupCase {
  readonly id: string
  readonly state: CleanupState
  readonly user: { readonly id: string; readonly name: string; readonly userType: UserType }
  readonly integration: string
  readonly integrations: readonly string[]
  readonly action: CleanupAction
  readonly lastAccessEndedAt: string
  /** Absent where nothing was announced: it was refused before. */
  readonly announcedAt?: string
  readonly told: readonly ToldPerson[]
  readonly actsAt?: string
  readonly keepUntil?: string
  readonly reasons: readonly CleanupReason[]
  readonly decidedBy?: Actor
  readonly attempt?: CleanupAttempt
  readonly doneAt?: string
  readonly sessions?: 'revoked' | 'not-applicable' | 'refused'
  readonly restorableUntil?: string
  /** Who asked for it back, and why. */
  readonly restoredBy?: Actor
  readonly restoreReason?: string
  /** When a refused one is looked at again. */
  readonly lookAgainAt?: string
}

/** What a person's stream knows of his cleanup. */
export interface CleanupRecord {
  /** When his last access through each integration ended. */
  readonly access: Readonly<Record<string, string>>
  readonly case?: CleanupCase
}

/** A record under change, with the event that stands for it. */
export interface CleanupDraft {
  readonly record: CleanupRecord
  readonly case: CleanupCase
  readonly event: EventDraft
}

/** Whatever is not in this table cannot happen; `undefined` stands for no case at all. */
const transitions: Readonly<Record<CleanupState, readonly CleanupState[]>> = {
  planned: ['kept', 'done', 'refused'],
  /** Somebody may keep on keeping. */
  kept: ['kept'],
  done: ['restored'],
  refused: [],
  restored: [],
}

/** A soft-deleted account can be brought back for so many days. */
export const restorableDays = 30
/** What was refused is looked at again after this many days, or earlier where that is known. */
const lookAgainDays = 7

/** Notes the end of an access; an end that is known already changes nothing. */
export function noteEnd(
  record: CleanupRecord | undefined,
  ends: Readonly<Record<string, string>>,
): CleanupRecord {
  const access = { ...record?.access }
  for (const [integration, at] of Object.entries(ends)) {
    const known = access[integration]
    if (known === undefined || known < at) access[integration] = at
  }
  return { ...record, access }
}

/** What is to be done about a person now. */
export type CleanupStep =
  | { readonly do: 'rest' }
  | { readonly do: 'wait'; readonly until: Date }
  /** An attempt broke off: what became of it has to be read. */
  | { readonly do: 'settle' }
  | { readonly do: 'plan'; readonly rule: CleanupRule }
  | { readonly do: 'act'; readonly rule: CleanupRule; readonly action: CleanupAction }
  /** The plan no longer follows from any rule. */
  | { readonly do: 'drop' }

/** Decides what comes next, from what is recorded and the rule that holds now. */
export function nextCleanupStep(
  { case: current }: CleanupRecord,
  rule: CleanupRule | undefined,
  now: Date,
  day: number,
): CleanupStep {
  if (current?.attempt !== undefined) {
    return waitOr(Date.parse(current.attempt.deadline), now, { do: 'settle' })
  }
  if (current?.state === 'planned') {
    if (rule === undefined) return { do: 'drop' }
    const announced = Date.parse(current.announcedAt ?? '')
    // Settings that were shortened since do not shorten what was announced; longer ones count.
    const at = Math.max(
      Date.parse(current.actsAt ?? ''),
      rule.dueAt.getTime(),
      announced + rule.announceDays * day,
    )
    return waitOr(at, now, { do: 'act', rule, action: milder(current.action, rule.action) })
  }
  if (rule === undefined) return { do: 'rest' }
  const planned = planAt(rule, day)
  if (current === undefined) return waitOr(planned, now, { do: 'plan', rule })
  const isNews = rule.lastAccessEndedAt.toISOString() > current.lastAccessEndedAt
  switch (current.state) {
    case 'kept':
      if (current.keepUntil === undefined) return { do: 'rest' }
      return waitOr(Math.max(planned, Date.parse(current.keepUntil)), now, { do: 'plan', rule })
    case 'refused':
      if (isNews) return waitOr(planned, now, { do: 'plan', rule })
      if (current.lookAgainAt === undefined) return { do: 'rest' }
      return waitOr(Math.max(planned, Date.parse(current.lookAgainAt)), now, { do: 'plan', rule })
    case 'done':
      if (isNews) return waitOr(planned, now, { do: 'plan', rule })
      // Only a report leaves something to be done when the rule becomes harsher.
      if (current.action !== 'report') return { do: 'rest' }
      if (byHarshness(current.action, rule.action) < 0) return { do: 'plan', rule }
      return rule.reportsUntil === undefined
        ? { do: 'rest' }
        : { do: 'wait', until: rule.reportsUntil }
    case 'restored':
      return isNews ? waitOr(planned, now, { do: 'plan', rule }) : { do: 'rest' }
  }
}

/** Announced so early that the action comes at its time. */
function planAt({ dueAt, announceDays, lastAccessEndedAt }: CleanupRule, day: number): number {
  return Math.max(lastAccessEndedAt.getTime(), dueAt.getTime() - announceDays * day)
}

function waitOr(at: number, now: Date, step: CleanupStep): CleanupStep {
  return at > now.getTime() ? { do: 'wait', until: new Date(at) } : step
}

interface Opening {
  readonly id: string
  readonly user: CleanupCase['user']
  readonly rule: CleanupRule
  readonly now: Date
  readonly day: number
}

/** Between plan and action a request that is under way has the time to show itself. */
const leastAnnouncement = 10 * 60_000

/** Plans a cleanup: announced now, acted on when the announcement has run its time. */
export function planCleanup(
  record: CleanupRecord,
  opening: Opening,
  told: readonly ToldPerson[],
): CleanupDraft {
  const { rule, now, day } = opening
  const announced =
    now.getTime() + Math.max(rule.announceDays * day, Math.min(leastAnnouncement, day))
  return opened(record, opening, 'planned', {
    announcedAt: now.toISOString(),
    actsAt: new Date(Math.max(announced, rule.dueAt.getTime())).toISOString(),
    told,
  })
}

/** Records why somebody is not even announced. */
export function refuseToPlan(
  record: CleanupRecord,
  opening: Opening,
  reasons: readonly CleanupReason[],
): CleanupDraft {
  return opened(record, opening, 'refused', {
    reasons,
    ...lookAgain(reasons, opening.now, opening.day),
  })
}

/** Whether a refusal says the same as the one that is recorded: then it is no news. */
export function isSameRefusal(
  { case: current }: CleanupRecord,
  rule: CleanupRule,
  reasons: readonly CleanupReason[],
): boolean {
  return (
    current?.state === 'refused' &&
    current.integration === rule.integration &&
    current.reasons.join() === reasons.join()
  )
}

/** Puts off the next look at what stays refused; no change of state, so no event. */
export function refuseAgain(
  record: CleanupRecord,
  rule: CleanupRule,
  now: Date,
  day: number,
): CleanupRecord {
  const { case: current } = record
  if (current === undefined) return record
  const lastAccessEndedAt = rule.lastAccessEndedAt.toISOString()
  const again = lookAgain(current.reasons, now, day)
  return { ...record, case: { ...current, lastAccessEndedAt, ...again } }
}

function lookAgain(reasons: readonly CleanupReason[], now: Date, day: number) {
  // Who is gone does not come back by himself; a new access ends with news of its own.
  if (reasons.includes('person-gone')) return {}
  const days = reasons.includes('unclear') ? 1 : lookAgainDays
  return { lookAgainAt: new Date(now.getTime() + days * day).toISOString() }
}

function opened(
  record: CleanupRecord,
  { id, user, rule, now }: Opening,
  state: 'planned' | 'refused',
  more: Partial<CleanupCase>,
): CleanupDraft {
  const current: CleanupCase = {
    id,
    state,
    user,
    integration: rule.integration,
    integrations: rule.integrations,
    action: rule.action,
    lastAccessEndedAt: rule.lastAccessEndedAt.toISOString(),
    told: [],
    reasons: [],
    ...more,
  }
  return draft({ ...record, case: current }, current, now, system, undefined)
}

interface Move {
  readonly now: Date
  readonly actor?: Actor
  /** Free text of the one who decided. */
  readonly comment?: string
  readonly change?: Partial<CleanupCase>
  readonly graphRequestId?: string
}

/** Moves a case to another state and makes the one event that stands for it. */
export function moveCleanup(
  record: CleanupRecord,
  to: CleanupState,
  { now, actor = system, comment, change = {}, graphRequestId }: Move,
): CleanupDraft {
  const { case: current } = record
  if (current === undefined || !transitions[current.state].includes(to)) {
    throw new Error(`Cannot go from ${current?.state ?? 'nothing'} to ${to}: no such transition`)
  }
  const { attempt: _, ...rest } = current
  const moved: CleanupCase = { ...rest, ...change, state: to }
  return draft({ ...record, case: moved }, moved, now, actor, comment, graphRequestId)
}

/** Refuses a planned cleanup in the moment of acting; a later look announces it anew. */
export function refuseCleanup(
  record: CleanupRecord,
  reasons: readonly CleanupReason[],
  now: Date,
  day: number,
  graphRequestId?: string,
): CleanupDraft {
  const change = { reasons, ...lookAgain(reasons, now, day) }
  const told = graphRequestId === undefined ? {} : { graphRequestId }
  return moveCleanup(record, 'refused', { now, change, ...told })
}

/** Opens an attempt on the case that stands: the intent, before anything is asked of the directory. */
export function attemptCleanup(record: CleanupRecord, attempt: CleanupAttempt): CleanupRecord {
  const { case: current } = record
  if (current === undefined) throw new Error('Cannot act: no cleanup is planned')
  return { ...record, case: { ...current, attempt } }
}

/** Closes an attempt without a result: it certainly did not take effect. */
export function withoutAttempt(record: CleanupRecord): CleanupRecord {
  if (record.case === undefined) return record
  const { attempt: _, ...rest } = record.case
  return { ...record, case: rest }
}

function draft(
  record: CleanupRecord,
  moved: CleanupCase,
  now: Date,
  actor: Actor,
  comment: string | undefined,
  graphRequestId?: string,
): CleanupDraft {
  const { user, state, integration, ...facts } = moved
  return {
    record,
    case: moved,
    event: {
      event: `cleanup.${state}`,
      at: now.toISOString(),
      actor,
      grantee: user.id,
      integration,
      ...(comment === undefined ? {} : { reason: comment }),
      ...(graphRequestId === undefined ? {} : { graphRequestId }),
      detail: {
        cleanup: facts.id,
        action: facts.action,
        userType: user.userType,
        integrations: facts.integrations,
        lastAccessEndedAt: facts.lastAccessEndedAt,
        ...(facts.announcedAt === undefined ? {} : { announcedAt: facts.announcedAt }),
        ...(facts.actsAt === undefined ? {} : { actsAt: facts.actsAt }),
        ...(facts.told.length === 0 ? {} : { told: facts.told }),
        ...(facts.keepUntil === undefined ? {} : { keepUntil: facts.keepUntil }),
        ...(facts.reasons.length === 0 ? {} : { reasons: facts.reasons }),
        ...(facts.sessions === undefined ? {} : { sessions: facts.sessions }),
        ...(facts.restorableUntil === undefined ? {} : { restorableUntil: facts.restorableUntil }),
      },
    },
  }
}
