import type { Change, Collections } from '../../collections.ts'
import type { PimRequest, PimSchedule, PimScheduleInfo, PimTarget } from '../../pim-records.ts'
import { notSimulated } from '../answers.ts'
import type { AuditSource } from '../audit-entry.ts'
import type { GraphCall } from '../graph-call.ts'
import {
  addEntry,
  assignmentOf,
  isHeld,
  pimAudits,
  removeEntry,
  schedulesOf,
} from './directory-entry.ts'
import {
  alreadyAssigned,
  invalidRequest,
  notAssigned,
  stillPending,
  tooShort,
} from './pim-refusals.ts'
import { isTooYoung, refuseWindow, type Window } from './schedule-window.ts'

/** A request that was understood, before it is weighed against what is there. */
export interface AskedSchedule {
  readonly requestId: string
  readonly scheduleId: string
  readonly target: PimTarget
  readonly justification: string | null
}

/** What comes of a request. */
export interface Decision {
  readonly status: PimRequest['status']
  readonly scheduleInfo: PimScheduleInfo | null
  readonly targetScheduleId: string
  readonly changes: readonly Change[]
}

/** `adminAssign`: active at once, or when its start comes. */
export function assign(call: GraphCall, asked: AskedSchedule, window: Window): Decision {
  const { tenant, now } = call
  const { target, requestId, scheduleId } = asked
  refuseWindow(target.kind, window.start, window.end, asked.justification, tenant.settings)
  refuseWhilePending(target, tenant)
  if (isHeld(target, tenant) || isOverlapping(window, schedulesOf(target, tenant))) {
    throw alreadyAssigned()
  }
  const isLater = window.start > now
  const delay = isLater ? 0 : tenant.settings.provisioningSeconds * 1000
  const shifted = (time: Date) => new Date(time.getTime() + delay).toISOString()
  const schedule: PimSchedule = {
    id: scheduleId,
    target,
    assignmentType: 'Assigned',
    startDateTime: shifted(window.start),
    endDateTime: endOf(window, delay),
    isActive: false,
    assignmentId: null,
    createdUsing: requestId,
    createdDateTime: now.toISOString(),
    modifiedDateTime: null,
  }
  return {
    scheduleInfo: { startDateTime: schedule.startDateTime, expiration: window.expiration },
    targetScheduleId: scheduleId,
    ...(isLater || delay > 0
      ? {
          status: isLater ? ('Granted' as const) : ('PendingProvisioning' as const),
          changes: [{ put: 'pimSchedules', id: scheduleId, value: schedule }],
        }
      : { status: 'Provisioned' as const, changes: activation(call, schedule) }),
  }
}

/** An active schedule with its entry in the directory. */
export function activation(source: AuditSource, schedule: PimSchedule): readonly Change[] {
  const { changes, assignmentId } = addEntry(schedule.target, source.tenant)
  const value = { ...schedule, isActive: true, assignmentId }
  return [
    ...changes,
    { put: 'pimSchedules', id: schedule.id, value },
    ...pimAudits(source, schedule.target, 'Add', schedule.endDateTime),
  ]
}

/** `adminUpdate` and `adminExtend`: another end, and for one that waits another start. */
export function change(
  call: GraphCall,
  asked: AskedSchedule,
  window: Window,
  action: 'adminUpdate' | 'adminExtend',
): Decision {
  const { tenant, now } = call
  const { target } = asked
  refuseWhilePending(target, tenant)
  const schedules = schedulesOf(target, tenant)
  const found = assigned(schedules) ?? standing(call, asked)
  if (found === undefined) throw notAssigned()
  if (action === 'adminExtend' && !isLonger(window, found)) throw invalidRequest()
  if (found.isActive && window.start > now) {
    throw notSimulated('a later start for an assignment that is active')
  }
  const start = found.isActive ? new Date(found.startDateTime) : window.start
  refuseWindow(target.kind, start, window.end, asked.justification, tenant.settings)
  if (window.end !== null && window.end <= now) throw tooShort()
  const others = schedules.filter(({ id }) => id !== found.id)
  if (isOverlapping({ ...window, start }, others)) throw alreadyAssigned()

  const value: PimSchedule = {
    ...found,
    startDateTime: start.toISOString(),
    endDateTime: endOf(window, 0),
    modifiedDateTime: now.toISOString(),
  }
  return {
    status: found.isActive ? 'Provisioned' : 'Granted',
    scheduleInfo: { startDateTime: start.toISOString(), expiration: window.expiration },
    targetScheduleId: found.id,
    changes: [{ put: 'pimSchedules', id: found.id, value }],
  }
}

