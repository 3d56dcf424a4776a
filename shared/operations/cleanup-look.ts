import {
  type CleanupRecord,
  type CleanupStep,
  isSameRefusal,
  moveCleanup,
  nextCleanupStep,
  planCleanup,
  refuseAgain,
  refuseToPlan,
} from '../access/cleanup.ts'
import { type CleanupReason, type Spared, weighCleanup } from '../access/cleanup-checks.ts'
import { type CleanupRule, ruleFor, type SeenRule } from '../access/cleanup-rule.ts'
import { putHolders } from '../ledger/cleanup-rows.ts'
import { newUlid } from '../ledger/ids.ts'
import type { PersonStream } from '../ledger/person-stream.ts'
import { answerableFor, openWorkOf, toldOf } from './cleanup-facts.ts'
import type { CleanupNeeds } from './cleanup-needs.ts'
import { layAhead, noteCleanup, recordCleanup } from './cleanup-record.ts'
import type { Configuration } from './system-stream.ts'

/** What a run goes by: the configuration, and what was seen of it. */
export interface CleanupContext {
  readonly configuration: Configuration
  readonly seen: Readonly<Record<string, SeenRule>>
}

export function stepFor(
  needs: CleanupNeeds,
  { configuration, seen }: CleanupContext,
  record: CleanupRecord,
): CleanupStep {
  const { day } = needs.cleanup
  const now = needs.now()
  const { integrations } = configuration
  const rule = ruleFor(record.access, { integrations, seen, day, now })
  return nextCleanupStep(record, rule, now, day)
}

/** What a look at a person came to: when the next one is, undefined for never; or that he is due. */
export type Looked =
  | { readonly next: Date | undefined }
  | { readonly candidate: PersonStream; readonly rule: CleanupRule }
  | 'settle'

/** Looks at one person: plans, refuses, drops a plan, or finds that his time has come. */
export async function lookAtPerson(
  needs: CleanupNeeds,
  context: CleanupContext,
  stream: PersonStream,
  spared: () => Promise<Spared>,
): Promise<Looked> {
  const record = stream.state?.cleanup
  if (record === undefined) return { next: undefined }
  const step = stepFor(needs, context, record)
  switch (step.do) {
    case 'rest':
      return { next: undefined }
    case 'wait':
      return { next: step.until }
    case 'settle':
      return 'settle'
    case 'act':
      return { candidate: stream, rule: step.rule }
    case 'drop': {
      const now = needs.now()
      const change = { reasons: ['no-longer-asked-for'], keepUntil: now.toISOString() } as const
      await recordCleanup(needs, stream, moveCleanup(record, 'kept', { now, change }))
      return { next: undefined }
    }
    case 'plan':
      return plan(needs, context, stream, record, step.rule, await spared())
  }
}

async function plan(
  needs: CleanupNeeds,
  context: CleanupContext,
  stream: PersonStream,
  record: CleanupRecord,
  rule: CleanupRule,
  spared: Spared,
): Promise<Looked> {
  const { day } = needs.cleanup
  const person = stream.partition.slice('u-'.length)
  const open = await openWorkOf(needs, person)
  // The end of what is active is news of its own; what only waits may never come to that.
  if (open === 'active') return { next: undefined }
  const now = needs.now()
  if (open !== 'none') return { next: new Date(now.getTime() + day) }
  const account = await needs.accounts.read(person)
  if (account !== 'gone') {
    const { userType, enabled } = account
    await putHolders(needs.tables, [{ id: person, userType, enabled: enabled === true }])
  }
  const facts = { account, hasOpen: false, spared }
  const reasons: CleanupReason[] = [...weighCleanup(facts, rule, rule.action, day, now)]
  const owner = context.configuration.integrations.find(
    ({ name }) => name === rule.integration,
  )?.owner
  const told = account === 'gone' ? [] : toldOf(await answerableFor(needs, person, owner))
  if (reasons.length === 0 && told.length === 0) reasons.push('nobody-told')
  if (reasons.length > 0 && isSameRefusal(record, rule, reasons)) {
    const again = refuseAgain(record, rule, now, day)
    await noteCleanup(needs, stream, again)
    return { next: asDate(again.case?.lookAgainAt) }
  }
  const user =
    account === 'gone'
      ? (record.case?.user ?? { id: person, name: '', userType: 'guest' as const })
      : { id: person, name: account.name, userType: account.userType }
  const opening = { id: `${person}-${newUlid(now, needs.random)}`, user, rule, now, day }
  const draft =
    reasons.length === 0
      ? planCleanup(record, opening, told)
      : refuseToPlan(record, opening, reasons)
  const next = asDate(draft.case.actsAt ?? draft.case.lookAgainAt)
  // Laid ahead: nobody who was announced may be forgotten.
  if (next !== undefined) await layAhead(needs, next, person)
  const written = await recordCleanup(needs, stream, draft)
  return { next: written === undefined ? now : next }
}

function asDate(at: string | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at)
}
