import type { Change, Collections } from '../../collections.ts'
import type { PimSchedule } from '../../pim-records.ts'
import type { State } from '../../state.ts'
import { objectView } from '../objects.ts'
import { activation } from './decide-request.ts'
import { isHeld, pimAudits, removeEntry } from './directory-entry.ts'

/**
 * Lets happen what the clock has made due: starts and ends of schedules, in the order of their times.
 *
 * Called before each request is answered, so that no timer is needed: nobody can see the difference.
 */
export function runSchedules(state: State, now: Date): void {
  for (;;) {
    const tenant = state.now()
    const due = nextDue(tenant, now.toISOString())
    if (due === undefined) return
    state.apply(due.isActive ? ended(due, tenant) : started(due, tenant))
  }
}

function nextDue(tenant: Collections, now: string): PimSchedule | undefined {
  let next: PimSchedule | undefined
  for (const schedule of tenant.pimSchedules.values()) {
    const time = timeOf(schedule)
    if (time === null || time > now || isAsleep(schedule, tenant)) continue
    if (next === undefined || isEarlier(schedule, next)) next = schedule
  }
  return next
}

function timeOf({ isActive, startDateTime, endDateTime }: PimSchedule): string | null {
  return isActive ? endDateTime : startDateTime
}

/** Of two at the same time the end goes first: one window may touch the next. */
function isEarlier(one: PimSchedule, other: PimSchedule): boolean {
  const [first = '', second = ''] = [timeOf(one) ?? '', timeOf(other) ?? '']
  return first < second || (first === second && one.isActive && !other.isActive)
}

/** A deleted group keeps its links, and its schedules wait for what becomes of it. */
function isAsleep({ target }: PimSchedule, { deleted }: Collections): boolean {
  return target.kind === 'group' && deleted.has(target.groupId)
}

function ended(schedule: PimSchedule, tenant: Collections): readonly Change[] {
  const { id, target, endDateTime } = schedule
  const drop: Change = { drop: 'pimSchedules', id }
  if (!isHeld(target, tenant)) return [drop]
  const source = { now: new Date(endDateTime ?? 0), tenant, appId: '' }
  const audits = pimAudits(source, target, 'Remove', endDateTime)
  return [...removeEntry(target, tenant), drop, ...audits]
}

function started(schedule: PimSchedule, tenant: Collections): readonly Change[] {
  const { target, startDateTime, createdUsing } = schedule
  const request = tenant.pimRequests.get(createdUsing)
  const completed = (status: 'Provisioned' | 'Failed'): readonly Change[] => {
    if (request === undefined) return []
    const value = { ...request, status, completedDateTime: startDateTime }
    return [{ put: 'pimRequests', id: createdUsing, value }]
  }
  if (isHeld(target, tenant) || !isPossible(schedule, tenant)) {
    return [{ drop: 'pimSchedules', id: schedule.id }, ...completed('Failed')]
  }
  const source = { now: new Date(startDateTime), tenant, appId: '' }
  return [...activation(source, schedule), ...completed('Provisioned')]
}

/** Both ends of the assignment have to be there still. */
function isPossible({ target }: PimSchedule, tenant: Collections): boolean {
  const where =
    target.kind === 'role'
      ? tenant.roleDefinitions.has(target.roleDefinitionId)
      : tenant.groups.has(target.groupId)
  return where && objectView(target.principalId, tenant) !== undefined
}