/** `adminRemove` names no schedule: it takes whatever was assigned, a standing one too. */
export function remove(call: GraphCall, { target, scheduleId }: AskedSchedule): Decision {
  const { tenant, now } = call
  refuseWhilePending(target, tenant)
  const schedules = schedulesOf(target, tenant)
  const active = schedules.find(({ isActive }) => isActive)
  if (active?.assignmentType === 'Activated') throw notAssigned()
  const isThere = isHeld(target, tenant)
  const waiting = schedules.filter(({ isActive }) => !isActive)
  if (!isThere && waiting.length === 0) throw notAssigned()
  if (isThere && active !== undefined && isTooYoung(active.startDateTime, now)) throw tooShort()

  // Those that wait are only taken when nothing is active: one request, one assignment.
  const gone = isThere ? schedules.filter(({ isActive }) => isActive) : waiting
  return {
    status: 'Revoked',
    scheduleInfo: null,
    targetScheduleId: gone[0]?.id ?? scheduleId,
    changes: [
      ...(isThere ? removeEntry(target, tenant) : []),
      ...gone.map(({ id }) => ({ drop: 'pimSchedules', id }) as const),
      ...(isThere ? pimAudits(call, target, 'Remove', active?.endDateTime ?? null) : []),
    ],
  }
}

function refuseWhilePending(target: PimTarget, tenant: Collections): void {
  const isPending = schedulesOf(target, tenant).some(
    ({ createdUsing }) => tenant.pimRequests.get(createdUsing)?.status === 'PendingProvisioning',
  )
  if (isPending) throw stillPending()
}

function isOverlapping({ start, end }: Window, schedules: readonly PimSchedule[]): boolean {
  return schedules.some(
    (one) =>
      (end === null || one.startDateTime < end.toISOString()) &&
      (one.endDateTime === null || start.toISOString() < one.endDateTime),
  )
}

function isLonger({ end }: Window, { endDateTime }: PimSchedule): boolean {
  if (endDateTime === null) return false
  return end === null || end.toISOString() > endDateTime
}

function assigned(schedules: readonly PimSchedule[]): PimSchedule | undefined {
  const ours = schedules.filter(({ assignmentType }) => assignmentType === 'Assigned')
  return ours.find(({ isActive }) => isActive) ?? ours[0]
}

/** A standing assignment becomes one with a schedule when it is changed. */
function standing({ tenant, now }: GraphCall, asked: AskedSchedule): PimSchedule | undefined {
  const { target } = asked
  if (!isHeld(target, tenant) || schedulesOf(target, tenant).some(({ isActive }) => isActive)) {
    return undefined
  }
  return {
    id: asked.scheduleId,
    target,
    assignmentType: 'Assigned',
    startDateTime: now.toISOString(),
    endDateTime: null,
    isActive: true,
    assignmentId: target.kind === 'role' ? (assignmentOf(target, tenant)?.id ?? null) : null,
    createdUsing: asked.requestId,
    createdDateTime: now.toISOString(),
    modifiedDateTime: null,
  }
}

function endOf({ end, expiration }: Window, delay: number): string | null {
  if (end === null) return null
  const shift = expiration.type === 'afterDuration' ? delay : 0
  return new Date(end.getTime() + shift).toISOString()
}
