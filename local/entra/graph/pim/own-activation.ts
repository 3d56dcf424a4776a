import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { durationOf } from '../../../../shared/access/duration.ts'
import type { PimRequest, PimSchedule, PimTarget } from '../../pim-records.ts'
import type { State } from '../../state.ts'
import { activation } from './decide-request.ts'
import { isHeld } from './directory-entry.ts'

const who = { principalId: z.string().toLowerCase(), duration: z.string() }

const activationBody = z.union([
  z.strictObject({
    ...who,
    roleDefinitionId: z.string().toLowerCase(),
    directoryScopeId: z.string().default('/'),
  }),
  z.strictObject({
    ...who,
    groupId: z.string().toLowerCase(),
    accessId: z.enum(['member', 'owner']),
  }),
])

/**
 * A person activates something by himself, as he would in the portal of Entra.
 *
 * No application can do that in his name, so tests tell the simulator that it has happened.
 */
export function activateByPerson(state: State, body: unknown, now: Date): PimSchedule {
  const { duration, ...asked } = activationBody.parse(body)
  const target: PimTarget =
    'groupId' in asked ? { kind: 'group', ...asked } : { kind: 'role', ...asked }
  const milliseconds = durationOf(duration)
  if (milliseconds === undefined) throw new Error(`Cannot read the duration '${duration}'`)
  if (isHeld(target, state.now())) throw new Error('Cannot activate what is active')
  const id = randomUUID()
  const startDateTime = now.toISOString()
  const schedule: PimSchedule = {
    ...{ id, target, startDateTime },
    assignmentType: 'Activated',
    endDateTime: new Date(now.getTime() + milliseconds).toISOString(),
    isActive: true,
    assignmentId: null,
    createdUsing: id,
    createdDateTime: startDateTime,
    modifiedDateTime: null,
  }
  const request: PimRequest = {
    ...{ id, target },
    action: 'selfActivate',
    status: 'Provisioned',
    createdDateTime: startDateTime,
    completedDateTime: startDateTime,
    createdBy: target.principalId,
    justification: null,
    ticketInfo: { ticketNumber: null, ticketSystem: null },
    scheduleInfo: {
      startDateTime,
      expiration: { type: 'afterDuration', endDateTime: null, duration },
    },
    targetScheduleId: id,
    isValidationOnly: false,
  }
  state.apply([
    ...activation({ now, tenant: state.now(), appId: '' }, schedule),
    { put: 'pimRequests', id, value: request },
  ])
  return schedule
}
