import type { AccessKey } from '../access/access.ts'
import {
  type AskedSchedule,
  type FoundSchedule,
  isOwn,
  type OwnSchedule,
  youngestMilliseconds,
} from '../access/schedule.ts'
import type { RefusedWrite, WriteOutcome } from './directory.ts'
import { objectionTo } from './memory-answers.ts'
import { linkKey, type MemoryTenant } from './memory-tenant.ts'

/** A write of a schedule, as it was asked. */
export type ScheduleWrite =
  | { readonly operation: 'add'; readonly asked: AskedSchedule }
  | { readonly operation: 'update'; readonly own: OwnSchedule; readonly asked: AskedSchedule }
  | { readonly operation: 'remove'; readonly own: OwnSchedule }

/** What is active of an access, with its schedule; one for good where it has none. */
export function scheduleIn(state: MemoryTenant, access: AccessKey): FoundSchedule | undefined {
  const key = linkKey(access)
  const link = state.links.get(key)
  if (link === undefined) return undefined
  return state.schedules.get(key) ?? { id: link, by: 'assigned' }
}

/** What the directory does with a write of a schedule in a given state. */
export function weighSchedule(
  state: MemoryTenant,
  write: ScheduleWrite,
  access: AccessKey,
  tenantId: string,
  now: Date,
): WriteOutcome {
  const refused = (reason: RefusedWrite): WriteOutcome => ({
    kind: 'refused',
    reason,
    detail: reason,
  })
  if (!state.pim.isLicensed) return refused('unlicensed')
  const objection = objectionTo(state, write.operation, access, tenantId)
  if (objection !== undefined) return objection
  const found = scheduleIn(state, access)
  if (write.operation === 'add') {
    if (isBeyondRules(state, write.asked, now, now)) return refused('policy')
    return found === undefined ? { kind: 'done' } : { kind: 'already', found }
  }
  if (found === undefined) return { kind: 'already' }
  if (!isOwn(found, write.own)) return { kind: 'already', found }
  const started = new Date(found.startedAt ?? now)
  if (write.operation === 'update') {
    return isBeyondRules(state, write.asked, started, now) ? refused('policy') : { kind: 'done' }
  }
  const until = new Date(started.getTime() + youngestMilliseconds)
  return now < until ? { kind: 'too-early', until: until.toISOString() } : { kind: 'done' }
}

/** The schedule that a write leaves behind. */
export function scheduleAfter(
  state: MemoryTenant,
  access: AccessKey,
  asked: AskedSchedule,
  id: string,
  now: Date,
): FoundSchedule {
  const former = scheduleIn(state, access)
  return {
    id: former?.id ?? id,
    by: 'assigned',
    startedAt: former?.startedAt ?? now.toISOString(),
    endsAt: asked.endsAt,
  }
}

/** The links whose schedules are over: the directory takes them by itself. */
export function endedLinks({ schedules }: MemoryTenant, now: Date): readonly string[] {
  return [...schedules].flatMap(([key, { endsAt }]) =>
    endsAt !== undefined && Date.parse(endsAt) <= now.getTime() ? [key] : [],
  )
}

function isBeyondRules(
  { pim }: MemoryTenant,
  { endsAt }: AskedSchedule,
  start: Date,
  now: Date,
): boolean {
  const end = Date.parse(endsAt)
  const length = end - start.getTime()
  return end <= now.getTime() || length < youngestMilliseconds || length > pim.longestMilliseconds
}
