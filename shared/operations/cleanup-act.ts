import {
  attemptCleanup,
  type CleanupCase,
  type CleanupRecord,
  moveCleanup,
  refuseCleanup,
  restorableDays,
  withoutAttempt,
} from '../access/cleanup.ts'
import { type CleanupReason, weighCleanup } from '../access/cleanup-checks.ts'
import type { CleanupRule } from '../access/cleanup-rule.ts'
import type { Actor } from '../access/events.ts'
import type { CleanupAction } from '../access/user-cleanup.ts'
import type { AccountWrite } from '../directory/accounts.ts'
import type { WriteOutcome } from '../directory/directory.ts'
import { layLook } from '../ledger/cleanup-rows.ts'
import { newUlid } from '../ledger/ids.ts'
import { openPerson, type PersonStream } from '../ledger/person-stream.ts'
import { openWorkOf, readSpared } from './cleanup-facts.ts'
import { type CleanupContext, stepFor } from './cleanup-look.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'
import { layAhead, noteCleanup, recordCleanup } from './cleanup-record.ts'
import { takeOfDay } from './cleanup-stream.ts'

const attemptMilliseconds = 20_000

/** What acting came to; `later` leaves everything to another run. */
export type Acted =
  | { readonly kind: 'done' | 'refused' | 'kept'; readonly next: Date | undefined }
  | { readonly kind: 'later'; readonly next: Date }

/** What the checks say in this moment. */
export type Weighed =
  | { readonly kind: 'clear'; readonly enabled: boolean }
  | { readonly kind: 'open' }
  /** The sweep is behind, so that a request may not have shown itself yet. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'no'; readonly reasons: readonly CleanupReason[] }

/** Makes every check again, on what can be read now. */
export async function weighNow(
  needs: CleanupNeeds,
  { configuration }: CleanupContext,
  person: string,
  rule: CleanupRule,
  action: CleanupAction,
): Promise<Weighed> {
  const open = await openWorkOf(needs, person)
  if (open === 'behind') return { kind: 'behind' }
  if (open !== 'none') return { kind: 'open' }
  const spared = await readSpared(needs, configuration)
  const account = await needs.accounts.read(person)
  const facts = { account, hasOpen: false, spared }
  const reasons = weighCleanup(facts, rule, action, needs.cleanup.day, needs.now())
  if (reasons.length > 0) return { kind: 'no', reasons }
  return { kind: 'clear', enabled: account !== 'gone' && account.enabled === true }
}

/**
 * Acts on one person whose time has come. The head is read before the checks and the intent is
 * written under its version: a request that comes in between writes there too, so one of them loses.
 */
export async function actOn(
  needs: CleanupNeeds,
  context: CleanupContext,
  person: string,
): Promise<Acted> {
  const stream = await openPerson(needs.tables, person)
  const record = stream.state?.cleanup
  const { day } = needs.cleanup
  const later: Acted = { kind: 'later', next: new Date(needs.now().getTime() + day) }
  if (record?.case === undefined) return { kind: 'later', next: needs.now() }
  const step = stepFor(needs, context, record)
  if (step.do !== 'act') return { kind: 'later', next: needs.now() }
  const weighed = await weighNow(needs, context, person, step.rule, step.action)
  const now = needs.now()
  if (weighed.kind === 'behind') return later
  if (weighed.kind === 'open') {
    const change = { reasons: ['new-request'], keepUntil: now.toISOString() } as const
    await recordCleanup(needs, stream, moveCleanup(record, 'kept', { now, change }))
    return { kind: 'kept', next: later.next }
  }
  if (weighed.kind === 'no') {
    const draft = refuseCleanup(record, weighed.reasons, now, day)
    const next = draft.case.lookAgainAt
    if (next !== undefined) await layAhead(needs, new Date(next), person)
    await recordCleanup(needs, stream, draft)
    return { kind: 'refused', next: next === undefined ? undefined : new Date(next) }
  }
  if (step.action === 'report') {
    const change = { action: step.action, doneAt: now.toISOString() }
    const draft = moveCleanup(record, 'done', { now, change })
    const written = await recordCleanup(needs, stream, draft)
    return written === undefined ? later : { kind: 'done', next: step.rule.reportsUntil }
  }
  const { integration, maxPerDay } = step.rule
  if (!(await takeOfDay(needs, integration, record.case.id, maxPerDay))) return later
  const wanted: CleanupRecord = { ...record, case: { ...record.case, action: step.action } }
  const intended = await intend(needs, stream, wanted, 'act')
  if (intended === undefined) return later
  return carryOut(needs, intended)
}

/** The intent: what is about to be asked of the directory, with a look that finds it broken off. */
async function intend(
  needs: CleanupNeeds,
  stream: PersonStream,
  record: CleanupRecord,
  kind: 'act' | 'restore',
): Promise<PersonStream | undefined> {
  const now = needs.now()
  const deadline = new Date(now.getTime() + attemptMilliseconds)
  await layLook(needs.tables, 'attempt', deadline, stream.partition.slice('u-'.length))
  const attempt = {
    id: newUlid(now, needs.random),
    kind,
    startedAt: now.toISOString(),
    deadline: deadline.toISOString(),
  } as const
  return noteCleanup(needs, stream, attemptCleanup(record, attempt))
}

/** Asks the directory for what an open attempt is about, and records what came of it. */
async function carryOut(needs: CleanupNeeds, stream: PersonStream): Promise<Acted> {
  const current = caseOf(stream)
  const limits = limitsOf(current)
  const writes = current.attempt?.kind === 'restore' ? restoring(current) : acting(current)
  let last: WriteOutcome = { kind: 'done' }
  let sessions: CleanupCase['sessions']
  for (const what of writes) {
    last = await needs.accounts.write(current.user.id, what, limits)
    if (what === 'revoke-sessions') {
      // The account is disabled by now: sign-ins are over, whatever becomes of their sessions.
      if (last.kind === 'refused') {
        sessions = 'refused'
        last = { kind: 'done' }
      } else if (last.kind === 'done') sessions = 'revoked'
    }
    if (last.kind !== 'done') break
  }
  return conclude(needs, stream, last, sessions)
}

function acting({ action, user }: CleanupCase): readonly AccountWrite[] {
  if (action === 'delete') return ['delete']
  // Revoking has no effect on the sessions of guests.
  return user.userType === 'guest' ? ['disable'] : ['disable', 'revoke-sessions']
}

function restoring({ action }: CleanupCase): readonly AccountWrite[] {
  return action === 'delete' ? ['restore'] : ['enable']
}

async function conclude(
  needs: CleanupNeeds,
  stream: PersonStream,
  outcome: WriteOutcome,
  sessions: CleanupCase['sessions'],
): Promise<Acted> {
  const record = stream.state?.cleanup ?? { access: {} }
  const current = caseOf(stream)
  const now = needs.now()
  const { day } = needs.cleanup
  const told =
    'graphRequestId' in outcome && outcome.graphRequestId !== undefined
      ? { graphRequestId: outcome.graphRequestId }
      : {}
  const isRestore = current.attempt?.kind === 'restore'
  switch (outcome.kind) {
    case 'done': {
      const draft = isRestore
        ? moveCleanup(record, 'restored', { now, ...whoAsked(current), ...told })
        : moveCleanup(record, 'done', {
            now,
            change: doneChange(current, now, day, sessions),
            ...told,
          })
      await recordCleanup(needs, stream, draft)
      return { kind: 'done', next: undefined }
    }
    case 'refused': {
      needs.log('warning', 'Cannot change an account: the directory refuses', {
        cleanup: current.id,
        detail: outcome.detail,
      })
      if (isRestore) {
        const change = { ...withoutAttempt(record) }
        const { case: open } = change
        if (open !== undefined) {
          const refused = { ...change, case: { ...open, reasons: ['directory-refused'] as const } }
          await noteCleanup(needs, stream, refused)
        }
        return { kind: 'refused', next: undefined }
      }
      const draft = refuseCleanup(record, ['directory-refused'], now, day, outcome.graphRequestId)
      const next = new Date(draft.case.lookAgainAt ?? now)
      await layAhead(needs, next, current.user.id)
      await recordCleanup(needs, stream, draft)
      return { kind: 'refused', next }
    }
    default:
      // Unclear, or certainly not applied: the look at the attempt finds out, after its deadline.
      return { kind: 'later', next: new Date(current.attempt?.deadline ?? now) }
  }
}

function doneChange(
  { action, user }: CleanupCase,
  now: Date,
  day: number,
  sessions: CleanupCase['sessions'],
): Partial<CleanupCase> {
  const until = new Date(now.getTime() + restorableDays * day).toISOString()
  const told = user.userType === 'guest' ? ('not-applicable' as const) : sessions
  return {
    doneAt: now.toISOString(),
    ...(action === 'delete' ? { restorableUntil: until } : {}),
    ...(action === 'disable' && told !== undefined ? { sessions: told } : {}),
  }
}

/**
 * Finds out what became of an attempt that broke off, by what is there now. What did not happen is
 * not repeated blindly: an action goes through every check again, a restore is simply asked again.
 */
export async function settleAttempt(needs: CleanupNeeds, person: string): Promise<void> {
  const stream = await openPerson(needs.tables, person)
  const record = stream.state?.cleanup
  const attempt = record?.case?.attempt
  if (record?.case === undefined || attempt === undefined) return
  if (Date.parse(attempt.deadline) > needs.now().getTime()) return
  const { action, user } = record.case
  const account = await needs.accounts.read(person)
  const isGone = account === 'gone'
  const isRestore = attempt.kind === 'restore'
  const took =
    action === 'delete'
      ? isGone !== isRestore && (isRestore || (await needs.accounts.isDeleted(person)))
      : !isGone && account.enabled === isRestore
  if (took) {
    const isWhole = isRestore || action === 'delete' || user.userType === 'guest'
    const limits = { ...limitsOf(record.case), deadline: soon(needs) }
    const ended = isWhole
      ? ({ kind: 'done' } as const)
      : await needs.accounts.write(person, 'revoke-sessions', limits)
    if (ended.kind !== 'done' && ended.kind !== 'refused') {
      await layLook(needs.tables, 'attempt', soon(needs), person)
      return
    }
    const sessions = ended.kind === 'refused' ? 'refused' : 'revoked'
    await conclude(needs, stream, { kind: 'done' }, isWhole ? undefined : sessions)
    return
  }
  // Nothing took effect. A plan stands as before; a restore was asked for and is asked again.
  if (isRestore && !isGone) await noteCleanup(needs, stream, withoutAttempt(record))
  else if (isRestore && action === 'delete' && (await needs.accounts.isDeleted(person))) {
    const intended = await intend(needs, stream, record, 'restore')
    if (intended !== undefined) await carryOut(needs, intended)
  } else {
    await layAhead(needs, needs.now(), person)
    await noteCleanup(needs, stream, withoutAttempt(record))
  }
}

function soon(needs: CleanupNeeds): Date {
  return new Date(needs.now().getTime() + attemptMilliseconds)
}

/** Brings back an account that was disabled or deleted here; what it held is not given again. */
export async function restoreAccount(
  needs: CleanupNeeds,
  stream: PersonStream,
  actor: Actor,
  comment: string,
): Promise<Acted | undefined> {
  const record = stream.state?.cleanup
  if (record?.case === undefined) return undefined
  const asked = { ...record, case: { ...record.case, restoredBy: actor, restoreReason: comment } }
  const intended = await intend(needs, stream, asked, 'restore')
  return intended === undefined ? undefined : carryOut(needs, intended)
}

function whoAsked({ restoredBy, restoreReason }: CleanupCase) {
  return {
    ...(restoredBy === undefined ? {} : { actor: restoredBy }),
    ...(restoreReason === undefined ? {} : { comment: restoreReason }),
  }
}

function caseOf(stream: PersonStream): CleanupCase {
  const current = stream.state?.cleanup?.case
  if (current === undefined) throw new Error('Cannot act: no cleanup is planned')
  return current
}

function limitsOf({ attempt }: CleanupCase) {
  if (attempt === undefined) throw new Error('Cannot act: no attempt is open')
  return { attemptId: attempt.id, deadline: new Date(attempt.deadline) }
}
